/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From indexes to a gallery: the paths in their order, then the faces of their contents. A search of
 * the gallery is then the same as after a scan, to the last bit.
 */
#include <stdlib.h>
#include <string.h>

#include "api/gallery.h"
#include "api/index.h"
#include "base/alloc.h"
#include "base/path.h"
#include "base/time.h"
#include "index/identity.h"

/* A photo of the gallery and the content that its faces come from. */
typedef struct origin {
    int64_t content;
    size_t photo;
} origin;

typedef struct loading {
    fse_gallery *gallery;
    const fse_scan_options *options;
    fse_globs *include, *exclude;
    fse_index *index;
    size_t number;       /* of the index among all */
    fse_identities seen; /* photos of all indexes so far */
    origin *origins; /* of this index, by content */
    size_t origin_count, origin_capacity;
    int64_t content; /* whose faces were added last, and the first of its origins */
    size_t first;
} loading;

/* ---- Paths ---- */

static bool is_left_out(const loading *l, const char *below)
{
    if (l->include && !fse_globs_match(l->include, below, false))
        return true;
    if (!l->exclude)
        return false;
    if (fse_globs_match(l->exclude, below, false))
        return true;
    /* A folder that is excluded takes all below it along. */
    char *folder = fse_strdup(below);
    bool out = folder == NULL;
    for (char *slash; !out && (slash = strrchr(folder, '/')) != NULL;) {
        *slash = '\0';
        out = fse_globs_match(l->exclude, folder, true);
    }
    free(folder);
    return out;
}

static fse_status add_photo(loading *l, const fse_store_path *entry, const char *below,
                            fse_error *error)
{
    fse_gallery *g = l->gallery;
    fse_status status =
        fse_grow(&g->photos, &g->photo_capacity, g->photo_count, sizeof *g->photos, error);
    if (status != FSE_OK)
        return status;
    char *path = fse_path_join(l->index->given, below);
    const char *kept = path ? fse_arena_copy(&g->text, path) : NULL;
    free(path);
    const char *reason = fse_index_reason(entry);
    const char *kept_reason = reason ? fse_arena_copy(&g->text, reason) : NULL;
    if (!kept || (reason && !kept_reason))
        return fse_fail_memory(error);
    fse_gallery_photo *photo = &g->photos[g->photo_count++];
    *photo = (fse_gallery_photo){.path = kept,
                                 .below = kept + strlen(kept) - strlen(below),
                                 .reason = kept_reason,
                                 .folder = l->number,
                                 .damaged = entry->damaged,
                                 .width = entry->width,
                                 .height = entry->height,
                                 .time = entry->taken != FSE_NO_TIME
                                             ? entry->taken
                                             : fse_whole_seconds(entry->mtime)};
    memcpy(photo->sha256, entry->sha256, sizeof photo->sha256);
    return FSE_OK;
}

static fse_status add_origin(loading *l, const fse_store_path *entry, fse_error *error)
{
    const fse_status status = fse_grow(&l->origins, &l->origin_capacity, l->origin_count,
                                       sizeof *l->origins, error);
    if (status == FSE_OK)
        l->origins[l->origin_count++] =
            (origin){entry->known.content, l->gallery->photo_count - 1};
    return status;
}

static fse_status take_path(loading *l, const fse_store_path *entry, fse_error *error)
{
    fse_scan_counts *counts = &l->gallery->counts;
    const size_t skip = strlen(l->index->below);
    const char *below = entry->path + (skip ? skip + 1 : 0);
    const bool refused = entry->state == FSE_PATH_REFUSED;
    const fse_identity file = {entry->device, entry->inode, entry->size, entry->mtime};
    bool known;
    if (entry->state == FSE_PATH_REMOVED || (!refused && !entry->known.analysed) ||
        is_left_out(l, below))
        return FSE_OK;
    fse_status status = fse_identities_note(&l->seen, &file, &known, error);
    if (status != FSE_OK || known)
        return status;
    status = add_photo(l, entry, below, error);
    const bool good = !refused && entry->known.status == FSE_OK;
    counts->total++;
    counts->skipped += !good;
    counts->photos += good;
    counts->damaged += good && entry->damaged;
    if (status == FSE_OK && good) {
        counts->faces += (uint64_t)entry->known.faces;
        status = add_origin(l, entry, error);
    }
    return status;
}

static int by_content(const void *a, const void *b)
{
    const origin *x = a, *y = b;
    if (x->content != y->content)
        return x->content < y->content ? -1 : 1;
    return (x->photo > y->photo) - (x->photo < y->photo);
}

static fse_status take_paths(loading *l, int64_t contract, fse_error *error)
{
    fse_status status;
    fse_store_cursor *cursor = NULL;
    const fse_store_path *entry;
    const fse_store_paths_options options = {.contract = contract, .folder = l->index->below};
    FSE_TRY(fse_store_paths(l->index->store, &options, &cursor, error));
    for (;;) {
        FSE_TRY(fse_store_next(cursor, &entry, error));
        if (!entry)
            break;
        FSE_TRY(take_path(l, entry, error));
    }
    if (l->origin_count > 0)
        qsort(l->origins, l->origin_count, sizeof *l->origins, by_content);
cleanup:
    fse_store_cursor_close(&cursor);
    return status;
}

/* ---- Faces ---- */

/* The first origin of a content, or the count if it is of no photo here. */
static size_t find_origin(loading *l, int64_t content)
{
    size_t low = 0, high = l->origin_count;
    if (l->content == content)
        return l->first;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (l->origins[middle].content < content)
            low = middle + 1;
        else
            high = middle;
    }
    l->content = content;
    l->first = low < l->origin_count && l->origins[low].content == content ? low : l->origin_count;
    return l->first;
}

