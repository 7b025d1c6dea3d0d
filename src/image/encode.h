/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FSE_IMAGE_ENCODE_H
#define FSE_IMAGE_ENCODE_H

#include <stddef.h>

#include "image/image.h"

/* An RGB image as a JPEG file without metadata. quality 1..100. *bytes is for free(). */
fse_status fse_encode_jpeg(const fse_image *rgb, int quality, uint8_t **bytes, size_t *size,
                           fse_error *error);

#endif
