/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is in which group photo? Five portraits of a person as the query, a folder of group photos as
 * the gallery, the default threshold: every person must be found in exactly the right photos, no
 * face may be claimed by two people, and a person who is in none must not be found.
 *
 *     group_photos PACK...
 */
#include <cjson/cJSON.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "facesearch/facesearch.h"
#include "support/reference.h"

#define SKIPPED 77
#define MAX_CLAIMS 256

typedef struct claims {
    size_t count;
    char who[MAX_CLAIMS][32];
    char face[MAX_CLAIMS][64]; /* photo and number */
    size_t wrong;
} claims;

static bool is_listed(const cJSON *labels, const char *photo, const char *person)
{
    const cJSON *name;
    cJSON_ArrayForEach(name, cJSON_GetObjectItem(labels, photo))
        if (strcmp(name->valuestring, person) == 0)
            return true;
    return false;
}

static void claim(claims *c, const char *person, const fse_match *match)
{
    char face[64];
    snprintf(face, sizeof face, "%.50s %d", fse_path_name(match->path), match->face);
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->face[i], face) == 0 && strcmp(c->who[i], person) != 0) {
            printf("  %s is claimed by %s and %s\n", face, c->who[i], person);
            c->wrong++;
        }
    if (c->count < MAX_CLAIMS) {
        snprintf(c->who[c->count], sizeof c->who[0], "%.31s", person);
        snprintf(c->face[c->count++], sizeof c->face[0], "%s", face);
    }
}

static void check_photos(const fse_result *result, const cJSON *labels, const char *person,
                         claims *c)
{
    const cJSON *photo;
    cJSON_ArrayForEach(photo, labels) {
        if (!cJSON_IsArray(photo))
            continue;
        float best = NAN;
        for (size_t i = 0; i < result->match_count && isnan(best); i++)
            if (strcmp(fse_path_name(result->matches[i].path), photo->string) == 0)
                best = result->matches[i].score;
        if (isnan(best) == is_listed(labels, photo->string, person)) {
            printf("  %s %s in %s (%.3f)\n", person, isnan(best) ? "missed" : "found wrongly",
                   photo->string, (double)best);
            c->wrong++;
        }
    }
}

static fse_status add_portraits(fse_query *query, const char *folder, fse_error *error)
{
    struct dirent **names = NULL;
    const int count = scandir(folder, &names, NULL, alphasort);
    fse_status status = FSE_OK;
    for (int i = 0; i < count; i++) {
        char *path = fse_path_join(folder, names[i]->d_name);
        if (names[i]->d_name[0] != '.' && status == FSE_OK)
            status = fse_query_add_file(query, path, FSE_FACE_DEFAULT, NULL, error);
        free(path);
        free(names[i]);
    }
    free(names);
    return status;
}

static fse_status check_person(fse_engine *engine, const fse_gallery *gallery, const char *cast,
                               const char *person, const cJSON *labels, claims *c,
                               fse_error *error)
{
    fse_status status;
    fse_query *query = NULL;
    fse_result *result = NULL;
    char *folder = fse_path_join(cast, person);
    FSE_TRY(fse_query_new(engine, &query, error));
    FSE_TRY(add_portraits(query, folder, error));
    FSE_TRY(fse_gallery_search(gallery, query, NULL, &result, error));
    check_photos(result, labels, person, c);
    for (size_t i = 0; i < result->match_count; i++)
        claim(c, person, &result->matches[i]);
cleanup:
    fse_result_free(&result);
    fse_query_free(&query);
    free(folder);
    return status;
}

/* The group photos lie beside the folder of portraits, which is left out. */
static fse_status check_pack(const char *pack, const char *photos, const cJSON *labels, claims *c,
                             fse_error *error)
{
    fse_status status;
    fse_engine *engine = NULL;
    fse_gallery *gallery = NULL;
    fse_scan_options options;
    fse_scan_options_init(&options);
    const char *exclude = "cast";
    options.exclude = &exclude;
    options.exclude_count = 1;
    char *cast = fse_path_join(photos, "cast");
    DIR *people = opendir(cast);
    FSE_TRY(fse_engine_open(pack, NULL, &engine, error));
    FSE_TRY(fse_gallery_scan(engine, &photos, 1, &options, &gallery, error));
    for (const struct dirent *entry; people && (entry = readdir(people)) != NULL;)
        if (entry->d_name[0] != '.')
            FSE_TRY(check_person(engine, gallery, cast, entry->d_name, labels, c, error));
cleanup:
    fse_gallery_free(&gallery);
    fse_engine_close(&engine);
    if (people)
        closedir(people);
    free(cast);
    return status;
}

int main(int count, char **arguments)
{
    char *photos = shared_path("photos/sitcom"), *file = shared_path("photos/sitcom/labels.json");
    char *text = NULL;
    size_t size, wrong = 0;
    fse_error error = {.status = FSE_OK};
    if (!photos || !file || count < 2 || fse_read_file(file, 1 << 20, &text, &size, &error) != 0) {
        printf("skipped: FACESEARCH_SHARED names no folder with the photos, or no pack is named\n");
        return SKIPPED;
    }
    cJSON *labels = cJSON_Parse(text);
    for (int i = 1; i < count; i++) {
        claims c = {.count = 0};
        const fse_status status = check_pack(arguments[i], photos, labels, &c, &error);
        if (status != FSE_OK)
            printf("  %s: %s\n", error.subject, error.message);
        printf("%-4s %s: %zu faces claimed, %zu wrong\n", status || c.wrong ? "FAIL" : "ok",
               fse_path_name(arguments[i]), c.count, c.wrong);
        wrong += c.wrong + (status != FSE_OK);
    }
    cJSON_Delete(labels);
    free(text);
    free(file);
    free(photos);
    return wrong ? 1 : 0;
}
