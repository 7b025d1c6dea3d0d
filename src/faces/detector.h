/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Detector families: how the outputs of each kind of network become boxes, and at which sizes and
 * thresholds it works well. A new family is a new row.
 */
#ifndef FSE_FACES_DETECTOR_H
#define FSE_FACES_DETECTOR_H

#include "faces/detection.h"
#include "models/pack.h"

typedef struct fse_detector {
    const char *name;
    int tile_width, tile_height; /* the network's only input size; 0: any multiples of 32 */
    float threshold;             /* least score of a face */
    float max_iou;               /* of two faces, within a view and across views */
    double view_ratio;           /* each view is at most this many times smaller than the one before */
    int tile_overlap;            /* pixels of a view: the smallest face that the next coarser view finds */
    bool has_landmarks;          /* false: a landmark model follows */

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
