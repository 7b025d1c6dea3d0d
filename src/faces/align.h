/* SPDX-License-Identifier: Apache-2.0 */
/* Alignment: the similarity transform from a face's landmarks to the embedder's crop. */
#ifndef FSE_FACES_ALIGN_H
#define FSE_FACES_ALIGN_H

#include <stdbool.h>

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
bool fse_align(const float *points, fse_similarity2 *transform);

/* Root mean square distance of the mapped points from the template, in pixels of the crop. */
double fse_align_residual(const fse_similarity2 *transform, const float *points);

/* The inverse as an affine map for fse_cut(): from pixels of the crop to pixels of the image. */
void fse_align_inverse(const fse_similarity2 *transform, double m[6]);

#endif
