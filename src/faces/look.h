/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at a picture at several sizes: views, tiles, detection, suppression over all of them. */
#ifndef FSE_FACES_LOOK_H
#define FSE_FACES_LOOK_H

#include "faces/detector.h"
#include "image/image.h"

/*
 * A picture and where it lies in the photo: photo = (picture - offset) / scale on each axis, in
 * continuous coordinates whose 0 is the photo's upper left corner.
 */
typedef struct fse_picture_frame {
    const fse_image *image;
    double scale_x, scale_y;
    double offset_x, offset_y;
} fse_picture_frame;

typedef struct fse_eye {
    const fse_net_backend *backend;
    fse_net *net;
    const fse_detector *detector;
    fse_net_shape shape;
} fse_eye;

/*
 * Detect at several sizes, the finest with a longer side of `fine` pixels. The detections, in
 * pixels of the photo, are suppressed over all views and in the order of face numbers.
 */
fse_status fse_look(const fse_eye *eye, const fse_picture_frame *frame, int fine,
                    fse_detections *detections, fse_error *error);

/*
 * Detect in one square letterbox of `size` pixels a side, as the InsightFace package does
 * (insightface/model_zoo/scrfd.py, detect).
 */
fse_status fse_look_letterbox(const fse_eye *eye, const fse_picture_frame *frame, int size,
                              fse_detections *detections, fse_error *error);

/*
 * Find the landmarks of a detection again, in crops in which the face has the sizes that the
 * detector sees best, and take their mean; where it is not found again they stay.
 */
fse_status fse_look_closer(const fse_eye *eye, const fse_picture_frame *frame,
                           fse_detection *detection, fse_error *error);

#endif
