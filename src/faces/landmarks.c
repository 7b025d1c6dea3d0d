/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/landmarks.h"

#include <math.h>
#include <stddef.h>

#include "image/resample.h"

/*
 * Which of the 68 points (iBUG 300-W numbering, from 0) make each of the five, as faceplugin's own
 * code averages them (lib/fr_feature.js, convert68pts5pts): eyelids, tip of the nose, corners of the
 * outer and the inner lips. A row ends at -1.
 */
static const int members[5][5] = {
    {37, 38, 40, 41, -1}, {43, 44, 46, 47, -1}, {30, -1}, {48, 60, -1}, {54, 64, -1}};

static void five_of(const float *points, const float corner[2], const float scale[2],
                    float landmarks[5][2])
{
    for (int i = 0; i < 5; i++) {
        float sum[2] = {0, 0};
        int count = 0;
        for (; members[i][count] >= 0; count++) {
            sum[0] += points[2 * members[i][count]];
            sum[1] += points[2 * members[i][count] + 1];
        }
        for (int axis = 0; axis < 2; axis++)
            landmarks[i][axis] = corner[axis] + sum[axis] / (float)count * scale[axis];
    }
}

/* The box's pixels, shrunk with averaging to the network's grey input. */
static fse_status cut_box(const fse_image *image, fse_rect rect, fse_image *grey, fse_error *error)
{
    fse_status status;
    fse_image part = {.pixels = NULL}, small = {.pixels = NULL};
    FSE_TRY(fse_image_new(rect.width, rect.height, 3, &part, error));
    FSE_TRY(fse_image_new(FSE_LANDMARK_SIDE, FSE_LANDMARK_SIDE, 3, &small, error));
    fse_crop(image, rect, 0, &part);
    FSE_TRY(fse_resize(&part, &small, (fse_rect){0, 0, FSE_LANDMARK_SIDE, FSE_LANDMARK_SIDE},
                       error));
    FSE_TRY(fse_image_new(FSE_LANDMARK_SIDE, FSE_LANDMARK_SIDE, 1, grey, error));
    fse_grey(&small, grey);
cleanup:
    fse_image_free(&part);
    fse_image_free(&small);
    return status;
}

fse_status fse_landmarks_find(const fse_net_backend *backend, fse_net *net, const fse_image *image,
                              const float box[4], float landmarks[5][2], fse_error *error)
{
    fse_status status;
    fse_image grey = {.pixels = NULL};
    fse_net_result result = {.output_count = 0};
    const fse_rect rect = {(int)lroundf(box[0]), (int)lroundf(box[1]),
                           (int)lroundf(box[2]) - (int)lroundf(box[0]),
                           (int)lroundf(box[3]) - (int)lroundf(box[1])};
    if (rect.width < 1 || rect.height < 1)
        FSE_THROW(error, FSE_EFACE, NULL, "the box is empty");
    FSE_TRY(cut_box(image, rect, &grey, error));
    FSE_TRY(backend->run(net, grey.pixels, 1, grey.height, grey.width, &result, error));
    if (result.outputs[0].rows * result.outputs[0].columns != 2 * FSE_LANDMARK_POINTS)
        FSE_THROW(error, FSE_EMODEL, NULL, "the landmark model did not give %d points",
                  FSE_LANDMARK_POINTS);
    const float corner[2] = {(float)rect.x, (float)rect.y};
    const float scale[2] = {(float)rect.width, (float)rect.height};
    five_of(result.outputs[0].data, corner, scale, landmarks);
cleanup:
    backend->release(net, &result);
    fse_image_free(&grey);
    return status;
}
