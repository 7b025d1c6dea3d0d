/* SPDX-License-Identifier: Apache-2.0 */
/* The front of the store: chooses the backend, checks arguments and the order of calls. */
#include "store/store.h"

#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "store/backend.h"

static const fse_store_backend *const backends[] = {&fse_store_sqlite};

/* How often a waiting writer asks again: not noticed by a person, no load either. */
static const struct timespec wait_between = {.tv_nsec = 100000000};

/* ---- Open and close ---- */

/* RFC 3986: a letter, then letters, digits, "+", "-", "."; then a colon. 0: no scheme. */
static size_t scheme_length(const char *url)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char others[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
    if (strspn(url, letters) == 0)
        return 0;
    const size_t length = strspn(url, others);
    return url[length] == ':' ? length : 0;
}

static fse_status choose_backend(const char *url, const fse_store_backend **backend,
                                 const char **location, fse_error *error)
{
    const size_t length = scheme_length(url);
    *backend = &fse_store_sqlite;
    *location = url;
    if (length == 0)
        return FSE_OK;
    *location = url + length + 1;
    for (size_t i = 0; i < FSE_COUNT(backends); i++) {
        *backend = backends[i];
        if (strlen((*backend)->scheme) == length && memcmp((*backend)->scheme, url, length) == 0)
            return FSE_OK;
    }
    /* Not the URL: it may hold a password. */
    return fse_fail(error, FSE_EINVAL, NULL,
                    "unknown kind of store \"%.*s:\"; expected sqlite:PATH or a path (for a file "
                    "with a colon in its name: ./PATH)",
                    (int)length, url);
}

fse_status fse_store_open(const char *url, fse_store_mode mode, fse_store **store, fse_error *error)
{
    const fse_store_backend *backend;
    const char *location;
    *store = NULL;
    fse_status status = choose_backend(url, &backend, &location, error);
    if (status == FSE_OK && location[0] == '\0')
        status = fse_fail(error, FSE_EINVAL, NULL, "the store's path is empty");
    if (status == FSE_OK)
        status = backend->open(location, mode, store, error);
    if (status != FSE_OK)
        return status;
    (*store)->backend = backend;
    (*store)->mode = mode;
    return FSE_OK;
}

void fse_store_close(fse_store **store)
{
    if (!store || !*store)
        return;
    fse_store_release(*store);
    fse_store_unlock(*store);
    fse_store_entries_free(&(*store)->found);
    (*store)->backend->close(*store);
    *store = NULL;
}

fse_status fse_store_describe(fse_store *store, fse_store_info *info, fse_error *error)
{
    *info = (fse_store_info){0};
    return store->backend->describe(store, info, error);
}

/* ---- The writer ---- */

fse_status fse_store_lock(fse_store *store, fse_store_wait wait, void *user, fse_error *error)
{
    if (store->mode == FSE_STORE_READ)
        return fse_fail(error, FSE_EINVAL, NULL, "the store was opened for reading");
    if (store->locked)
        return fse_fail(error, FSE_EINVAL, NULL, "this handle is the writer already");
    for (;;) {
        fse_lock_holder holder;
        const fse_status status = store->backend->lock(store, &holder, error);
        store->locked = status == FSE_OK;
        if (status != FSE_ELOCKED || !wait)
            return status;
        if (wait(user, &holder))
            return fse_fail(error, FSE_ECANCELLED, NULL, "cancelled while waiting for a writer");
        nanosleep(&wait_between, NULL);
    }
}

void fse_store_unlock(fse_store *store)
{
    fse_store_rollback(store);
    if (store->locked)
        store->backend->unlock(store);
    store->locked = false;
}

fse_status fse_store_writer(fse_store *store, bool *held, fse_lock_holder *holder, fse_error *error)
{
    *held = false;
    *holder = (fse_lock_holder){0};
    return store->locked ? FSE_OK : store->backend->writer(store, held, holder, error);
}

/* ---- Transactions ---- */

fse_status fse_store_snapshot(fse_store *store, fse_error *error)
{
    if (store->in_batch || store->in_snapshot)
        return fse_fail(error, FSE_EINVAL, NULL, "a snapshot inside a batch or snapshot");
    const fse_status status = store->backend->snapshot(store, error);
    store->in_snapshot = status == FSE_OK;
    return status;
}

void fse_store_release(fse_store *store)
{
    if (store->in_snapshot)
        store->backend->release(store);
    store->in_snapshot = false;
}

