/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/align.h"

#include <math.h>

#include "image/resample.h"

/* insightface/utils/face_align.py, arcface_dst; for a crop of 112 x 112. */
const double fse_arcface_template[5][2] = {{38.2946, 51.6963},
                                           {73.5318, 51.5014},
                                           {56.0252, 71.7366},
                                           {41.5493, 92.3655},
                                           {70.7299, 92.2041}};

bool fse_align(const float points[10], fse_similarity2 *transform)
{
    double px = 0, py = 0, qx = 0, qy = 0;
    for (int i = 0; i < 5; i++) {
        px += (double)points[2 * i] / 5;
        py += (double)points[2 * i + 1] / 5;
        qx += fse_arcface_template[i][0] / 5;
        qy += fse_arcface_template[i][1] / 5;
    }
    double dot = 0, cross = 0, square = 0;
    for (int i = 0; i < 5; i++) {
        const double x = (double)points[2 * i] - px, y = (double)points[2 * i + 1] - py;
        const double u = fse_arcface_template[i][0] - qx, v = fse_arcface_template[i][1] - qy;
        dot += x * u + y * v;
        cross += x * v - y * u;
        square += x * x + y * y;
    }
    const double a = dot / square, b = cross / square;
    *transform = (fse_similarity2){a, b, qx - (a * px - b * py), qy - (b * px + a * py)};
    /* Landmarks within a fiftieth of a pixel, or a scale of zero, have no direction. */
    return square > 1e-3 && isfinite(transform->tx) && isfinite(transform->ty) &&
           a * a + b * b > 1e-12;
}

double fse_align_residual(const fse_similarity2 *t, const float points[10])
{
    double sum = 0;
    for (int i = 0; i < 5; i++) {
        const double x = (double)points[2 * i], y = (double)points[2 * i + 1];
        const double dx = t->a * x - t->b * y + t->tx - fse_arcface_template[i][0];
        const double dy = t->b * x + t->a * y + t->ty - fse_arcface_template[i][1];
        sum += dx * dx + dy * dy;
    }
    return sqrt(sum / 5);
}

void fse_align_inverse(const fse_similarity2 *t, double m[6])
{
    const double square = t->a * t->a + t->b * t->b;
    const double a = t->a / square, b = t->b / square;
    m[0] = a;
    m[1] = b;
    m[2] = -(a * t->tx + b * t->ty);
    m[3] = -b;
    m[4] = a;
    m[5] = b * t->tx - a * t->ty;
}

/* Where the crop's corners lie along one axis of the image, with a margin for the filters. */
static void covered_span(double origin, double dx, double dy, double margin, int size, int *first,
                         int *count)
{
    const double last = FSE_CROP - 1;
    const double low = origin + fmin(dx, 0) * last + fmin(dy, 0) * last - margin;
    const double high = origin + fmax(dx, 0) * last + fmax(dy, 0) * last + margin;
    const double begin = fmax(floor(low), 0), end = fmin(ceil(high) + 1, size);
    *first = (int)fmin(begin, size);
    *count = end > begin ? (int)(end - begin) : 0;
}

/* The part of the image that the crop needs; empty if it lies outside. */
static fse_rect covered(const fse_image *image, const double m[6], double scale)
{
    fse_rect rect;
    covered_span(m[2], m[0], m[1], 2 * scale, image->width, &rect.x, &rect.width);
    covered_span(m[5], m[3], m[4], 2 * scale, image->height, &rect.y, &rect.height);
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

static fse_status crop_halved(const fse_image *image, const double m[6], double scale,
                              fse_image *crop, fse_error *error)
{
    fse_status status;
    fse_image part = {.pixels = NULL};
    const fse_rect rect = covered(image, m, scale);
    if (rect.width == 0 || rect.height == 0)
        FSE_THROW(error, FSE_EFACE, NULL, "the landmarks lie outside the photo");
    FSE_TRY(fse_image_new(rect.width, rect.height, image->channels, &part, error));
    fse_crop(image, rect, 0, &part);
    double n[6] = {m[0], m[1], m[2] - rect.x, m[3], m[4], m[5] - rect.y};
    for (; scale >= 2; scale /= 2) {
        FSE_TRY(halve_in_place(&part, error));
        /* Pixel i of the half image is the mean of 2i and 2i + 1, whose centre is at 2i + 0.5. */
        for (int i = 0; i < 6; i++)
            n[i] /= 2;
        n[2] -= 0.25;
        n[5] -= 0.25;
    }
    fse_warp(&part, n, crop);
cleanup:
    fse_image_free(&part);
    return status;
}

/* Pixels; farther out than any photo reaches, and small enough for the arithmetic of fse_warp(). */
#define FAR_AWAY 1e6

fse_status fse_align_crop(const fse_image *image, const fse_similarity2 *transform, bool plain,
                          fse_image *crop, fse_error *error)
{
    double m[6];
    fse_align_inverse(transform, m);
    const double scale = hypot(m[0], m[3]);
    if (!(fabs(m[2]) < FAR_AWAY && fabs(m[5]) < FAR_AWAY && scale < FAR_AWAY))
        return fse_fail(error, FSE_EFACE, NULL, "the landmarks lie outside the photo");
    if (!plain && scale >= 2)
        return crop_halved(image, m, scale, crop, error);
    fse_warp(image, m, crop);
    return FSE_OK;
}
