/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every folder has a watch. What an event is about is not looked at closely: an update goes through
 * the whole folder anyhow, in a second or two. So new folders need no book-keeping either: after an
 * event about one, all folders are gone through again, and adding a watch twice changes nothing.
 * What happens while they are gone through is an event for the next time.
 */
#include "index/watch.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"

#define EVENTS                                                                                     \
    (IN_CLOSE_WRITE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_CREATE |            \
     IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

/* How long a wait for events lasts before the cancel callback is asked again, in milliseconds. */
#define TICK 200

/* ---- Watches for all folders ---- */

/* Names that a walk leaves out (walk.h), but for the one that makes it leave out a folder. */
static bool is_left_out(const char *name)
{
    return (name[0] == '.' && strcmp(name, ".nomedia") != 0) || strcmp(name, "@eaDir") == 0;
}

static bool is_folder(const char *path, const struct dirent *entry)
{
    struct stat info;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_DIR;
    return lstat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static fse_status fail_watch(const char *path, int errnum, fse_error *error)
{
    if (errnum == ENOSPC)
        return fse_fail(error, FSE_ELIMIT, path, "too many folders to watch: raise the system's "
                        "fs.inotify.max_user_watches");
    if (errnum == EMFILE)
        return fse_fail(error, FSE_ELIMIT, path, "too many programs watch folders: raise the "
                        "system's fs.inotify.max_user_instances");
    return fse_fail_errno(error, errnum, path, "cannot watch the folder");
}

static fse_status watch_all(const fse_watch *watch, const char *path, bool root, fse_error *error);

static fse_status watch_below(const fse_watch *watch, const char *path, DIR *folder,
                              fse_error *error)
{
    fse_status status = FSE_OK;
    for (const struct dirent *entry; status == FSE_OK && (entry = readdir(folder)) != NULL;) {
        if (is_left_out(entry->d_name))
            continue;
        char *below = fse_path_join(path, entry->d_name);
        if (!below)
            return fse_fail_memory(error);
        if (is_folder(below, entry))
            status = watch_all(watch, below, false, error);
        free(below);
    }
    return status;
}

/* The watch comes before the look at what is there, so that nothing is between them. */
static fse_status watch_all(const fse_watch *watch, const char *path, bool root, fse_error *error)
{
    const unsigned mask = root ? EVENTS : EVENTS | IN_DONT_FOLLOW;
    if (inotify_add_watch(watch->fd, path, mask) < 0) {
        /* A folder below may be gone already, or not be ours to read: an update says so. */
        const bool fatal = root || errno == ENOSPC || errno == ENOMEM;
        return fatal ? fail_watch(path, errno, error) : FSE_OK;
    }
    DIR *folder = opendir(path);
    if (!folder)
        return FSE_OK;
    const fse_status status = watch_below(watch, path, folder, error);
    closedir(folder);
    return status;
}

/* ---- Open, close ---- */

fse_status fse_watch_open(const char *folder, const char *ignore, fse_watch **watch,
                          fse_error *error)
{
    fse_status status;
    fse_watch *made = NULL;
    if (!folder || !watch)
        return fse_fail(error, FSE_EINVAL, NULL, "folder or watch is NULL");
    *watch = NULL;
    made = fse_alloc(1, sizeof *made);
    if (!made)
        return fse_fail_memory(error);
    made->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (made->fd < 0)
        FSE_TRY(fail_watch(folder, errno, error));
    made->folder = fse_strdup(folder);
    made->ignore = ignore ? fse_strdup(ignore) : NULL;
    if (!made->folder || (ignore && !made->ignore))
        FSE_TRY(fse_fail_memory(error));
    FSE_TRY(watch_all(made, folder, true, error));
    *watch = made;
    made = NULL;
cleanup:
    fse_watch_close(&made);
    return status;
}

void fse_watch_close(fse_watch **watch)
{
    if (!watch || !*watch)
        return;
    if ((*watch)->fd >= 0)
        close((*watch)->fd);
    free((*watch)->folder);
    free((*watch)->ignore);
    free(*watch);
    *watch = NULL;
}

/* ---- Wait ---- */

static int64_t now_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

/* Whether an event may mean that a photo changed. */
static bool matters(fse_watch *watch, const struct inotify_event *event)
{
    const char *name = event->len > 0 ? event->name : "";
    if (event->mask & IN_IGNORED)
        return false; /* a watch that is gone: its folder's own event said so */
    if (event->mask & IN_Q_OVERFLOW) {
        watch->stale = true;
        return true;
    }
    if (is_left_out(name) ||
        (watch->ignore && strncmp(name, watch->ignore, strlen(watch->ignore)) == 0))
        return false;
    /* A new folder, or one that may be read now. */
    watch->stale = watch->stale || (event->mask & IN_ISDIR);
    return true;
}

/* Take all events that are there. */
static fse_status take_events(fse_watch *watch, bool *changed, fse_error *error)
{
    _Alignas(struct inotify_event) char events[16384];
    for (;;) {
        const ssize_t got = read(watch->fd, events, sizeof events);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 && errno == EAGAIN)
            return FSE_OK;
        if (got <= 0)
            return fse_fail_errno(error, errno, watch->folder, "cannot read its changes");
        for (const char *at = events; at < events + got;) {
            const struct inotify_event *event = (const void *)at;
            *changed = matters(watch, event) || *changed;
            at += sizeof *event + event->len;
        }
    }
}

fse_status fse_watch_wait(fse_watch *watch, int quiet_ms, int most_ms, bool (*cancel)(void *user),
                          void *user, fse_error *error)
{
    int64_t first = 0, last = 0; /* when something changed; 0: nothing did */
    if (!watch || quiet_ms < 0 || most_ms < quiet_ms)
        return fse_fail(error, FSE_EINVAL, NULL, "watch is NULL, or most_ms is less than quiet_ms");
    for (;;) {
        struct pollfd ready = {.fd = watch->fd, .events = POLLIN};
        bool changed = false;
        if (cancel && cancel(user))
            return fse_fail(error, FSE_ECANCELLED, NULL, "watching was stopped");
        const int tick = first && quiet_ms < TICK ? quiet_ms : TICK;
        if (poll(&ready, 1, tick) > 0) {
            const fse_status status = take_events(watch, &changed, error);
            if (status != FSE_OK)
                return status;
        }
        const int64_t now = now_ms();
        last = changed ? now : last;
        first = first ? first : last;
        if (first && (now - last >= quiet_ms || now - first >= most_ms))
            break;
    }
    if (!watch->stale)
        return FSE_OK;
    watch->stale = false;
    return watch_all(watch, watch->folder, true, error);
}
