/* SPDX-License-Identifier: Apache-2.0 */
#include "search/vectors.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "search/vectors_format.h"

/* Segments of 1024 rows and more on average, and a few small ones, cost a scan nothing. */
#define SMALL_SEGMENTS 64
#define SEGMENT_ROWS_WANTED 1024

/* A quarter of the reading for nothing is where making the file anew begins to pay. */
#define REMOVED_SHARE 4

struct fse_vectors {
    char *path;
    int fd;
    fse_vectors_header header;
    size_t removed;
    uint64_t *removed_bits;
    fse_segment *segments; /* those of rows */
    uint64_t *starts;      /* where each begins in the file */
    fse_face_facts *facts; /* of all rows; never mapped, as callers look at them at any time */
    const uint8_t *map;    /* NULL: the file is not mapped */
    fse_rows rows;
};

static fse_status fail_damaged(const fse_vectors *v, const char *what, fse_error *error)
{
    return fse_fail(error, FSE_ECORRUPT, v->path,
                    "the vector file is damaged (%s): it has to be made anew", what);
}

/* ---- Reading rows: see fse_rows ---- */

/* Others may have cut the file since it was opened; then its map ends in the void. */
static fse_status check_length(const fse_vectors *v, fse_error *error)
{
    struct stat info;
    if (fstat(v->fd, &info) != 0)
        return fse_fail_errno(error, errno, v->path, "cannot read");
    return (uint64_t)info.st_size >= v->header.bytes
               ? FSE_OK
               : fail_damaged(v, "it got shorter while it was read", error);
}

static fse_status map_codes(void *context, const fse_segment *segment, size_t first, size_t count,
                            void *buffer, fse_rows_part *part, fse_error *error)
{
    const fse_vectors *v = context;
    (void)count;
    (void)buffer;
    *part = (fse_rows_part){.codes = segment->codes + first * v->header.stride,
                            .scales = segment->scales + first,
                            .errors = segment->errors + first};
    return check_length(v, error);
}

static fse_status map_halves(void *context, const fse_segment *segment, size_t row,
                             uint16_t *buffer, const uint16_t **halves, fse_error *error)
{
    const fse_vectors *v = context;
    (void)buffer;
    *halves = segment->halves + row * v->header.dim;
    return check_length(v, error);
}

static fse_status read_codes(void *context, const fse_segment *segment, size_t first, size_t count,
                             void *buffer, fse_rows_part *part, fse_error *error)
{
    fse_status status;
    const fse_vectors *v = context;
    const size_t stride = v->header.stride;
    const uint64_t start = v->starts[segment - v->segments];
    const fse_segment_layout layout = fse_segment_layout_of(v->header.dim, segment->count);
    int8_t *codes = buffer;
    float *scales = (float *)(void *)(codes + count * stride);
    const size_t bytes = count * sizeof *scales;
    FSE_TRY(fse_vectors_pread(v->fd, v->path, codes, count * stride,
                              start + layout.codes + first * stride, error));
    FSE_TRY(fse_vectors_pread(v->fd, v->path, scales, bytes,
                              start + layout.scales + first * sizeof *scales, error));
    FSE_TRY(fse_vectors_pread(v->fd, v->path, scales + count, bytes,
                              start + layout.errors + first * sizeof *scales, error));
    *part = (fse_rows_part){.codes = codes, .scales = scales, .errors = scales + count};
cleanup:
    return status;
}

static fse_status read_halves(void *context, const fse_segment *segment, size_t row,
                              uint16_t *buffer, const uint16_t **halves, fse_error *error)
{
    const fse_vectors *v = context;
    const size_t bytes = v->header.dim * sizeof *buffer;
    const fse_segment_layout layout = fse_segment_layout_of(v->header.dim, segment->count);
    *halves = buffer;
    return fse_vectors_pread(v->fd, v->path, buffer, bytes,
                             v->starts[segment - v->segments] + layout.halves + row * bytes, error);
}

/* ---- Opening ---- */

static fse_status read_segment_header(const fse_vectors *v, uint64_t offset,
                                      fse_segment_header *h, fse_error *error)
{
    uint8_t sha256[FSE_SHA256_BYTES];
    fse_status status;
    if (v->header.bytes - offset < sizeof *h)
        return fail_damaged(v, "a segment is cut", error);
    FSE_TRY(fse_vectors_pread(v->fd, v->path, h, sizeof *h, offset, error));
    FSE_TRY(fse_digest_bytes(h, offsetof(fse_segment_header, sha256), sha256, error));
    if (memcmp(h->magic, FSE_SEGMENT_MAGIC, sizeof h->magic) != 0 ||
        memcmp(h->sha256, sha256, sizeof sha256) != 0)
        FSE_THROW(error, FSE_ECORRUPT, v->path,
                  "the vector file is damaged (a segment's header): it has to be made anew");
cleanup:
    return status;
}

