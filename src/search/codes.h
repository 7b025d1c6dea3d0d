/* SPDX-License-Identifier: Apache-2.0 */
/* Embeddings as 8-bit codes, and how far those are from the truth. */
#ifndef FSE_SEARCH_CODES_H
#define FSE_SEARCH_CODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * No canonical embedding is longer: rounding a unit vector to float16 moves a number by at most
 * 2^-11 of itself (or, below 2^-14, by 2^-25), hence its length by less than 0.0005 (and 2^-25 of
 * the root of its dimension).
 */
#define FSE_MAX_LENGTH 1.001

/* An embedding x as codes c: scale * c differs from x by a vector of length error or less. */
typedef struct fse_coding {
    float scale;
    float error;
    double length; /* of x itself */
} fse_coding;

/* Codes in -127..127 for the dim numbers of x; c gets zeros up to fse_row_stride(dim). */
fse_coding fse_encode(const float *x, size_t dim, int8_t *codes);

/* Whether a vector can be a canonical embedding: finite, and no longer than one may be. */
bool fse_is_embedding(const float *x, size_t dim);

#endif
