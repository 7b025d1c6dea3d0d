/* SPDX-License-Identifier: Apache-2.0 */
#include "models/fingerprint.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "models/pack.h"

static int is_part(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return strcmp(entry->d_name, "pack.json") == 0 || (dot && strcmp(dot, ".onnx") == 0);
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static fse_status add_file(fse_digest *digest, const char *folder, const char *name,
                           fse_error *error)
{
    fse_status status;
    uint8_t sha256[FSE_SHA256_BYTES];
    uint64_t size;
    int fd = -1;
    char *path = fse_path_join(folder, name);
    if (!path)
        FSE_TRY(fse_fail_memory(error));
    FSE_TRY(fse_open_regular(path, &fd, &size, error));
    FSE_TRY(fse_digest_fd(fd, path, sha256, NULL, error));
    FSE_TRY(fse_digest_add(digest, name, strlen(name) + 1, error));
    FSE_TRY(fse_digest_add(digest, sha256, sizeof sha256, error));
cleanup:
    if (fd >= 0)
        close(fd);
    free(path);
    return status;
}

fse_status fse_pack_fingerprint(const char *folder, char hex[FSE_SHA256_HEX], fse_error *error)
{
    fse_status status;
    struct dirent **names = NULL;
    fse_digest *digest = NULL;
    uint8_t sha256[FSE_SHA256_BYTES];
    char version[24];
    const int count = scandir(folder, &names, is_part, by_bytes);
    if (count < 0)
        FSE_TRY(fse_fail_errno(error, errno, folder, "cannot read the model pack"));
    FSE_TRY(fse_digest_new(&digest, error));
    snprintf(version, sizeof version, "%d", FSE_PREPROCESSING_VERSION);
    FSE_TRY(fse_digest_add(digest, version, strlen(version) + 1, error));
    for (int i = 0; i < count; i++)
        FSE_TRY(add_file(digest, folder, names[i]->d_name, error));
    FSE_TRY(fse_digest_end(digest, sha256, error));
    fse_digest_hex(sha256, hex);
cleanup:
    for (int i = 0; i < count; i++)
        free(names[i]);
    free(names);
    fse_digest_free(&digest);
    return status;
}
