/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "image/codec.h"

/*
 * Where the upright image's columns and rows run in the stored one, by EXIF orientation (EXIF 2.32,
 * 4.6.4: where the stored image's row 0 and column 0 are to be seen).
 */
static const struct {
    bool swap;           /* upright columns run along stored rows */
    bool flip_x, flip_y; /* stored columns, rows are run through backwards */
} turns[9] = {
    [1] = {false, false, false}, [2] = {false, true, false}, [3] = {false, true, true},
    [4] = {false, false, true},  [5] = {true, false, false}, [6] = {true, false, true},
    [7] = {true, true, true},    [8] = {true, true, false},
};

/* In tiles, so that the walk down stored columns stays in the cache. */
enum { tile = 32 };

static void copy_tile(const uint8_t *from, ptrdiff_t step_x, ptrdiff_t step_y, fse_image *to,
                      int left, int top)
{
    const int width = to->width - left < tile ? to->width - left : tile;
    const int height = to->height - top < tile ? to->height - top : tile;
    for (int y = 0; y < height; y++) {
        const uint8_t *pixel = from + step_y * y;
        uint8_t *row = to->pixels + ((size_t)(top + y) * (size_t)to->width + (size_t)left) * 3;
        for (int x = 0; x < width; x++, pixel += step_x, row += 3) {
            row[0] = pixel[0];
            row[1] = pixel[1];
            row[2] = pixel[2];
        }
    }
}

fse_status fse_orient(fse_image *image, int orientation, fse_error *error)
{
    if (orientation < 2 || orientation > 8)
        return FSE_OK;
    const bool swap = turns[orientation].swap;
    fse_image upright;
    const fse_status status = fse_image_new(swap ? image->height : image->width,
                                            swap ? image->width : image->height, 3, &upright,
                                            error);
    if (status != FSE_OK)
        return status;
    const ptrdiff_t row = (ptrdiff_t)image->width * 3;
    const ptrdiff_t along_x = turns[orientation].flip_x ? -3 : 3;
    const ptrdiff_t along_y = turns[orientation].flip_y ? -row : row;
    const uint8_t *first = image->pixels +
                           (turns[orientation].flip_x ? row - 3 : 0) +
                           (turns[orientation].flip_y ? row * (image->height - 1) : 0);
    const ptrdiff_t step_x = swap ? along_y : along_x;
    const ptrdiff_t step_y = swap ? along_x : along_y;
    for (int top = 0; top < upright.height; top += tile)
        for (int left = 0; left < upright.width; left += tile)
            copy_tile(first + step_y * top + step_x * left, step_x, step_y, &upright, left, top);
    fse_image_free(image);
    *image = upright;
    return FSE_OK;
}
