/* SPDX-License-Identifier: Apache-2.0 */
/* Pixels in memory: 8-bit, RGB interleaved or one grey channel, rows without gaps. */
#ifndef FSE_IMAGE_IMAGE_H
#define FSE_IMAGE_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

typedef struct fse_image {
    int width, height; /* at least 1 each in an image that holds pixels */
    int channels;      /* 3: sRGB, in this order; 1: luma */
    uint8_t *pixels;   /* width * height * channels; NULL: an empty image */
} fse_image;

/* Uninitialised pixels, for fse_image_free(). width and height 1..65535. */
fse_status fse_image_new(int width, int height, int channels, fse_image *image, fse_error *error);

/* Free the pixels and make the image empty. */
void fse_image_free(fse_image *image);

#endif
