/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/views.h"

#include <math.h>
#include <stddef.h>

#define FINE_MIN 640
#define FINE_MAX 2048
/* A face that fills the frame has about the size that the detectors know best in a view of this. */
#define COARSEST 160
/* A fine view that is hardly larger (a quarter) needs no coarser one beside it. */
#define COARSEST_ALONE (COARSEST * 5 / 4)

static int longer_side(fse_view_size size)
{
    return size.width > size.height ? size.width : size.height;
}

int fse_fine_view(fse_view_size photo, int min_face, int smallest)
{
    const int side = longer_side(photo);
    double fine = (double)side * smallest / min_face;
    fine = fine < FINE_MIN ? FINE_MIN : fine > FINE_MAX ? FINE_MAX : fine;
    return side < fine ? side : (int)fine;
}

static int scaled(int side, double scale)
{
    const long result = lround(side * scale);
    return result < 1 ? 1 : (int)result;
}

static fse_view_size view_of(fse_view_size picture, double scale)
{
    return (fse_view_size){scaled(picture.width, scale), scaled(picture.height, scale)};
}

/* How many steps of at most `ratio` lead from one scale down to another. */
static int steps_between(double from, double to, double ratio)
{
    const int steps = (int)ceil(log(from / to) / log(ratio) - 1e-9);
    return steps < FSE_MAX_VIEWS - 2 ? steps : FSE_MAX_VIEWS - 2;
}

int fse_views(fse_view_size picture, int fine, double ratio, fse_view_size views[FSE_MAX_VIEWS])
{
    const int steps = fine > COARSEST_ALONE ? steps_between(fine, COARSEST, ratio) : 0;
    for (int i = 0; i <= steps; i++) {
        const double side = i == 0 ? fine : fine * pow((double)COARSEST / fine, (double)i / steps);
        views[i] = view_of(picture, side / longer_side(picture));
    }
    return steps + 1;
}

static int tile_count(fse_view_size view, const fse_tiling *t)
{
    return fse_tile_starts(view.width + 2 * t->margin, t->width, t->overlap, NULL) *
           fse_tile_starts(view.height + 2 * t->margin, t->height, t->overlap, NULL);
}

/*
 * The largest scale within a fifth below the given one that needs the fewest tiles: a view that is
 * one pixel too wide for two tiles would cost a third.
 */
static double snap_scale(fse_view_size picture, double scale, const fse_tiling *tiling)
{
    enum { tries = 40 };
    const double most = 0.2;
    double best = scale;
    int fewest = tile_count(view_of(picture, scale), tiling);
    for (int i = 1; i <= tries; i++) {
        const double smaller = scale * (1 - most * i / tries);
        const int count = tile_count(view_of(picture, smaller), tiling);
        if (count < fewest) {
            fewest = count;
            best = smaller;
        }
    }
    return best;
}

/* A fine view that is hardly larger than what fits a tile gains nothing: as in docs/accuracy.md. */
#define WORTH_TILES 1.25
/*
 * The longer side of the smallest view worth a tile: a face that fills it is four times the smallest
 * that this family finds reliably (15 pixels, docs/accuracy.md).
 */
#define COARSEST_TILED 60

int fse_tiled_views(fse_view_size picture, int fine, double ratio, const fse_tiling *tiling,
                    fse_view_size views[FSE_MAX_VIEWS])
{
    const int longer = longer_side(picture);
    const double fits = fmin(1, fmin((double)(tiling->width - 2 * tiling->margin) / picture.width,
                                     (double)(tiling->height - 2 * tiling->margin) / picture.height));
    const double finest = fmin(1, (double)fine / longer);
    int count = 0;
    if (finest > WORTH_TILES * fits) {
        const int steps = steps_between(finest, fits, ratio);
        for (; count < steps; count++) {
            const double scale = finest * pow(fits / finest, (double)count / steps);
            views[count] = view_of(picture, snap_scale(picture, scale, tiling));
        }
    }
    views[count++] = view_of(picture, fits);
    if (longer * fits / 2 >= COARSEST_TILED)
        views[count++] = view_of(picture, fits / 2);
    return count;
}

int fse_canvas_side(int side)
{
    /* Steps of a fifth to an eighth: each compiled input shape costs memory, each step pixels. */
    static const int canvas[] = {32,  64,  96,  128, 160, 192, 224,  256,  320,  384,  448, 480,
                                 512, 576, 640, 768, 896, 1024, 1152, 1280, 1536, 1792, 2048};
    for (size_t i = 0; i < sizeof canvas / sizeof canvas[0]; i++)
        if (canvas[i] >= side)
            return canvas[i];
    return (side + 31) / 32 * 32;
}

int fse_tile_starts(int side, int tile, int overlap, int *starts)
{
    const int step = tile - overlap;
    const int count = side <= tile ? 1 : (side - overlap + step - 1) / step;
    for (int i = 0; starts && i < count; i++)
        starts[i] = i == 0 ? 0 : (int)((long)i * (side - tile) / (count - 1));
    return count;
}
