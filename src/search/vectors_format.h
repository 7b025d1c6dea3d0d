/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of the vector file, as docs/vectors.md specifies them: for its reader and its writer. */
#ifndef FSE_SEARCH_VECTORS_FORMAT_H
#define FSE_SEARCH_VECTORS_FORMAT_H

#include <assert.h>

#include "base/digest.h"
#include "search/scan.h"

#define FSE_VECTORS_MAGIC "FSEVECS\n"
#define FSE_SEGMENT_MAGIC "FSESEGM\n"
#define FSE_VECTORS_VERSION 1
#define FSE_VECTORS_BYTE_ORDER 0x01020304u

/* The two headers, and where segments begin. Each lies in a sector of its own. */
#define FSE_VECTORS_HEADERS 2
#define FSE_VECTORS_HEADER_STEP 2048
#define FSE_VECTORS_START 4096

/* Rows of a segment at most: what the writer keeps in memory, 13 MB for 512 numbers. */
#define FSE_SEGMENT_ROWS 8192

#define FSE_CONTRACT_DIGITS 64

typedef struct fse_vectors_header {
    char magic[8];
    uint32_t version;
    uint32_t byte_order;
    uint32_t dim;
    uint32_t stride;
    uint64_t sequence; /* the header with the larger one counts */
    uint64_t generation;
    uint64_t bytes; /* that are published */
    uint64_t rows;
    uint64_t removals;
    uint64_t segments;
    char contract[FSE_CONTRACT_DIGITS];
    uint8_t sha256[FSE_SHA256_BYTES]; /* of all before */
} fse_vectors_header;

typedef enum fse_segment_kind { FSE_SEGMENT_ROW = 1, FSE_SEGMENT_REMOVAL = 2 } fse_segment_kind;

typedef struct fse_segment_header {
    char magic[8];
    uint32_t kind;
    uint32_t reserved; /* 0 */
    uint64_t first;    /* number of its first row, or of its first removal */
    uint64_t count;
    uint64_t bytes; /* with this header */
    uint8_t content_sha256[FSE_SHA256_BYTES];
    uint8_t padding[24];              /* 0 */
    uint8_t sha256[FSE_SHA256_BYTES]; /* of all before */
} fse_segment_header;

static_assert(sizeof(fse_vectors_header) == 168, "the header has no gaps");
static_assert(sizeof(fse_segment_header) == 128, "the segment's header has no gaps");
static_assert(sizeof(fse_face_facts) == 32, "facts have no gaps");

/* Where the arrays of a segment of rows begin, from its start. */
typedef struct fse_segment_layout {
    uint64_t codes, scales, errors, facts, halves, end;
} fse_segment_layout;

fse_segment_layout fse_segment_layout_of(size_t dim, uint64_t count);
uint64_t fse_removals_end(uint64_t count);

/* Read exactly size bytes. FSE_ECORRUPT: the file is shorter. */
fse_status fse_vectors_pread(int fd, const char *path, void *bytes, size_t size, uint64_t offset,
                             fse_error *error);

/* The header that counts, checked against what is expected and against the file's length. */
fse_status fse_vectors_read_header(int fd, const char *path, const char *contract, size_t dim,
                                   fse_vectors_header *header, fse_error *error);

#endif
