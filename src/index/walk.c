/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Depth first, on a stack of our own, one level for each folder on the way down. Everything is
 * reached from the descriptor of the folder it lies in, so that no path is too long and nobody can
 * lead the walk elsewhere by putting a link in its way.
 *
 * The names of a folder are sorted with a slash behind those of folders. That makes the visits come
 * in the order of the bytes of whole paths: two paths differ first in some folder's two names, and
 * there one is compared with its slash if something follows it.
 */
#include "index/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/time.h"
#include "image/decode.h"

/* Far below the usual limit of 1024 descriptors, far above the depth of real folders. */
#define MAX_OPEN_LEVELS 64

/* Enough for the signatures of containers whose brand stands behind other boxes, and camera RAW. */
#define SNIFF_BYTES 4096

#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

typedef struct level {
    int fd;             /* -1: closed, to save descriptors */
    dev_t device;       /* with inode: which folder this is */
    ino_t inode;
    size_t path_length; /* of the folder's own path in walk.path, with its slash */
    fse_buffer text;    /* all names, each with its NUL */
    char **names;       /* into text; folders end in a slash */
    size_t count, next;
} level;

typedef struct walk {
    const fse_walk_options *options;
    fse_buffer path; /* below the folder, of the entry at hand */
    level *levels;
    size_t depth, capacity;
} walk;

