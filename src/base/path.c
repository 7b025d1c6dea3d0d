/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

char *fse_path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder);
    while (length > 1 && folder[length - 1] == '/')
        length--;
    const bool slash = length > 0 && folder[length - 1] != '/';
    char *path = malloc(length + slash + strlen(name) + 1);
    if (!path)
        return NULL;
    memcpy(path, folder, length);
    if (slash)
        path[length] = '/';
    strcpy(path + length + slash, name);
    return path;
}

const char *fse_path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

bool fse_path_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

fse_status fse_path_user_data(char **path, fse_error *error)
{
    *path = NULL;
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    /* The XDG base directory specification has relative paths ignored. */
    if (data && data[0] == '/')
        *path = fse_path_join(data, "facesearch");
    else if (home && home[0] == '/')
        *path = fse_path_join(home, ".local/share/facesearch");
    else
        return fse_fail(error, FSE_ENOENT, NULL,
                        "neither XDG_DATA_HOME nor HOME is set to an absolute path");
    return *path ? FSE_OK : fse_fail_memory(error);
}

fse_status fse_path_program_folder(char **path, fse_error *error)
{
    char buffer[PATH_MAX];
    *path = NULL;
    const ssize_t length = readlink("/proc/self/exe", buffer, sizeof buffer - 1);
    if (length <= 0)
        return fse_fail_errno(error, errno, "/proc/self/exe", "cannot read");
    buffer[length] = '\0';
    char *slash = strrchr(buffer, '/');
    if (slash)
        *(slash == buffer ? slash + 1 : slash) = '\0';
    *path = fse_strdup(buffer);
    return *path ? FSE_OK : fse_fail_memory(error);
}

static const char *kind_of(mode_t mode)
{
    return S_ISDIR(mode)    ? "a folder"
           : S_ISFIFO(mode) ? "a named pipe"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

fse_status fse_open_regular(const char *path, int *fd, uint64_t *size, fse_error *error)
{
    fse_status status = FSE_OK;
    *fd = -1;
    /* Looked at before it is opened: opening a device may have effects, and a FIFO would block. */
    struct stat info;
    if (stat(path, &info) != 0)
        return fse_fail_errno(error, errno, path, "cannot open");
    if (!S_ISREG(info.st_mode))
        return fse_fail(error, FSE_EIMAGE, path, "expected a file, but it is %s",
                        kind_of(info.st_mode));
    const int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (opened < 0)
        return fse_fail_errno(error, errno, path, "cannot open");
    if (fstat(opened, &info) != 0)
        FSE_TRY(fse_fail_errno(error, errno, path, "cannot read"));
    if (!S_ISREG(info.st_mode))
        FSE_THROW(error, FSE_EIMAGE, path, "expected a file, but it is %s", kind_of(info.st_mode));
    *size = (uint64_t)info.st_size;
    *fd = opened;
cleanup:
    if (status != FSE_OK)
        close(opened);
    return status;
}

static fse_status read_all(int fd, const char *path, char *data, size_t size, size_t *got,
                           fse_error *error)
{
    *got = 0;
    while (*got < size) {
        const ssize_t more = read(fd, data + *got, size - *got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return fse_fail_errno(error, errno, path, "cannot read");
        if (more == 0)
            break;
        *got += (size_t)more;
    }
    return FSE_OK;
}

fse_status fse_read_file(const char *path, uint64_t max, char **data, size_t *size,
                         fse_error *error)
{
    fse_status status;
    int fd = -1;
    uint64_t length;
    char *bytes = NULL;
    *data = NULL;
    FSE_TRY(fse_open_regular(path, &fd, &length, error));
    if (length > max)
        FSE_THROW(error, FSE_ELIMIT, path, "larger than the %llu bytes allowed",
                  (unsigned long long)max);
    bytes = malloc((size_t)length + 1);
    if (!bytes)
        FSE_TRY(fse_fail_memory(error));
    FSE_TRY(read_all(fd, path, bytes, (size_t)length, size, error));
    bytes[*size] = '\0';
    *data = bytes;
    bytes = NULL;
cleanup:
    free(bytes);
    if (fd >= 0)
        close(fd);
    return status;
}
