/* SPDX-License-Identifier: Apache-2.0 */
/* Landmarks for detectors that give none: a 68-point network on the box. */
#ifndef FSE_FACES_LANDMARKS_H
#define FSE_FACES_LANDMARKS_H

#include "image/image.h"
#include "models/net.h"

#define FSE_LANDMARK_SIDE 64
#define FSE_LANDMARK_POINTS 68

/*
 * Find the five landmarks of a face. box and landmarks are in pixels of the image; the box may run
 * past it. *is_face: whether the 68 points agree that the box is a face; landmarks are valid if so.
 */
fse_status fse_landmarks_find(const fse_net_backend *backend, fse_net *net, const fse_image *image,
                              const float box[4], float landmarks[5][2], bool *is_face,
                              fse_error *error);

#endif
