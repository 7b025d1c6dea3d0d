/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ultra-Light-Fast-Generic-Face-Detector-1MB, RFB-320 (Linzaer, 2019): one input of 320 x 240, the
 * probabilities of background and face, and boxes that are decoded already, as corners in 0..1 of
 * the input. No landmarks.
 */
#include "faces/detector.h"

static const fse_net_output *find_output(const fse_net_result *result, size_t columns)
{
    for (int i = 0; i < result->output_count; i++)
        if (result->outputs[i].columns == columns)
            return &result->outputs[i];
    return NULL;
}

fse_status fse_ultralight_decode(const fse_net_shape *shape, const fse_net_result *result,
                                 int width, int height, float threshold,
                                 fse_detections *detections, fse_error *error)
{
    (void)shape;
    const fse_net_output *scores = find_output(result, 2), *boxes = find_output(result, 4);
    if (!scores || !boxes || scores->rows != boxes->rows)
        return fse_fail(error, FSE_EMODEL, NULL,
                        "the detector's outputs are not those of an Ultra-Light RFB-320 network");
    for (size_t i = 0; i < scores->rows; i++) {
        const float score = scores->data[2 * i + 1];
        if (!(score >= threshold))
            continue;
        const float *corner = boxes->data + 4 * i;
        const fse_detection d = {.score = score,
                                 .box = {corner[0] * (float)width, corner[1] * (float)height,
                                         corner[2] * (float)width, corner[3] * (float)height}};
        const fse_status status = fse_detections_add(detections, &d, error);
        if (status != FSE_OK)
            return status;
    }
    return FSE_OK;
}
