/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures: cut faces out of a photo and draw boxes on it, as JPEG, for pages and reports. */
#ifndef FACESEARCH_PICTURE_H
#define FACESEARCH_PICTURE_H

#include <stdint.h>

#include "facesearch/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A decoded photo, upright. One thread at a time may use one. */
typedef struct fse_picture fse_picture;

/*
 * Decode a photo for drawing. max_side: 0, or pixels: a larger photo may be decoded at a reduced
 * size, its longer side not below max_side. Boxes below are in pixels of the full-size photo all
 * the same. On success *picture is the caller's, to give to fse_picture_free().
 * Errors: those of fse_analyse_file().
 */
FSE_API fse_status fse_picture_open_file(const char *path, int max_side, fse_picture **picture,
                                         fse_error *error);
FSE_API fse_status fse_picture_open_memory(const void *bytes, size_t size, int max_side,
                                           fse_picture **picture, fse_error *error);

FSE_API void fse_picture_free(fse_picture **picture);

/* A box to draw: in pixels of the full-size photo, with a caption of printable ASCII above it. */
typedef struct fse_mark {
    float box[4];
    uint8_t rgb[3];
    char caption[16]; /* "" for none; other characters than printable ASCII become '?' */
} fse_mark;

/* Bytes made by the library; free with fse_bytes_free(). */
typedef struct fse_bytes {
    uint8_t *data;
    size_t size;
} fse_bytes;

FSE_API void fse_bytes_free(fse_bytes *bytes);

/*
 * The square around a box, margin times its longer side (1.0: the box itself, 1.5: half as much
 * again), at side x side pixels (16..2048), as JPEG. Parts outside the photo are grey.
 * Errors: FSE_EINVAL, FSE_ENOMEM, FSE_EIMAGE.
 */
FSE_API fse_status fse_picture_crop(const fse_picture *picture, const float box[4], float margin,
                                    int side, fse_bytes *jpeg, fse_error *error);

/*
 * The whole photo, its longer side at most max_side pixels (0: as decoded), with the marks drawn,
 * as JPEG of the given quality (1..100). Without metadata. Errors: as above.
 */
FSE_API fse_status fse_picture_draw(const fse_picture *picture, int max_side, int quality,
                                    const fse_mark *marks, size_t count, fse_bytes *jpeg,
                                    fse_error *error);

#ifdef __cplusplus
}
#endif
#endif
