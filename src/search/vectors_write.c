/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing a vector file. Segments are written behind what is published, and become visible with the
 * header, which fits one sector. There are two headers, written in turn: one that is cut off by a
 * crash has a wrong checksum, and the other still says what was before.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "search/codes.h"
#include "search/similarity.h"
#include "search/vectors.h"
#include "search/vectors_format.h"

struct fse_vectors_writer {
    char *path;
    char *temporary; /* the file's name until it is published; NULL: it has its name */
    int fd;
    fse_vectors_header header; /* the next one to publish */

    /* Rows and removals that are not written yet. */
    size_t rows, removals;
    int8_t *codes;
    float *scales, *errors;
    fse_face_facts *facts;
    uint16_t *halves;
    uint64_t *removed;
    float *values; /* one row */
};

/* ---- Beginning ---- */

static fse_status new_writer(const char *path, const char *contract, size_t dim,
                             fse_vectors_writer **writer, fse_error *error)
{
    if (dim == 0 || strlen(contract) != FSE_CONTRACT_DIGITS)
        return fse_fail(error, FSE_EINVAL, path,
                        "vectors need a contract of 64 digits and a number of dimensions");
    fse_vectors_writer *w = fse_alloc(1, sizeof *w);
    if (!w)
        return fse_fail_memory(error);
    w->fd = -1;
    w->path = fse_strdup(path);
    w->codes = fse_alloc_aligned(FSE_SEGMENT_ROWS, fse_row_stride(dim));
    w->scales = fse_alloc(FSE_SEGMENT_ROWS, sizeof *w->scales);
    w->errors = fse_alloc(FSE_SEGMENT_ROWS, sizeof *w->errors);
    w->facts = fse_alloc(FSE_SEGMENT_ROWS, sizeof *w->facts);
    w->halves = fse_alloc(FSE_SEGMENT_ROWS * dim, sizeof *w->halves);
    w->removed = fse_alloc(FSE_SEGMENT_ROWS, sizeof *w->removed);
    w->values = fse_alloc(dim, sizeof *w->values);
    *writer = w;
    return w->path && w->codes && w->scales && w->errors && w->facts && w->halves && w->removed &&
                   w->values
               ? FSE_OK
               : fse_fail_memory(error);
}

static fse_status open_locked(fse_vectors_writer *w, const char *path, int flags, fse_error *error)
{
    w->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0600);
    if (w->fd < 0)
        return fse_fail_errno(error, errno, path, "cannot open");
    if (flock(w->fd, LOCK_EX | LOCK_NB) == 0)
        return FSE_OK;
    close(w->fd);
    w->fd = -1; /* not ours: it stays where it is */
    return fse_fail(error, FSE_EIO, path, "the vector file is being written by somebody else");
}

static fse_vectors_header first_header(const char *contract, size_t dim)
{
    fse_vectors_header header = {.version = FSE_VECTORS_VERSION,
                                 .byte_order = FSE_VECTORS_BYTE_ORDER,
                                 .dim = (uint32_t)dim,
                                 .stride = (uint32_t)fse_row_stride(dim),
                                 .bytes = FSE_VECTORS_START};
    memcpy(header.magic, FSE_VECTORS_MAGIC, sizeof header.magic);
    memcpy(header.contract, contract, sizeof header.contract);
    return header;
}

