/* SPDX-License-Identifier: Apache-2.0 */
#include "index/update.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/thread.h"
#include "base/time.h"
#include "facesearch/version.h"
#include "image/decode.h"
#include "index/diff.h"

/*
 * A batch is committed after so many photos or seconds: a commit waits for the disk (about 10 ms),
 * and what is not committed is lost if the process dies.
 */
#define BATCH_PHOTOS 128
#define BATCH_SECONDS 2

typedef struct updater {
    const fse_update *u;
    fse_wanted wanted;
    fse_diff diff;

    pthread_mutex_t mutex; /* guards all below, the store, and the calls of progress and means */
    fse_update_counts *counts;
    fse_update_means means;
    bool in_batch;
    int batch_photos;
    time_t batch_since;
} updater;

const char *fse_update_software(void)
{
    return "facesearch " FSE_VERSION;
}

static bool is_cancelled(const updater *r)
{
    const fse_update_options *o = r->u->options;
    return o->cancel && o->cancel(o->user);
}

/* ---- Batches; under the mutex ---- */

static time_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static fse_status begin(updater *r, fse_error *error)
{
    if (r->in_batch)
        return FSE_OK;
    const fse_status status = fse_store_begin(r->u->store, error);
    r->in_batch = status == FSE_OK;
    r->batch_photos = 0;
    r->batch_since = now();
    return status;
}

static fse_status commit(updater *r, fse_error *error)
{
    if (!r->in_batch)
        return FSE_OK;
    r->in_batch = false;
    return fse_store_commit(r->u->store, error);
}

static fse_status commit_if_full(updater *r, fse_error *error)
{
    r->batch_photos++;
    if (r->batch_photos < BATCH_PHOTOS && now() - r->batch_since < BATCH_SECONDS)
        return FSE_OK;
    return commit(r, error);
}

/* ---- One photo ---- */

/* A photo while it is worked on, by one thread. */
typedef struct work {
    const fse_task *task;
    fse_store_path entry; /* what will be kept of the path */
    int fd;
    fse_photo *photo;     /* NULL: the content was known, or could not be analysed */
    fse_error failure;    /* status FSE_OK: none */
    bool readable;        /* whether the digest in entry is of the file */
    fse_update_means means;
} work;

static fse_status fail_work(work *w, fse_status status, const char *reason)
{
    return fse_fail(&w->failure, status, NULL, "%s", reason);
}

static void describe_file(fse_store_path *entry, const struct stat *info)
{
    entry->size = (uint64_t)info->st_size;
    entry->mtime = fse_nanoseconds(info->st_mtim);
    entry->device = (uint64_t)info->st_dev;
    entry->inode = (uint64_t)info->st_ino;
}

static bool read_open_file(const updater *r, work *w)
{
    struct stat info;
    if (fstat(w->fd, &info) != 0) {
        fse_fail_errno(&w->failure, errno, NULL, "cannot read");
        return false;
    }
    describe_file(&w->entry, &info);
    if (w->entry.size > r->u->options->analyse.max_bytes) {
        fail_work(w, FSE_ELIMIT, "the file is larger than the limit on bytes");
        return false;
    }
    return fse_digest_fd(w->fd, w->task->path, w->entry.sha256, NULL, &w->failure) == FSE_OK;
}

/* Open and hash the file. What goes wrong is the photo's failure. */
static void read_file(const updater *r, work *w)
{
    uint64_t size;
    char *path = fse_path_join(r->u->folder, w->task->path);
    w->readable = false;
    if (!path) {
        fse_fail_memory(&w->failure);
        return;
    }
    if (fse_walk_open(path, &w->fd, &size, &w->failure) == FSE_OK)
        w->readable = read_open_file(r, w);
    free(path);
}

/* Whether the file is still what was read: a program may be writing it just now. */
static bool is_unchanged(const work *w)
{
    struct stat info;
    fse_store_path entry = {.path = NULL};
    if (fstat(w->fd, &info) != 0)
        return false;
    describe_file(&entry, &info);
    return entry.size == w->entry.size && entry.mtime == w->entry.mtime;
}

/* Ask the store for the content, and for the means to analyse it if it has none. */
static fse_status look_up(updater *r, work *w, bool *settled, fse_error *error)
{
    fse_store_known known;
    fse_status status;
    pthread_mutex_lock(&r->mutex);
    FSE_TRY(fse_store_find_contents(r->u->store, r->u->contract->id, w->entry.sha256, 1, &known,
                                    error));
    *settled = known.content != 0 && fse_is_wanted(&r->wanted, &known);
    if (*settled && known.status != FSE_OK)
        fail_work(w, known.status, "a file of the same bytes could not be analysed");
    if (!*settled && !r->means.analyser)
        FSE_TRY(r->u->means(r->u->user, &r->means, error));
    w->means = r->means;
cleanup:
    pthread_mutex_unlock(&r->mutex);
    return status;
}

