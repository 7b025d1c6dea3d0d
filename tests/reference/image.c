/* SPDX-License-Identifier: Apache-2.0 */
#include "reference/image.h"

#include <math.h>
#include <stdlib.h>

uint8_t ref_noise(int x, int y, int channel)
{
    uint32_t v = (uint32_t)x * 2654435761U + (uint32_t)y * 2246822519U +
                 (uint32_t)channel * 3266489917U;
    v ^= v >> 15;
    v *= 2246822519U;
    v ^= v >> 13;
    return (uint8_t)v;
}

static fse_image make(int width, int height, int channels)
{
    fse_image image;
    if (fse_image_new(width, height, channels, &image, NULL) != FSE_OK)
        abort();
    return image;
}

fse_image ref_noise_image(int width, int height, int channels)
{
    fse_image image = make(width, height, channels);
    uint8_t *to = image.pixels;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++)
            for (int c = 0; c < channels; c++)
                *to++ = ref_noise(x, y, c);
    return image;
}

fse_image ref_smooth_image(int width, int height)
{
    fse_image image = make(width, height, 3);
    uint8_t *to = image.pixels;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            const double u = (x + 0.5) / width;
            const double v = (y + 0.5) / height;
            *to++ = (uint8_t)(30 + 190 * u);
            *to++ = (uint8_t)(30 + 190 * v);
            *to++ = (uint8_t)(128 + 90 * sin(5 * u) * cos(7 * v));
        }
    return image;
}

uint64_t ref_hash(const fse_image *image)
{
    const size_t size = (size_t)image->width * (size_t)image->height * (size_t)image->channels;
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ image->pixels[i]) * UINT64_C(0x100000001b3);
    return hash;
}

uint8_t ref_pixel(const fse_image *image, int x, int y, int c)
{
    return image->pixels[((size_t)y * (size_t)image->width + (size_t)x) * (size_t)image->channels +
                         (size_t)c];
}

double ref_resized(const fse_image *from, int width, int height, int x, int y, int channel)
{
    const double ratio_x = (double)from->width / width;
    const double ratio_y = (double)from->height / height;
    const double reach_x = fmax(ratio_x, 1);
    const double reach_y = fmax(ratio_y, 1);
    double sum = 0;
    double weights = 0;
    for (int v = 0; v < from->height; v++) {
        const double far_y = fabs(v + 0.5 - (y + 0.5) * ratio_y) / reach_y;
        if (far_y >= 1)
            continue;
        for (int u = 0; u < from->width; u++) {
            const double far_x = fabs(u + 0.5 - (x + 0.5) * ratio_x) / reach_x;
            if (far_x >= 1)
                continue;
            sum += (1 - far_x) * (1 - far_y) * ref_pixel(from, u, v, channel);
            weights += (1 - far_x) * (1 - far_y);
        }
    }
    return sum / weights;
}

double ref_bilinear(const fse_image *from, double x, double y, int channel)
{
    double sum = 0;
    for (int v = (int)floor(y); v <= (int)floor(y) + 1; v++)
        for (int u = (int)floor(x); u <= (int)floor(x) + 1; u++)
            if (u >= 0 && v >= 0 && u < from->width && v < from->height)
                sum += (1 - fabs(u - x)) * (1 - fabs(v - y)) * ref_pixel(from, u, v, channel);
    return sum;
}

double ref_difference(const fse_image *a, const fse_image *b)
{
    if (a->width != b->width || a->height != b->height || a->channels != b->channels)
        return INFINITY;
    const size_t size = (size_t)a->width * (size_t)a->height * (size_t)a->channels;
    double sum = 0;
    for (size_t i = 0; i < size; i++)
        sum += abs(a->pixels[i] - b->pixels[i]);
    return sum / (double)size;
}