static fse_status write_all(int fd, const char *path, const void *bytes, size_t size,
                            uint64_t offset, fse_error *error)
{
    const char *from = bytes;
    while (size > 0) {
        const ssize_t done = pwrite(fd, from, size, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return fse_fail_errno(error, errno, path, "cannot write");
        from += done;
        size -= (size_t)done;
        offset += (uint64_t)done;
    }
    return FSE_OK;
}

fse_status fse_vectors_create(const char *path, const char *contract, size_t dim,
                              fse_vectors_writer **writer, fse_error *error)
{
    static const char nothing[FSE_VECTORS_START];
    fse_status status;
    fse_vectors_writer *w = NULL;
    *writer = NULL;
    FSE_TRY(new_writer(path, contract, dim, &w, error));
    fse_buffer name = {.data = NULL};
    FSE_TRY(fse_buffer_format(&name, error, "%s.new", path));
    w->temporary = name.data;
    FSE_TRY(open_locked(w, w->temporary, O_CREAT, error));
    if (ftruncate(w->fd, 0) != 0) /* what a writer left that was killed */
        FSE_TRY(fse_fail_errno(error, errno, w->temporary, "cannot write"));
    FSE_TRY(write_all(w->fd, w->temporary, nothing, sizeof nothing, 0, error));
    w->header = first_header(contract, dim);
    *writer = w;
    w = NULL;
cleanup:
    fse_vectors_writer_free(&w);
    return status;
}

fse_status fse_vectors_append(const char *path, const char *contract, size_t dim,
                              fse_vectors_writer **writer, fse_error *error)
{
    fse_status status;
    fse_vectors_writer *w = NULL;
    *writer = NULL;
    FSE_TRY(new_writer(path, contract, dim, &w, error));
    FSE_TRY(open_locked(w, path, 0, error));
    FSE_TRY(fse_vectors_read_header(w->fd, path, contract, dim, &w->header, error));
    *writer = w;
    w = NULL;
cleanup:
    fse_vectors_writer_free(&w);
    return status;
}

void fse_vectors_writer_free(fse_vectors_writer **writer)
{
    if (!writer || !*writer)
        return;
    fse_vectors_writer *w = *writer;
    if (w->temporary && w->fd >= 0)
        unlink(w->temporary);
    if (w->fd >= 0)
        close(w->fd);
    free(w->path);
    free(w->temporary);
    free(w->codes);
    free(w->scales);
    free(w->errors);
    free(w->facts);
    free(w->halves);
    free(w->removed);
    free(w->values);
    free(w);
    *writer = NULL;
}

/* ---- Segments ---- */

typedef struct piece {
    const void *bytes;
    uint64_t size;
    uint64_t offset; /* in the segment */
} piece;

/* Write pieces that follow each other, with zeros between them, up to header->bytes. */
static fse_status write_segment(fse_vectors_writer *w, fse_segment_header *header,
                                const piece *pieces, size_t count, fse_error *error)
{
    static const uint8_t zeros[FSE_ROW_ALIGN];
    const char *path = w->temporary ? w->temporary : w->path;
    fse_status status;
    fse_digest *digest = NULL;
    FSE_TRY(fse_digest_new(&digest, error));
    for (size_t i = 0; i < count; i++) {
        const piece *p = &pieces[i];
        const uint64_t end = i + 1 < count ? pieces[i + 1].offset : header->bytes;
        const size_t gap = (size_t)(end - p->offset - p->size);
        const uint64_t at = w->header.bytes + p->offset;
        FSE_TRY(write_all(w->fd, path, p->bytes, (size_t)p->size, at, error));
        FSE_TRY(write_all(w->fd, path, zeros, gap, at + p->size, error));
        FSE_TRY(fse_digest_add(digest, p->bytes, (size_t)p->size, error));
        FSE_TRY(fse_digest_add(digest, zeros, gap, error));
    }
    memcpy(header->magic, FSE_SEGMENT_MAGIC, sizeof header->magic);
    FSE_TRY(fse_digest_end(digest, header->content_sha256, error));
    FSE_TRY(fse_digest_bytes(header, offsetof(fse_segment_header, sha256), header->sha256, error));
    FSE_TRY(write_all(w->fd, path, header, sizeof *header, w->header.bytes, error));
    w->header.bytes += header->bytes;
    w->header.segments++;
cleanup:
    fse_digest_free(&digest);
    return status;
}

static fse_status write_rows(fse_vectors_writer *w, fse_error *error)
{
    const size_t dim = w->header.dim;
    const size_t count = w->rows;
    if (count == 0)
        return FSE_OK;
    const fse_segment_layout l = fse_segment_layout_of(dim, count);
    fse_segment_header header = {
        .kind = FSE_SEGMENT_ROW, .first = w->header.rows, .count = count, .bytes = l.end};
    const piece pieces[] = {
        {w->codes, count * w->header.stride, l.codes},
        {w->scales, count * sizeof *w->scales, l.scales},
        {w->errors, count * sizeof *w->errors, l.errors},
        {w->facts, count * sizeof *w->facts, l.facts},
        {w->halves, count * dim * sizeof *w->halves, l.halves},
    };
    const fse_status status = write_segment(w, &header, pieces, FSE_COUNT(pieces), error);
    if (status != FSE_OK)
        return status;
    w->header.rows += count;
    w->rows = 0;
    return FSE_OK;
}

static fse_status write_removals(fse_vectors_writer *w, fse_error *error)
{
    const size_t count = w->removals;
    if (count == 0)
        return FSE_OK;
    fse_segment_header header = {.kind = FSE_SEGMENT_REMOVAL,
                                 .first = w->header.removals,
                                 .count = count,
                                 .bytes = fse_removals_end(count)};
    const piece removed = {w->removed, count * sizeof *w->removed, sizeof header};
    const fse_status status = write_segment(w, &header, &removed, 1, error);
    if (status != FSE_OK)
        return status;
    w->header.removals += count;
    w->removals = 0;
    return FSE_OK;
}

/* Removals come after the rows that they name. */
static fse_status write_pending(fse_vectors_writer *w, fse_error *error)
{
    const fse_status status = write_rows(w, error);
    return status == FSE_OK ? write_removals(w, error) : status;
}

fse_status fse_vectors_add(fse_vectors_writer *w, const fse_face_facts *facts,
                           const uint16_t *halves, fse_error *error)
{
    const size_t dim = w->header.dim;
    fse_floats_from_halves(halves, (int)dim, w->values);
    if (!fse_is_embedding(w->values, dim))
        return fse_fail(error, FSE_EFACE, w->path, "face %llu has no normalised embedding",
                        (unsigned long long)facts->face_id);
    if (w->rows == FSE_SEGMENT_ROWS) {
        const fse_status status = write_rows(w, error);
        if (status != FSE_OK)
            return status;
    }
    const size_t row = w->rows;
    const fse_coding coding = fse_encode(w->values, dim, w->codes + row * w->header.stride);
    w->scales[row] = coding.scale;
    w->errors[row] = coding.error;
    w->facts[row] = *facts;
    memcpy(w->halves + row * dim, halves, dim * sizeof *halves);
    w->rows++;
    return FSE_OK;
}

fse_status fse_vectors_remove(fse_vectors_writer *w, uint64_t row, fse_error *error)
{
    if (row >= w->header.rows + w->rows)
        return fse_fail(error, FSE_EINVAL, w->path, "there is no row %llu to remove",
                        (unsigned long long)row);
    if (w->removals == FSE_SEGMENT_ROWS) {
        const fse_status status = write_pending(w, error);
        if (status != FSE_OK)
            return status;
    }
    w->removed[w->removals++] = row;
    return FSE_OK;
}

/* ---- Publishing ---- */

static fse_status sync_file(const fse_vectors_writer *w, fse_error *error)
{
    return fdatasync(w->fd) == 0 ? FSE_OK
                                 : fse_fail_errno(error, errno, w->path, "cannot write");
}

/* Give the file its name, so that this survives a crash too. */
static fse_status take_place(fse_vectors_writer *w, fse_error *error)
{
    if (rename(w->temporary, w->path) != 0)
        return fse_fail_errno(error, errno, w->path, "cannot replace");
    free(w->temporary);
    w->temporary = NULL;
    const char *slash = strrchr(w->path, '/');
    char *folder = !slash             ? fse_strdup(".")
                   : slash == w->path ? fse_strdup("/")
                                      : strndup(w->path, (size_t)(slash - w->path));
    if (!folder)
        return fse_fail_memory(error);
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd >= 0) { /* some file systems cannot sync a folder: the file is sound all the same */
        (void)fsync(fd);
        close(fd);
    }
    return FSE_OK;
}

fse_status fse_vectors_publish(fse_vectors_writer *w, uint64_t generation, fse_error *error)
{
    fse_status status;
    const char *path = w->temporary ? w->temporary : w->path;
    FSE_TRY(write_pending(w, error));
    FSE_TRY(sync_file(w, error));
    /* A copy: should writing it fail, another try must not overwrite the header that holds. */
    fse_vectors_header h = w->header;
    h.generation = generation;
    h.sequence++;
    FSE_TRY(fse_digest_bytes(&h, offsetof(fse_vectors_header, sha256), h.sha256, error));
    FSE_TRY(write_all(w->fd, path, &h, sizeof h,
                      h.sequence % FSE_VECTORS_HEADERS * FSE_VECTORS_HEADER_STEP, error));
    FSE_TRY(sync_file(w, error));
    w->header = h;
    if (w->temporary)
        FSE_TRY(take_place(w, error));
cleanup:
    return status;
}
