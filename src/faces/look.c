/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/look.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "faces/views.h"
#include "image/resample.h"

/* The picture at one size, padded to what the network takes. */
typedef struct view {
    fse_image canvas;
    fse_rect picture;        /* where the picture is on the canvas */
    double scale_x, scale_y; /* pixels of the view for one of the picture */
    int number;
    bool coarsest;
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

/*
 * Pixels of a tile: a box that ends so near an inner edge is cut off; the next tile has it whole. Any
 * value from 0 to 8 gives the same boxes (docs/accuracy.md).
 */
#define CUT_MARGIN 2.0F

static bool is_cut(const float box[4], fse_rect tile, const fse_image *canvas)
{
    return (tile.x > 0 && box[0] <= CUT_MARGIN) || (tile.y > 0 && box[1] <= CUT_MARGIN) ||
           (tile.x + tile.width < canvas->width && box[2] >= (float)tile.width - CUT_MARGIN) ||
           (tile.y + tile.height < canvas->height && box[3] >= (float)tile.height - CUT_MARGIN);
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
        if (!is_cut(found->items[i].box, tile, &v->canvas)) {
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
    const fse_tiling *t = &eye->detector->tiling;
    const int width = v->canvas.width, height = v->canvas.height;
    fse_status status = FSE_OK;
    const int columns = fse_tile_starts(width, t->width, t->overlap, NULL);
    const int rows = fse_tile_starts(height, t->height, t->overlap, NULL);
    int *xs = fse_alloc((size_t)columns, sizeof *xs), *ys = fse_alloc((size_t)rows, sizeof *ys);
    if (!xs || !ys)
        FSE_TRY(fse_fail_memory(error));
    fse_tile_starts(width, t->width, t->overlap, xs);
    fse_tile_starts(height, t->height, t->overlap, ys);
    for (int i = 0; i < rows * columns; i++) {
        const fse_rect tile = {xs[i % columns], ys[i / columns], t->width, t->height};
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
    const double left = frame->offset_x / frame->scale_x + v->picture.x * x;
    const double top = frame->offset_y / frame->scale_y + v->picture.y * y;
    d->seen = fminf(d->box[2] - d->box[0], d->box[3] - d->box[1]);
    d->view = v->number;
    for (int i = 0; i < 4; i++)
        d->box[i] = (float)(i % 2 ? d->box[i] * y - top : d->box[i] * x - left);
    for (int i = 0; i < 5; i++) {
        d->landmarks[i][0] = (float)(d->landmarks[i][0] * x - left);
        d->landmarks[i][1] = (float)(d->landmarks[i][1] * y - top);
    }
}

static void drop_too_high(const fse_detector *detector, const view *v, fse_detections *found)
{
    size_t kept = 0;
    for (size_t i = 0; i < found->count; i++) {
        const float *box = found->items[i].box;
        if (detector->max_height == 0 || v->coarsest || box[3] - box[1] <= detector->max_height)
            found->items[kept++] = found->items[i];
    }
    found->count = kept;
}

/* Detect in one view and append what is left after suppression within it. */
static fse_status look_at_view(const fse_eye *eye, const view *v, const fse_picture_frame *frame,
                               fse_detections *all, fse_error *error)
{
    fse_status status;
    fse_detections found = {.items = NULL};
    if (eye->detector->tiling.width > 0)
        FSE_TRY(look_at_tiles(eye, v, &found, error));
    else
        FSE_TRY(run_on(eye, &v->canvas, &found, error));
    drop_too_high(eye->detector, v, &found);
    fse_nms(&found, eye->detector->max_iou);
    for (size_t i = 0; i < found.count; i++) {
        to_photo(&found.items[i], v, frame);
        FSE_TRY(fse_detections_add(all, &found.items[i], error));
    }
cleanup:
    fse_detections_free(&found);
    return status;
}

/* The canvas that a detector wants for a view, all padding, and where the view goes on it. */
static fse_status make_canvas(const fse_detector *detector, fse_view_size size, view *v,
                              fse_error *error)
{
    const fse_tiling *t = &detector->tiling;
    const int width = size.width + 2 * t->margin, height = size.height + 2 * t->margin;
    fse_status status;
    if (t->width > 0) {
        status = fse_image_new(width > t->width ? width : t->width,
                               height > t->height ? height : t->height, 3, &v->canvas, error);
    } else {
        status = fse_image_new(fse_canvas_side(width), fse_canvas_side(height), 3, &v->canvas,
                               error);
    }
    if (status != FSE_OK)
        return status;
    fse_fill(&v->canvas, detector->padding);
    v->picture = (fse_rect){.width = size.width, .height = size.height};
    if (t->width > 0) {
        v->picture.x = (v->canvas.width - size.width) / 2;
        v->picture.y = (v->canvas.height - size.height) / 2;
    }
    return FSE_OK;
}

static fse_status make_view(const fse_image *from, fse_view_size size,
                            const fse_detector *detector, view *v, fse_error *error)
{
    v->scale_x = (double)size.width / from->width;
    v->scale_y = (double)size.height / from->height;
    const fse_status status = make_canvas(detector, size, v, error);
    return status == FSE_OK ? fse_resize(from, &v->canvas, v->picture, error) : status;
}

static int choose_views(const fse_detector *d, const fse_image *picture, int fine,
                        fse_view_size views[FSE_MAX_VIEWS])
{
    const fse_view_size size = {picture->width, picture->height};
    return d->tiling.width > 0 ? fse_tiled_views(size, fine, d->view_ratio, &d->tiling, views)
                               : fse_views(size, fine, d->view_ratio, views);
}

/* Suppression over all views, and the order of face numbers. */
static void settle(const fse_detector *detector, fse_detections *detections)
{
    (detector->larger_wins ? fse_nms_views : fse_nms)(detections, detector->max_iou);
    fse_drop_inside(detections, detector->max_inside);
    fse_detections_sort(detections);
}

fse_status fse_look(const fse_eye *eye, const fse_picture_frame *frame, int fine,
                    fse_detections *detections, fse_error *error)
{
    fse_status status = FSE_OK;
    view v = {.number = 0};
    fse_view_size sizes[FSE_MAX_VIEWS];
    const int count = choose_views(eye->detector, frame->image, fine, sizes);
    for (v.number = 0; v.number < count; v.number++) {
        v.coarsest = v.number == count - 1;
        FSE_TRY(make_view(frame->image, sizes[v.number], eye->detector, &v, error));
        FSE_TRY(look_at_view(eye, &v, frame, detections, error));
        fse_image_free(&v.canvas);
    }
    settle(eye->detector, detections);
cleanup:
    fse_image_free(&v.canvas);
    return status;
}

/* The picture's size in the letterbox, with the reference's truncations and its one scale for both. */
static void fit_letterbox(const fse_image *image, int size, view *v)
{
    const double ratio = (double)image->height / image->width;
    const int width = ratio > 1 ? (int)(size / ratio) : size;
    const int height = ratio > 1 ? size : (int)(size * ratio);
    v->picture = (fse_rect){0, 0, width < 1 ? 1 : width, height < 1 ? 1 : height};
    v->scale_x = v->scale_y = (double)v->picture.height / image->height;
}

fse_status fse_look_letterbox(const fse_eye *eye, const fse_picture_frame *frame, int size,
                              fse_detections *detections, fse_error *error)
{
    fse_status status;
    view v = {.coarsest = true};
    const int side = (size + 31) / 32 * 32;
    fit_letterbox(frame->image, size, &v);
    FSE_TRY(fse_image_new(side, side, 3, &v.canvas, error));
    fse_fill(&v.canvas, 0);
    FSE_TRY(fse_resize_opencv(frame->image, &v.canvas, v.picture, error));
    FSE_TRY(look_at_view(eye, &v, frame, detections, error));
    settle(eye->detector, detections);
cleanup:
    fse_image_free(&v.canvas);
    return status;
}
