/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/detector.h"

/*
 * Thresholds. scrfd: 0.5, of the InsightFace package (insightface/app/face_analysis.py, det_thresh).
 * yunet and ultralight: measured, see docs/accuracy.md, as are the view ratios and overlaps.
 * IoU 0.4: of all three reference implementations.
 */
static const fse_detector detectors[] = {
    [FSE_FAMILY_SCRFD] = {"scrfd", 0, 0, 0.5F, 0.4F, 4.0, 64, true, fse_scrfd_decode},
    [FSE_FAMILY_YUNET] = {"yunet", 0, 0, 0.6F, 0.4F, 4.0, 64, true, fse_yunet_decode},
    [FSE_FAMILY_ULTRALIGHT] = {"ultralight", 320, 240, 0.7F, 0.4F, 2.0, 48, false,
                               fse_ultralight_decode},
};

const fse_detector *fse_detector_of(fse_family family)
{
    return &detectors[family];
}
