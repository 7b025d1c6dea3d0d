/* SPDX-License-Identifier: Apache-2.0 */
#include "facesearch/picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "image/decode.h"
#include "image/draw.h"
#include "image/encode.h"
#include "image/resample.h"

struct fse_picture {
    fse_image image;
    /* image = (photo - offset) * scale, on each axis. */
    double scale;
    int offset_x, offset_y;
};

/* The limits of fse_analyse_options_init(). */
static const uint64_t max_bytes = UINT64_C(512) << 20;
static const uint64_t max_pixels = 500000000;

enum {
    min_crop = 16,
    max_crop = 2048,
    crop_quality = 90,  /* no artefacts to be seen at four times the size */
    grey = 128
};

static fse_status open_fd(int fd, const char *name, int max_side, fse_picture **picture,
                          fse_error *error)
{
    const fse_decode_options options = {
        .max_bytes = max_bytes, .max_pixels = max_pixels, .max_side = max_side};
    fse_decoded decoded;
    fse_status status = fse_decode(fd, name, &options, &decoded, error);
    if (status != FSE_OK)
        return status;
    fse_picture *made = fse_alloc(1, sizeof *made);
    if (!made) {
        fse_image_free(&decoded.image);
        return fse_fail_memory(error);
    }
    made->image = decoded.image;
    made->scale = 1.0 / decoded.shrink;
    made->offset_x = decoded.offset_x;
    made->offset_y = decoded.offset_y;
    *picture = made;
    return FSE_OK;
}

fse_status fse_picture_open_file(const char *path, int max_side, fse_picture **picture,
                                 fse_error *error)
{
    if (!picture)
        return fse_fail(error, FSE_EINVAL, NULL, "picture is NULL");
    *picture = NULL;
    if (!path || max_side < 0)
        return fse_fail(error, FSE_EINVAL, path, "expected a path and a max_side of 0 or more");
    int fd;
    uint64_t size;
    fse_status status = fse_open_regular(path, &fd, &size, error);
    if (status != FSE_OK)
        return status;
    status = open_fd(fd, path, max_side, picture, error);
    close(fd);
    return status;
}

fse_status fse_picture_open_memory(const void *bytes, size_t size, int max_side,
                                   fse_picture **picture, fse_error *error)
{
    if (!picture)
        return fse_fail(error, FSE_EINVAL, NULL, "picture is NULL");
    *picture = NULL;
    if ((!bytes && size) || max_side < 0)
        return fse_fail(error, FSE_EINVAL, NULL, "expected bytes and a max_side of 0 or more");
    if (size > max_bytes)
        return fse_fail(error, FSE_ELIMIT, NULL, "%zu bytes, more than the limit of %llu", size,
                        (unsigned long long)max_bytes);
    int fd;
    fse_status status = fse_memory_file(bytes, size, &fd, error);
    if (status != FSE_OK)
        return status;
    status = open_fd(fd, NULL, max_side, picture, error);
    close(fd);
    return status;
}

void fse_picture_free(fse_picture **picture)
{
    if (!picture || !*picture)
        return;
    fse_image_free(&(*picture)->image);
    free(*picture);
    *picture = NULL;
}

void fse_bytes_free(fse_bytes *bytes)
{
    if (!bytes)
        return;
    free(bytes->data);
    *bytes = (fse_bytes){0};
}

/* Whether a box's numbers are such that sums of them and of pixels stay exact enough. */
static bool is_box(const float box[4])
{
    for (int i = 0; i < 4; i++)
        if (!(fabsf(box[i]) <= 1e6F))
            return false;
    return box[0] <= box[2] && box[1] <= box[3];
}

/* The whole pixels of one axis: of the source, and of the result that they fill. */
typedef struct span {
    int from, from_length, to, to_length;
} span;

/*
 * What a window (start, length, in source pixels) that side pixels show has of a source; lengths 0:
 * nothing. The source is taken by whole pixels, so up to half a pixel off.
 */
static span clip(double start, double length, int size, int side)
{
    const double end = start + length;
    if (end <= 0 || start >= size)
        return (span){0};
    const int first = (int)fmin(fmax(0, round(start)), size - 1);
    const int last = (int)fmax(fmin(size, round(end)), first + 1);
    const int left = start >= 0 ? 0 : (int)round(-start * side / length);
    const int right = end <= size ? side : (int)round((size - start) * side / length);
    return (span){first, last - first, left, right > left ? right - left : 0};
}

