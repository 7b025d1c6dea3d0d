/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a small upright picture out of a photo, at any angle and size, without aliasing. */
#ifndef FSE_IMAGE_CUT_H
#define FSE_IMAGE_CUT_H

#include "image/image.h"

/*
 * As fse_warp(), and where the map shrinks to half or less, the part of `from` that is needed is
 * halved first, by averaging, as often as it can be. m is about as large along both axes.
 * FSE_EFACE if the part lies outside the image. to: made by the caller.
 */
fse_status fse_cut(const fse_image *from, const double m[6], fse_image *to, fse_error *error);

#endif
