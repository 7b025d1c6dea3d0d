/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SCRFD (Guo et al., "Sample and Computation Redistribution for Efficient Face Detection", 2021), as
 * InsightFace exports it: for each of the strides 8, 16 and 32 a score, the distances from an anchor
 * to the four sides, and five landmarks as offsets from it, all in strides; two anchors a cell, at
 * the cell's upper left corner (insightface/model_zoo/scrfd.py, forward and distance2bbox).
 */
#include "faces/detector.h"

#define ANCHORS 2

static const int strides[] = {8, 16, 32};

/* The output with so many rows and columns; which ones there are tells the strides apart. */
static const float *find_output(const fse_net_result *result, size_t rows, size_t columns)
{
    for (int i = 0; i < result->output_count; i++)
        if (result->outputs[i].rows == rows && result->outputs[i].columns == columns)
            return result->outputs[i].data;
    return NULL;
}

static fse_detection decode_anchor(float x, float y, float stride, float score, const float *sides,
                                   const float *points)
{
    fse_detection d = {.score = score};
    d.box[0] = x - sides[0] * stride;
    d.box[1] = y - sides[1] * stride;
    d.box[2] = x + sides[2] * stride;
    d.box[3] = y + sides[3] * stride;
    for (int i = 0; i < 5; i++) {
        d.landmarks[i][0] = x + points[2 * i] * stride;
        d.landmarks[i][1] = y + points[2 * i + 1] * stride;
    }
    return d;
}

static fse_status decode_stride(const fse_net_result *result, int width, int height, int stride,
                                float threshold, fse_detections *detections, fse_error *error)
{
    const size_t columns = (size_t)(width / stride), rows = (size_t)(height / stride);
    const size_t count = rows * columns * ANCHORS;
    const float *scores = find_output(result, count, 1);
    const float *sides = find_output(result, count, 4);
    const float *points = find_output(result, count, 10);
    if (!scores || !sides || !points)
        return fse_fail(error, FSE_EMODEL, NULL,
                        "the detector's outputs are not those of an SCRFD network with landmarks");
    for (size_t i = 0; i < count; i++) {
        if (!(scores[i] >= threshold))
            continue;
        const size_t cell = i / ANCHORS;
        const float x = (float)(cell % columns) * (float)stride;
        const float y = (float)(cell / columns) * (float)stride;
        const fse_detection d =
            decode_anchor(x, y, (float)stride, scores[i], sides + 4 * i, points + 10 * i);
        const fse_status status = fse_detections_add(detections, &d, error);
        if (status != FSE_OK)
            return status;
    }
    return FSE_OK;
}

fse_status fse_scrfd_decode(const fse_net_shape *shape, const fse_net_result *result, int width,
                            int height, float threshold, fse_detections *detections,
                            fse_error *error)
{
    (void)shape;
    fse_status status = FSE_OK;
    for (size_t i = 0; status == FSE_OK && i < sizeof strides / sizeof strides[0]; i++)
        status = decode_stride(result, width, height, strides[i], threshold, detections, error);
    return status;
}