static void free_level(level *l)
{
    if (l->fd >= 0)
        close(l->fd);
    free(l->text.data);
    free(l->names);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder_name(const char *name)
{
    return name[strlen(name) - 1] == '/';
}

static bool is_real_folder(int fd, const struct dirent *item)
{
    struct stat info;
    if (item->d_type != DT_UNKNOWN)
        return item->d_type == DT_DIR;
    return fstatat(fd, item->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(info.st_mode);
}

/* Add the folder's names, unsorted; *hidden: it has a ".nomedia". */
static fse_status read_names(level *l, DIR *stream, bool *hidden, fse_error *error)
{
    fse_status status = FSE_OK;
    for (;;) {
        errno = 0;
        const struct dirent *item = readdir(stream);
        if (!item)
            return errno ? fse_fail_errno(error, errno, NULL, "cannot read the folder") : FSE_OK;
        *hidden |= strcmp(item->d_name, ".nomedia") == 0;
        const bool folder = item->d_name[0] != '.' && is_real_folder(l->fd, item);
        if (item->d_name[0] == '.' || (folder && strcmp(item->d_name, "@eaDir") == 0))
            continue;
        FSE_TRY(fse_buffer_add(&l->text, item->d_name, strlen(item->d_name), error));
        FSE_TRY(fse_buffer_add(&l->text, folder ? "/" : "", folder ? 2 : 1, error));
        l->count++;
    }
cleanup:
    return status;
}

static fse_status sort_names(level *l, fse_error *error)
{
    l->names = fse_alloc(l->count, sizeof *l->names);
    if (!l->names)
        return fse_fail_memory(error);
    char *name = l->text.data;
    for (size_t i = 0; i < l->count; i++) {
        l->names[i] = name;
        name += strlen(name) + 1;
    }
    qsort(l->names, l->count, sizeof *l->names, compare_names);
    return FSE_OK;
}

/* Whether a folder is on the way to itself, as a file system mounted below itself may be. */
static bool is_ancestor(const walk *w, const struct stat *info)
{
    for (size_t i = 0; i < w->depth; i++)
        if (w->levels[i].device == info->st_dev && w->levels[i].inode == info->st_ino)
            return true;
    return false;
}

/*
 * List the open folder fd, which becomes the level's even on failure. The names read before a
 * failure are there.
 */
static fse_status list_folder(const walk *w, int fd, level *l, fse_error *error)
{
    fse_status status = FSE_OK;
    struct stat info;
    bool no_media = false;
    DIR *stream = NULL;
    *l = (level){.fd = fd, .path_length = w->path.size};
    if (fstat(fd, &info) != 0)
        return fse_fail_errno(error, errno, NULL, "cannot read the folder");
    if (is_ancestor(w, &info))
        return fse_fail(error, FSE_EIO, NULL, "the folder lies within itself");
    l->device = info.st_dev;
    l->inode = info.st_ino;
    const int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    stream = own >= 0 ? fdopendir(own) : NULL;
    if (!stream) {
        fse_fail_errno(error, errno, NULL, "cannot read the folder");
        if (own >= 0)
            close(own);
        return error->status;
    }
    status = read_names(l, stream, &no_media, error);
    closedir(stream);
    /* The folder that was asked for is walked in any case. */
    if (no_media && w->depth > 0)
        l->count = 0;
    if (status == FSE_ENOMEM)
        return status;
    const fse_status sorted = sort_names(l, error);
    return sorted != FSE_OK ? sorted : status;
}

static void push_level(walk *w, level l)
{
    w->levels[w->depth++] = l;
    if (w->depth > MAX_OPEN_LEVELS) {
        level *far = &w->levels[w->depth - 1 - MAX_OPEN_LEVELS];
        if (far->fd >= 0)
            close(far->fd);
        far->fd = -1;
    }
}

static fse_status visit(walk *w, fse_walk_entry entry, fse_error *error)
{
    entry.path = w->path.data;
    return w->options->visit(w->options->user, &entry, error);
}

/* The path of the entry at hand becomes that of a name in the level's folder. */
static fse_status set_path(walk *w, const level *l, const char *name, fse_error *error)
{
    w->path.size = l->path_length;
    return fse_buffer_add(&w->path, name, strlen(name), error);
}

static fse_status enter_folder(walk *w, const char *name, fse_error *error)
{
    fse_status status = FSE_OK;
    fse_error reason = {.status = FSE_OK};
    level below = {.fd = -1};
    FSE_TRY(fse_grow(&w->levels, &w->capacity, w->depth, sizeof *w->levels, error));
    const int fd = openat(w->levels[w->depth - 1].fd, name, OPEN_FOLDER | O_NOFOLLOW);
    if (fd < 0)
        fse_fail_errno(&reason, errno, NULL, "cannot open the folder");
    else
        list_folder(w, fd, &below, &reason);
    if (reason.status == FSE_ENOMEM)
        FSE_TRY(fse_fail_memory(error));
    if (reason.status != FSE_OK) {
        fse_walk_entry entry = {.kind = FSE_WALK_SKIPPED, .reason = reason.message};
        struct stat info;
        if (fstatat(w->levels[w->depth - 1].fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
            entry.device = (uint64_t)info.st_dev;
            entry.inode = (uint64_t)info.st_ino;
        }
        w->path.data[--w->path.size] = '\0'; /* the folder's path is told without its slash */
        FSE_TRY(visit(w, entry, error));
    }
    if (fd >= 0)
        push_level(w, below);
    return FSE_OK;
cleanup:
    free_level(&below);
    return status;
}

/* Go back up. The level above is opened again if it was closed. */
static fse_status leave_folder(walk *w, fse_error *error)
{
    fse_status status = FSE_OK;
    level *below = &w->levels[--w->depth];
    level *l = w->depth > 0 ? below - 1 : NULL;
    if (l && l->fd < 0) {
        struct stat info;
        l->fd = openat(below->fd, "..", OPEN_FOLDER);
        const bool same = l->fd >= 0 && fstat(l->fd, &info) == 0 && info.st_dev == l->device &&
                          info.st_ino == l->inode;
        if (!same && l->next < l->count) {
            l->next = l->count;
            w->path.size = l->path_length - (l->path_length > 0);
            w->path.data[w->path.size] = '\0';
            const char *reason = "the folder was moved while it was read; try again";
            const fse_walk_entry entry = {.kind = FSE_WALK_SKIPPED, .reason = reason};
            status = visit(w, entry, error);
        }
    }
    free_level(below);
    return status;
}

static const char *irregular_reason(mode_t mode)
{
    return S_ISFIFO(mode)   ? "expected a file, but it is a named pipe"
           : S_ISSOCK(mode) ? "expected a file, but it is a socket"
                            : "expected a file, but it is a device";
}

/*
 * Whether a regular file begins like an image. A failure to read is reported unless it is a matter
 * of permission: most files that may not be read are no photos, and the others say so by their name.
 */
static bool has_signature(int folder, const char *name, fse_error *reason)
{
    uint8_t bytes[SNIFF_BYTES];
    struct stat info;
    bool supported;
    bool found = false;
    const int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    /* Looked at again: it may have become something else since. */
    if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
        const ssize_t size = pread(fd, bytes, sizeof bytes, 0);
        if (size < 0)
            fse_fail_errno(reason, errno, NULL, "cannot read");
        else
            found = size > 0 && fse_sniff(bytes, (size_t)size, &supported) != NULL;
    } else if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == EIO || errno == ENOMEM)) {
        fse_fail_errno(reason, errno, NULL, "cannot open");
    }
    if (fd >= 0)
        close(fd);
    return found;
}

/* What a name that is not a real folder's stands for; false: a link to a folder. */
static bool classify(int folder, const char *name, fse_walk_entry *entry, fse_error *reason)
{
    struct stat info;
    const bool named = fse_has_photo_extension(name);
    *entry = (fse_walk_entry){.kind = FSE_WALK_OTHER};
    if (fstatat(folder, name, &info, 0) != 0) {
        struct stat link;
        const bool dangling = errno == ENOENT &&
                              fstatat(folder, name, &link, AT_SYMLINK_NOFOLLOW) == 0 &&
                              S_ISLNK(link.st_mode);
        if (named && dangling)
            fse_fail(reason, FSE_ENOENT, NULL, "a link to a file that does not exist");
        else if (named)
            fse_fail_errno(reason, errno, NULL, "cannot open");
    } else if (S_ISDIR(info.st_mode)) {
        return false;
    } else {
        entry->size = (uint64_t)info.st_size;
        entry->mtime = fse_nanoseconds(info.st_mtim);
        entry->device = (uint64_t)info.st_dev;
        entry->inode = (uint64_t)info.st_ino;
        if (!S_ISREG(info.st_mode) && named)
            fse_fail(reason, FSE_EIMAGE, NULL, "%s", irregular_reason(info.st_mode));
        else if (S_ISREG(info.st_mode) && (named || has_signature(folder, name, reason)))
            entry->kind = FSE_WALK_PHOTO;
    }
    if (reason->status != FSE_OK) {
        entry->kind = FSE_WALK_SKIPPED;
        entry->reason = reason->message;
    }
    return true;
}

