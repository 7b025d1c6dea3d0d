/* SPDX-License-Identifier: Apache-2.0 */
#include "index/diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"

typedef struct merge {
    fse_diff *diff;
    const fse_wanted *wanted;
    fse_store_cursor *cursor;
    const fse_store_path *stored; /* the next path of the store; NULL: there is none */
    const char **unreadable;      /* folders that the walk could not read */
    size_t unreadable_count, unreadable_capacity;
    const char *below;          /* what the walk's paths are below */
    bool (*cancel)(void *user); /* the caller's */
    void *user;
} merge;

bool fse_is_wanted(const fse_wanted *wanted, const fse_store_known *known)
{
    if (!known->analysed)
        return false;
    if (known->status != FSE_OK)
        return strcmp(known->profile->software, wanted->software) == 0;
    return known->profile->min_face <= wanted->min_face &&
           known->profile->detect_size == wanted->detect_size &&
           (!wanted->precision || strcmp(known->profile->precision, wanted->precision) == 0);
}

static fse_status add_gone(merge *m, const fse_store_path *stored, fse_error *error)
{
    fse_diff *d = m->diff;
    const fse_status status =
        fse_grow(&d->gone, &d->gone_capacity, d->gone_count, sizeof *d->gone, error);
    if (status != FSE_OK)
        return status;
    fse_gone *gone = &d->gone[d->gone_count];
    *gone = (fse_gone){.path = fse_arena_copy(&d->text, stored->path)};
    if (!gone->path)
        return fse_fail_memory(error);
    memcpy(gone->sha256, stored->sha256, sizeof gone->sha256);
    d->gone_count++;
    return FSE_OK;
}

static fse_status next_stored(merge *m, fse_error *error)
{
    const fse_status status = fse_store_next(m->cursor, &m->stored, error);
    if (status == FSE_OK && m->stored)
        m->diff->stored++;
    return status;
}

/* Note the store's paths before `path` as gone. path NULL: all that are left. */
static fse_status pass_stored(merge *m, const char *path, fse_error *error)
{
    while (m->stored && (!path || strcmp(m->stored->path, path) < 0)) {
        fse_status status = add_gone(m, m->stored, error);
        if (status == FSE_OK)
            status = next_stored(m, error);
        if (status != FSE_OK)
            return status;
    }
    return FSE_OK;
}

static bool same_file(const fse_store_path *stored, const fse_walk_entry *entry)
{
    return stored->size == entry->size && stored->mtime == entry->mtime &&
           stored->inode == entry->inode;
}

/* Whether a path needs no look: the file is as it was, and what is known of it is good enough. */
static bool is_settled(const merge *m, const fse_store_path *stored, const fse_walk_entry *entry)
{
    if (!same_file(stored, entry))
        return false;
    if (stored->state == FSE_PATH_REFUSED)
        return strcmp(stored->software, m->wanted->software) == 0;
    return stored->state == FSE_PATH_REMOVED || fse_is_wanted(m->wanted, &stored->known);
}

static fse_status add_task(merge *m, const fse_walk_entry *entry, const fse_store_path *stored,
                           fse_error *error)
{
    fse_diff *d = m->diff;
    const fse_status status =
        fse_grow(&d->tasks, &d->task_capacity, d->task_count, sizeof *d->tasks, error);
    if (status != FSE_OK)
        return status;
    fse_task *task = &d->tasks[d->task_count];
    *task = (fse_task){.path = fse_arena_copy(&d->text, entry->path),
                       .reason = entry->reason ? fse_arena_copy(&d->text, entry->reason) : NULL,
                       .size = entry->size,
                       .mtime = entry->mtime,
                       .device = entry->device,
                       .inode = entry->inode,
                       .known = stored != NULL,
                       .indexed = stored && stored->state == FSE_PATH_INDEXED};
    if (!task->path || (entry->reason && !task->reason))
        return fse_fail_memory(error);
    if (stored)
        memcpy(task->sha256, stored->sha256, sizeof task->sha256);
    d->task_count++;
    return FSE_OK;
}

static fse_status note_unreadable(merge *m, const char *path, fse_error *error)
{
    const fse_status status = fse_grow(&m->unreadable, &m->unreadable_capacity,
                                       m->unreadable_count, sizeof *m->unreadable, error);
    if (status != FSE_OK)
        return status;
    m->unreadable[m->unreadable_count] = fse_arena_copy(&m->diff->text, path);
    return m->unreadable[m->unreadable_count++] ? FSE_OK : fse_fail_memory(error);
}

