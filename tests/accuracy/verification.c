/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One person or two? Accuracy of each pack on labelled photos. Prints a table in Markdown.
 *
 *     verification PACK...
 *
 * lfw-dev: the face nearest the centre of each photo, every pair of photos once, a folder a person:
 * the false non-match rate where the false match rate is 1e-3 and 1e-4 (ISO/IEC 19795-1), and
 * LFW's protocol: balanced pairs in ten folds, the threshold of nine judging the tenth. pairs: the
 * largest face of each photo, decided at the calibration's cosine for FMR 1e-3. A photo without a
 * face is a pair not matched.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "support/album.h"
#include "support/reference.h"

#define SKIPPED 77
#define FOLDS 10

typedef struct scores {
    size_t count, capacity;
    float *values;
} scores;

static void add_score(scores *s, float value)
{
    if (s->count == s->capacity) {
        s->capacity = s->capacity ? 2 * s->capacity : 1024;
        s->values = realloc(s->values, s->capacity * sizeof *s->values);
    }
    s->values[s->count++] = value;
}

static int down(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

static size_t at_least(const float *values, size_t count, float threshold)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        n += values[i] >= threshold;
    return n;
}

/* The impostors' scores fall: the threshold lets just the stated share of them in. */
static double fnmr_at(const scores *genuine, const scores *impostor, double fmr, double *threshold)
{
    const size_t allowed = (size_t)((double)impostor->count * fmr);
    *threshold = (double)nextafterf(impostor->values[allowed], 2);
    return 1 - (double)at_least(genuine->values, genuine->count, (float)*threshold) /
                   (double)genuine->count;
}

static size_t right_at(const scores *genuine, const scores *impostor, size_t pairs, int fold,
                       bool in_fold, float threshold)
{
    size_t right = 0;
    for (size_t i = 0; i < pairs; i++)
        if (((int)(i % FOLDS) == fold) == in_fold)
            right += (genuine->values[i] >= threshold ? 1U : 0U) +
                     (impostor->values[i] < threshold ? 1U : 0U);
    return right;
}

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 4;
}

static void shuffle(scores *s, uint32_t seed)
{
    for (size_t i = s->count; i > 1; i--) {
        const size_t j = next_random(&seed) % i;
        const float t = s->values[i - 1];
        s->values[i - 1] = s->values[j];
        s->values[j] = t;
    }
}

static double ten_fold(scores genuine, scores impostor)
{
    const size_t pairs = genuine.count < impostor.count ? genuine.count : impostor.count;
    size_t right = 0;
    shuffle(&genuine, 1);
    shuffle(&impostor, 2);
    for (int fold = 0; fold < FOLDS; fold++) {
        float best = 0;
        size_t most = 0;
        for (float threshold = 0; threshold < 0.7F; threshold += 0.002F) {
            const size_t n = right_at(&genuine, &impostor, pairs, fold, false, threshold);
            if (n > most) {
                most = n;
                best = threshold;
            }
        }
        right += right_at(&genuine, &impostor, pairs, fold, true, best);
    }
    return (double)right / (double)(2 * pairs);
}

static bool same_folder(const char *a, const char *b)
{
    const size_t length = strcspn(a, "/");
    return strncmp(a, b, length + 1) == 0;
}

static void compare_all(const photo_album *album, scores *genuine, scores *impostor)
{
    for (size_t i = 0; i < album->count; i++) {
        const fse_face *a = main_face(album->photos[i]);
        for (size_t j = 0; j < i; j++) {
            const fse_face *b = main_face(album->photos[j]);
            const float score =
                a && b ? fse_similarity(a->embedding, b->embedding, album->photos[i]->dim) : -1;
            add_score(same_folder(album->paths[i], album->paths[j]) ? genuine : impostor, score);
        }
    }
    qsort(genuine->values, genuine->count, sizeof(float), down);
    qsort(impostor->values, impostor->count, sizeof(float), down);
}

static size_t without_face(const photo_album *album)
{
    size_t n = 0;
    for (size_t i = 0; i < album->count; i++)
        n += !main_face(album->photos[i]);
    return n;
}

/* The least ten-fold accuracy that is good enough, by pack. */
static const struct {
    const char *pack;
    double accuracy;
} goals[] = {{"faceplugin", 0.9935}, {"insightface-lite", 0.9925}};

static bool goal_met(const char *pack, double accuracy)
{
    for (size_t i = 0; i < sizeof goals / sizeof goals[0]; i++)
        if (strcmp(goals[i].pack, pack) == 0)
            return accuracy >= goals[i].accuracy;
    return true;
}

