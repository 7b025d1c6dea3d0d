/* SPDX-License-Identifier: Apache-2.0 */
/* Detections: the boxes that a detector answers, before they are faces of a photo. */
#ifndef FSE_FACES_DETECTION_H
#define FSE_FACES_DETECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

typedef struct fse_detection {
    float box[4]; /* x1, y1, x2, y2 */
    float score;
    float landmarks[5][2]; /* all zero where the detector gives none */
    float seen;            /* shorter side of the box in the view that found it, pixels */
    int view;              /* number of that view */
} fse_detection;

typedef struct fse_detections {
    fse_detection *items;
    size_t count, capacity;
} fse_detections;

/* Append; a detection with a number that is not finite is no face and is left out. */
fse_status fse_detections_add(fse_detections *detections, const fse_detection *detection,
                              fse_error *error);

void fse_detections_free(fse_detections *detections);

/* Intersection over union of two boxes; 0 where either is empty or not finite. */
float fse_iou(const float a[4], const float b[4]);

/*
 * Non-maximum suppression within one view: score down (then box, for a total order), and a box with
 * an IoU above max_iou to one kept before is dropped.
 */
void fse_nms(fse_detections *detections, float max_iou);

/*
 * The same over all views of a photo, each suppressed within itself before: of two boxes of one face
 * that from the view in which it is seen larger wins (sizes above 256 pixels count as 256), then
 * the score.
 */
void fse_nms_views(fse_detections *detections, float max_iou);

/* Drop boxes of which more than max_inside of the smaller area lies in one with a better score. */
void fse_drop_inside(fse_detections *detections, float max_inside);

/* Put them in the order of face numbers: score down, then box. */
void fse_detections_sort(fse_detections *detections);

#endif
