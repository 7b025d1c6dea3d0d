/* SPDX-License-Identifier: Apache-2.0 */
/* How good a face is for recognition; see fse_quality. */
#ifndef FSE_FACES_QUALITY_H
#define FSE_FACES_QUALITY_H

#include "facesearch/face.h"
#include "image/image.h"

/* sharpness and brightness, from the aligned crop. */
fse_status fse_quality_of_crop(const fse_image *crop, fse_quality *quality, fse_error *error);

/* yaw and pitch, from x, y of the five landmarks. */
void fse_quality_of_pose(const float *landmarks, fse_quality *quality);

#endif
