/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pack.h"

#include <math.h>

/*
 * Which two neighbours to draw the line through for a value of a table that rises (sign 1) or falls
 * (sign -1): the segment around it, or the end one to extrapolate by.
 */
static int segment(const double *table, int count, double sign, double value)
{
    int i = 0;
    while (i < count - 2 && sign * value > sign * table[i + 1])
        i++;
    return i;
}

double fse_calibration_threshold(const fse_calibration *calibration, double fmr)
{
    if (calibration->count < 2 || !(fmr > 0 && fmr < 1))
        return NAN;
    const int i = segment(calibration->fmr, calibration->count, -1, fmr);
    const double from = log10(calibration->fmr[i]), to = log10(calibration->fmr[i + 1]);
    const double low = calibration->cosine[i], high = calibration->cosine[i + 1];
    return fmin(1, fmax(-1, low + (high - low) * (log10(fmr) - from) / (to - from)));
}

double fse_calibration_fmr(const fse_calibration *calibration, double cosine)
{
    if (calibration->count < 2 || isnan(cosine))
        return NAN;
    const int i = segment(calibration->cosine, calibration->count, 1, cosine);
    const double from = log10(calibration->fmr[i]), to = log10(calibration->fmr[i + 1]);
    const double low = calibration->cosine[i], high = calibration->cosine[i + 1];
    return fmin(1, pow(10, from + (to - from) * (cosine - low) / (high - low)));
}
