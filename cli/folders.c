/* SPDX-License-Identifier: Apache-2.0 */
#include "folders.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names.h"

/* ---- where a path leads ---- */

/* The real path of what exists of a path, and then the rest of it. NULL: cannot be told. */
static char *real_path(const char *path)
{
    char *start = fse_xstrdup(path);
    size_t length = strlen(start);
    char *real = NULL;
    struct stat info;
    for (;;) {
        real = realpath(length ? start : ".", NULL);
        if (real || (length && lstat(start, &info) == 0))
            break; /* there, or a link that leads nowhere */
        while (length && start[length - 1] == '/')
            start[--length] = '\0';
        while (length && start[length - 1] != '/')
            start[--length] = '\0';
    }
    const char *rest = path + length;
    if (real && (strcmp(rest, "..") == 0 || strncmp(rest, "../", 3) == 0 || strstr(rest, "/../") ||
                 (strlen(rest) > 2 && strcmp(rest + strlen(rest) - 3, "/..") == 0))) {
        free(real);
        real = NULL;
    }
    char *whole = real ? fse_xformat("%s/%s", real, rest) : NULL;
    free(real);
    free(start);
    return whole;
}

int fse_is_inside(const char *path, const char *folder)
{
    char *inner = real_path(path);
    char *outer = realpath(folder, NULL);
    int inside = -1;
    if (inner && outer) {
        const size_t length = strcmp(outer, "/") == 0 ? 0 : strlen(outer);
        inside = strncmp(inner, outer, length) == 0 && inner[length] == '/';
    } else if (inner) {
        inside = 0; /* a folder that is not there holds nothing */
    }
    free(inner);
    free(outer);
    return inside;
}

/* ---- a collection ---- */

typedef struct origin {
    char *folder; /* as given, without slashes at its end */
    char *prefix; /* what its photos are put below; "" */
    dev_t device;
    ino_t inode;
} origin;

struct fse_collection {
    fse_console *console;
    char *folder;
    int fd;
    origin *origins;
    size_t origin_count;
    bool full;
};

/* The name of a target in a collection of several: its last part, numbered where two have the same. */
static char *prefix_for(const fse_collection *collection, const char *target)
{
    char *real = realpath(target, NULL);
    const char *slash = real ? strrchr(real, '/') : NULL;
    const char *name = slash && slash[1] ? slash + 1 : "root";
    char *prefix = fse_xstrdup(name);
    for (int number = 2;; number++) {
        bool taken = false;
        for (size_t i = 0; i < collection->origin_count; i++)
            taken = taken || strcmp(collection->origins[i].prefix, prefix) == 0;
        if (!taken)
            break;
        free(prefix);
        prefix = fse_xformat("%s-%d", name, number);
    }
    free(real);
    return prefix;
}

static void add_origin(fse_collection *collection, const char *target, bool several)
{
    struct stat info = {0};
    size_t length = strlen(target);
    while (length > 1 && target[length - 1] == '/')
        length--;
    char *prefix = several ? prefix_for(collection, target) : fse_xstrdup("");
    origin *added = &collection->origins[collection->origin_count];
    *added = (origin){.folder = fse_xformat("%.*s", (int)length, target), .prefix = prefix};
    if (stat(target, &info) == 0) {
        added->device = info.st_dev;
        added->inode = info.st_ino;
    }
    collection->origin_count++;
}

/* mkdir -p. Photos of people: what is made is for the owner's eyes. */
static bool make_folders(const char *path)
{
    char *part = fse_xstrdup(path);
    for (char *slash = part + 1; *slash; slash++)
        if (*slash == '/') {
            *slash = '\0';
            mkdir(part, 0700);
            *slash = '/';
        }
    const bool made = mkdir(part, 0700) == 0 || errno == EEXIST;
    free(part);
    return made;
}

int fse_collection_open(fse_console *console, const char *folder, const fse_list *targets,
                        fse_collection **collection)
{
    *collection = NULL;
    if (!make_folders(folder))
        return fse_complain(console, folder, "cannot make this folder: %s", strerror(errno));
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fse_complain(console, folder, "cannot write into this folder: %s",
                            strerror(errno));
    fse_collection *made = fse_xalloc(1, sizeof *made);
    *made = (fse_collection){.console = console, .folder = fse_xstrdup(folder), .fd = fd};
    made->origins = fse_xalloc(targets->count, sizeof *made->origins);
    for (size_t i = 0; i < targets->count; i++)
        add_origin(made, targets->items[i], targets->count > 1);
    *collection = made;
    return 0;
}