fse_status fse_store_begin(fse_store *store, fse_error *error)
{
    if (!store->locked)
        return fse_fail(error, FSE_EINVAL, NULL, "a batch without being the writer");
    if (store->in_batch || store->in_snapshot)
        return fse_fail(error, FSE_EINVAL, NULL, "a batch inside a batch or snapshot");
    const fse_status status = store->backend->begin(store, error);
    store->in_batch = status == FSE_OK;
    store->failed = false;
    return status;
}

fse_status fse_store_commit(fse_store *store, fse_error *error)
{
    if (!store->in_batch)
        return fse_fail(error, FSE_EINVAL, NULL, "a commit outside a batch");
    if (store->failed) {
        fse_store_rollback(store);
        return fse_fail(error, FSE_EINVAL, NULL, "a commit after a failure; nothing was kept");
    }
    store->in_batch = false;
    return store->backend->commit(store, error);
}

void fse_store_rollback(fse_store *store)
{
    if (store->in_batch)
        store->backend->rollback(store);
    store->in_batch = false;
}

/* Changes go through these two: only in a batch, and a failure dooms the batch. */
static fse_status may_change(fse_store *store, fse_error *error)
{
    if (!store->in_batch)
        return fse_fail(error, FSE_EINVAL, NULL, "a change outside a batch");
    if (store->failed)
        return fse_fail(error, FSE_EINVAL, NULL, "a change after a failure in the same batch");
    return FSE_OK;
}

static fse_status changed(fse_store *store, fse_status status)
{
    store->failed = status != FSE_OK;
    return status;
}

#define CHANGE(store, error, call)                                                                 \
    do {                                                                                           \
        const fse_status allowed = may_change(store, error);                                       \
        return allowed != FSE_OK ? allowed : changed(store, (call));                               \
    } while (0)

/* ---- Contracts and profiles ---- */

static bool is_contract(const char *hex)
{
    return strnlen(hex, FSE_SHA256_HEX) == FSE_SHA256_HEX - 1 &&
           strspn(hex, "0123456789abcdef") == FSE_SHA256_HEX - 1;
}

static fse_status add_contract(fse_store *store, fse_store_contract *contract, fse_error *error)
{
    if (!is_contract(contract->contract))
        return fse_fail(error, FSE_EINVAL, NULL, "a contract is 64 lower-case hex digits");
    if (contract->dim < 1 || contract->dim > UINT16_MAX)
        return fse_fail(error, FSE_EINVAL, NULL, "an embedding of %d numbers", contract->dim);
    return store->backend->add_contract(store, contract, error);
}

fse_status fse_store_add_contract(fse_store *store, fse_store_contract *contract, fse_error *error)
{
    CHANGE(store, error, add_contract(store, contract, error));
}

fse_status fse_store_contracts(fse_store *store, fse_store_visit_contract visit, void *user,
                               fse_error *error)
{
    return store->backend->contracts(store, visit, user, error);
}

fse_status fse_store_find_contract(fse_store *store, const char *contract, int64_t *id,
                                   fse_error *error)
{
    *id = 0;
    return store->backend->find_contract(store, contract, id, error);
}

fse_status fse_store_profiles(fse_store *store, int64_t contract, fse_store_visit_profile visit,
                              void *user, fse_error *error)
{
    return store->backend->profiles(store, contract, visit, user, error);
}

/* ---- Contents and their analysis ---- */

fse_status fse_store_find_contents(fse_store *store, int64_t contract, const uint8_t *sha256,
                                   size_t count, fse_store_known *known, fse_error *error)
{
    return store->backend->find_contents(store, contract, sha256, count, known, error);
}

fse_status fse_store_put_photo(fse_store *store, const fse_store_analysis *analysis,
                               const fse_photo *photo, fse_error *error)
{
    CHANGE(store, error, store->backend->put_photo(store, analysis, photo, error));
}

static fse_status put_failure(fse_store *store, const fse_store_analysis *analysis,
                              const uint8_t *sha256, fse_status failure, const char *reason,
                              fse_error *error)
{
    if (failure == FSE_OK)
        return fse_fail(error, FSE_EINVAL, NULL, "an analysis that failed with FSE_OK");
    return store->backend->put_failure(store, analysis, sha256, failure, reason, error);
}

fse_status fse_store_put_failure(fse_store *store, const fse_store_analysis *analysis,
                                 const uint8_t sha256[FSE_SHA256_BYTES], fse_status failure,
                                 const char *reason, fse_error *error)
{
    CHANGE(store, error, put_failure(store, analysis, sha256, failure, reason, error));
}

fse_status fse_store_drop_orphans(fse_store *store, uint64_t *contents, uint64_t *faces,
                                  fse_error *error)
{
    uint64_t unused[2];
    CHANGE(store, error,
           store->backend->drop_orphans(store, contents ? contents : &unused[0],
                                        faces ? faces : &unused[1], error));
}