fse_status fse_picture_crop(const fse_picture *picture, const float box[4], float margin, int side,
                            fse_bytes *jpeg, fse_error *error)
{
    if (!picture || !box || !jpeg || !is_box(box) || !(margin > 0 && margin <= 100) ||
        side < min_crop || side > max_crop)
        return fse_fail(error, FSE_EINVAL, NULL,
                        "expected a picture, a box, a margin up to 100 and a side of %d..%d",
                        min_crop, max_crop);
    *jpeg = (fse_bytes){0};
    fse_status status;
    fse_image part = {0};
    fse_image crop = {0};
    const fse_image *image = &picture->image;
    /* At least a pixel: a box may be empty. */
    const double length = fmax(1, margin * fmaxf(box[2] - box[0], box[3] - box[1]));
    const double left = ((double)box[0] + box[2] - length) / 2 - picture->offset_x;
    const double top = ((double)box[1] + box[3] - length) / 2 - picture->offset_y;
    const double scale = picture->scale;
    const span across = clip(left * scale, length * scale, image->width, side);
    const span down = clip(top * scale, length * scale, image->height, side);
    FSE_TRY(fse_image_new(side, side, 3, &crop, error));
    fse_fill(&crop, grey);
    if (across.to_length && down.to_length) {
        const fse_rect source = {across.from, down.from, across.from_length, down.from_length};
        const fse_rect target = {across.to, down.to, across.to_length, down.to_length};
        FSE_TRY(fse_image_new(source.width, source.height, 3, &part, error));
        fse_crop(image, source, grey, &part);
        FSE_TRY(fse_resize(&part, &crop, target, error));
    }
    FSE_TRY(fse_encode_jpeg(&crop, crop_quality, &jpeg->data, &jpeg->size, error));
cleanup:
    fse_image_free(&crop);
    fse_image_free(&part);
    return status;
}

static int scaled(int length, double by)
{
    return (int)fmax(1, round(length * by));
}

/* Lines and letters grow with the image, so that they look the same on a screen. */
static void draw_mark(const fse_picture *picture, fse_image *image, const fse_mark *mark)
{
    const int longer = image->width > image->height ? image->width : image->height;
    const int stroke = longer / 400 > 2 ? longer / 400 : 2;
    const int dot = longer / 600 > 1 ? longer / 600 : 1;
    const double scale_x = picture->scale * image->width / picture->image.width;
    const double scale_y = picture->scale * image->height / picture->image.height;
    const float box[4] = {(float)(((double)mark->box[0] - picture->offset_x) * scale_x),
                          (float)(((double)mark->box[1] - picture->offset_y) * scale_y),
                          (float)(((double)mark->box[2] - picture->offset_x) * scale_x),
                          (float)(((double)mark->box[3] - picture->offset_y) * scale_y)};
    char caption[sizeof mark->caption + 1] = "";
    memcpy(caption, mark->caption, strnlen(mark->caption, sizeof mark->caption));
    fse_draw_box(image, box, stroke, mark->rgb);
    fse_draw_text(image, (int)lrintf(box[0]), (int)lrintf(box[1]) - fse_text_height(dot), dot,
                  caption, mark->rgb);
}

fse_status fse_picture_draw(const fse_picture *picture, int max_side, int quality,
                            const fse_mark *marks, size_t count, fse_bytes *jpeg, fse_error *error)
{
    if (!picture || !jpeg || (!marks && count) || max_side < 0 || quality < 1 || quality > 100)
        return fse_fail(error, FSE_EINVAL, NULL,
                        "expected a picture, marks, max_side 0 or more and quality 1..100");
    for (size_t i = 0; i < count; i++)
        if (!is_box(marks[i].box))
            return fse_fail(error, FSE_EINVAL, NULL, "mark %zu has no valid box", i);
    *jpeg = (fse_bytes){0};
    fse_status status;
    fse_image image = {0};
    const fse_image *from = &picture->image;
    const int longer = from->width > from->height ? from->width : from->height;
    const double by = max_side && longer > max_side ? (double)max_side / longer : 1;
    FSE_TRY(fse_image_new(scaled(from->width, by), scaled(from->height, by), 3, &image, error));
    FSE_TRY(fse_resize(from, &image, (fse_rect){0, 0, image.width, image.height}, error));
    for (size_t i = 0; i < count; i++)
        draw_mark(picture, &image, &marks[i]);
    FSE_TRY(fse_encode_jpeg(&image, quality, &jpeg->data, &jpeg->size, error));
cleanup:
    fse_image_free(&image);
    return status;
}
