/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exact search over many embeddings: one pass over 8-bit codes, which proves of nearly all rows
 * that they are not among the best, and the exact score of those that are left.
 *
 * A result equals that of comparing every row. Scores that are equal have no order here: results
 * are ordered by path, which rows do not know (and a photo may have several). So a result with a
 * limit holds every row that ties with the last one. Who puts it into the order of paths and cuts
 * it there gets exactly what comparing everything and sorting gives.
 */
#ifndef FSE_SEARCH_SCAN_H
#define FSE_SEARCH_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "search/kernel.h"

/* What is known of a row's face beside its embedding. */
typedef struct fse_face_facts {
    uint64_t face_id;
    uint64_t photo_id;
    int64_t time;    /* the photo's date, seconds since 1970 */
    uint32_t number; /* of the face in the photo */
    float size;      /* shorter side of the box, pixels */
} fse_face_facts;

/* Rows that lie together. Arrays of count elements, unless read() of fse_rows provides them. */
typedef struct fse_segment {
    size_t first; /* number of its first row; segments follow each other without a gap */
    size_t count;
    const int8_t *codes; /* see fse_encode(); rows of fse_row_stride(dim) bytes, aligned */
    const float *scales;
    const float *errors;
    const uint16_t *halves;      /* the embeddings, rows of dim float16 numbers */
    const fse_face_facts *facts; /* needed for best_per_photo only; may be NULL else */
} fse_segment;

/* A part of a segment, as read() provides it. */
typedef struct fse_rows_part {
    const int8_t *codes;
    const float *scales;
    const float *errors;
} fse_rows_part;

/* All that is searched. */
typedef struct fse_rows {
    size_t dim;
    size_t count;
    const fse_segment *segments;
    size_t segment_count;
    const uint64_t *removed; /* bit row % 64 of word row / 64: not searched; NULL: all are */

    /*
     * For rows that do not lie in memory, or may go away; NULL: they lie in the segments' arrays.
     * Called by several threads at once.
     *   read_codes   count rows of a segment, from its row first (of the segment, not of all) on;
     *                buffer has room for them, aligned, in the order codes, scales, errors
     *   read_halves  one row's embedding; buffer has room for it
     */
    fse_status (*read_codes)(void *context, const fse_segment *segment, size_t first, size_t count,
                             void *buffer, fse_rows_part *part, fse_error *error);
    fse_status (*read_halves)(void *context, const fse_segment *segment, size_t row,
                              uint16_t *buffer, const uint16_t **halves, fse_error *error);
    void *context;
} fse_rows;

/* The segment that holds a row. */
const fse_segment *fse_rows_segment(const fse_rows *rows, size_t row);

/* One search. Several go through one pass over the rows. */
typedef struct fse_scan_query {
    const float *probes; /* canonical embeddings, one behind the other; a row's score is its best */
    size_t probe_count;  /* at least 1 */
    bool has_threshold;
    double threshold;    /* inclusive, as fse_reaches() has it */
    size_t top;          /* at most so many, and what ties with the last; 0: all */
    bool best_per_photo; /* of each photo the best row, of equal ones the lowest face number; top
                            then counts photos */
    /* Whether a row is searched; NULL: all. Called for few rows, by several threads at once. */
    bool (*wanted)(void *context, size_t row);
    void *context;
} fse_scan_query;

typedef struct fse_found_row {
    size_t row;
    float score;
} fse_found_row;

/* Score down, then row number up. Zero-initialise; free() rows. */
typedef struct fse_scan_result {
    fse_found_row *rows;
    size_t count;
    size_t rescored; /* rows that the codes could not decide */
} fse_scan_result;

/*
 * Search for count queries. results has count elements; on failure none holds anything. The result
 * does not depend on kernel and threads.
 * Errors: FSE_ENOMEM; those of the functions that read rows; FSE_ECORRUPT (a row is no number).
 */
fse_status fse_scan_rows(const fse_rows *rows, const fse_scan_query *queries, size_t count,
                         const fse_kernel *kernel, int threads, fse_scan_result *results,
                         fse_error *error);

#endif
