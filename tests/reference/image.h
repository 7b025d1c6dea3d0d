/* SPDX-License-Identifier: Apache-2.0 */
/* What src/image is meant to compute, in double precision, one pixel at a time. */
#ifndef FSE_REFERENCE_IMAGE_H
#define FSE_REFERENCE_IMAGE_H

#include "image/image.h"

/* A made-up pixel: the same in any language, and no two neighbours alike. */
uint8_t ref_noise(int x, int y, int channel);

/* An image of ref_noise(); one of a smooth pattern without symmetry. Out of memory: abort(). */
fse_image ref_noise_image(int width, int height, int channels);
fse_image ref_smooth_image(int width, int height);

/* 64-bit FNV-1a of an image's pixels. */
uint64_t ref_hash(const fse_image *image);

/* A channel of pixel (x, y) of an image resized to width x height by a triangle filter. */
double ref_resized(const fse_image *from, int width, int height, int x, int y, int channel);

/* A channel between pixels, black outside; by pixel indices. */
double ref_bilinear(const fse_image *from, double x, double y, int channel);

/* Channel c of pixel (x, y). */
uint8_t ref_pixel(const fse_image *image, int x, int y, int c);

/* The mean of absolute differences; infinite where the shapes differ. */
double ref_difference(const fse_image *a, const fse_image *b);

#endif