void fse_collection_close(fse_collection **collection)
{
    fse_collection *old = *collection;
    if (!old)
        return;
    for (size_t i = 0; i < old->origin_count; i++) {
        free(old->origins[i].folder);
        free(old->origins[i].prefix);
    }
    free(old->origins);
    free(old->folder);
    close(old->fd);
    free(old);
    *collection = NULL;
}

/* The path below the searched folder, with that folder's prefix; else the name. For free(). */
static char *name_in(const fse_collection *collection, const char *path)
{
    const origin *found = NULL;
    size_t best = 0;
    for (size_t i = 0; i < collection->origin_count; i++) {
        const origin *one = &collection->origins[i];
        const size_t length = strcmp(one->folder, "/") == 0 ? 0 : strlen(one->folder);
        if (strncmp(path, one->folder, length) == 0 && path[length] == '/' &&
            (!found || length > best)) {
            found = one;
            best = length;
        }
    }
    const char *slash = strrchr(path, '/');
    if (!found)
        return fse_xstrdup(slash ? slash + 1 : path);
    const char *below = path + best + strspn(path + best, "/");
    return fse_xformat("%s%s%s", found->prefix, found->prefix[0] ? "/" : "", below);
}

/* Whether a folder in the collection is one that was searched. */
static bool is_origin(const fse_collection *collection, int fd)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return false;
    for (size_t i = 0; i < collection->origin_count; i++)
        if (collection->origins[i].device == info.st_dev &&
            collection->origins[i].inode == info.st_ino)
            return true;
    return false;
}

/*
 * Open the folder of a name below the collection, made where it is missing, step by step and never
 * through a link. *last is the last part of the name. -1, with errno.
 */
static int open_parent(const fse_collection *collection, const char *name, const char **last)
{
    int fd = dup(collection->fd);
    const char *slash;
    while (fd >= 0 && (slash = strchr(name, '/'))) {
        char *part = fse_xformat("%.*s", (int)(slash - name), name);
        const bool made = mkdirat(fd, part, 0700) == 0 || errno == EEXIST;
        const int next =
            made ? openat(fd, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        const int reason = errno;
        free(part);
        close(fd);
        errno = reason;
        fd = next;
        if (fd >= 0 && is_origin(collection, fd)) {
            close(fd);
            fd = -1;
            errno = EEXIST; /* never write among the photos */
        }
        name = slash + 1;
    }
    *last = name;
    return fd;
}

/* ---- putting something there ---- */

/* What is put: the bytes of a file or of memory, or a link to a file. */
typedef struct item {
    int fd; /* -1: bytes */
    const char *bytes;
    size_t size;
    const char *link;
    mode_t mode;
    struct timespec times[2]; /* of a copied file */
} item;

#define CHUNK 65536

/* The item's bytes at an offset: how many, 0 at the end, -1. */
static ssize_t item_read(const item *it, size_t offset, char *chunk)
{
    if (it->fd >= 0)
        return pread(it->fd, chunk, CHUNK, (off_t)offset);
    const size_t left = it->size - offset;
    const size_t count = left < CHUNK ? left : CHUNK;
    memcpy(chunk, it->bytes + offset, count);
    return (ssize_t)count;
}

/* Whether a descriptor holds the item's bytes. */
static bool same_bytes(const item *it, int fd)
{
    char *chunks = fse_xalloc(2, CHUNK);
    size_t offset = 0;
    bool same = true;
    for (;;) {
        const ssize_t got = item_read(it, offset, chunks);
        const ssize_t there = pread(fd, chunks + CHUNK, CHUNK, (off_t)offset);
        same = got >= 0 && got == there && memcmp(chunks, chunks + CHUNK, (size_t)got) == 0;
        if (!same || got == 0)
            break;
        offset += (size_t)got;
    }
    free(chunks);
    return same;
}

static bool already_there(const item *it, int parent, const char *name)
{
    if (it->link) {
        char target[PATH_MAX];
        const ssize_t length = readlinkat(parent, name, target, sizeof target);
        return length == (ssize_t)strlen(it->link) && strncmp(target, it->link, (size_t)length) == 0;
    }
    struct stat info;
    const int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    const bool same = fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
                      same_bytes(it, fd);
    if (fd >= 0)
        close(fd);
    return same;
}

/* Write the item's bytes. 0 or an errno. */
static int write_bytes(const item *it, int fd)
{
    char *chunk = fse_xalloc(1, CHUNK);
    size_t offset = 0;
    int error = 0;
    ssize_t got;
    while (!error && (got = item_read(it, offset, chunk)) != 0) {
        for (ssize_t done = 0; !error && done < got;) {
            const ssize_t written = write(fd, chunk + done, (size_t)(got - done));
            if (written < 0 && errno != EINTR)
                error = errno;
            done += written > 0 ? written : 0;
        }
        if (got < 0 && errno != EINTR)
            error = errno;
        offset += got > 0 ? (size_t)got : 0;
    }
    free(chunk);
    return error;
}

/* Create a new file or link. 0 or an errno. */
static int create(const item *it, int parent, const char *name)
{
    if (it->link)
        return symlinkat(it->link, parent, name) == 0 ? 0 : errno;
    const int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          it->mode);
    if (fd < 0)
        return errno;
    int error = write_bytes(it, fd);
    if (!error && it->fd >= 0)
        futimens(fd, it->times); /* a copy keeps its date as far as the file system can */
    if (close(fd) != 0 && !error)
        error = errno;
    if (error)
        unlinkat(parent, name, 0);
    return error;
}

