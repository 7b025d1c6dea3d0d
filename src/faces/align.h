/* SPDX-License-Identifier: Apache-2.0 */
/* Alignment: the similarity transform from a face's landmarks to the embedder's crop. */
#ifndef FSE_FACES_ALIGN_H
#define FSE_FACES_ALIGN_H

#include <stdbool.h>

#include "image/image.h"

/* Width and height of the crop that ArcFace-style embedders take. */
#define FSE_CROP 112

/* Crop coordinates of the five landmarks in an aligned face. */
extern const double fse_arcface_template[5][2];

/*
 * The similarity (rotation, scale, shift) that maps points to the template with the least squared
 * error: template ~ [a -b; b a] point + [tx ty]. Umeyama 1991, in closed form for two dimensions.
 */
typedef struct fse_similarity2 {
    double a, b, tx, ty;
} fse_similarity2;

/* points: x, y of the five landmarks. False if they lie in one place or are not finite. */
bool fse_align(const float points[10], fse_similarity2 *transform);

/* Root mean square distance of the mapped points from the template, in pixels of the crop. */
double fse_align_residual(const fse_similarity2 *transform, const float points[10]);

/* The inverse as an affine map for fse_warp(): from pixels of the crop to pixels of the image. */
void fse_align_inverse(const fse_similarity2 *transform, double m[6]);

/*
 * Cut the face out of an image: the aligned crop, shrunk with averaging where the image holds it
 * larger, so that nothing aliases. The landmarks that made the transform are in pixels of `image`.
 * plain: one bilinear look-up a pixel instead, as the InsightFace package does.
 * crop: FSE_CROP x FSE_CROP, 3 channels.
 */
fse_status fse_align_crop(const fse_image *image, const fse_similarity2 *transform, bool plain,
                          fse_image *crop, fse_error *error);

#endif
