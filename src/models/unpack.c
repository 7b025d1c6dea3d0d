/* SPDX-License-Identifier: Apache-2.0 */
#include "models/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"

#define BLOCK ((size_t)1 << 16)

/* The name below the archive's folders; NULL if the path is absolute or climbs. */
static const char *plain_name(const char *path)
{
    if (!path || path[0] == '/' || strchr(path, '\\'))
        return NULL;
    for (const char *part = path; *part;) {
        const size_t length = strcspn(part, "/");
        if (length == 2 && part[0] == '.' && part[1] == '.')
            return NULL;
        part += length + (part[length] == '/');
    }
    return fse_path_name(path);
}

static const fse_manifest_model *find_model(const fse_manifest *manifest, const char *name)
{
    for (int role = 0; name && role < FSE_ROLES; role++)
        if (manifest->models[role].file && strcmp(manifest->models[role].file, name) == 0)
            return &manifest->models[role];
    return NULL;
}

static fse_status failed(struct archive *archive, const char *name, fse_error *error)
{
    const char *text = archive_error_string(archive);
    return fse_fail(error, FSE_EMODEL, name, "the archive cannot be read: %s",
                    text ? text : "unknown error");
}

static fse_status copy_data(struct archive *archive, const char *name, int fd, const char *path,
                            uint64_t limit, fse_digest *digest, fse_error *error)
{
    fse_status status;
    char *block = malloc(BLOCK);
    uint64_t total = 0;
    if (!block)
        return fse_fail_memory(error);
    for (;;) {
        const la_ssize_t got = archive_read_data(archive, block, BLOCK);
        if (got < 0)
            FSE_TRY(failed(archive, name, error));
        if (got == 0)
            break;
        total += (uint64_t)got;
        if (total > limit)
            FSE_THROW(error, FSE_EDIGEST, path, "it has more than the %llu bytes that were stated",
                      (unsigned long long)limit);
        FSE_TRY(fse_digest_add(digest, block, (size_t)got, error));
        for (la_ssize_t done = 0; done < got;) {
            const ssize_t wrote = write(fd, block + done, (size_t)(got - done));
            if (wrote < 0 && errno != EINTR)
                FSE_TRY(fse_fail_errno(error, errno, path, "cannot write"));
            done += wrote > 0 ? wrote : 0;
        }
    }
    status = fsync(fd) == 0 ? FSE_OK : fse_fail_errno(error, errno, path, "cannot write");
cleanup:
    free(block);
    return status;
}

static fse_status take_entry(struct archive *archive, const char *name,
                             const fse_manifest_model *model, const char *folder, fse_error *error)
{
    fse_status status;
    int fd = -1;
    fse_digest *digest = NULL;
    uint8_t sha256[FSE_SHA256_BYTES];
    char hex[FSE_SHA256_HEX];
    char *path = fse_path_join(folder, model->file);
    if (!path)
        return fse_fail_memory(error);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0 && errno == EEXIST) { /* a second entry of the name: the first one counts */
        status = FSE_OK;
        goto cleanup;
    }
    if (fd < 0)
        FSE_TRY(fse_fail_errno(error, errno, path, "cannot write"));
    FSE_TRY(fse_digest_new(&digest, error));
    FSE_TRY(copy_data(archive, name, fd, path, model->bytes, digest, error));
    FSE_TRY(fse_digest_end(digest, sha256, error));
    fse_digest_hex(sha256, hex);
    if (strcmp(hex, model->sha256) != 0)
        FSE_THROW(error, FSE_EDIGEST, path,
                  "the archive holds another file than stated: its SHA-256 is %s, expected %s", hex,
                  model->sha256);
cleanup:
    if (fd >= 0)
        close(fd);
    fse_digest_free(&digest);
    free(path);
    return status;
}

fse_status fse_unpack(int fd, const char *name, const fse_manifest *manifest, const char *folder,
                      fse_error *error)
{
    fse_status status = FSE_OK;
    struct archive_entry *entry;
    struct archive *archive = archive_read_new();
    if (!archive)
        return fse_fail_memory(error);
    if (lseek(fd, 0, SEEK_SET) != 0)
        FSE_TRY(fse_fail_errno(error, errno, name, "cannot read"));
    archive_read_support_format_zip(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_filter_gzip(archive);
    if (archive_read_open_fd(archive, fd, BLOCK) != ARCHIVE_OK)
        FSE_TRY(failed(archive, name, error));
    for (;;) {
        const int next = archive_read_next_header(archive, &entry);
        if (next == ARCHIVE_EOF)
            break;
        if (next < ARCHIVE_WARN)
            FSE_TRY(failed(archive, name, error));
        const fse_manifest_model *model =
            find_model(manifest, plain_name(archive_entry_pathname(entry)));
        const bool is_plain = archive_entry_filetype(entry) == AE_IFREG &&
                              !archive_entry_hardlink(entry) && !archive_entry_symlink(entry);
        if (model && is_plain)
            FSE_TRY(take_entry(archive, name, model, folder, error));
    }
cleanup:
    archive_read_free(archive);
    return status;
}
