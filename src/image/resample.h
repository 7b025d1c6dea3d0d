/* SPDX-License-Identifier: Apache-2.0 */
/* Resampling: shrink, letterbox, warp, grey. Pixel centres are at half-integers; deterministic. */
#ifndef FSE_IMAGE_RESAMPLE_H
#define FSE_IMAGE_RESAMPLE_H

#include "image/image.h"

/* A rectangle of pixels. */
typedef struct fse_rect {
    int x, y, width, height;
} fse_rect;

/*
 * Shrink (or copy) to width x height with a triangle filter as wide as the ratio (antialiased, as
 * Pillow's BILINEAR); where enlarging, plain bilinear. The result is written into `to` at (x, y),
 * which has room and as many channels; the rest of `to` is untouched.
 */
fse_status fse_resize(const fse_image *from, fse_image *to, fse_rect where, fse_error *error);

/*
 * Bilinear at pixel centres without antialiasing, in 11-bit fixed point: the bits of OpenCV 4's
 * cv::resize(INTER_LINEAR) on 8-bit pixels. For comparison with the InsightFace package only.
 */
fse_status fse_resize_opencv(const fse_image *from, fse_image *to, fse_rect where,
                             fse_error *error);

/* Set all pixels to one value in every channel. */
void fse_fill(fse_image *image, uint8_t value);

/*
 * Copy a rectangle, of which any part may lie outside; pixels outside become `outside` in every
 * channel.  to: rect.width x rect.height, same channels.
 */
void fse_crop(const fse_image *from, fse_rect rect, uint8_t outside, fse_image *to);

/*
 * Warp by an affine map: pixel (x, y) of `to` is the bilinear value of `from` at
 * (m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5]), in pixel indices as OpenCV's warpAffine with
 * WARP_INVERSE_MAP counts them (index 0 is the centre of the first pixel); black outside.
 */
void fse_warp(const fse_image *from, const double m[6], fse_image *to);

/* Luma by ITU-R BT.601, rounded: as cv::cvtColor(RGB2GRAY). to: of the same size, 1 channel. */
void fse_grey(const fse_image *rgb, fse_image *to);

/*
 * Halve both sides (rounded up, at least 1) by averaging 2 x 2 pixels: a level of a pyramid. *to is
 * made here, for fse_image_free().
 */
fse_status fse_halve(const fse_image *from, fse_image *to, fse_error *error);

#endif