static fse_status analyse(const updater *r, work *w, fse_error *error)
{
    const fse_status status =
        fse_analyse(w->means.analyser, w->fd, w->task->path, w->entry.sha256,
                    &r->u->options->analyse, &w->photo, &w->failure);
    if (status == FSE_OK || fse_is_photo_failure(status))
        return FSE_OK;
    *error = w->failure;
    return status;
}

/* Read, look up, analyse: all that does not write. Once more if the file changed meanwhile. */
static fse_status examine(updater *r, work *w, bool *settled, fse_error *error)
{
    fse_status status = FSE_OK;
    for (int attempt = 0; attempt < 2; attempt++) {
        w->failure = (fse_error){.status = FSE_OK};
        *settled = false;
        read_file(r, w);
        if (w->readable)
            FSE_TRY(look_up(r, w, settled, error));
        if (w->readable && !*settled)
            FSE_TRY(analyse(r, w, error));
        if (!w->readable || is_unchanged(w))
            return FSE_OK;
        fse_photo_free(&w->photo);
        close(w->fd);
        w->fd = -1;
    }
    w->readable = false;
    fail_work(w, FSE_EIO, "it changed while it was read; it is tried again at the next update");
cleanup:
    return status;
}

/* ---- What is kept of it; under the mutex ---- */

static fse_status put_content(updater *r, const work *w, fse_error *error)
{
    const fse_store_analysis analysis = {
        .contract = r->u->contract->id,
        .profile = {.min_face = r->wanted.min_face,
                    .detect_size = r->wanted.detect_size,
                    .precision = w->means.precision,
                    .runtime = w->means.runtime,
                    .software = r->wanted.software},
        .bytes = w->entry.size};
    if (w->photo)
        return fse_store_put_photo(r->u->store, &analysis, w->photo, error);
    return fse_store_put_failure(r->u->store, &analysis, w->entry.sha256, w->failure.status,
                                 w->failure.message, error);
}

/* A content that left another path: that path goes in the same batch. */
static fse_status take_over(updater *r, const work *w, fse_error *error)
{
    fse_gone *gone = w->task->known ? NULL : fse_diff_find_gone(&r->diff, w->entry.sha256);
    if (!gone)
        return FSE_OK;
    gone->renamed = true;
    r->counts->renamed++;
    return fse_store_remove_path(r->u->store, gone->path, NULL, error);
}

static void count(updater *r, const work *w)
{
    fse_update_counts *c = r->counts;
    const bool other_bytes =
        !w->readable || memcmp(w->entry.sha256, w->task->sha256, sizeof w->entry.sha256) != 0;
    c->done++;
    c->added += !w->task->known;
    c->changed += w->task->known && w->task->indexed && other_bytes;
    c->analysed += w->photo != NULL;
    c->faces += w->photo ? w->photo->face_count : 0;
    c->skipped += w->failure.status != FSE_OK;
}

static fse_status keep(updater *r, work *w, bool settled, fse_error *error)
{
    fse_status status;
    pthread_mutex_lock(&r->mutex);
    FSE_TRY(begin(r, error));
    if (w->readable) {
        if (!settled)
            FSE_TRY(put_content(r, w, error));
        w->entry.state = FSE_PATH_INDEXED;
        FSE_TRY(take_over(r, w, error));
    } else {
        w->entry.state = FSE_PATH_REFUSED;
        w->entry.status = w->failure.status;
        w->entry.reason = w->failure.message;
        w->entry.software = r->wanted.software;
        memset(w->entry.sha256, 0, sizeof w->entry.sha256);
    }
    FSE_TRY(fse_store_put_path(r->u->store, &w->entry, error));
    count(r, w);
    FSE_TRY(commit_if_full(r, error));
    if (r->u->options->progress)
        r->u->options->progress(r->u->options->user, r->counts, w->task->path,
                                w->failure.status ? w->failure.message : NULL);
cleanup:
    pthread_mutex_unlock(&r->mutex);
    return status;
}

static fse_status update_photo(void *context, int thread, size_t index, fse_error *error)
{
    (void)thread;
    updater *r = context;
    fse_status status = FSE_OK;
    bool settled = false;
    const fse_task *task = &r->diff.tasks[index];
    work w = {.task = task,
              .fd = -1,
              .entry = {.path = task->path,
                        .size = task->size,
                        .mtime = task->mtime,
                        .device = task->device,
                        .inode = task->inode,
                        .reason = "",
                        .software = ""}};
    if (is_cancelled(r))
        return fse_fail(error, FSE_ECANCELLED, NULL, "the update was stopped");
    if (task->reason)
        fail_work(&w, FSE_EACCES, task->reason);
    else
        FSE_TRY(examine(r, &w, &settled, error));
    FSE_TRY(keep(r, &w, settled, error));
cleanup:
    fse_photo_free(&w.photo);
    if (w.fd >= 0)
        close(w.fd);
    return status;
}