static fse_status add_rows(fse_vectors *v, const fse_segment_header *h, uint64_t offset,
                           fse_error *error)
{
    fse_segment *segment = &v->segments[v->rows.segment_count];
    if (h->count == 0 || h->count > FSE_SEGMENT_ROWS || h->first != v->rows.count ||
        h->count > v->header.rows - v->rows.count ||
        h->bytes != fse_segment_layout_of(v->header.dim, h->count).end)
        return fail_damaged(v, "a segment's size", error);
    *segment = (fse_segment){.first = v->rows.count, .count = (size_t)h->count};
    v->starts[v->rows.segment_count++] = offset;
    v->rows.count += segment->count;
    return FSE_OK;
}

static fse_status add_removals(fse_vectors *v, const fse_segment_header *h, uint64_t offset,
                               uint64_t *removals, fse_error *error)
{
    if (h->count > FSE_SEGMENT_ROWS || h->first != *removals ||
        h->bytes != fse_removals_end(h->count))
        return fail_damaged(v, "a segment's size", error);
    for (uint64_t i = 0; i < h->count; i++) {
        uint64_t row;
        const fse_status status = fse_vectors_pread(v->fd, v->path, &row, sizeof row,
                                                    offset + sizeof *h + i * sizeof row, error);
        if (status != FSE_OK)
            return status;
        if (row >= v->rows.count)
            return fail_damaged(v, "a removed row", error);
        const uint64_t bit = (uint64_t)1 << row % 64;
        v->removed += !(v->removed_bits[row / 64] & bit);
        v->removed_bits[row / 64] |= bit;
    }
    *removals += h->count;
    return FSE_OK;
}

static fse_status list_segments(fse_vectors *v, fse_error *error)
{
    fse_status status = FSE_OK;
    uint64_t offset = FSE_VECTORS_START;
    uint64_t removals = 0;
    for (uint64_t i = 0; i < v->header.segments; i++) {
        fse_segment_header h;
        FSE_TRY(read_segment_header(v, offset, &h, error));
        if (h.bytes > v->header.bytes - offset)
            FSE_TRY(fail_damaged(v, "a segment is cut", error));
        if (h.kind == FSE_SEGMENT_ROW)
            FSE_TRY(add_rows(v, &h, offset, error));
        else if (h.kind == FSE_SEGMENT_REMOVAL)
            FSE_TRY(add_removals(v, &h, offset, &removals, error));
        else
            FSE_TRY(fail_damaged(v, "a segment of an unknown kind", error));
        offset += h.bytes;
    }
    if (offset != v->header.bytes || v->rows.count != v->header.rows ||
        removals != v->header.removals)
        FSE_TRY(fail_damaged(v, "its sums", error));
    v->rows.removed = v->removed > 0 ? v->removed_bits : NULL;
cleanup:
    return status;
}

static fse_status map_file(fse_vectors *v, fse_error *error)
{
    void *map = mmap(NULL, (size_t)v->header.bytes, PROT_READ, MAP_SHARED, v->fd, 0);
    if (map == MAP_FAILED)
        return fse_fail_errno(error, errno, v->path, "cannot map");
    v->map = map;
    for (size_t i = 0; i < v->rows.segment_count; i++) {
        fse_segment *segment = &v->segments[i];
        const fse_segment_layout layout = fse_segment_layout_of(v->header.dim, segment->count);
        const uint8_t *start = v->map + v->starts[i];
        segment->codes = (const int8_t *)(start + layout.codes);
        segment->scales = (const float *)(const void *)(start + layout.scales);
        segment->errors = (const float *)(const void *)(start + layout.errors);
        segment->halves = (const uint16_t *)(const void *)(start + layout.halves);
    }
    return FSE_OK;
}

static fse_status read_facts(fse_vectors *v, fse_error *error)
{
    v->facts = fse_alloc(v->rows.count, sizeof *v->facts);
    if (!v->facts)
        return fse_fail_memory(error);
    for (size_t i = 0; i < v->rows.segment_count; i++) {
        fse_segment *segment = &v->segments[i];
        const fse_segment_layout layout = fse_segment_layout_of(v->header.dim, segment->count);
        const fse_status status = fse_vectors_pread(
            v->fd, v->path, v->facts + segment->first, segment->count * sizeof *v->facts,
            v->starts[i] + layout.facts, error);
        if (status != FSE_OK)
            return status;
        segment->facts = v->facts + segment->first;
    }
    return FSE_OK;
}

