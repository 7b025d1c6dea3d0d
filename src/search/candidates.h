/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rows can still be among the best k, when of each row only a lower and an upper bound of its
 * score is known. See scan.c for the proof.
 */
#ifndef FSE_SEARCH_CANDIDATES_H
#define FSE_SEARCH_CANDIDATES_H

#include <stdint.h>

#include "base/error.h"

typedef struct fse_candidate {
    size_t row;
    float upper;
} fse_candidate;

/* A lower bound of what a group's best row scores. A group is a row, or the rows of a photo. */
typedef struct fse_lower {
    uint64_t group;
    float lower;
} fse_lower;

/* Zero-initialise but for top and cut; free with fse_candidates_free(). */
typedef struct fse_candidates {
    size_t top; /* groups wanted; 0: all */
    float cut;  /* the result needs no row below; only rises. Start at -INFINITY or a threshold */
    fse_candidate *rows;
    size_t row_count, row_capacity, row_limit;
    fse_lower *lowers; /* of the best groups, some of them more than once */
    size_t lower_count, lower_capacity;
} fse_candidates;

/* A row whose score is in lower..upper, where upper >= cut. */
fse_status fse_candidates_add(fse_candidates *set, size_t row, uint64_t group, float lower,
                              float upper, fse_error *error);

/* Add what another set over other rows found. */
fse_status fse_candidates_merge(fse_candidates *set, const fse_candidates *other, fse_error *error);

/* Raise the cut as far as possible, drop the rows below, and put the rest in order, each once. */
void fse_candidates_finish(fse_candidates *set);

void fse_candidates_free(fse_candidates *set);

#endif
