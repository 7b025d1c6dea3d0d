/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"

/*
 * A lock of the open file description (Linux 3.15, POSIX.1-2024) on the file's first byte: the
 * kernel drops it with the last descriptor, so no lock outlives its process, and unlike fcntl()'s
 * older locks it holds between threads and is not lost when some other descriptor of the file is
 * closed. Who holds it is written into the file, which only informs: the lock itself decides.
 */
struct fse_lock {
    int fd;
};

static struct flock first_byte(short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};
}

/* One line, "pid since host\n". Anything else (half written, just taken): a zeroed holder. */
static void read_holder(int fd, fse_lock_holder *holder)
{
    char text[128];
    fse_lock_holder found = {0};
    const ssize_t got = pread(fd, text, sizeof text - 1, 0);
    *holder = (fse_lock_holder){0};
    if (got <= 0 || text[got - 1] != '\n')
        return;
    text[got] = '\0';
    if (sscanf(text, "%" SCNd64 " %" SCNd64 " %64s", &found.pid, &found.since, found.host) == 3)
        *holder = found;
}

static void write_holder(int fd)
{
    char text[128], host[65];
    if (gethostname(host, sizeof host) != 0 || host[0] == '\0')
        strcpy(host, "localhost");
    host[sizeof host - 1] = '\0';
    const int length = snprintf(text, sizeof text, "%" PRId64 " %" PRId64 " %s\n",
                                (int64_t)getpid(), (int64_t)time(NULL), host);
    /* On a full disk the holder stays unknown; the lock holds all the same. */
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)length, 0) != length)
        (void)!ftruncate(fd, 0);
}

static fse_status fail_locked(const fse_lock_holder *holder, const char *path, fse_error *error)
{
    char text[160];
    fse_lock_holder_text(holder, text, sizeof text);
    return fse_fail(error, FSE_ELOCKED, path, "locked %s", text);
}

fse_status fse_lock_take(const char *path, fse_lock **lock, fse_lock_holder *holder,
                         fse_error *error)
{
    fse_status status = FSE_OK;
    fse_lock_holder other = {0};
    struct flock region = first_byte(F_WRLCK);
    *lock = NULL;
    fse_lock *taken = fse_alloc(1, sizeof *taken);
    if (!taken)
        return fse_fail_memory(error);
    taken->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (taken->fd < 0)
        FSE_TRY(fse_fail_errno(error, errno, path, "cannot open the lock file"));
    if (fcntl(taken->fd, F_OFD_SETLK, &region) != 0) {
        if (errno != EAGAIN && errno != EACCES)
            FSE_TRY(fse_fail_errno(error, errno, path, "cannot lock"));
        read_holder(taken->fd, &other);
        FSE_TRY(fail_locked(&other, path, error));
    }
    write_holder(taken->fd);
    *lock = taken;
    taken = NULL;
cleanup:
    if (holder)
        *holder = other;
    if (taken && taken->fd >= 0)
        close(taken->fd);
    free(taken);
    return status;
}

void fse_lock_release(fse_lock **lock)
{
    if (!lock || !*lock)
        return;
    (void)!ftruncate((*lock)->fd, 0);
    close((*lock)->fd);
    free(*lock);
    *lock = NULL;
}

fse_status fse_lock_look(const char *path, bool *held, fse_lock_holder *holder, fse_error *error)
{
    fse_status status = FSE_OK;
    struct flock region = first_byte(F_WRLCK);
    *held = false;
    *holder = (fse_lock_holder){0};
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
    if (fd < 0)
        return errno == ENOENT ? FSE_OK : fse_fail_errno(error, errno, path, "cannot open");
    if (fcntl(fd, F_OFD_GETLK, &region) != 0)
        FSE_TRY(fse_fail_errno(error, errno, path, "cannot look at the lock"));
    *held = region.l_type != F_UNLCK;
    if (*held)
        read_holder(fd, holder);
cleanup:
    close(fd);
    return status;
}

void fse_lock_holder_text(const fse_lock_holder *holder, char *text, size_t size)
{
    char since[32];
    struct tm parts;
    const time_t when = (time_t)holder->since;
    if (holder->pid == 0 || !localtime_r(&when, &parts) ||
        strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S", &parts) == 0)
        snprintf(text, size, "by another process");
    else
        snprintf(text, size, "by process %" PRId64 " on %s since %s", holder->pid, holder->host,
                 since);
}
