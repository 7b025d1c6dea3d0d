/* SPDX-License-Identifier: Apache-2.0 */
#include "search/codes.h"

#include <math.h>

#include "search/kernel.h"

fse_coding fse_encode(const float *x, size_t dim, int8_t *codes)
{
    float largest = 0;
    for (size_t i = 0; i < dim; i++)
        largest = fmaxf(largest, fabsf(x[i]));
    const float scale = largest / 127;
    double squares = 0;
    double errors = 0;
    for (size_t i = 0; i < dim; i++) {
        /* The scale may have been rounded down: keep the quotient within 127. */
        const float ratio = scale > 0 ? fminf(fmaxf(x[i] / scale, -127), 127) : 0;
        codes[i] = (int8_t)lrintf(ratio);
        /* Exact in double: a float times 7 bits, minus a float that is not much smaller. */
        const double e = (double)x[i] - (double)scale * codes[i];
        squares += (double)x[i] * (double)x[i];
        errors += e * e;
    }
    for (size_t i = dim; i < fse_row_stride(dim); i++)
        codes[i] = 0;
    /* Rounded up twice: for the sum of squares and for the float. */
    const float error = nextafterf((float)(sqrt(errors) * (1 + 1e-9)), INFINITY);
    return (fse_coding){.scale = scale, .error = error, .length = sqrt(squares)};
}

bool fse_is_embedding(const float *x, size_t dim)
{
    double squares = 0;
    for (size_t i = 0; i < dim; i++)
        squares += (double)x[i] * (double)x[i];
    return squares <= FSE_MAX_LENGTH * FSE_MAX_LENGTH; /* false for NaN */
}
