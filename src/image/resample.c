/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resize is separable, in integers throughout, so that its bits are the same on every machine.
 * The vertical pass comes first: it runs along rows, which the compiler vectorises, and leaves the
 * horizontal pass, which it does not, only as many rows as the result has.
 */
#include "image/resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/*
 * Fixed point: a pixel (8 bits) times a weight (14 bits) is summed in 32 bits, kept as 8.8, and
 * times a weight again stays below 2^31. The rounding of both passes moves a value by less than
 * 0.52 from the exact one.
 */
enum { weight_bits = 14, kept_bits = 8, block = 32 };

/* The source samples and weights of each destination sample. */
typedef struct axis {
    int *first;       /* index of the first source sample */
    int *count;       /* how many */
    int16_t *weights; /* room for `taps` of each; they sum to 1 << weight_bits */
    int taps;
} axis;

static void axis_free(axis *a)
{
    free(a->first);
    free(a->count);
    free(a->weights);
}

static double triangle(double x)
{
    return fmax(0, 1 - fabs(x));
}

/*
 * The weights of one destination sample. The sums of weights are rounded, not the weights: so they
 * sum to one exactly, and a ratio beyond 1 << weight_bits still gives a fair average.
 */
static void axis_sample(const axis *a, int i, int from, double scale)
{
    const double width = fmax(scale, 1);
    const double centre = (i + 0.5) * scale;
    const int first = (int)fmax(0, floor(centre - width + 0.5));
    const int last = (int)fmin(from, floor(centre + width + 0.5));
    double total = 0;
    for (int k = first; k < last; k++)
        total += triangle((k + 0.5 - centre) / width);
    int16_t *weights = a->weights + (size_t)i * (size_t)a->taps;
    double sum = 0;
    long done = 0;
    for (int k = first; k < last; k++) {
        sum += triangle((k + 0.5 - centre) / width);
        const long upto = lround(sum / total * (1 << weight_bits));
        weights[k - first] = (int16_t)(upto - done);
        done = upto;
    }
    a->first[i] = first;
    a->count[i] = last - first;
}

static fse_status axis_init(axis *a, int from, int to, fse_error *error)
{
    const double scale = (double)from / to;
    a->taps = 2 * (int)ceil(fmax(scale, 1)) + 1;
    a->first = fse_alloc((size_t)to, sizeof *a->first);
    a->count = fse_alloc((size_t)to, sizeof *a->count);
    a->weights = fse_alloc((size_t)to * (size_t)a->taps, sizeof *a->weights);
    if (!a->first || !a->count || !a->weights)
        return fse_fail_memory(error);
    for (int i = 0; i < to; i++)
        axis_sample(a, i, from, scale);
    return FSE_OK;
}

/* Up to `block` columns of the weighted sum of rows. The fixed length is what gets vectorised. */
static void sum_block(const uint8_t *rows, size_t stride, const int16_t *weights, int count,
                      uint16_t *to)
{
    int32_t sums[block];
    for (int i = 0; i < block; i++)
        sums[i] = 1 << (weight_bits - kept_bits - 1);
    for (int k = 0; k < count; k++, rows += stride) {
        const int16_t weight = weights[k];
        for (int i = 0; i < block; i++)
            sums[i] += (int16_t)rows[i] * weight;
    }
    for (int i = 0; i < block; i++)
        to[i] = (uint16_t)(sums[i] >> (weight_bits - kept_bits));
}

static void sum_rows(const uint8_t *rows, size_t stride, const int16_t *weights, int count,
                     uint16_t *to)
{
    size_t x = 0;
    for (; x + block <= stride; x += block)
        sum_block(rows + x, stride, weights, count, to + x);
    for (; x < stride; x++) {
        int32_t sum = 1 << (weight_bits - kept_bits - 1);
        for (int k = 0; k < count; k++)
            sum += rows[x + (size_t)k * stride] * weights[k];
        to[x] = (uint16_t)(sum >> (weight_bits - kept_bits));
    }
}

enum { final_bits = weight_bits + kept_bits };

static void shrink_row_rgb(const uint16_t *from, const axis *a, int width, uint8_t *to)
{
    for (int x = 0; x < width; x++, to += 3) {
        const uint16_t *sample = from + (size_t)a->first[x] * 3;
        const int16_t *weights = a->weights + (size_t)x * (size_t)a->taps;
        int32_t r = 1 << (final_bits - 1);
        int32_t g = r;
        int32_t b = r;
        for (int k = 0; k < a->count[x]; k++, sample += 3) {
            r += sample[0] * weights[k];
            g += sample[1] * weights[k];
            b += sample[2] * weights[k];
        }
        to[0] = (uint8_t)(r >> final_bits);
        to[1] = (uint8_t)(g >> final_bits);
        to[2] = (uint8_t)(b >> final_bits);
    }
}

static void shrink_row_grey(const uint16_t *from, const axis *a, int width, uint8_t *to)
{
    for (int x = 0; x < width; x++) {
        const int16_t *weights = a->weights + (size_t)x * (size_t)a->taps;
        int32_t sum = 1 << (final_bits - 1);
        for (int k = 0; k < a->count[x]; k++)
            sum += from[a->first[x] + k] * weights[k];
        to[x] = (uint8_t)(sum >> final_bits);
    }
}

