/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scan in two passes. The first walks the folders, one after the other, and lists the candidates
 * in the order that matches have; the second analyses them on all threads, each result going to
 * its photo's place in the list, so that nothing depends on who was faster.
 */
#include "api/gallery.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/thread.h"
#include "base/time.h"
#include "image/decode.h"
#include "index/identity.h"
#include "index/walk.h"
#include "search/similarity.h"

typedef struct scan {
    fse_gallery *gallery;
    fse_analyser *analyser;
    const fse_scan_options *options;
    fse_globs *include, *exclude;

    const char *folder; /* the one being walked, and its number */
    size_t folder_number;
    fse_identities seen; /* kept only where there are several */
    bool several;

    pthread_mutex_t mutex; /* guards counts, text, and the calls of progress */
    atomic_bool stop;      /* progress asked for it */
} scan;

/* Note a file; *known: an earlier folder had it. */
static fse_status note_identity(scan *s, const fse_walk_entry *entry, bool *known, fse_error *error)
{
    const fse_identity own = {entry->device, entry->inode, entry->size, entry->mtime};
    *known = false;
    return s->several ? fse_identities_note(&s->seen, &own, known, error) : FSE_OK;
}

static fse_status add_candidate(scan *s, const fse_walk_entry *entry, fse_error *error)
{
    fse_gallery *g = s->gallery;
    const fse_status status =
        fse_grow(&g->photos, &g->photo_capacity, g->photo_count, sizeof *g->photos, error);
    if (status != FSE_OK)
        return status;
    char *path = entry->path[0] ? fse_path_join(s->folder, entry->path) : fse_strdup(s->folder);
    const char *kept = path ? fse_arena_copy(&g->text, path) : NULL;
    free(path);
    const char *reason = entry->reason ? fse_arena_copy(&g->text, entry->reason) : NULL;
    if (!kept || (entry->reason && !reason))
        return fse_fail_memory(error);
    g->photos[g->photo_count++] =
        (fse_gallery_photo){.path = kept,
                            .below = kept + strlen(kept) - strlen(entry->path),
                            .reason = reason,
                            .folder = s->folder_number,
                            .time = fse_whole_seconds(entry->mtime)};
    return FSE_OK;
}

static fse_status visit(void *user, const fse_walk_entry *entry, fse_error *error)
{
    scan *s = user;
    bool known;
    const fse_status status = note_identity(s, entry, &known, error);
    if (status != FSE_OK || known)
        return status;
    if (entry->kind == FSE_WALK_OTHER) {
        s->gallery->counts.other++;
        return FSE_OK;
    }
    return add_candidate(s, entry, error);
}

static bool is_cancelled(void *user)
{
    const scan *s = user;
    return s->options->cancel && s->options->cancel(s->options->user);
}

static int compare_photos(const void *a, const void *b)
{
    const fse_gallery_photo *x = a;
    const fse_gallery_photo *y = b;
    const int order = strcmp(x->below, y->below);
    return order ? order : (x->folder > y->folder) - (x->folder < y->folder);
}

void fse_gallery_sort(fse_gallery *gallery)
{
    if (gallery->photo_count > 0)
        qsort(gallery->photos, gallery->photo_count, sizeof *gallery->photos, compare_photos);
}

static fse_status list_candidates(scan *s, const char *const *folders, size_t count,
                                  fse_error *error)
{
    fse_gallery *g = s->gallery;
    const fse_walk_options options = {.include = s->include,
                                      .exclude = s->exclude,
                                      .visit = visit,
                                      .cancel = is_cancelled,
                                      .user = s};
    s->several = count > 1;
    for (size_t i = 0; i < count; i++) {
        s->folder = folders[i];
        s->folder_number = i;
        const fse_status status = fse_walk(folders[i], &options, error);
        if (status != FSE_OK)
            return status;
        fse_identities_next(&s->seen);
    }
    fse_identities_free(&s->seen);
    fse_gallery_sort(g);
    g->counts.total = g->photo_count;
    return FSE_OK;
}

