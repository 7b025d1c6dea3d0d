/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pack NAME is made ready in the folder .NAME.new beside its place and renamed into it when every
 * file is there, verified and on the disk. Downloads are kept as .NAME.DIGEST.part until then, so
 * that a broken one goes on. The folder of all packs is locked meanwhile (flock), which leaves no
 * lock file behind.
 */
#include "models/pull.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "models/fetch.h"
#include "models/unpack.h"

typedef struct pull {
    const fse_manifest *manifest;
    const char *text;
    size_t text_size;
    const fse_pull_options *options;
    char *root;           /* where packs are installed */
    char *place;          /* root/NAME */
    char *staging;        /* root/.NAME.new */
    char *old;            /* root/.NAME.old: what was in its place */
    int lock;             /* descriptor of root */
    bool have[FSE_ROLES]; /* models that are in place already, or not part of the pack */
} pull;

/* --- folders --- */

static fse_status make_folders(const char *path, fse_error *error)
{
    fse_status status = FSE_OK;
    char *copy = fse_strdup(path);
    if (!copy)
        return fse_fail_memory(error);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(copy, 0777); /* the last one tells */
        *slash = '/';
    }
    if (mkdir(copy, 0777) != 0 && errno != EEXIST)
        FSE_TRY(fse_fail_errno(error, errno, path, "cannot create the folder"));
    if (!fse_path_is_folder(copy))
        FSE_THROW(error, FSE_EIO, path, "cannot create the folder: a file is in its place");
cleanup:
    free(copy);
    return status;
}

