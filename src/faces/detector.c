/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/detector.h"

/*
 * scrfd: threshold, IoU and black padding of the InsightFace package (insightface/app/face_analysis.py
 * and model_zoo/scrfd.py). IoU 0.4 is that of all three reference implementations. All else was
 * measured on the photos of docs/accuracy.md; see there.
 */
static const fse_detector detectors[] = {
    [FSE_FAMILY_SCRFD] = {.name = "scrfd",
                          .smallest = 16,
                          .threshold = 0.5F,
                          .max_iou = 0.4F,
                          .max_inside = 1,
                          .larger_wins = true,
                          .view_ratio = 4,
                          .has_landmarks = true,
                          .decode = fse_scrfd_decode},
    [FSE_FAMILY_YUNET] = {.name = "yunet",
                          .smallest = 16,
                          .threshold = 0.7F,
                          .max_iou = 0.4F,
                          .max_inside = 1,
                          .view_ratio = 4,
                          .has_landmarks = true,
                          .second_look = true,
                          .decode = fse_yunet_decode},
    [FSE_FAMILY_ULTRALIGHT] = {.name = "ultralight",
                               .tiling = {.width = 320, .height = 240, .overlap = 48, .margin = 12},
                               .padding = 127,
                               .smallest = 20,
                               .threshold = 0.7F,
                               .max_iou = 0.4F,
                               .max_inside = 0.7F,
                               .max_height = 96,
                               .view_ratio = 3,
                               .decode = fse_ultralight_decode},
};

const fse_detector *fse_detector_of(fse_family family)
{
    return &detectors[family];
}
