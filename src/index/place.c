/* SPDX-License-Identifier: Apache-2.0 */
#include "index/place.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/digest.h"
#include "base/path.h"

#define IN_FOLDER ".facesearch/index.db"

/*
 * File systems of other machines, by statfs(2)'s numbers: SQLite's shared memory and locks need one
 * machine. FUSE counts, because sshfs and rclone are FUSE.
 */
static const unsigned long remote_types[] = {
    0x6969,     /* NFS */
    0xFF534D42, /* CIFS */
    0xFE534D42, /* SMB2 */
    0x517B,     /* SMB */
    0x01021997, /* 9P */
    0x5346414F, /* AFS */
    0x00C36400, /* Ceph */
    0x65735546, /* FUSE */
};

static bool is_remote(const char *folder)
{
    struct statfs info;
    if (statfs(folder, &info) != 0)
        return false;
    for (size_t i = 0; i < FSE_COUNT(remote_types); i++)
        if ((unsigned long)info.f_type == remote_types[i])
            return true;
    return false;
}

static bool file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode);
}

/* The database for a folder in the user's data folder: by name, and by digest of the whole path. */
static fse_status user_database(const char *folder, char **path, fse_error *error)
{
    fse_status status;
    uint8_t sha256[FSE_SHA256_BYTES];
    char hex[FSE_SHA256_HEX];
    fse_buffer name = {.data = NULL};
    char *data = NULL;
    FSE_TRY(fse_path_user_data(&data, error));
    FSE_TRY(fse_digest_bytes(folder, strlen(folder), sha256, error));
    fse_digest_hex(sha256, hex);
    FSE_TRY(fse_buffer_format(&name, error, "%s/indexes/%.16s/index.db", data, hex));
    *path = name.data;
    name.data = NULL;
cleanup:
    free(name.data);
    free(data);
    return status;
}

/* An index of exactly this folder; *path stays NULL if there is none. */
static fse_status existing_database(const char *folder, char **path, fse_error *error)
{
    char *candidate = fse_path_join(folder, IN_FOLDER);
    if (!candidate)
        return fse_fail_memory(error);
    if (!file_exists(candidate)) {
        free(candidate);
        candidate = NULL;
        /* Without a home folder there is no such index. */
        if (user_database(folder, &candidate, NULL) == FSE_OK && !file_exists(candidate)) {
            free(candidate);
            candidate = NULL;
        }
    }
    *path = candidate;
    return FSE_OK;
}

/* Cut the last part off an absolute path; false at the root. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash || strcmp(path, "/") == 0)
        return false;
    slash[slash == path] = '\0';
    return true;
}

static fse_status find_above(fse_place *place, fse_error *error)
{
    fse_status status = FSE_OK;
    char *folder = fse_strdup(place->asked);
    if (!folder)
        FSE_TRY(fse_fail_memory(error));
    do {
        FSE_TRY(existing_database(folder, &place->database, error));
    } while (!place->database && go_up(folder));
    place->exists = place->database != NULL;
    if (place->exists) {
        place->folder = folder;
        folder = NULL;
    }
cleanup:
    free(folder);
    return status;
}

static fse_status place_for_new(fse_place *place, fse_error *error)
{
    place->folder = fse_strdup(place->asked);
    if (!place->folder)
        return fse_fail_memory(error);
    if (access(place->asked, W_OK) != 0 || is_remote(place->asked))
        return user_database(place->asked, &place->database, error);
    place->database = fse_path_join(place->asked, IN_FOLDER);
    return place->database ? FSE_OK : fse_fail_memory(error);
}

fse_status fse_place_find(const char *folder, const char *file, fse_place *place, fse_error *error)
{
    fse_status status = FSE_OK;
    *place = (fse_place){.folder = NULL};
    file = file ? file : getenv("FACESEARCH_INDEX");
    place->asked = realpath(folder, NULL);
    if (!place->asked)
        FSE_TRY(fse_fail_errno(error, errno, folder, "cannot open the folder"));
    if (!fse_path_is_folder(place->asked))
        FSE_THROW(error, FSE_ENOENT, folder, "expected a folder, but it is a file");
    if (file && file[0]) {
        place->database = fse_strdup(file);
        if (!place->database)
            FSE_TRY(fse_fail_memory(error));
        place->exists = file_exists(file);
        return FSE_OK;
    }
    FSE_TRY(find_above(place, error));
    if (!place->exists)
        FSE_TRY(place_for_new(place, error));
cleanup:
    if (status != FSE_OK)
        fse_place_free(place);
    return status;
}

/* mkdir -p, each with mode 0700. */
static fse_status make_folders(char *path, fse_error *error)
{
    for (char *p = path + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        const bool made = mkdir(path, 0700) == 0 || errno == EEXIST || errno == EROFS;
        const int errnum = errno;
        *p = '/';
        if (!made)
            return fse_fail_errno(error, errnum, path, "cannot make the index's folder");
    }
    return FSE_OK;
}

fse_status fse_place_prepare(const fse_place *place, fse_error *error)
{
    char *path = fse_strdup(place->database);
    if (!path)
        return fse_fail_memory(error);
    const fse_status status = make_folders(path, error);
    free(path);
    return status;
}

const char *fse_place_below(const char *folder, const char *asked)
{
    const size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    if (strncmp(folder, asked, length) != 0)
        return NULL;
    if (asked[length] == '\0')
        return asked + length;
    return asked[length] == '/' ? asked + length + 1 : NULL;
}

void fse_place_free(fse_place *place)
{
    free(place->folder);
    free(place->asked);
    free(place->database);
    *place = (fse_place){.folder = NULL};
}