static bool is_left_out(const walk *w, const char *path, bool folder)
{
    return fse_globs_match(w->options->exclude, path, folder) ||
           (!folder && w->options->include && !fse_globs_match(w->options->include, path, false));
}

static fse_status handle_folder(walk *w, char *name, fse_error *error)
{
    char *slash = &w->path.data[w->path.size - 1];
    *slash = '\0';
    const bool left_out = is_left_out(w, w->path.data, true);
    *slash = '/';
    /* With the slash, a link that was put in the folder's place would be followed. */
    name[strlen(name) - 1] = '\0';
    return left_out ? FSE_OK : enter_folder(w, name, error);
}

static fse_status handle_file(walk *w, int folder, const char *name, fse_error *error)
{
    fse_walk_entry entry;
    fse_error reason = {.status = FSE_OK};
    if (is_left_out(w, w->path.data, false) || !classify(folder, name, &entry, &reason))
        return FSE_OK;
    return visit(w, entry, error);
}

static fse_status open_folder(walk *w, const char *folder, fse_error *error)
{
    fse_status status = FSE_OK;
    level root = {.fd = -1};
    fse_error reason = {.status = FSE_OK};
    FSE_TRY(fse_grow(&w->levels, &w->capacity, 0, sizeof *w->levels, error));
    FSE_TRY(fse_buffer_add(&w->path, "", 0, error));
    if (folder[0] == '\0')
        FSE_THROW(error, FSE_ENOENT, folder, "the name of a folder is empty");
    const int fd = open(folder, OPEN_FOLDER);
    if (fd < 0 && errno == ENOTDIR && access(folder, F_OK) == 0)
        FSE_THROW(error, FSE_ENOENT, folder, "expected a folder, but it is a file");
    if (fd < 0)
        FSE_TRY(fse_fail_errno(error, errno, folder, "cannot open the folder"));
    status = list_folder(w, fd, &root, &reason);
    if (status != FSE_OK)
        FSE_THROW(error, status, folder, "%s", reason.message);
    push_level(w, root);
    return FSE_OK;
cleanup:
    free_level(&root);
    return status;
}

fse_status fse_walk(const char *folder, const fse_walk_options *options, fse_error *error)
{
    fse_status status = FSE_OK;
    walk w = {.options = options};
    FSE_TRY(open_folder(&w, folder, error));
    while (w.depth > 0) {
        level *l = &w.levels[w.depth - 1];
        if (options->cancel && options->cancel(options->user))
            FSE_THROW(error, FSE_ECANCELLED, NULL, "stopped while looking for photos");
        if (l->next == l->count) {
            FSE_TRY(leave_folder(&w, error));
            continue;
        }
        char *name = l->names[l->next++];
        FSE_TRY(set_path(&w, l, name, error));
        FSE_TRY(is_folder_name(name) ? handle_folder(&w, name, error)
                                     : handle_file(&w, l->fd, name, error));
    }
cleanup:
    while (w.depth > 0)
        free_level(&w.levels[--w.depth]);
    free(w.levels);
    free(w.path.data);
    return status;
}

/* Open the folder of a path that is too long for one call, piece by piece. *name: what follows. */
static int open_parent(const char *path, const char **name)
{
    char piece[PATH_MAX];
    int fd = AT_FDCWD;
    while (strlen(path) >= sizeof piece) {
        const char *end = memrchr(path, '/', sizeof piece - 1);
        const size_t length = end ? (size_t)(end - path) + 1 : 0;
        memcpy(piece, path, length);
        piece[length] = '\0';
        const int next = length ? openat(fd, piece, OPEN_FOLDER) : (errno = ENAMETOOLONG, -1);
        if (fd >= 0)
            close(fd);
        if (next < 0)
            return -1;
        fd = next;
        path += length;
    }
    *name = path;
    return fd;
}

fse_status fse_walk_open(const char *path, int *fd, uint64_t *size, fse_error *error)
{
    if (strlen(path) < PATH_MAX)
        return fse_open_regular(path, fd, size, error);
    *fd = -1;
    const char *name;
    const int folder = open_parent(path, &name);
    if (folder < 0)
        return fse_fail_errno(error, errno, path, "cannot open");
    fse_error reason = {.status = FSE_OK};
    char *direct = NULL;
    /* As /dev/fd does: the shortest way to the same checks as for any other file. */
    fse_status status = asprintf(&direct, "/proc/self/fd/%d/%s", folder, name) < 0
                            ? fse_fail_memory(&reason)
                            : fse_open_regular(direct, fd, size, &reason);
    close(folder);
    free(direct);
    return status == FSE_OK ? FSE_OK : fse_fail(error, status, path, "%s", reason.message);
}