/* Keep the faces that can be compared, in one allocation with their embeddings. */
static fse_status keep_faces(fse_gallery_photo *photo, const fse_photo *analysed, fse_error *error)
{
    const size_t dim = (size_t)analysed->dim;
    size_t usable = 0;
    for (size_t i = 0; i < analysed->face_count; i++)
        usable += analysed->faces[i].status == FSE_OK;
    if (usable == 0)
        return FSE_OK;
    photo->faces = fse_alloc(usable, sizeof *photo->faces + dim * sizeof *photo->embeddings);
    if (!photo->faces)
        return fse_fail_memory(error);
    photo->embeddings = (uint16_t *)(void *)(photo->faces + usable);
    for (size_t i = 0; i < analysed->face_count; i++) {
        const fse_face *face = &analysed->faces[i];
        if (face->status != FSE_OK)
            continue;
        fse_gallery_face *kept = &photo->faces[photo->face_count];
        *kept = (fse_gallery_face){
            .score = face->score, .size = face->size, .number = (uint32_t)i};
        memcpy(kept->box, face->box, sizeof kept->box);
        fse_halves_from_floats(face->embedding, analysed->dim,
                               photo->embeddings + photo->face_count++ * dim);
    }
    return FSE_OK;
}

/* Analyse one photo into its place. *faces: how many were found in it. */
static fse_status analyse_photo(const scan *s, fse_gallery_photo *photo, size_t *faces,
                                fse_error *error)
{
    fse_status status = FSE_OK;
    int fd = -1;
    uint64_t size;
    fse_photo *analysed = NULL;
    FSE_TRY(fse_walk_open(photo->path, &fd, &size, error));
    FSE_TRY(fse_analyse(s->analyser, fd, photo->path, NULL, &s->options->analyse, &analysed, error));
    FSE_TRY(keep_faces(photo, analysed, error));
    photo->damaged = analysed->damaged;
    photo->width = analysed->width;
    photo->height = analysed->height;
    memcpy(photo->sha256, analysed->sha256, sizeof photo->sha256);
    if (analysed->taken != FSE_NO_TIME)
        photo->time = analysed->taken;
    *faces = analysed->face_count;
cleanup:
    fse_photo_free(&analysed);
    if (fd >= 0)
        close(fd);
    return status;
}

/* Count a photo and tell of it. reason: why it was skipped, or NULL. Under the mutex. */
static fse_status record(scan *s, fse_gallery_photo *photo, size_t faces, const char *reason,
                         fse_error *error)
{
    fse_scan_counts *counts = &s->gallery->counts;
    const char *note = reason         ? reason
                       : photo->damaged ? FSE_DAMAGED_REASON
                                        : NULL;
    if (note && note != photo->reason)
        photo->reason = fse_arena_copy(&s->gallery->text, note);
    if (note && !photo->reason)
        return fse_fail_memory(error);
    counts->skipped += reason != NULL;
    counts->photos += reason == NULL;
    counts->damaged += reason == NULL && photo->damaged;
    counts->faces += faces;
    s->gallery->usable_faces += photo->face_count;
    if (s->options->progress &&
        s->options->progress(s->options->user, counts, photo->path, reason))
        atomic_store(&s->stop, true);
    return FSE_OK;
}

static fse_status scan_photo(void *context, int thread, size_t index, fse_error *error)
{
    (void)thread;
    scan *s = context;
    fse_gallery_photo *photo = &s->gallery->photos[index];
    size_t faces = 0;
    fse_error failure = {.status = FSE_OK};
    const char *reason = photo->reason;
    if (atomic_load(&s->stop) || is_cancelled(s))
        return fse_fail(error, FSE_ECANCELLED, NULL, "the scan was stopped");
    if (!reason && analyse_photo(s, photo, &faces, &failure) != FSE_OK) {
        if (!fse_is_photo_failure(failure.status)) {
            *error = failure;
            return failure.status;
        }
        reason = failure.status == FSE_ENOMEM ? "not enough memory for this photo" : failure.message;
    }
    pthread_mutex_lock(&s->mutex);
    const fse_status status = record(s, photo, faces, reason, error);
    pthread_mutex_unlock(&s->mutex);
    return status;
}

fse_status fse_gallery_list_skipped(fse_gallery *g, fse_error *error)
{
    g->skipped = fse_alloc((size_t)(g->counts.skipped + g->counts.damaged), sizeof *g->skipped);
    if (!g->skipped)
        return fse_fail_memory(error);
    for (size_t i = 0; i < g->photo_count; i++) {
        const fse_gallery_photo *photo = &g->photos[i];
        if (photo->reason)
            g->skipped[g->skipped_count++] = (fse_skipped){
                .path = photo->path, .reason = photo->reason, .damaged = photo->damaged};
    }
    return FSE_OK;
}