/* Remove a folder of ours with the plain files in it. */
static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return;
    const struct dirent *entry;
    while ((entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    rmdir(path);
}

/* Wait until no other pull works in the folder; one hears from the caller ten times a second. */
static fse_status lock_root(pull *p, fse_error *error)
{
    const fse_pull_options *o = p->options;
    const struct timespec pause = {.tv_nsec = 100000000};
    p->lock = open(p->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->lock < 0)
        return fse_fail_errno(error, errno, p->root, "cannot open the folder");
    while (flock(p->lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return fse_fail_errno(error, errno, p->root, "cannot lock the folder");
        if (o->progress && o->progress(o->user, "waiting for another download", 0, 0))
            return fse_fail(error, FSE_ECANCELLED, p->root, "the download was stopped");
        nanosleep(&pause, NULL);
    }
    return FSE_OK;
}

/* root/PREFIX NAME SUFFIX, to free(). */
static char *beside(const pull *p, const char *prefix, const char *suffix)
{
    fse_buffer name = {0};
    char *path = NULL;
    if (fse_buffer_format(&name, NULL, "%s%s%s", prefix, p->manifest->name, suffix) == FSE_OK)
        path = fse_path_join(p->root, name.data);
    free(name.data);
    return path;
}

static fse_status find_places(pull *p, fse_error *error)
{
    fse_status status = FSE_OK;
    char *data = NULL;
    if (p->options->folder) {
        p->root = fse_strdup(p->options->folder);
    } else {
        FSE_TRY(fse_path_user_data(&data, error));
        p->root = fse_path_join(data, "models");
    }
    if (!p->root)
        FSE_TRY(fse_fail_memory(error));
    p->place = beside(p, "", "");
    p->staging = beside(p, ".", ".new");
    p->old = beside(p, ".", ".old");
    if (!p->place || !p->staging || !p->old)
        FSE_TRY(fse_fail_memory(error));
cleanup:
    free(data);
    return status;
}

/* --- what is there --- */

static bool file_is(const char *folder, const fse_manifest_model *model)
{
    uint8_t sha256[FSE_SHA256_BYTES];
    char hex[FSE_SHA256_HEX] = "";
    uint64_t size;
    int fd = -1;
    char *path = fse_path_join(folder, model->file);
    if (path && fse_open_regular(path, &fd, &size, NULL) == FSE_OK && size == model->bytes &&
        fse_digest_fd(fd, path, sha256, NULL, NULL) == FSE_OK)
        fse_digest_hex(sha256, hex);
    if (fd >= 0)
        close(fd);
    free(path);
    return strcmp(hex, model->sha256) == 0;
}

static bool has_manifest(const pull *p)
{
    char *found = NULL;
    size_t size = 0;
    char *path = fse_path_join(p->place, "pack.json");
    const bool same = path && fse_read_file(path, p->text_size, &found, &size, NULL) == FSE_OK &&
                      size == p->text_size && memcmp(found, p->text, size) == 0;
    free(found);
    free(path);
    return same;
}

/* Note which models are there; whether it is all of them. */
static bool look(pull *p)
{
    bool all = true;
    for (int role = 0; role < FSE_ROLES; role++) {
        const fse_manifest_model *model = &p->manifest->models[role];
        p->have[role] = !model->file || file_is(p->place, model);
        all = all && p->have[role];
    }
    return all;
}

static bool is_ours(const pull *p, const char *name)
{
    for (int role = 0; role < FSE_ROLES; role++)
        if (p->manifest->models[role].file && strcmp(p->manifest->models[role].file, name) == 0)
            return true;
    return strcmp(name, "pack.json") == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* What is in the pack's place will be replaced: it must hold nothing of somebody else. */
static fse_status check_place(const pull *p, fse_error *error)
{
    fse_status status = FSE_OK;
    DIR *folder = opendir(p->place);
    const struct dirent *entry;
    while (folder && (entry = readdir(folder)))
        if (!is_ours(p, entry->d_name))
            FSE_THROW(error, FSE_EIO, p->place,
                      "the pack is to be installed here, but \"%.100s\" is not part of it: move "
                      "the folder away first",
                      entry->d_name);
cleanup:
    if (folder)
        closedir(folder);
    return status;
}

/* --- getting it --- */

/* The last part of an address' path, to free(). */
static char *url_name(const char *url)
{
    char *copy = fse_strdup(url);
    if (copy)
        copy[strcspn(copy, "?#")] = '\0';
    char *name = copy ? fse_strdup(fse_path_name(copy)) : NULL;
    free(copy);
    return name;
}

/* The address to ask: the catalogue's, or the file's name below the caller's base. */
static char *url_of(const pull *p, const fse_download *download)
{
    if (!p->options->base)
        return fse_strdup(download->url);
    char *name = url_name(download->url);
    char *url = name ? fse_path_join(p->options->base, name) : NULL;
    free(name);
    return url;
}

static char *part_path(const pull *p, const fse_download *download)
{
    char suffix[32];
    snprintf(suffix, sizeof suffix, ".%.16s.part", download->sha256);
    return beside(p, ".", suffix);
}

static void remove_parts(const pull *p)
{
    for (int i = 0; i < p->manifest->download_count; i++) {
        char *part = part_path(p, &p->manifest->downloads[i]);
        if (part)
            unlink(part);
        free(part);
    }
}

/*
 * Put the fetched file, or what is in it, among the others. The part stays until all is well, so
 * that the next call need not fetch it again.
 */
static fse_status stage(const pull *p, const fse_download *download, const char *part, int fd,
                        const char *name, fse_error *error)
{
    if (!download->file)
        return fse_unpack(fd, name, p->manifest, p->staging, error);
    char *path = fse_path_join(p->staging, download->file);
    if (!path)
        return fse_fail_memory(error);
    fse_status status = FSE_OK;
    if (fsync(fd) != 0 || (link(part, path) != 0 && rename(part, path) != 0))
        status = fse_fail_errno(error, errno, path, "cannot write");
    free(path);
    return status;
}

/* Whether a download would bring nothing that is missing. */
static bool is_needless(const pull *p, const fse_download *download)
{
    for (int role = 0; role < FSE_ROLES; role++)
        if (!p->have[role] &&
            (!download->file || strcmp(download->file, p->manifest->models[role].file) == 0))
            return false;
    return true;
}

/* Take over what is in place: by links, which the file system that holds both allows. */
static fse_status reuse(const pull *p, fse_error *error)
{
    fse_status status = FSE_OK;
    for (int role = 0; role < FSE_ROLES && status == FSE_OK; role++) {
        const char *file = p->manifest->models[role].file;
        if (!file || !p->have[role])
            continue;
        char *from = fse_path_join(p->place, file), *to = fse_path_join(p->staging, file);
        if (!from || !to)
            status = fse_fail_memory(error);
        else if (linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW) != 0)
            status = fse_fail_errno(error, errno, to, "cannot link the installed file");
        free(from);
        free(to);
    }
    return status;
}

static fse_status get_download(const pull *p, const fse_download *download, fse_error *error)
{
    fse_status status;
    int fd = -1;
    char *url = url_of(p, download), *name = url_name(download->url);
    char *part = part_path(p, download);
    if (!url || !name || !part)
        FSE_TRY(fse_fail_memory(error));
    fd = open(part, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        FSE_TRY(fse_fail_errno(error, errno, part, "cannot write"));
    status = fse_fetch(url, download, name, fd, p->options, error);
    struct stat info;
    if (status != FSE_OK && fstat(fd, &info) == 0 && info.st_size == 0)
        unlink(part);
    FSE_TRY(status);
    status = stage(p, download, part, fd, name, error);
    if (status == FSE_EMODEL || status == FSE_EDIGEST)
        unlink(part); /* what it holds will not become better */
cleanup:
    if (fd >= 0)
        close(fd);
    free(part);
    free(name);
    free(url);
    return status;
}

static fse_status write_manifest(const pull *p, fse_error *error)
{
    fse_status status = FSE_OK;
    char *path = fse_path_join(p->staging, "pack.json");
    if (!path)
        return fse_fail_memory(error);
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    bool written = fd >= 0;
    for (size_t done = 0; written && done < p->text_size;) {
        const ssize_t wrote = write(fd, p->text + done, p->text_size - done);
        written = wrote >= 0 || errno == EINTR;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    if (!written || fsync(fd) != 0)
        status = fse_fail_errno(error, errno, path, "cannot write");
    if (fd >= 0)
        close(fd);
    free(path);
    return status;
}

/* An archive may hold less than its manifest says. */
static fse_status check_staged(const pull *p, fse_error *error)
{
    for (int role = 0; role < FSE_ROLES; role++) {
        const fse_manifest_model *model = &p->manifest->models[role];
        if (model->file && !file_is(p->staging, model))
            return fse_fail(error, FSE_EMODEL, p->manifest->name,
                            "\"%.100s\" is not in what was downloaded", model->file);
    }
    return FSE_OK;
}

static void sync_folder(const char *path)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

/* Put the new folder in place of the old, which comes back if that fails. */
static fse_status put_in_place(const pull *p, fse_error *error)
{
    sync_folder(p->staging);
    remove_folder(p->old);
    const bool had_old = rename(p->place, p->old) == 0;
    if (rename(p->staging, p->place) != 0) {
        const int errnum = errno;
        if (had_old)
            rename(p->old, p->place);
        return fse_fail_errno(error, errnum, p->place, "cannot put the pack in its place");
    }
    sync_folder(p->root);
    if (had_old)
        remove_folder(p->old);
    return FSE_OK;
}

/* Whether what is missing may be downloaded. */
static fse_status check_download(const pull *p, fse_error *error)
{
    const fse_manifest *manifest = p->manifest;
    if (manifest->download_count == 0)
        return fse_fail(error, FSE_EINVAL, manifest->name,
                        "this pack is not offered for download%s%s, into %s",
                        manifest->obtain[0] ? "; to get it: " : "", manifest->obtain, p->place);
    for (int role = 0; role < FSE_ROLES; role++) {
        const fse_manifest_model *model = &manifest->models[role];
        if (model->file && (!model->sha256[0] || model->bytes == 0))
            return fse_fail(error, FSE_EMODEL, manifest->name,
                            "its manifest states no digest or size of \"%.100s\"", model->file);
    }
    if (manifest->needs_acceptance && !p->options->accept_license)
        return fse_fail(error, FSE_ELICENSE, manifest->name,
                        "its licence has to be accepted first: %s. %s", manifest->license,
                        manifest->license_notes);
    return p->options->base ? fse_fetch_check(p->options->base, error) : FSE_OK;
}

static fse_status install(pull *p, fse_error *error)
{
    fse_status status;
    FSE_TRY(make_folders(p->root, error));
    FSE_TRY(lock_root(p, error));
    if (look(p) && has_manifest(p)) /* another pull was faster */
        return FSE_OK;
    FSE_TRY(check_place(p, error));
    remove_folder(p->staging);
    FSE_TRY(make_folders(p->staging, error));
    FSE_TRY(reuse(p, error));
    for (int i = 0; i < p->manifest->download_count; i++)
        if (!is_needless(p, &p->manifest->downloads[i]))
            FSE_TRY(get_download(p, &p->manifest->downloads[i], error));
    FSE_TRY(check_staged(p, error));
    FSE_TRY(write_manifest(p, error));
    FSE_TRY(put_in_place(p, error));
cleanup:
    if (status != FSE_OK)
        remove_folder(p->staging);
    if (status == FSE_OK || status == FSE_EMODEL) /* no use, or no longer any */
        remove_parts(p);
    return status;
}

fse_status fse_pull(const fse_manifest *manifest, const char *text, size_t size,
                    const fse_pull_options *options, fse_error *error)
{
    fse_status status;
    pull p = {.manifest = manifest,
              .text = text,
              .text_size = size,
              .options = options,
              .lock = -1};
    FSE_TRY(find_places(&p, error));
    if (!look(&p))
        FSE_TRY(check_download(&p, error));
    else if (has_manifest(&p))
        goto cleanup;
    FSE_TRY(install(&p, error));
cleanup:
    if (p.lock >= 0)
        close(p.lock);
    free(p.old);
    free(p.staging);
    free(p.place);
    free(p.root);
    return status;
}