fse_status fse_vectors_open(const char *path, const char *contract, size_t dim,
                            fse_vectors_access access, fse_vectors **vectors, fse_error *error)
{
    fse_status status;
    uint64_t size;
    *vectors = NULL;
    fse_vectors *v = fse_alloc(1, sizeof *v);
    if (!v)
        return fse_fail_memory(error);
    v->fd = -1;
    v->path = fse_strdup(path);
    if (!v->path)
        FSE_TRY(fse_fail_memory(error));
    status = fse_open_regular(path, &v->fd, &size, error);
    if (status == FSE_EIMAGE)
        FSE_THROW(error, FSE_ECORRUPT, path, "the vector file is no file");
    FSE_TRY(status);
    FSE_TRY(fse_vectors_read_header(v->fd, path, contract, dim, &v->header, error));
    v->segments = fse_alloc((size_t)v->header.segments, sizeof *v->segments);
    v->starts = fse_alloc((size_t)v->header.segments, sizeof *v->starts);
    v->removed_bits = fse_alloc((size_t)v->header.rows / 64 + 1, sizeof *v->removed_bits);
    if (!v->segments || !v->starts || !v->removed_bits)
        FSE_TRY(fse_fail_memory(error));
    v->rows = (fse_rows){.dim = dim, .segments = v->segments, .context = v};
    FSE_TRY(list_segments(v, error));
    FSE_TRY(read_facts(v, error));
    v->rows.read_codes = access == FSE_VECTORS_MAP ? map_codes : read_codes;
    v->rows.read_halves = access == FSE_VECTORS_MAP ? map_halves : read_halves;
    if (access == FSE_VECTORS_MAP)
        FSE_TRY(map_file(v, error));
    *vectors = v;
    v = NULL;
cleanup:
    fse_vectors_close(&v);
    return status;
}

void fse_vectors_close(fse_vectors **vectors)
{
    if (!vectors || !*vectors)
        return;
    fse_vectors *v = *vectors;
    if (v->map)
        munmap((void *)(uintptr_t)v->map, (size_t)v->header.bytes);
    if (v->fd >= 0)
        close(v->fd);
    free(v->path);
    free(v->segments);
    free(v->starts);
    free(v->removed_bits);
    free(v->facts);
    free(v);
    *vectors = NULL;
}

/* ---- What it holds ---- */

fse_vectors_state fse_vectors_describe(const fse_vectors *v)
{
    const fse_vectors_header *h = &v->header;
    return (fse_vectors_state){
        .generation = h->generation,
        .rows = h->rows,
        .removed = v->removed,
        .segments = h->segments,
        .bytes = h->bytes,
        .is_worn = v->removed > h->rows / REMOVED_SHARE ||
                   h->segments > SMALL_SEGMENTS + h->rows / SEGMENT_ROWS_WANTED,
    };
}

const fse_rows *fse_vectors_rows(const fse_vectors *v)
{
    return &v->rows;
}

const fse_face_facts *fse_vectors_facts(const fse_vectors *v, size_t row)
{
    const fse_segment *segment = fse_rows_segment(&v->rows, row);
    return &segment->facts[row - segment->first];
}

static fse_status verify_segment(const fse_vectors *v, const fse_segment_header *h, uint64_t offset,
                                 void *buffer, size_t room, fse_error *error)
{
    fse_status status;
    uint8_t sha256[FSE_SHA256_BYTES];
    fse_digest *digest = NULL;
    FSE_TRY(fse_digest_new(&digest, error));
    for (uint64_t at = sizeof *h; at < h->bytes; at += room) {
        const size_t part = h->bytes - at < room ? (size_t)(h->bytes - at) : room;
        FSE_TRY(fse_vectors_pread(v->fd, v->path, buffer, part, offset + at, error));
        FSE_TRY(fse_digest_add(digest, buffer, part, error));
    }
    FSE_TRY(fse_digest_end(digest, sha256, error));
    if (memcmp(sha256, h->content_sha256, sizeof sha256) != 0)
        FSE_THROW(error, FSE_ECORRUPT, v->path,
                  "the vector file is damaged (checksum of the segment at byte %llu): it has to be "
                  "made anew", (unsigned long long)offset);
cleanup:
    fse_digest_free(&digest);
    return status;
}

fse_status fse_vectors_verify(const fse_vectors *v, fse_error *error)
{
    enum { ROOM = 1 << 20 };
    fse_status status = FSE_OK;
    uint64_t offset = FSE_VECTORS_START;
    void *buffer = fse_alloc(ROOM, 1);
    if (!buffer)
        return fse_fail_memory(error);
    for (uint64_t i = 0; i < v->header.segments; i++) {
        fse_segment_header h;
        FSE_TRY(read_segment_header(v, offset, &h, error));
        if (h.bytes > v->header.bytes - offset)
            FSE_TRY(fail_damaged(v, "a segment is cut", error));
        FSE_TRY(verify_segment(v, &h, offset, buffer, ROOM, error));
        offset += h.bytes;
    }
cleanup:
    free(buffer);
    return status;
}