#define MAX_NUMBER 10000 /* an end to the search for a free name */

static int put(fse_collection *collection, const item *it, const char *name)
{
    const char *last;
    int error = EEXIST;
    const int parent = open_parent(collection, name, &last);
    if (parent < 0)
        error = errno;
    const char *dot = strrchr(last, '.');
    const int stem = dot && dot > last ? (int)(dot - last) : (int)strlen(last);
    for (int number = 1; parent >= 0 && error == EEXIST && number <= MAX_NUMBER; number++) {
        char *numbered = number == 1 ? fse_xstrdup(last)
                                     : fse_xformat("%.*s-%d%s", stem, last, number, last + stem);
        error = create(it, parent, numbered);
        if (error == EEXIST && already_there(it, parent, numbered))
            error = 0;
        free(numbered);
    }
    if (parent >= 0)
        close(parent);
    if (!error)
        return 0;
    collection->full = error == ENOSPC || error == EDQUOT || error == EROFS || error == EIO;
    char *whole = fse_xformat("%s/%s", collection->folder, name);
    const int status = fse_complain(collection->console, whole, "cannot write: %s",
                                    error == ENOTDIR || error == ELOOP
                                        ? "a file or a link is in the place of its folder"
                                        : strerror(error));
    free(whole);
    return status;
}

bool fse_collection_is_full(const fse_collection *collection)
{
    return collection->full;
}

int fse_collect_copy(fse_collection *collection, const char *path)
{
    struct stat info;
    int status = FSE_EXIT_SKIPPED;
    const int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
        fse_complain(collection->console, path, "cannot copy: %s",
                     fd < 0 ? strerror(errno) : "no longer a file");
    } else {
        const item it = {.fd = fd, .mode = info.st_mode & 0666,
                         .times = {info.st_atim, info.st_mtim}};
        char *name = name_in(collection, path);
        status = put(collection, &it, name);
        free(name);
    }
    if (fd >= 0)
        close(fd);
    return status;
}

int fse_collect_link(fse_collection *collection, const char *path)
{
    char *real = realpath(path, NULL);
    if (!real) {
        fse_complain(collection->console, path, "cannot link: %s", strerror(errno));
        return FSE_EXIT_SKIPPED;
    }
    const item it = {.fd = -1, .link = real};
    char *name = name_in(collection, path);
    const int status = put(collection, &it, name);
    free(name);
    free(real);
    return status;
}

int fse_collect_jpeg(fse_collection *collection, const char *path, const void *bytes, size_t size)
{
    const item it = {.fd = -1, .bytes = bytes, .size = size, .mode = 0600};
    char *name = name_in(collection, path);
    const char *dot = strrchr(name, '.');
    const bool jpeg = dot && (strcasecmp(dot, ".jpg") == 0 || strcasecmp(dot, ".jpeg") == 0);
    char *full = jpeg ? fse_xstrdup(name) : fse_xformat("%s.jpg", name);
    const int status = put(collection, &it, full);
    free(full);
    free(name);
    return status;
}
