/* SPDX-License-Identifier: Apache-2.0 */
/* The resampling of the InsightFace package, which is OpenCV's; see modules/imgproc/src there. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "image/resample.h"

/* INTER_RESIZE_COEF_BITS of imgproc/src/resize.cpp. */
enum { coefficient_bits = 11 };

/* One destination sample: the two source samples it lies between, and their weights. */
typedef struct sample {
    int at, next;
    int16_t weight, next_weight;
} sample;

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/*
 * Horizontally OpenCV drops the weight of a neighbour outside; vertically it keeps it and repeats
 * the row, which rounds differently.
 */
static void fill_samples(sample *samples, int from, int to, bool horizontal)
{
    const double scale = 1 / ((double)to / from);
    for (int i = 0; i < to; i++) {
        float offset = (float)((i + 0.5) * scale - 0.5);
        int at = (int)floorf(offset);
        offset -= (float)at;
        if (horizontal && (at < 0 || at >= from - 1)) {
            offset = 0;
            at = clamp(at, 0, from - 1);
        }
        samples[i].at = clamp(at, 0, from - 1);
        samples[i].next = clamp(at + 1, 0, from - 1);
        samples[i].weight = (int16_t)lrintf((1 - offset) * (1 << coefficient_bits));
        samples[i].next_weight = (int16_t)lrintf(offset * (1 << coefficient_bits));
    }
}

static void resize_row(const fse_image *from, int y, const sample *samples, int width, int32_t *to)
{
    const int channels = from->channels;
    const uint8_t *row = from->pixels + (size_t)y * (size_t)from->width * (size_t)channels;
    for (int x = 0; x < width; x++) {
        const uint8_t *a = row + (ptrdiff_t)samples[x].at * channels;
        const uint8_t *b = row + (ptrdiff_t)samples[x].next * channels;
        for (int c = 0; c < channels; c++)
            *to++ = a[c] * samples[x].weight + b[c] * samples[x].next_weight;
    }
}

/* The shifts are those of VResizeLinear for 8-bit pixels. */
static void blend_rows(const int32_t *upper, const int32_t *lower, const sample *s, size_t count,
                       uint8_t *to)
{
    for (size_t i = 0; i < count; i++)
        to[i] = (uint8_t)((((s->weight * (upper[i] >> 4)) >> 16) +
                           ((s->next_weight * (lower[i] >> 4)) >> 16) + 2) >> 2);
}

fse_status fse_resize_opencv(const fse_image *from, fse_image *to, fse_rect where,
                             fse_error *error)
{
    if (from->channels != to->channels || where.x < 0 || where.y < 0 || where.width < 1 ||
        where.height < 1 || where.width > to->width - where.x ||
        where.height > to->height - where.y)
        return fse_fail(error, FSE_EINVAL, NULL, "no room for %d x %d pixels at (%d, %d)",
                        where.width, where.height, where.x, where.y);
    fse_status status = FSE_OK;
    const size_t count = (size_t)where.width * (size_t)from->channels;
    const size_t stride = (size_t)to->width * (size_t)to->channels;
    sample *columns = fse_alloc((size_t)where.width, sizeof *columns);
    sample *rows = fse_alloc((size_t)where.height, sizeof *rows);
    int32_t *lines = fse_alloc(2 * count, sizeof *lines);
    if (!columns || !rows || !lines)
        FSE_TRY(fse_fail_memory(error));
    fill_samples(columns, from->width, where.width, true);
    fill_samples(rows, from->height, where.height, false);
    /* Line n of the source is kept in lines[n % 2]. */
    int held[2] = {-1, -1};
    for (int y = 0; y < where.height; y++) {
        const int wanted[2] = {rows[y].at, rows[y].next};
        for (int k = 0; k < 2; k++) {
            if (held[wanted[k] % 2] == wanted[k])
                continue;
            resize_row(from, wanted[k], columns, where.width,
                       lines + (size_t)(wanted[k] % 2) * count);
            held[wanted[k] % 2] = wanted[k];
        }
        blend_rows(lines + (size_t)(wanted[0] % 2) * count, lines + (size_t)(wanted[1] % 2) * count,
                   &rows[y], count,
                   to->pixels + (size_t)(where.y + y) * stride +
                       (size_t)where.x * (size_t)to->channels);
    }
cleanup:
    free(lines);
    free(rows);
    free(columns);
    return status;
}

/* A pixel's channel, black outside. */
static float at_or_black(const fse_image *from, int x, int y, int c)
{
    if (x < 0 || y < 0 || x >= from->width || y >= from->height)
        return 0;
    return from->pixels[((size_t)y * (size_t)from->width + (size_t)x) * (size_t)from->channels +
                        (size_t)c];
}

static void warp_pixel(const fse_image *from, float x, float y, uint8_t *to)
{
    /* Also false for NaN; at most one pixel outside, where the border still blends in. */
    if (!(x > -1 && y > -1 && x < (float)from->width && y < (float)from->height)) {
        for (int c = 0; c < from->channels; c++)
            to[c] = 0;
        return;
    }
    const int left = (int)floorf(x);
    const int top = (int)floorf(y);
    const float right_share = x - (float)left;
    const float lower_share = y - (float)top;
    for (int c = 0; c < from->channels; c++) {
        const float a = at_or_black(from, left, top, c);
        const float b = at_or_black(from, left + 1, top, c);
        const float d = at_or_black(from, left, top + 1, c);
        const float e = at_or_black(from, left + 1, top + 1, c);
        const float upper = a + right_share * (b - a);
        const float lower = d + right_share * (e - d);
        to[c] = (uint8_t)lrintf(upper + lower_share * (lower - upper));
    }
}

void fse_warp(const fse_image *from, const double m[6], fse_image *to)
{
    uint8_t *pixel = to->pixels;
    for (int y = 0; y < to->height; y++)
        for (int x = 0; x < to->width; x++, pixel += to->channels)
            warp_pixel(from, (float)(m[0] * x + m[1] * y + m[2]),
                       (float)(m[3] * x + m[4] * y + m[5]), pixel);
}
