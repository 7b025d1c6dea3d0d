/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The public catalogue promises static strings, so the manifests are read once and kept: by
 * pthread_once, read-only afterwards. A manifest that cannot be read (no memory) is left out; a
 * unit test checks that all of them can.
 */
#include "models/catalogue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "models/embedded.h"

#define PACKS_MAX 32

/* Everything in packs/, in the order to show it. */
typedef struct catalogue {
    size_t count;
    fse_manifest *manifests[PACKS_MAX];
    fse_catalogue_entry entries[PACKS_MAX];
    size_t known_count;
    fse_known *known;
} catalogue;

static catalogue the_catalogue;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* Models that are known by digest alone; every other file is a pack's manifest. */
static const char known_name[] = "known.json";

static int by_position(const void *a, const void *b)
{
    const fse_manifest *const *first = a, *const *second = b;
    return ((*first)->position > (*second)->position) - ((*first)->position < (*second)->position);
}

static fse_catalogue_entry describe(const fse_manifest *m)
{
    fse_catalogue_entry entry = {
        .name = m->name,
        .summary = m->summary,
        .license = m->license,
        .license_notes = m->license_notes,
        .source = m->source,
        .needs_acceptance = m->needs_acceptance,
        .dim = m->models[FSE_ROLE_EMBEDDER].dim,
    };
    for (int i = 0; i < m->download_count; i++)
        entry.download_bytes += m->downloads[i].bytes;
    for (int i = 0; m->download_count == 0 && i < FSE_ROLES; i++)
        entry.download_bytes += m->models[i].bytes;
    return entry;
}

static void read_catalogue(void)
{
    catalogue *const c = &the_catalogue;
    for (size_t i = 0; i < fse_embedded_packs_count; i++) {
        const struct fse_embedded_file *file = &fse_embedded_packs[i];
        if (strcmp(file->name, known_name) == 0)
            fse_known_parse(file->data, file->size, file->name, &c->known, &c->known_count, NULL);
        else if (c->count < PACKS_MAX &&
                 fse_manifest_parse(file->data, file->size, file->name, &c->manifests[c->count],
                                    NULL) == FSE_OK)
            c->count++;
    }
    qsort(c->manifests, c->count, sizeof *c->manifests, by_position);
    for (size_t i = 0; i < c->count; i++)
        c->entries[i] = describe(c->manifests[i]);
}

static const catalogue *get(void)
{
    pthread_once(&once, read_catalogue);
    return &the_catalogue;
}

size_t fse_catalogue(const fse_catalogue_entry **entries)
{
    const catalogue *c = get();
    if (entries)
        *entries = c->entries;
    return c->count;
}

const fse_manifest *fse_catalogue_find(const char *name)
{
    const catalogue *c = get();
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->manifests[i]->name, name) == 0)
            return c->manifests[i];
    return NULL;
}

/* A manifest's file is named after its pack. */
void fse_catalogue_text(const char *name, const char **text, size_t *size)
{
    const size_t length = strlen(name);
    *text = NULL;
    *size = 0;
    for (size_t i = 0; i < fse_embedded_packs_count; i++)
        if (strncmp(fse_embedded_packs[i].name, name, length) == 0 &&
            strcmp(fse_embedded_packs[i].name + length, ".json") == 0) {
            *text = fse_embedded_packs[i].data;
            *size = fse_embedded_packs[i].size;
        }
}

const fse_manifest_model *fse_catalogue_model(fse_role role, const char *sha256)
{
    const catalogue *c = get();
    const fse_manifest_model *found = NULL;
    for (size_t i = 0; i < c->count; i++) {
        const fse_manifest_model *model = &c->manifests[i]->models[role];
        if (model->file && strcmp(model->sha256, sha256) == 0)
            if (!found || found->calibration.count == 0)
                found = model;
    }
    for (size_t i = 0; i < c->known_count && !found; i++)
        if (c->known[i].role == role && strcmp(c->known[i].model.sha256, sha256) == 0)
            found = &c->known[i].model;
    return found;
}
