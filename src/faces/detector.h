/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detector families: how the outputs of each kind of network become boxes, and at which sizes and
 * thresholds it works well. A new family is a new row.
 */
#ifndef FSE_FACES_DETECTOR_H
#define FSE_FACES_DETECTOR_H

#include "faces/detection.h"
#include "faces/views.h"
#include "models/pack.h"

typedef struct fse_detector {
    const char *name;
    fse_tiling tiling;  /* width 0: the network takes any size */
    uint8_t padding;    /* value of the pixels around a view */
    int smallest;       /* pixels of the smallest face that is found reliably */
    float threshold;    /* least score of a face */
    float max_iou;      /* of two faces, within a view and across views */
    float max_inside;   /* share of the smaller of two boxes that may lie in the better one */
    float max_height;   /* in all views but the coarsest, boxes higher than this are dropped: they are
                           parts of larger faces; 0: none */
    bool larger_wins;   /* across views, the one that sees a face larger is right; false: the score */
    double view_ratio;  /* each view is at most about this many times smaller than the one before */
    bool has_landmarks; /* false: a landmark model follows */
    bool second_look;   /* the landmarks are poor: look at each face again, see fse_look_closer() */

    /*
     * Append the boxes with a score of at least `threshold`, in pixels of the network's input of
     * width x height. FSE_EMODEL if the outputs are not what this family has.
     */
    fse_status (*decode)(const fse_net_shape *shape, const fse_net_result *result, int width,
                         int height, float threshold, fse_detections *detections,
                         fse_error *error);
} fse_detector;

const fse_detector *fse_detector_of(fse_family family);

fse_status fse_scrfd_decode(const fse_net_shape *shape, const fse_net_result *result, int width,
                            int height, float threshold, fse_detections *detections,
                            fse_error *error);
fse_status fse_yunet_decode(const fse_net_shape *shape, const fse_net_result *result, int width,
                            int height, float threshold, fse_detections *detections,
                            fse_error *error);
fse_status fse_ultralight_decode(const fse_net_shape *shape, const fse_net_result *result,
                                 int width, int height, float threshold,
                                 fse_detections *detections, fse_error *error);

#endif
