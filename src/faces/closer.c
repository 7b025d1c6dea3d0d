/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "faces/look.h"
#include "image/cut.h"

/*
 * YuNet's landmarks scatter, the more the larger it sees the face: with the best view's, FNMR at FMR
 * 1e-3 on lfw-dev is 0.0187; with the mean of these three looks 0.0168; with SCRFD's 0.0162. Sizes
 * between and beside them were tried (docs/accuracy.md).
 */
static const double face_sides[] = {56, 72, 88};
enum { looks = sizeof face_sides / sizeof face_sides[0], crop_side = 160 };

/*
 * Below the detector's own threshold: that there is a face is known already. Both as in the
 * measurement above.
 */
#define LOW_SCORE 0.3F
#define SAME_FACE 0.5F

/* A square of the photo and how many of its pixels make one of the crop. */
typedef struct square {
    double x, y, step;
} square;

static square square_around(const float box[4], double face_side)
{
    const double width = (double)box[2] - (double)box[0], height = (double)box[3] - (double)box[1];
    const double step = sqrt(width * height) / face_side;
    return (square){((double)box[0] + (double)box[2]) / 2 - step * crop_side / 2,
                    ((double)box[1] + (double)box[3]) / 2 - step * crop_side / 2, step};
}

static fse_status cut_square(const fse_picture_frame *frame, const square *s, fse_image *crop,
                             fse_error *error)
{
    const double m[6] = {s->step * frame->scale_x,
                         0,
                         (s->x + s->step / 2) * frame->scale_x + frame->offset_x - 0.5,
                         0,
                         s->step * frame->scale_y,
                         (s->y + s->step / 2) * frame->scale_y + frame->offset_y - 0.5};
    return fse_cut(frame->image, m, crop, error);
}

static void to_photo(fse_detection *d, const square *s)
{
    for (int i = 0; i < 4; i++)
        d->box[i] = (float)(d->box[i] * s->step + (i % 2 ? s->y : s->x));
    for (int i = 0; i < 5; i++) {
        d->landmarks[i][0] = (float)(d->landmarks[i][0] * s->step + s->x);
        d->landmarks[i][1] = (float)(d->landmarks[i][1] * s->step + s->y);
    }
}

/* The best of the boxes found in the crop that is the same face, or NULL. */
static const fse_detection *same_face(fse_detections *found, const square *s, const float box[4])
{
    const fse_detection *best = NULL;
    for (size_t i = 0; i < found->count; i++) {
        fse_detection *d = &found->items[i];
        to_photo(d, s);
        if (fse_iou(d->box, box) >= SAME_FACE && (!best || d->score > best->score))
            best = d;
    }
    return best;
}

static fse_status look_once(const fse_eye *eye, const fse_picture_frame *frame, const float box[4],
                            double face_side, fse_image *crop, double sum[10], int *count,
                            fse_error *error)
{
    fse_status status;
    fse_detections found = {.items = NULL};
    fse_net_result result = {.output_count = 0};
    const square s = square_around(box, face_side);
    FSE_TRY(cut_square(frame, &s, crop, error));
    FSE_TRY(eye->backend->run(eye->net, crop->pixels, 1, crop_side, crop_side, &result, error));
    FSE_TRY(eye->detector->decode(&eye->shape, &result, crop_side, crop_side, LOW_SCORE, &found,
                                  error));
    const fse_detection *d = same_face(&found, &s, box);
    for (int i = 0; d && i < 10; i++)
        sum[i] += (double)d->landmarks[i / 2][i % 2];
    *count += d != NULL;
cleanup:
    eye->backend->release(eye->net, &result);
    fse_detections_free(&found);
    return status;
}

fse_status fse_look_closer(const fse_eye *eye, const fse_picture_frame *frame,
                           fse_detection *detection, fse_error *error)
{
    fse_status status;
    fse_image crop = {.pixels = NULL};
    double sum[10] = {0};
    int count = 0;
    FSE_TRY(fse_image_new(crop_side, crop_side, 3, &crop, error));
    for (int i = 0; i < looks; i++) {
        status = look_once(eye, frame, detection->box, face_sides[i], &crop, sum, &count, error);
        if (status != FSE_OK && status != FSE_EFACE)
            goto cleanup;
    }
    status = FSE_OK;
    for (int i = 0; count > 0 && i < 10; i++)
        detection->landmarks[i / 2][i % 2] = (float)(sum[i] / count);
cleanup:
    fse_image_free(&crop);
    return status;
}
