/* SPDX-License-Identifier: Apache-2.0 */
#include "search/vectors_format.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t aligned(uint64_t bytes)
{
    return (bytes + FSE_ROW_ALIGN - 1) / FSE_ROW_ALIGN * FSE_ROW_ALIGN;
}

fse_segment_layout fse_segment_layout_of(size_t dim, uint64_t count)
{
    fse_segment_layout l = {.codes = sizeof(fse_segment_header)};
    l.scales = l.codes + count * fse_row_stride(dim);
    l.errors = l.scales + aligned(count * sizeof(float));
    l.facts = l.errors + aligned(count * sizeof(float));
    l.halves = l.facts + aligned(count * sizeof(fse_face_facts));
    l.end = l.halves + aligned(count * dim * sizeof(uint16_t));
    return l;
}

uint64_t fse_removals_end(uint64_t count)
{
    return sizeof(fse_segment_header) + aligned(count * sizeof(uint64_t));
}

fse_status fse_vectors_pread(int fd, const char *path, void *bytes, size_t size, uint64_t offset,
                             fse_error *error)
{
    char *to = bytes;
    while (size > 0) {
        const ssize_t got = pread(fd, to, size, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fse_fail_errno(error, errno, path, "cannot read");
        if (got == 0)
            return fse_fail(error, FSE_ECORRUPT, path,
                            "the vector file is shorter than it says: it has to be made anew");
        to += got;
        size -= (size_t)got;
        offset += (uint64_t)got;
    }
    return FSE_OK;
}

static bool is_sound(const fse_vectors_header *h)
{
    uint8_t sha256[FSE_SHA256_BYTES];
    return memcmp(h->magic, FSE_VECTORS_MAGIC, sizeof h->magic) == 0 &&
           fse_digest_bytes(h, offsetof(fse_vectors_header, sha256), sha256, NULL) == FSE_OK &&
           memcmp(h->sha256, sha256, sizeof sha256) == 0;
}

static fse_status check_header(const fse_vectors_header *h, int fd, const char *path,
                               const char *contract, size_t dim, fse_error *error)
{
    struct stat info;
    if (h->version != FSE_VECTORS_VERSION || h->byte_order != FSE_VECTORS_BYTE_ORDER)
        return fse_fail(error, FSE_ECORRUPT, path,
                        "the vector file is of version %u or of another kind of computer, expected "
                        "version %d: it has to be made anew", h->version, FSE_VECTORS_VERSION);
    if (h->dim != dim || strlen(contract) != FSE_CONTRACT_DIGITS ||
        memcmp(h->contract, contract, FSE_CONTRACT_DIGITS) != 0)
        return fse_fail(error, FSE_ECORRUPT, path,
                        "the vector file holds embeddings of other models: it has to be made anew");
    if (fstat(fd, &info) != 0)
        return fse_fail_errno(error, errno, path, "cannot read");
    if (h->bytes < FSE_VECTORS_START || h->bytes > (uint64_t)info.st_size ||
        h->stride != fse_row_stride(dim) || h->rows > h->bytes / h->stride ||
        h->removals > h->bytes / sizeof(uint64_t) || h->segments > h->bytes / sizeof(fse_segment_header))
        return fse_fail(error, FSE_ECORRUPT, path,
                        "the vector file is shorter than it says: it has to be made anew");
    return FSE_OK;
}

fse_status fse_vectors_read_header(int fd, const char *path, const char *contract, size_t dim,
                                   fse_vectors_header *header, fse_error *error)
{
    bool found = false;
    for (int i = 0; i < FSE_VECTORS_HEADERS; i++) {
        fse_vectors_header h;
        const fse_status status = fse_vectors_pread(
            fd, path, &h, sizeof h, (uint64_t)i * FSE_VECTORS_HEADER_STEP, error);
        if (status != FSE_OK)
            return status;
        if (!is_sound(&h) || (found && h.sequence < header->sequence))
            continue;
        *header = h;
        found = true;
    }
    if (!found)
        return fse_fail(error, FSE_ECORRUPT, path,
                        "the vector file is damaged, or no vector file: it has to be made anew");
    return check_header(header, fd, path, contract, dim, error);
}
