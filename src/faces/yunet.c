/* SPDX-License-Identifier: Apache-2.0 */
/*
 * YuNet (Wu et al., "YuNet: A Tiny Millisecond-level Face Detector", 2023), as OpenCV exports it: for
 * each of the strides 8, 16 and 32 a class and an object score, a box as offset of the centre and
 * logarithm of the size, and five landmarks, all in strides from the cell's upper left corner
 * (opencv/modules/objdetect/src/face_detect.cpp, postProcess). Its landmarks begin with the eye on the
 * left of the image, as ours do.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "faces/detector.h"

static const int strides[] = {8, 16, 32};

static const float *find_output(const fse_net_shape *shape, const fse_net_result *result,
                                const char *kind, int stride, size_t rows, size_t columns)
{
    char name[16];
    snprintf(name, sizeof name, "%s_%d", kind, stride);
    for (int i = 0; i < result->output_count; i++)
        if (strcmp(shape->outputs[i].name, name) == 0 && result->outputs[i].rows == rows &&
            result->outputs[i].columns == columns)
            return result->outputs[i].data;
    return NULL;
}

static fse_detection decode_cell(float column, float row, float stride, float score,
                                 const float *box, const float *points)
{
    fse_detection d = {.score = score};
    const float x = (column + box[0]) * stride, y = (row + box[1]) * stride;
    const float width = expf(box[2]) * stride, height = expf(box[3]) * stride;
    d.box[0] = x - width / 2;
    d.box[1] = y - height / 2;
    d.box[2] = x + width / 2;
    d.box[3] = y + height / 2;
    for (int i = 0; i < 5; i++) {
        d.landmarks[i][0] = (column + points[2 * i]) * stride;
        d.landmarks[i][1] = (row + points[2 * i + 1]) * stride;
    }
    return d;
}

static float unit(float value)
{
    return fminf(fmaxf(value, 0), 1);
}

static fse_status decode_stride(const fse_net_shape *shape, const fse_net_result *result,
                                int width, int height, int stride, float threshold,
                                fse_detections *detections, fse_error *error)
{
    const size_t columns = (size_t)(width / stride), count = columns * (size_t)(height / stride);
    const float *classes = find_output(shape, result, "cls", stride, count, 1);
    const float *objects = find_output(shape, result, "obj", stride, count, 1);
    const float *boxes = find_output(shape, result, "bbox", stride, count, 4);
    const float *points = find_output(shape, result, "kps", stride, count, 10);
    if (!classes || !objects || !boxes || !points)
        return fse_fail(error, FSE_EMODEL, NULL,
                        "the detector's outputs are not those of a YuNet network");
    for (size_t i = 0; i < count; i++) {
        const float score = sqrtf(unit(classes[i]) * unit(objects[i]));
        if (!(score >= threshold))
            continue;
        const fse_detection d = decode_cell((float)(i % columns), (float)(i / columns),
                                            (float)stride, score, boxes + 4 * i, points + 10 * i);
        const fse_status status = fse_detections_add(detections, &d, error);
        if (status != FSE_OK)
            return status;
    }
    return FSE_OK;
}

fse_status fse_yunet_decode(const fse_net_shape *shape, const fse_net_result *result, int width,
                            int height, float threshold, fse_detections *detections,
                            fse_error *error)
{
    fse_status status = FSE_OK;
    for (size_t i = 0; status == FSE_OK && i < sizeof strides / sizeof strides[0]; i++)
        status =
            decode_stride(shape, result, width, height, strides[i], threshold, detections, error);
    return status;
}
