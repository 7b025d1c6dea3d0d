/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "api/index.h"
#include "base/alloc.h"
#include "base/path.h"

/* One request to forget, and what it came to. */
typedef struct request {
    fse_index *index;
    const char *path; /* as the user gave it */
    int face;
    char *below;      /* the same below the index's folder; NULL where it is no path */
    fse_index_counts counts;
} request;

/* Mark a path as removed: it stays so until the file changes. */
static fse_status remove_entry(request *q, const fse_store_path *found, fse_error *error)
{
    fse_store_path entry = *found;
    char *path = fse_strdup(found->path);
    if (!path)
        return fse_fail_memory(error);
    q->counts.photos++;
    q->counts.faces += (uint64_t)found->known.faces;
    entry.path = path;
    entry.state = FSE_PATH_REMOVED;
    entry.status = FSE_OK;
    entry.reason = "";
    entry.software = "";
    memset(entry.sha256, 0, sizeof entry.sha256);
    const fse_status status = fse_store_put_path(q->index->store, &entry, error);
    free(path);
    return status;
}

static fse_status forget_photo(request *q, fse_error *error)
{
    const fse_store_path *entry;
    fse_status status;
    FSE_TRY(fse_store_find_path(q->index->store, 0, q->below, &entry, error));
    if (!entry || entry->state == FSE_PATH_REMOVED)
        FSE_THROW(error, FSE_ENOENT, q->path, "the index has no such photo");
    FSE_TRY(remove_entry(q, entry, error));
    FSE_TRY(fse_store_drop_orphans(q->index->store, NULL, &q->counts.faces, error));
cleanup:
    return status;
}

static fse_status forget_folder(request *q, fse_error *error)
{
    fse_status status;
    fse_store_cursor *cursor = NULL;
    const fse_store_path *entry;
    const fse_store_paths_options options = {.folder = q->below};
    FSE_TRY(fse_store_paths(q->index->store, &options, &cursor, error));
    for (;;) {
        FSE_TRY(fse_store_next(cursor, &entry, error));
        if (!entry)
            break;
        if (entry->state != FSE_PATH_REMOVED)
            FSE_TRY(remove_entry(q, entry, error));
    }
    if (q->counts.photos == 0)
        FSE_THROW(error, FSE_ENOENT, q->path, "the index has no photos in such a folder");
    FSE_TRY(fse_store_drop_orphans(q->index->store, NULL, &q->counts.faces, error));
cleanup:
    fse_store_cursor_close(&cursor);
    return status;
}

typedef struct face_search {
    int number;
    int64_t id;
} face_search;

static fse_status compare_number(void *user, const fse_store_face *face, fse_error *error)
{
    (void)error;
    face_search *s = user;
    if (face->number == s->number && !face->removed)
        s->id = face->id;
    return FSE_OK;
}

static fse_status note_contract(void *user, const fse_store_contract *contract, fse_error *error)
{
    (void)error;
    int64_t *last = user;
    *last = contract->id;
    return FSE_OK;
}

/* The face's number counts under the newest contract; the store takes the others along by box. */
static fse_status forget_face(request *q, fse_error *error)
{
    fse_status status;
    const fse_store_path *entry;
    int64_t contract = 0;
    face_search s = {.number = q->face};
    FSE_TRY(fse_store_contracts(q->index->store, note_contract, &contract, error));
    FSE_TRY(fse_store_find_path(q->index->store, contract, q->below, &entry, error));
    if (!entry || entry->known.content == 0)
        FSE_THROW(error, FSE_ENOENT, q->path, "the index has no such photo");
    FSE_TRY(fse_store_faces_of(q->index->store, contract, entry->known.content, compare_number, &s,
                               error));
    if (s.id == 0)
        FSE_THROW(error, FSE_ENOENT, q->path, "the index has no face %d of this photo", q->face);
    FSE_TRY(fse_store_forget_face(q->index->store, s.id, error));
    q->counts.faces = 1;
cleanup:
    return status;
}

static fse_status forget_contract(request *q, fse_error *error)
{
    fse_status status;
    int64_t id = 0;
    fse_store_counts counts;
    FSE_TRY(fse_store_find_contract(q->index->store, q->path, &id, error));
    if (id == 0)
        FSE_THROW(error, FSE_ENOENT, q->path, "the index has nothing of this contract");
    FSE_TRY(fse_store_count(q->index->store, id, &counts, error));
    q->counts.photos = counts.photos;
    q->counts.faces = counts.faces;
    FSE_TRY(fse_store_forget_contract(q->index->store, id, error));
cleanup:
    return status;
}

static fse_status forget_everything(request *q, fse_error *error)
{
    return fse_store_forget_all(q->index->store, error);
}

static const struct {
    fse_status (*forget)(request *q, fse_error *error);
    bool is_path;
} kinds[] = {
    [FSE_FORGET_PHOTO] = {forget_photo, true},
    [FSE_FORGET_FOLDER] = {forget_folder, true},
    [FSE_FORGET_FACE] = {forget_face, true},
    [FSE_FORGET_CONTRACT] = {forget_contract, false},
    [FSE_FORGET_EVERYTHING] = {forget_everything, false},
};

static fse_status check_forget(const fse_index *index, fse_forget what, const char *path,
                               fse_error *error)
{
    if (!index || (size_t)what >= FSE_COUNT(kinds) || (!path && what != FSE_FORGET_EVERYTHING))
        return fse_fail(error, FSE_EINVAL, NULL, "index or path is NULL, or what is unknown");
    if (index->read_only)
        return fse_fail(error, FSE_EACCES, index->place.database, "the index cannot be written");
    return FSE_OK;
}

fse_status fse_index_forget(fse_index *index, fse_forget what, const char *path, int face,
                            fse_index_counts *counts, fse_error *error)
{
    fse_status status;
    request q = {.index = index, .path = path, .face = face};
    bool in_batch = false;
    FSE_TRY(check_forget(index, what, path, error));
    if (kinds[what].is_path)
        FSE_TRY(fse_index_resolve(index, path, &q.below, error));
    FSE_TRY(fse_store_lock(index->store, NULL, NULL, error));
    FSE_TRY(fse_store_begin(index->store, error));
    in_batch = true;
    FSE_TRY(kinds[what].forget(&q, error));
    in_batch = false;
    FSE_TRY(fse_store_commit(index->store, error));
    FSE_TRY(fse_store_scrub(index->store, error));
    if (counts)
        *counts = q.counts;
cleanup:
    if (in_batch)
        fse_store_rollback(index->store);
    if (index)
        fse_store_unlock(index->store);
    free(q.below);
    return status;
}