/* Room for one more face: faces and embeddings in one allocation, as after a scan. */
static fse_status grow_faces(fse_gallery_photo *photo, size_t dim, fse_error *error)
{
    const size_t count = photo->face_count + 1;
    fse_gallery_face *faces =
        fse_alloc(count, sizeof *faces + dim * sizeof *photo->embeddings);
    if (!faces)
        return fse_fail_memory(error);
    uint16_t *embeddings = (uint16_t *)(void *)(faces + count);
    if (photo->face_count > 0) {
        memcpy(faces, photo->faces, photo->face_count * sizeof *faces);
        memcpy(embeddings, photo->embeddings, photo->face_count * dim * sizeof *embeddings);
    }
    free(photo->faces);
    photo->faces = faces;
    photo->embeddings = embeddings;
    return FSE_OK;
}

static fse_status add_face(fse_gallery_photo *photo, const fse_store_face *face, fse_error *error)
{
    const size_t dim = (size_t)face->dim;
    const fse_status status = grow_faces(photo, dim, error);
    if (status != FSE_OK)
        return status;
    fse_gallery_face *kept = &photo->faces[photo->face_count];
    *kept = (fse_gallery_face){.score = face->face.score,
                               .size = face->face.size,
                               .number = (uint32_t)face->number};
    memcpy(kept->box, face->face.box, sizeof kept->box);
    memcpy(photo->embeddings + photo->face_count * dim, face->vector, dim * sizeof *face->vector);
    photo->face_count++;
    return FSE_OK;
}

static fse_status take_face(void *user, const fse_store_face *face, fse_error *error)
{
    loading *l = user;
    if (l->options->cancel && l->options->cancel(l->options->user))
        return fse_fail(error, FSE_ECANCELLED, NULL, "loading the index was stopped");
    for (size_t i = find_origin(l, face->content);
         i < l->origin_count && l->origins[i].content == face->content; i++) {
        const fse_status status =
            add_face(&l->gallery->photos[l->origins[i].photo], face, error);
        if (status != FSE_OK)
            return status;
        l->gallery->usable_faces++;
    }
    return FSE_OK;
}

/* ---- All indexes ---- */

static fse_status name_model(void *user, const fse_store_contract *contract, fse_error *error)
{
    fse_buffer *names = user;
    if (contract->faces == 0)
        return FSE_OK;
    return fse_buffer_format(names, error, "%s%s", names->size ? ", " : "", contract->model);
}

/* No contract of that kind: well if there is none at all, else the index is of another model. */
static fse_status refuse_others(const fse_index *index, const fse_engine *engine, fse_error *error)
{
    fse_buffer names = {.data = NULL};
    fse_status status = fse_store_contracts(index->store, name_model, &names, error);
    if (status == FSE_OK && names.size > 0)
        status = fse_fail(error, FSE_EMODEL, index->given,
                          "the index was made with %s, not with %s: give --models, or index it "
                          "anew (both can be kept)",
                          names.data, fse_engine_describe(engine).model);
    free(names.data);
    return status;
}

static fse_status load_index(loading *l, const fse_engine *engine, fse_error *error)
{
    fse_status status;
    fse_store_contract contract;
    bool snapshot = false;
    l->origin_count = l->first = 0;
    l->content = 0;
    FSE_TRY(fse_store_snapshot(l->index->store, error));
    snapshot = true;
    FSE_TRY(fse_index_contract_of(l->index, fse_engine_describe(engine).contract, &contract, error));
    if (contract.id == 0) {
        FSE_TRY(refuse_others(l->index, engine, error));
        goto cleanup;
    }
    FSE_TRY(take_paths(l, contract.id, error));
    FSE_TRY(fse_store_vectors(l->index->store, contract.id, 0, take_face, l, error));
cleanup:
    if (snapshot)
        fse_store_release(l->index->store);
    return status;
}

static fse_status load_all(loading *l, fse_index *const *indexes, size_t count,
                           const fse_engine *engine, fse_error *error)
{
    fse_status status;
    FSE_TRY(fse_scan_globs(l->options, &l->include, &l->exclude, error));
    for (l->number = 0; l->number < count; l->number++) {
        l->index = indexes[l->number];
        FSE_TRY(load_index(l, engine, error));
        fse_identities_next(&l->seen);
    }
    fse_gallery_sort(l->gallery);
    FSE_TRY(fse_gallery_list_skipped(l->gallery, error));
cleanup:
    return status;
}

fse_status fse_index_gallery(fse_index *const *indexes, size_t count, fse_engine *engine,
                             const fse_scan_options *options, fse_gallery **gallery,
                             fse_error *error)
{
    fse_status status;
    fse_scan_options defaults;
    fse_scan_options_init(&defaults);
    loading l = {.options = options ? options : &defaults};
    if (!indexes || count == 0 || !engine || !gallery)
        return fse_fail(error, FSE_EINVAL, NULL, "indexes, engine or gallery is NULL");
    *gallery = NULL;
    l.gallery = fse_alloc(1, sizeof *l.gallery);
    if (!l.gallery)
        return fse_fail_memory(error);
    l.gallery->engine = engine;
    l.gallery->dim = fse_engine_describe(engine).dim;
    FSE_TRY(load_all(&l, indexes, count, engine, error));
    *gallery = l.gallery;
    l.gallery = NULL;
cleanup:
    fse_gallery_free(&l.gallery);
    fse_globs_free(&l.include);
    fse_globs_free(&l.exclude);
    fse_identities_free(&l.seen);
    free(l.origins);
    return status;
}