/* ---- What is gone ---- */

static fse_status folder_device(const char *folder, char device[24], fse_error *error)
{
    struct stat info;
    if (stat(folder, &info) != 0)
        return fse_fail_errno(error, errno, folder, "cannot look at the folder");
    snprintf(device, 24, "%" PRIu64, (uint64_t)info.st_dev);
    return FSE_OK;
}

/*
 * Whether the folder looks as if a disk were missing: then it is better to keep too much than to
 * throw away what took hours.
 */
static fse_status looks_unmounted(const updater *r, uint64_t gone, bool *unmounted,
                                  fse_error *error)
{
    fse_status status;
    char device[24];
    char *before = NULL;
    FSE_TRY(folder_device(r->u->folder, device, error));
    FSE_TRY(fse_store_get_setting(r->u->store, FSE_SETTING_DEVICE, &before, error));
    *unmounted = r->diff.candidates == 0 || gone * 2 > r->diff.stored ||
                 (before && strcmp(before, device) != 0);
cleanup:
    free(before);
    return status;
}

static fse_status remove_gone(updater *r, fse_error *error)
{
    fse_status status = FSE_OK;
    uint64_t gone = 0;
    bool unmounted = false;
    for (size_t i = 0; i < r->diff.gone_count; i++)
        gone += !r->diff.gone[i].renamed;
    if (gone == 0)
        return FSE_OK;
    FSE_TRY(looks_unmounted(r, gone, &unmounted, error));
    if (unmounted && !r->u->options->prune) {
        r->counts->kept = gone;
        return FSE_OK;
    }
    FSE_TRY(begin(r, error));
    for (size_t i = 0; i < r->diff.gone_count; i++)
        if (!r->diff.gone[i].renamed)
            FSE_TRY(fse_store_remove_path(r->u->store, r->diff.gone[i].path, NULL, error));
    r->counts->removed = gone;
cleanup:
    return status;
}

static fse_status put_number(updater *r, const char *name, int64_t number, fse_error *error)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    return fse_store_put_setting(r->u->store, name, text, error);
}

/*
 * The last batch: removals, orphans, and what the next update wants to know. The device is noted
 * only where the folder is believed to be all there.
 */
static fse_status finish(updater *r, fse_error *error)
{
    fse_status status;
    char device[24];
    FSE_TRY(remove_gone(r, error));
    FSE_TRY(begin(r, error));
    FSE_TRY(fse_store_drop_orphans(r->u->store, NULL, NULL, error));
    if (r->counts->kept == 0) {
        FSE_TRY(folder_device(r->u->folder, device, error));
        FSE_TRY(fse_store_put_setting(r->u->store, FSE_SETTING_DEVICE, device, error));
    }
    FSE_TRY(put_number(r, FSE_SETTING_OTHER, (int64_t)r->diff.other, error));
    FSE_TRY(put_number(r, FSE_SETTING_UPDATED, (int64_t)time(NULL), error));
    FSE_TRY(commit(r, error));
cleanup:
    return status;
}

/* ---- All of it ---- */

static void tell_scanned(updater *r)
{
    r->counts->candidates = r->diff.candidates;
    r->counts->other = r->diff.other;
    r->counts->pending = r->diff.task_count;
    r->counts->scanned = true;
    if (r->u->options->progress)
        r->u->options->progress(r->u->options->user, r->counts, "", NULL);
}

/* Stopped or failed: what is whole stays. A failure to commit as well would hide the first one. */
static void save_what_is_done(updater *r, fse_status why)
{
    if (why == FSE_OK || !r->in_batch)
        return;
    if (commit(r, NULL) != FSE_OK)
        fse_store_rollback(r->u->store);
}

fse_status fse_update_run(const fse_update *update, fse_update_counts *counts, fse_error *error)
{
    fse_status status;
    const fse_update_options *o = update->options;
    updater r = {.u = update,
                 .wanted = {.contract = update->contract->id,
                            .min_face = o->analyse.min_face,
                            .detect_size = o->analyse.detect_size,
                            .precision = update->precision,
                            .software = fse_update_software()},
                 .mutex = PTHREAD_MUTEX_INITIALIZER,
                 .counts = counts};
    const int threads = o->jobs > 0 ? o->jobs : fse_cpu_count();
    *counts = (fse_update_counts){.done = 0};
    FSE_TRY(fse_diff_make(update->store, update->folder, update->below, &r.wanted, o->cancel,
                          o->user, &r.diff, error));
    tell_scanned(&r);
    FSE_TRY(fse_parallel_for(threads, r.diff.task_count, update_photo, fse_decode_thread_end, &r,
                             error));
    FSE_TRY(finish(&r, error));
cleanup:
    save_what_is_done(&r, status);
    fse_diff_free(&r.diff);
    return status;
}
