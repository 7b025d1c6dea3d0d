/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/views.h"

#include <math.h>
#include <stddef.h>

/* Pixels of a face that the detectors find reliably (WIDER FACE's smallest; docs/accuracy.md). */
#define SMALLEST_SEEN 16
#define FINE_MIN 640
#define FINE_MAX 2048
/* A face that fills the frame has about the size that the detectors know best in a view of this. */
#define COARSEST 160
/* A fine view that is hardly larger needs no coarser one beside it. */
#define COARSEST_ALONE 200

int fse_fine_view(int width, int height, int min_face)
{
    const int side = width > height ? width : height;
    double fine = (double)side * SMALLEST_SEEN / min_face;
    fine = fine < FINE_MIN ? FINE_MIN : fine > FINE_MAX ? FINE_MAX : fine;
    return side < fine ? side : (int)fine;
}

int fse_view_sides(int fine, double ratio, int sides[FSE_MAX_VIEWS])
{
    int steps = 0;
    if (fine > COARSEST_ALONE)
        steps = (int)ceil(log((double)fine / COARSEST) / log(ratio) - 1e-9);
    if (steps > FSE_MAX_VIEWS - 1)
        steps = FSE_MAX_VIEWS - 1;
    for (int i = 0; i <= steps; i++)
        sides[i] = i == 0 ? fine
                          : (int)lround(fine * pow((double)COARSEST / fine, (double)i / steps));
    return steps + 1;
}

int fse_canvas_side(int side)
{
    /* Steps of a fifth to an eighth: each compiled input shape costs memory, each step pixels. */
    static const int canvas[] = {32,  64,  96,  128, 160, 192, 224,  256,  320,  384,  448,
                                 480, 512, 576, 640, 768, 896, 1024, 1152, 1280, 1536, 1792};
    for (size_t i = 0; i < sizeof canvas / sizeof canvas[0]; i++)
        if (canvas[i] >= side)
            return canvas[i];
    return (side + 31) / 32 * 32 > FINE_MAX ? (side + 31) / 32 * 32 : FINE_MAX;
}

int fse_tile_starts(int side, int tile, int overlap, int *starts)
{
    if (side <= tile) {
        if (starts)
            starts[0] = 0;
        return 1;
    }
    const int step = tile - overlap;
    const int count = (side - overlap + step - 1) / step;
    for (int i = 0; starts && i < count; i++)
        starts[i] = (int)((long)i * (side - tile) / (count - 1));
    return count;
}