static fse_status on_lfw(fse_engine *engine, const char *folder, bool *met, fse_error *error)
{
    photo_album album;
    const fse_status status = album_read(engine, folder, NULL, &album, error);
    if (status == FSE_OK) {
        scores genuine = {.count = 0}, impostor = {.count = 0};
        double cosine[2];
        compare_all(&album, &genuine, &impostor);
        const double fnmr[2] = {fnmr_at(&genuine, &impostor, 1e-3, &cosine[0]),
                                fnmr_at(&genuine, &impostor, 1e-4, &cosine[1])};
        const double accuracy = ten_fold(genuine, impostor);
        printf(" %zu | %.4f at %.3f | %.4f at %.3f | %.2f %% |", without_face(&album), fnmr[0],
               cosine[0], fnmr[1], cosine[1], 100 * accuracy);
        *met = *met && goal_met(fse_engine_describe(engine).model, accuracy);
        free(genuine.values);
        free(impostor.values);
    }
    album_free(&album);
    return status;
}

static const fse_face *largest(const photo_album *album, const char *path)
{
    const long number = album_find(album, path);
    const fse_photo *photo = number < 0 ? NULL : album->photos[number];
    const int face = photo ? fse_photo_largest_face(photo) : -1;
    return face < 0 || !photo->faces[face].embedding ? NULL : &photo->faces[face];
}

typedef struct outcome {
    size_t same, same_matched, different, different_matched;
} outcome;

static void decide(const photo_album *album, FILE *list, double threshold, int dim, outcome *o)
{
    char line[256], a[100], b[100], decision[16];
    while (fgets(line, sizeof line, list)) {
        if (sscanf(line, "%99[^,],%99[^,],%15[A-Za-z]", a, b, decision) != 3 ||
            strcmp(decision, "Decision") == 0)
            continue;
        const fse_face *x = largest(album, a), *y = largest(album, b);
        const bool matched =
            x && y && (double)fse_similarity(x->embedding, y->embedding, dim) >= threshold;
        const bool same = strcmp(decision, "Yes") == 0;
        *(same ? &o->same : &o->different) += 1;
        *(same ? &o->same_matched : &o->different_matched) += matched;
    }
}

static fse_status on_pairs(fse_engine *engine, const char *folder, fse_error *error)
{
    photo_album album;
    char path[4096];
    snprintf(path, sizeof path, "%s/pairs.csv", folder);
    FILE *list = fopen(path, "r");
    if (!list)
        return fse_fail(error, FSE_ENOENT, path, "no list of pairs");
    const fse_status status = album_read(engine, folder, NULL, &album, error);
    if (status == FSE_OK) {
        outcome o = {.same = 0};
        const double threshold = fse_engine_threshold(engine, 1e-3);
        decide(&album, list, isnan(threshold) ? 0.5 : threshold, fse_engine_describe(engine).dim, &o);
        printf(" %zu of %zu | %zu of %zu |\n", o.same_matched, o.same, o.different_matched,
               o.different);
    }
    album_free(&album);
    fclose(list);
    return status;
}

static fse_status judge(const char *pack, const char *lfw, const char *pairs, bool *met,
                        fse_error *error)
{
    fse_engine *engine = NULL;
    fse_status status;
    FSE_TRY(fse_engine_open(pack, NULL, &engine, error));
    printf("| %s |", fse_engine_describe(engine).model);
    FSE_TRY(on_lfw(engine, lfw, met, error));
    FSE_TRY(on_pairs(engine, pairs, error));
cleanup:
    fse_engine_close(&engine);
    return status;
}

int main(int count, char **arguments)
{
    char *lfw = shared_path("photos/lfw-dev"), *pairs = shared_path("photos/pairs");
    fse_error error = {.status = FSE_OK};
    fse_status status = FSE_OK;
    bool met = true;
    if (!lfw || !pairs || count < 2) {
        printf("skipped: FACESEARCH_SHARED names no folder with the photos, or no pack is named\n");
        return SKIPPED;
    }
    printf("| pack | lfw-dev: no face | FNMR at FMR 1e-3 | FNMR at FMR 1e-4 | ten-fold accuracy | "
           "pairs: same, matched | different, matched |\n|---|---|---|---|---|---|---|\n");
    for (int i = 1; status == FSE_OK && i < count; i++)
        status = judge(arguments[i], lfw, pairs, &met, &error);
    if (status != FSE_OK)
        printf("FAIL %s: %s\n", error.subject, error.message);
    free(lfw);
    free(pairs);
    printf("%s\n", met ? "ok" : "FAIL: below the goal for ten-fold accuracy");
    return status == FSE_OK && met ? 0 : 1;
}
