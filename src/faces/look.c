/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/look.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "faces/views.h"
#include "image/resample.h"

/* The photo at one size, padded to the network's input. */
typedef struct view {
    fse_image canvas;
    int width, height;       /* of the picture in it, at the upper left */
    double scale_x, scale_y; /* pixels of the view for one of the picture */
    int number;
} view;

static fse_status run_on(const fse_eye *eye, const fse_image *input, fse_detections *found,
                         fse_error *error)
{
    fse_net_result result = {.output_count = 0};
    fse_status status;
    FSE_TRY(eye->backend->run(eye->net, input->pixels, 1, input->height, input->width, &result,
                              error));
    FSE_TRY(eye->detector->decode(&eye->shape, &result, input->width, input->height,
                                  eye->detector->threshold, found, error));
cleanup:
    eye->backend->release(eye->net, &result);
    return status;
}

/* Two pixels of a tile: a box that ends so near an inner edge is cut off; the next tile has it whole. */
#define CUT_MARGIN 2.0F

static bool is_cut(const float box[4], fse_rect tile, const view *v)
{
    return (tile.x > 0 && box[0] < CUT_MARGIN) || (tile.y > 0 && box[1] < CUT_MARGIN) ||
           (tile.x + tile.width < v->width && box[2] > (float)tile.width - CUT_MARGIN) ||
           (tile.y + tile.height < v->height && box[3] > (float)tile.height - CUT_MARGIN);
}

static void shift(fse_detection *d, float x, float y)
{
    for (int i = 0; i < 4; i++)
        d->box[i] += i % 2 ? y : x;
    for (int i = 0; i < 5; i++) {
        d->landmarks[i][0] += x;
        d->landmarks[i][1] += y;
    }
}

static fse_status look_at_tile(const fse_eye *eye, const view *v, fse_rect tile,
                               fse_detections *found, fse_error *error)
{
    fse_status status;
    fse_image input = {.pixels = NULL};
    const size_t before = found->count;
    FSE_TRY(fse_image_new(tile.width, tile.height, 3, &input, error));
    fse_crop(&v->canvas, tile, 0, &input);
    FSE_TRY(run_on(eye, &input, found, error));
    size_t kept = before;
    for (size_t i = before; i < found->count; i++)
        if (!is_cut(found->items[i].box, tile, v)) {
            found->items[kept] = found->items[i];
            shift(&found->items[kept++], (float)tile.x, (float)tile.y);
        }
    found->count = kept;
cleanup:
    fse_image_free(&input);
    return status;
}

static fse_status look_at_tiles(const fse_eye *eye, const view *v, fse_detections *found,
                                fse_error *error)
{
    const fse_detector *d = eye->detector;
    fse_status status = FSE_OK;
    const int columns = fse_tile_starts(v->width, d->tile_width, d->tile_overlap, NULL);
    const int rows = fse_tile_starts(v->height, d->tile_height, d->tile_overlap, NULL);
    int *xs = fse_alloc((size_t)columns, sizeof *xs), *ys = fse_alloc((size_t)rows, sizeof *ys);
    if (!xs || !ys)
        FSE_TRY(fse_fail_memory(error));
    fse_tile_starts(v->width, d->tile_width, d->tile_overlap, xs);
    fse_tile_starts(v->height, d->tile_height, d->tile_overlap, ys);
    for (int i = 0; i < rows * columns; i++) {
        const fse_rect tile = {xs[i % columns], ys[i / columns], d->tile_width, d->tile_height};
        FSE_TRY(look_at_tile(eye, v, tile, found, error));
    }
cleanup:
    free(xs);
    free(ys);
    return status;
}

/* From pixels of the view to pixels of the photo. */
static void to_photo(fse_detection *d, const view *v, const fse_picture_frame *frame)
{
    const double x = 1 / (v->scale_x * frame->scale_x), y = 1 / (v->scale_y * frame->scale_y);
    const double left = frame->offset_x / frame->scale_x, top = frame->offset_y / frame->scale_y;
    d->seen = fminf(d->box[2] - d->box[0], d->box[3] - d->box[1]);
    d->view = v->number;
    for (int i = 0; i < 4; i++)
        d->box[i] = (float)(i % 2 ? d->box[i] * y - top : d->box[i] * x - left);
    for (int i = 0; i < 5; i++) {
        d->landmarks[i][0] = (float)(d->landmarks[i][0] * x - left);
        d->landmarks[i][1] = (float)(d->landmarks[i][1] * y - top);
    }
}

