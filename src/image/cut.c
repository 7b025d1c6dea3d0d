/* SPDX-License-Identifier: Apache-2.0 */
#include "image/cut.h"

#include <math.h>

#include "image/resample.h"

/* Where the corners of the result lie along one axis of the image, with a margin for the filters. */
static void covered_span(const double row[3], const fse_image *to, double margin, int size,
                         int *first, int *count)
{
    const double dx = row[0] * (to->width - 1), dy = row[1] * (to->height - 1);
    const double low = row[2] + fmin(dx, 0) + fmin(dy, 0) - margin;
    const double high = row[2] + fmax(dx, 0) + fmax(dy, 0) + margin;
    const double begin = fmax(floor(low), 0), end = fmin(ceil(high) + 1, size);
    *first = (int)fmin(begin, size);
    *count = end > begin ? (int)(end - begin) : 0;
}

/* The part of the image that the result needs; empty if it lies outside. */
static fse_rect covered(const fse_image *from, const double m[6], double scale, const fse_image *to)
{
    fse_rect rect;
    covered_span(m, to, 2 * scale, from->width, &rect.x, &rect.width);
    covered_span(m + 3, to, 2 * scale, from->height, &rect.y, &rect.height);
    return rect;
}

static fse_status halve_in_place(fse_image *image, fse_error *error)
{
    fse_image half = {.pixels = NULL};
    const fse_status status = fse_halve(image, &half, error);
    if (status == FSE_OK) {
        fse_image_free(image);
        *image = half;
    }
    return status;
}

static fse_status cut_halved(const fse_image *from, const double m[6], double scale, fse_image *to,
                             fse_error *error)
{
    fse_status status;
    fse_image part = {.pixels = NULL};
    const fse_rect rect = covered(from, m, scale, to);
    if (rect.width == 0 || rect.height == 0)
        FSE_THROW(error, FSE_EFACE, NULL, "the face lies outside the photo");
    FSE_TRY(fse_image_new(rect.width, rect.height, from->channels, &part, error));
    fse_crop(from, rect, 0, &part);
    double n[6] = {m[0], m[1], m[2] - rect.x, m[3], m[4], m[5] - rect.y};
    for (; scale >= 2; scale /= 2) {
        FSE_TRY(halve_in_place(&part, error));
        /* Pixel i of the half image is the mean of 2i and 2i + 1, whose centre is at 2i + 0.5. */
        for (int i = 0; i < 6; i++)
            n[i] /= 2;
        n[2] -= 0.25;
        n[5] -= 0.25;
    }
    fse_warp(&part, n, to);
cleanup:
    fse_image_free(&part);
    return status;
}

/* Pixels; farther out than any photo reaches, and small enough for the arithmetic of fse_warp(). */
#define FAR_AWAY 1e6

fse_status fse_cut(const fse_image *from, const double m[6], fse_image *to, fse_error *error)
{
    /* The finer of the two axes decides, so that neither is blurred. */
    const double scale = fmin(hypot(m[0], m[3]), hypot(m[1], m[4]));
    if (!(fabs(m[2]) < FAR_AWAY && fabs(m[5]) < FAR_AWAY && scale < FAR_AWAY))
        return fse_fail(error, FSE_EFACE, NULL, "the face lies outside the photo");
    if (scale >= 2)
        return cut_halved(from, m, scale, to, error);
    fse_warp(from, m, to);
    return FSE_OK;
}
