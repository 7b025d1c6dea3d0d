/* SPDX-License-Identifier: Apache-2.0 */
#include "api/query.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

fse_status fse_query_new(fse_engine *engine, fse_query **query, fse_error *error)
{
    if (query)
        *query = NULL;
    if (!engine || !query)
        return fse_fail(error, FSE_EINVAL, NULL, "a query needs an engine");
    fse_query *made = fse_alloc(1, sizeof *made);
    if (!made)
        return fse_fail_memory(error);
    made->engine = engine;
    made->dim = fse_engine_describe(engine).dim;
    *query = made;
    return FSE_OK;
}

void fse_query_free(fse_query **query)
{
    if (!query || !*query)
        return;
    fse_arena_free(&(*query)->text);
    free((*query)->entries);
    free((*query)->probes);
    free((*query)->photos);
    free(*query);
    *query = NULL;
}

/* Add an entry, and with it a probe unless embedding is NULL: both or, on failure, neither. */
static fse_status add_entry(fse_query *q, fse_query_entry entry, const float *embedding,
                            fse_error *error)
{
    fse_status status = FSE_OK;
    const size_t probe_size = (size_t)q->dim * sizeof *q->probes;
    FSE_TRY(fse_grow(&q->entries, &q->entry_capacity, q->entry_count, sizeof *q->entries, error));
    FSE_TRY(fse_grow(&q->probes, &q->probe_capacity, q->probe_count, probe_size, error));
    entry.path = fse_arena_copy(&q->text, entry.path);
    if (entry.message)
        entry.message = fse_arena_copy(&q->text, entry.message);
    if (!entry.path || (entry.status != FSE_OK && !entry.message))
        FSE_TRY(fse_fail_memory(error));
    q->entries[q->entry_count++] = entry;
    if (embedding)
        memcpy(q->probes + q->probe_count++ * (size_t)q->dim, embedding, probe_size);
cleanup:
    return status;
}

/* Add an entry that says why there is no face, and hand the report on. */
static fse_status add_failure(fse_query *q, const char *path, size_t faces,
                              const fse_error *report, fse_error *error)
{
    const fse_query_entry entry = {.path = path,
                                   .face = -1,
                                   .face_count = faces,
                                   .message = report->message,
                                   .status = report->status};
    const fse_status status = add_entry(q, entry, NULL, error);
    if (status != FSE_OK)
        return status;
    if (error)
        *error = *report;
    return report->status;
}

static fse_status add_face(fse_query *q, const char *path, const fse_photo *photo, size_t number,
                           fse_error *error)
{
    const fse_face *face = &photo->faces[number];
    if (face->status != FSE_OK) {
        fse_error report;
        fse_fail(&report, face->status, path, "face %zu is not usable: its embedding is %s", number,
                 "zero or not finite");
        return add_failure(q, path, photo->face_count, &report, error);
    }
    fse_query_entry entry = {
        .path = path, .face = (int)number, .face_count = photo->face_count, .score = face->score};
    memcpy(entry.box, face->box, sizeof entry.box);
    return add_entry(q, entry, face->embedding, error);
}

/* Every face as a probe. The status is that of the first failure if none could be used. */
static fse_status add_all_faces(fse_query *q, const char *path, const fse_photo *photo,
                                fse_error *error)
{
    const size_t before = q->probe_count;
    fse_error first = {.status = FSE_OK};
    for (size_t i = 0; i < photo->face_count; i++) {
        fse_error report;
        const fse_status status = add_face(q, path, photo, i, &report);
        if (status != FSE_OK && first.status == FSE_OK)
            first = report;
        if (status == FSE_ENOMEM)
            break;
    }
    const bool failed = first.status == FSE_ENOMEM || q->probe_count == before;
    if (failed && error)
        *error = first;
    return failed ? first.status : FSE_OK;
}

static fse_status add_missing_face(fse_query *q, const char *path, size_t count, int face,
                                   fse_error *error)
{
    fse_error report;
    if (count == 0)
        fse_fail(&report, FSE_ENOFACE, path, "no face found");
    else if (count == 1)
        fse_fail(&report, FSE_ENOFACE, path, "has one face: 0; there is no face %d", face);
    else
        fse_fail(&report, FSE_ENOFACE, path, "has %zu faces: 0 %s %zu; there is no face %d", count,
                 count == 2 ? "and" : "to", count - 1, face);
    return add_failure(q, path, count, &report, error);
}

static fse_status add_photo(fse_query *q, const char *path, const fse_photo *photo, int face,
                            fse_error *error)
{
    const fse_status status =
        fse_grow(&q->photos, &q->photo_capacity, q->photo_count, sizeof *q->photos, error);
    if (status != FSE_OK)
        return status;
    memcpy(q->photos[q->photo_count++].sha256, photo->sha256, sizeof photo->sha256);
    if (photo->face_count == 0 || (face >= 0 && (size_t)face >= photo->face_count))
        return add_missing_face(q, path, photo->face_count, face, error);
    if (face == FSE_FACE_ALL)
        return add_all_faces(q, path, photo, error);
    const int number = face >= 0 ? face : fse_photo_largest_face(photo);
    return add_face(q, path, photo, (size_t)number, error);
}

static fse_status check_arguments(const fse_query *query, const char *path, int face,
                                  fse_error *error)
{
    if (!query || !path)
        return fse_fail(error, FSE_EINVAL, path, "adding to a query needs a query and a path");
    if (face < FSE_FACE_ALL)
        return fse_fail(error, FSE_EINVAL, path, "there is no face %d: faces count from 0", face);
    return FSE_OK;
}

static fse_analyse_options query_options(const fse_analyse_options *given)
{
    fse_analyse_options options;
    fse_analyse_options_init(&options);
    if (given)
        options = *given;
    options.is_query = true;
    return options;
}

/* photo: what the analysis gave, or NULL with its report. Frees it. */
static fse_status add_analysed(fse_query *q, const char *path, fse_photo *photo, int face,
                               const fse_error *report, fse_error *error)
{
    if (!photo && report->status == FSE_EINVAL) {
        if (error)
            *error = *report;
        return FSE_EINVAL;
    }
    const fse_status status = photo ? add_photo(q, path, photo, face, error)
                                    : add_failure(q, path, 0, report, error);
    fse_photo_free(&photo);
    return status;
}

fse_status fse_query_add_file(fse_query *query, const char *path, int face,
                              const fse_analyse_options *options, fse_error *error)
{
    const fse_status status = check_arguments(query, path, face, error);
    if (status != FSE_OK)
        return status;
    const fse_analyse_options own = query_options(options);
    fse_photo *photo = NULL;
    fse_error report = {.status = FSE_OK};
    (void)fse_analyse_file(query->engine, path, &own, &photo, &report);
    return add_analysed(query, path, photo, face, &report, error);
}

fse_status fse_query_add_memory(fse_query *query, const char *name, const void *bytes, size_t size,
                                int face, const fse_analyse_options *options, fse_error *error)
{
    const fse_status status = check_arguments(query, name, face, error);
    if (status != FSE_OK)
        return status;
    const fse_analyse_options own = query_options(options);
    fse_photo *photo = NULL;
    fse_error report = {.status = FSE_OK};
    (void)fse_analyse_memory(query->engine, bytes, size, &own, &photo, &report);
    return add_analysed(query, name, photo, face, &report, error);
}

size_t fse_query_entries(const fse_query *query, const fse_query_entry **entries)
{
    if (entries)
        *entries = query ? query->entries : NULL;
    return query ? query->entry_count : 0;
}

size_t fse_query_probes(const fse_query *query)
{
    return query ? query->probe_count : 0;
}