/* Detect in one view and append what is left after suppression within it. */
static fse_status look_at_view(const fse_eye *eye, const view *v, const fse_picture_frame *frame,
                               fse_detections *all, fse_error *error)
{
    fse_status status;
    fse_detections found = {.items = NULL};
    if (eye->detector->tile_width > 0)
        FSE_TRY(look_at_tiles(eye, v, &found, error));
    else
        FSE_TRY(run_on(eye, &v->canvas, &found, error));
    fse_nms(&found, eye->detector->max_iou);
    for (size_t i = 0; i < found.count; i++) {
        to_photo(&found.items[i], v, frame);
        FSE_TRY(fse_detections_add(all, &found.items[i], error));
    }
cleanup:
    fse_detections_free(&found);
    return status;
}

static int side_of(int side, int longer, int wanted)
{
    const int scaled = (int)lround((double)side * wanted / longer);
    return scaled < 1 ? 1 : scaled;
}

/* Shrink a picture to a view. A detector with one input size gets no padding here: tiles pad. */
static fse_status make_view(const fse_image *from, int side, const fse_detector *detector, view *v,
                            fse_error *error)
{
    const int longer = from->width > from->height ? from->width : from->height;
    const bool tiled = detector->tile_width > 0;
    v->width = side_of(from->width, longer, side);
    v->height = side_of(from->height, longer, side);
    v->scale_x = (double)v->width / from->width;
    v->scale_y = (double)v->height / from->height;
    const int width = tiled ? v->width : fse_canvas_side(v->width);
    const int height = tiled ? v->height : fse_canvas_side(v->height);
    fse_status status = fse_image_new(width, height, 3, &v->canvas, error);
    if (status != FSE_OK)
        return status;
    fse_fill(&v->canvas, 0);
    return fse_resize(from, &v->canvas, (fse_rect){0, 0, v->width, v->height}, error);
}

fse_status fse_look(const fse_eye *eye, const fse_picture_frame *frame, int fine,
                    fse_detections *detections, fse_error *error)
{
    fse_status status = FSE_OK;
    view v = {.number = 0};
    int sides[FSE_MAX_VIEWS];
    const int count = fse_view_sides(fine, eye->detector->view_ratio, sides);
    for (v.number = 0; v.number < count; v.number++) {
        FSE_TRY(make_view(frame->image, sides[v.number], eye->detector, &v, error));
        FSE_TRY(look_at_view(eye, &v, frame, detections, error));
        fse_image_free(&v.canvas);
    }
    fse_nms_views(detections, eye->detector->max_iou);
    fse_detections_sort(detections);
cleanup:
    fse_image_free(&v.canvas);
    return status;
}

/* The picture's size in the letterbox, with the reference's truncations and its one scale for both. */
static void fit_letterbox(const fse_image *image, int size, view *v)
{
    const double ratio = (double)image->height / image->width;
    v->width = ratio > 1 ? (int)(size / ratio) : size;
    v->height = ratio > 1 ? size : (int)(size * ratio);
    v->width = v->width < 1 ? 1 : v->width;
    v->height = v->height < 1 ? 1 : v->height;
    v->scale_x = v->scale_y = (double)v->height / image->height;
}

fse_status fse_look_letterbox(const fse_eye *eye, const fse_picture_frame *frame, int size,
                              fse_detections *detections, fse_error *error)
{
    fse_status status;
    view v = {.number = 0};
    const int side = (size + 31) / 32 * 32;
    fit_letterbox(frame->image, size, &v);
    FSE_TRY(fse_image_new(side, side, 3, &v.canvas, error));
    fse_fill(&v.canvas, 0);
    FSE_TRY(fse_resize_opencv(frame->image, &v.canvas, (fse_rect){0, 0, v.width, v.height}, error));
    FSE_TRY(look_at_view(eye, &v, frame, detections, error));
    fse_detections_sort(detections);
cleanup:
    fse_image_free(&v.canvas);
    return status;
}