static size_t stride_of(const fse_image *image)
{
    return (size_t)image->width * (size_t)image->channels;
}

static uint8_t *pixel_at(const fse_image *image, int x, int y)
{
    return image->pixels + (size_t)y * stride_of(image) + (size_t)x * (size_t)image->channels;
}

static bool fits(const fse_image *from, const fse_image *to, fse_rect where)
{
    return from->pixels && to->pixels && from->channels == to->channels && where.x >= 0 &&
           where.y >= 0 && where.width >= 1 && where.height >= 1 &&
           where.width <= to->width - where.x && where.height <= to->height - where.y;
}

static void copy_rows(const fse_image *from, fse_image *to, fse_rect where)
{
    for (int y = 0; y < where.height; y++)
        memcpy(pixel_at(to, where.x, where.y + y), pixel_at(from, 0, y), stride_of(from));
}

fse_status fse_resize(const fse_image *from, fse_image *to, fse_rect where, fse_error *error)
{
    fse_status status;
    axis columns = {0};
    axis rows = {0};
    uint16_t *sums = NULL;
    if (!fits(from, to, where))
        return fse_fail(error, FSE_EINVAL, NULL, "no room for %d x %d pixels at (%d, %d)",
                        where.width, where.height, where.x, where.y);
    if (from->width == where.width && from->height == where.height) {
        copy_rows(from, to, where);
        return FSE_OK;
    }
    FSE_TRY(axis_init(&columns, from->width, where.width, error));
    FSE_TRY(axis_init(&rows, from->height, where.height, error));
    sums = fse_alloc(stride_of(from), sizeof *sums);
    if (!sums)
        FSE_TRY(fse_fail_memory(error));
    for (int y = 0; y < where.height; y++) {
        sum_rows(pixel_at(from, 0, rows.first[y]), stride_of(from),
                 rows.weights + (size_t)y * (size_t)rows.taps, rows.count[y], sums);
        uint8_t *row = pixel_at(to, where.x, where.y + y);
        if (from->channels == 3)
            shrink_row_rgb(sums, &columns, where.width, row);
        else
            shrink_row_grey(sums, &columns, where.width, row);
    }
cleanup:
    free(sums);
    axis_free(&rows);
    axis_free(&columns);
    return status;
}

void fse_fill(fse_image *image, uint8_t value)
{
    memset(image->pixels, value, stride_of(image) * (size_t)image->height);
}

void fse_crop(const fse_image *from, fse_rect rect, uint8_t outside, fse_image *to)
{
    fse_fill(to, outside);
    const int64_t left = rect.x > 0 ? rect.x : 0;
    const int64_t top = rect.y > 0 ? rect.y : 0;
    const int64_t far_x = (int64_t)rect.x + rect.width;
    const int64_t far_y = (int64_t)rect.y + rect.height;
    const int64_t right = far_x < from->width ? far_x : from->width;
    const int64_t bottom = far_y < from->height ? far_y : from->height;
    if (left >= right)
        return;
    const size_t bytes = (size_t)(right - left) * (size_t)from->channels;
    for (int64_t y = top; y < bottom; y++)
        memcpy(pixel_at(to, (int)(left - rect.x), (int)(y - rect.y)),
               pixel_at(from, (int)left, (int)y), bytes);
}

void fse_grey(const fse_image *rgb, fse_image *to)
{
    /* The weights of ITU-R BT.601 in 15 bits, as cv::cvtColor has them for 8-bit pixels. */
    enum { red = 9798, green = 19235, blue = 3735, bits = 15 };
    const size_t count = (size_t)rgb->width * (size_t)rgb->height;
    const uint8_t *from = rgb->pixels;
    for (size_t i = 0; i < count; i++, from += 3)
        to->pixels[i] = (uint8_t)((from[0] * red + from[1] * green + from[2] * blue +
                                   (1 << (bits - 1))) >> bits);
}

/* The second row or column of a pair is the first again where the side is odd. */
static void halve_row(const uint8_t *upper, const uint8_t *lower, int width, int channels,
                      uint8_t *to)
{
    const int pairs = width / 2;
    for (int x = 0; x < pairs; x++, upper += channels, lower += channels)
        for (int c = 0; c < channels; c++, upper++, lower++)
            *to++ = (uint8_t)((upper[0] + upper[channels] + lower[0] + lower[channels] + 2) >> 2);
    if (width % 2)
        for (int c = 0; c < channels; c++)
            *to++ = (uint8_t)((upper[c] + lower[c] + 1) >> 1);
}

fse_status fse_halve(const fse_image *from, fse_image *to, fse_error *error)
{
    const fse_status status = fse_image_new((from->width + 1) / 2, (from->height + 1) / 2,
                                            from->channels, to, error);
    if (status != FSE_OK)
        return status;
    for (int y = 0; y < to->height; y++) {
        const int lower = 2 * y + 1 < from->height ? 2 * y + 1 : 2 * y;
        halve_row(pixel_at(from, 0, 2 * y), pixel_at(from, 0, lower), from->width, from->channels,
                  pixel_at(to, 0, y));
    }
    return FSE_OK;
}
