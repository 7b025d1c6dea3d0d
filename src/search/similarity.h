/* SPDX-License-Identifier: Apache-2.0 */
/* Scores: the similarity of canonical embeddings, and what reaches a threshold. */
#ifndef FSE_SEARCH_SIMILARITY_H
#define FSE_SEARCH_SIMILARITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The exact dot product of two canonical embeddings, in -1..1, rounded once to float32. */
float fse_score(const float *a, const float *b, int dim);

/* The last step of it: an exact dot product as a score. */
float fse_score_from_sum(double sum);

/* Numbers as float16, which canonical embeddings are, and back. Both are exact for them. */
void fse_halves_from_floats(const float *values, int count, uint16_t *halves);
void fse_floats_from_halves(const uint16_t *halves, int count, float *values);

/*
 * Whether a score reaches a threshold, inclusive. It does if it is at least the threshold, and also
 * if it is so as printed with 7 significant digits, so that a threshold copied from a printed score
 * keeps that score's face.
 */
bool fse_reaches(float score, double threshold);

/*
 * The canonical mean of count > 0 canonical embeddings, one behind the other: averaged, normalised
 * and rounded to float16 precision; a single one is itself. FSE_EFACE: they cancel out.
 */
fse_status fse_mean_embedding(const float *embeddings, size_t count, int dim, float *mean,
                              fse_error *error);

#endif