static fse_status visit_candidate(merge *m, const fse_walk_entry *entry, fse_error *error)
{
    fse_status status;
    FSE_TRY(pass_stored(m, entry->path, error));
    const fse_store_path *stored =
        m->stored && strcmp(m->stored->path, entry->path) == 0 ? m->stored : NULL;
    if (entry->kind == FSE_WALK_SKIPPED)
        FSE_TRY(note_unreadable(m, entry->path, error));
    if (!stored || !is_settled(m, stored, entry))
        FSE_TRY(add_task(m, entry, stored, error));
    if (stored)
        FSE_TRY(next_stored(m, error));
cleanup:
    return status;
}

static fse_status visit(void *user, const fse_walk_entry *entry, fse_error *error)
{
    merge *m = user;
    if (entry->kind == FSE_WALK_OTHER) {
        m->diff->other++;
        return FSE_OK;
    }
    m->diff->candidates++;
    fse_walk_entry whole = *entry;
    char *path = fse_path_join(m->below, entry->path);
    if (!path)
        return fse_fail_memory(error);
    whole.path = path;
    const fse_status status = visit_candidate(m, &whole, error);
    free(path);
    return status;
}

static bool is_cancelled(void *user)
{
    const merge *m = user;
    return m->cancel && m->cancel(m->user);
}

static bool is_below(const char *path, const char *folder)
{
    const size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

static int by_digest(const void *a, const void *b)
{
    const fse_gone *x = a, *y = b;
    const int order = memcmp(x->sha256, y->sha256, sizeof x->sha256);
    return order ? order : strcmp(x->path, y->path);
}

/* Take out what lies below a folder that could not be read, and sort the rest. */
static void settle_gone(const merge *m)
{
    fse_diff *d = m->diff;
    size_t kept = 0;
    for (size_t i = 0; i < d->gone_count; i++) {
        bool hidden = false;
        for (size_t k = 0; k < m->unreadable_count && !hidden; k++)
            hidden = is_below(d->gone[i].path, m->unreadable[k]);
        if (!hidden)
            d->gone[kept++] = d->gone[i];
    }
    d->gone_count = kept;
    if (kept > 0)
        qsort(d->gone, kept, sizeof *d->gone, by_digest);
}

fse_status fse_diff_make(fse_store *store, const char *folder, const char *below,
                         const fse_wanted *wanted, bool (*cancel)(void *user), void *user,
                         fse_diff *diff, fse_error *error)
{
    fse_status status;
    merge m = {.diff = diff, .wanted = wanted, .below = below, .cancel = cancel, .user = user};
    const fse_store_paths_options paths = {.contract = wanted->contract, .folder = below};
    char *start = below[0] ? fse_path_join(folder, below) : fse_strdup(folder);
    *diff = (fse_diff){.task_count = 0};
    const fse_walk_options walk = {.visit = visit, .cancel = is_cancelled, .user = &m};
    if (!start)
        FSE_TRY(fse_fail_memory(error));
    FSE_TRY(fse_store_paths(store, &paths, &m.cursor, error));
    FSE_TRY(next_stored(&m, error));
    FSE_TRY(fse_walk(start, &walk, error));
    FSE_TRY(pass_stored(&m, NULL, error));
    settle_gone(&m);
cleanup:
    fse_store_cursor_close(&m.cursor);
    free(m.unreadable);
    free(start);
    return status;
}

fse_gone *fse_diff_find_gone(const fse_diff *diff, const uint8_t sha256[FSE_SHA256_BYTES])
{
    size_t low = 0, high = diff->gone_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (memcmp(diff->gone[middle].sha256, sha256, FSE_SHA256_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < diff->gone_count; low++) {
        fse_gone *gone = &diff->gone[low];
        if (memcmp(gone->sha256, sha256, FSE_SHA256_BYTES) != 0)
            return NULL;
        if (!gone->renamed)
            return gone;
    }
    return NULL;
}

void fse_diff_free(fse_diff *diff)
{
    free(diff->tasks);
    free(diff->gone);
    fse_arena_free(&diff->text);
    *diff = (fse_diff){.task_count = 0};
}