/* ---- Paths ---- */

static bool is_path(const char *path)
{
    const size_t length = strlen(path);
    return length > 0 && path[0] != '/' && path[length - 1] != '/';
}

static fse_status put_path(fse_store *store, const fse_store_path *path, fse_error *error)
{
    if (!is_path(path->path))
        return fse_fail(error, FSE_EINVAL, path->path, "expected a path below the folder");
    if (path->size > INT64_MAX)
        return fse_fail(error, FSE_EINVAL, path->path, "a file of that size cannot be");
    if ((path->state == FSE_PATH_REFUSED) != (path->status != FSE_OK))
        return fse_fail(error, FSE_EINVAL, path->path,
                        "a refused path, and no other, has a status");
    return store->backend->put_path(store, path, error);
}

fse_status fse_store_put_path(fse_store *store, const fse_store_path *path, fse_error *error)
{
    CHANGE(store, error, put_path(store, path, error));
}

fse_status fse_store_remove_path(fse_store *store, const char *path, bool *removed,
                                 fse_error *error)
{
    bool unused;
    CHANGE(store, error,
           store->backend->remove_path(store, path, removed ? removed : &unused, error));
}

fse_status fse_store_remove_folder(fse_store *store, const char *folder, uint64_t *removed,
                                   fse_error *error)
{
    uint64_t unused;
    CHANGE(store, error,
           store->backend->remove_folder(store, folder, removed ? removed : &unused, error));
}

fse_status fse_store_find_path(fse_store *store, int64_t contract, const char *path,
                               const fse_store_path **entry, fse_error *error)
{
    *entry = NULL;
    fse_store_entries_clear(&store->found);
    const fse_status status = store->backend->find_path(store, contract, path, fse_store_keep_entry,
                                                        &store->found, error);
    if (status == FSE_OK && store->found.count)
        *entry = store->found.entries;
    return status;
}

fse_status fse_store_paths_of(fse_store *store, int64_t contract, const int64_t *contents,
                              size_t count, fse_store_visit_path visit, void *user,
                              fse_error *error)
{
    return store->backend->paths_of(store, contract, contents, count, visit, user, error);
}

/* ---- Faces ---- */

fse_status fse_store_vectors(fse_store *store, int64_t contract, int64_t after,
                             fse_store_visit_face visit, void *user, fse_error *error)
{
    return store->backend->vectors(store, contract, after, visit, user, error);
}

fse_status fse_store_face_ids(fse_store *store, int64_t contract, int64_t after, int64_t *ids,
                              size_t *count, fse_error *error)
{
    return store->backend->face_ids(store, contract, after, ids, count, error);
}

fse_status fse_store_faces(fse_store *store, const int64_t *ids, size_t count,
                           fse_store_visit_face visit, void *user, fse_error *error)
{
    return store->backend->faces(store, ids, count, visit, user, error);
}

fse_status fse_store_faces_of(fse_store *store, int64_t contract, int64_t content,
                              fse_store_visit_face visit, void *user, fse_error *error)
{
    return store->backend->faces_of(store, contract, content, visit, user, error);
}

/* ---- Figures and settings ---- */

fse_status fse_store_count(fse_store *store, int64_t contract, fse_store_counts *counts,
                           fse_error *error)
{
    *counts = (fse_store_counts){0};
    return store->backend->count(store, contract, counts, error);
}

fse_status fse_store_get_setting(fse_store *store, const char *name, char **value, fse_error *error)
{
    *value = NULL;
    return store->backend->get_setting(store, name, value, error);
}

fse_status fse_store_put_setting(fse_store *store, const char *name, const char *value,
                                 fse_error *error)
{
    CHANGE(store, error, store->backend->put_setting(store, name, value, error));
}

/* ---- Forgetting ---- */

fse_status fse_store_forget_face(fse_store *store, int64_t face, fse_error *error)
{
    CHANGE(store, error, store->backend->forget_face(store, face, error));
}

fse_status fse_store_forget_contract(fse_store *store, int64_t contract, fse_error *error)
{
    CHANGE(store, error, store->backend->forget_contract(store, contract, error));
}

fse_status fse_store_forget_all(fse_store *store, fse_error *error)
{
    CHANGE(store, error, store->backend->forget_all(store, error));
}

fse_status fse_store_scrub(fse_store *store, fse_error *error)
{
    if (!store->locked || store->in_batch || store->in_snapshot)
        return fse_fail(error, FSE_EINVAL, NULL, "scrubbing needs the writer, outside a batch");
    return store->backend->scrub(store, error);
}