fse_status fse_scan_globs(const fse_scan_options *options, fse_globs **include,
                          fse_globs **exclude, fse_error *error)
{
    fse_status status = FSE_OK;
    if (options->include && options->include_count > 0)
        FSE_TRY(fse_globs_new(options->include, options->include_count, "include", false, include,
                              error));
    if (options->exclude && options->exclude_count > 0)
        FSE_TRY(fse_globs_new(options->exclude, options->exclude_count, "exclude", true, exclude,
                              error));
cleanup:
    return status;
}

static fse_status run_scan(scan *s, int jobs, const char *const *folders, size_t count,
                           fse_error *error)
{
    fse_status status = FSE_OK;
    fse_gallery *g = s->gallery;
    FSE_TRY(fse_scan_globs(s->options, &s->include, &s->exclude, error));
    FSE_TRY(list_candidates(s, folders, count, error));
    FSE_TRY(fse_parallel_for(jobs, g->photo_count, scan_photo, fse_decode_thread_end, s, error));
    if (atomic_load(&s->stop)) /* asked for after the last photo */
        FSE_THROW(error, FSE_ECANCELLED, NULL, "the scan was stopped");
    FSE_TRY(fse_gallery_list_skipped(g, error));
cleanup:
    fse_globs_free(&s->include);
    fse_globs_free(&s->exclude);
    fse_identities_free(&s->seen);
    return status;
}

void fse_scan_options_init(fse_scan_options *options)
{
    if (!options)
        return;
    *options = (fse_scan_options){.struct_size = sizeof *options};
    fse_analyse_options_init(&options->analyse);
}

fse_status fse_glob_check(const char *glob, bool exclude, fse_error *error)
{
    fse_globs *globs = NULL;
    if (!glob)
        return fse_fail(error, FSE_EINVAL, NULL, "the glob is NULL");
    const fse_status status =
        fse_globs_new(&glob, 1, exclude ? "exclude" : "include", exclude, &globs, error);
    fse_globs_free(&globs);
    return status;
}

static fse_status check_arguments(const fse_engine *engine, const char *const *folders,
                                  size_t count, const fse_scan_options *options, fse_error *error)
{
    if (!engine || !folders || count == 0)
        return fse_fail(error, FSE_EINVAL, NULL, "a scan needs an engine and at least one folder");
    for (size_t i = 0; i < count; i++)
        if (!folders[i])
            return fse_fail(error, FSE_EINVAL, NULL, "folder %zu is NULL", i);
    if (options && options->struct_size != sizeof *options)
        return fse_fail(error, FSE_EINVAL, NULL,
                        "the options were not filled by fse_scan_options_init()");
    return options ? fse_analyse_options_check(&options->analyse, error) : FSE_OK;
}

fse_status fse_gallery_scan(fse_engine *engine, const char *const *folders, size_t count,
                            const fse_scan_options *options, fse_gallery **gallery,
                            fse_error *error)
{
    fse_status status = FSE_OK;
    fse_scan_options defaults;
    fse_scan_options_init(&defaults);
    if (!gallery)
        return fse_fail(error, FSE_EINVAL, NULL, "there is no place to put the gallery");
    *gallery = NULL;
    fse_gallery *made = NULL;
    FSE_TRY(check_arguments(engine, folders, count, options, error));
    made = fse_alloc(1, sizeof *made);
    if (!made)
        FSE_TRY(fse_fail_memory(error));
    made->engine = engine;
    made->dim = fse_engine_describe(engine).dim;
    scan s = {.gallery = made,
              .analyser = engine->analyser,
              .options = options ? options : &defaults,
              .mutex = PTHREAD_MUTEX_INITIALIZER};
    FSE_TRY(run_scan(&s, engine->jobs, folders, count, error));
    *gallery = made;
    made = NULL;
cleanup:
    fse_gallery_free(&made);
    return status;
}

void fse_gallery_free(fse_gallery **gallery)
{
    if (!gallery || !*gallery)
        return;
    fse_gallery *g = *gallery;
    for (size_t i = 0; i < g->photo_count; i++)
        free(g->photos[i].faces);
    free(g->photos);
    free(g->skipped);
    fse_arena_free(&g->text);
    free(g);
    *gallery = NULL;
}

fse_scan_counts fse_gallery_counts(const fse_gallery *gallery)
{
    return gallery ? gallery->counts : (fse_scan_counts){.total = 0};
}

size_t fse_gallery_skipped(const fse_gallery *gallery, const fse_skipped **skipped)
{
    if (skipped)
        *skipped = gallery ? gallery->skipped : NULL;
    return gallery ? gallery->skipped_count : 0;
}
