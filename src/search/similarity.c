/* SPDX-License-Identifier: Apache-2.0 */
#include "search/similarity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/half.h"

/* Independent sums, so that they run side by side; their number does not change the result. */
#define LANES 8

/*
 * Why the sum is exact in any order: a float16 of magnitude up to 1 is a multiple of 2^-24, so each
 * product is one of 2^-48, and it has at most 22 significant bits: exact. By Cauchy-Schwarz the
 * products' magnitudes add up to at most the product of the two lengths, which rounding to float16
 * leaves below 2. So every partial sum is a multiple of 2^-48 below 2^5 and fits the 53 bits of a
 * double. Only the last step rounds.
 */
float fse_score(const float *a, const float *b, int dim)
{
    double sums[LANES] = {0};
    int i = 0;
    for (; i + LANES <= dim; i += LANES)
        for (int k = 0; k < LANES; k++)
            sums[k] += (double)a[i + k] * (double)b[i + k];
    for (; i < dim; i++)
        sums[0] += (double)a[i] * (double)b[i];
    double sum = 0;
    for (int k = 0; k < LANES; k++)
        sum += sums[k];
    return fse_score_from_sum(sum);
}

/* Rounded vectors may be a little longer than 1. Adding zero makes -0 a 0. */
float fse_score_from_sum(double sum)
{
    const double score = sum > 1 ? 1 : sum < -1 ? -1 : sum + 0.0;
    return (float)score;
}

void fse_halves_from_floats(const float *values, int count, uint16_t *halves)
{
    for (int i = 0; i < count; i++)
        halves[i] = fse_half_from_float(values[i]);
}

void fse_floats_from_halves(const uint16_t *halves, int count, float *values)
{
    for (int i = 0; i < count; i++)
        values[i] = fse_half_to_float(halves[i]);
}

bool fse_reaches(float score, double threshold)
{
    if ((double)score >= threshold)
        return true;
    /* Half a unit in the 7th digit of a number below 1 is at most 5e-8. */
    if (!((double)score >= threshold - 1e-7))
        return false;
    char printed[32];
    snprintf(printed, sizeof printed, "%.7g", (double)score);
    return strtod(printed, NULL) >= threshold;
}

fse_status fse_mean_embedding(const float *embeddings, size_t count, int dim, float *mean,
                              fse_error *error)
{
    const size_t length = (size_t)dim;
    if (count == 1) {
        memcpy(mean, embeddings, length * sizeof *mean);
        return FSE_OK;
    }
    double *sums = fse_alloc(length, sizeof *sums);
    if (!sums)
        return fse_fail_memory(error);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < length; k++)
            sums[k] += (double)embeddings[i * length + k];
    double squares = 0;
    for (size_t k = 0; k < length; k++)
        squares += sums[k] * sums[k];
    const double norm = sqrt(squares);
    for (size_t k = 0; norm > 0 && k < length; k++)
        mean[k] = fse_half_to_float(fse_half_from_float((float)(sums[k] / norm)));
    free(sums);
    return norm > 0 ? FSE_OK
                    : fse_fail(error, FSE_EFACE, NULL,
                               "the query's faces cancel out: their mean is zero");
}
