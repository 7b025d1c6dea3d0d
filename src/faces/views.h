/* SPDX-License-Identifier: Apache-2.0 */
/* At which sizes to look at a picture, and how to cut a view into tiles. Plain arithmetic. */
#ifndef FSE_FACES_VIEWS_H
#define FSE_FACES_VIEWS_H

#define FSE_MAX_VIEWS 16

typedef struct fse_view_size {
    int width, height;
} fse_view_size;

/* How a detector with one input size looks at a view that is larger. */
typedef struct fse_tiling {
    int width, height; /* the network's input; 0: it takes any multiples of 32 */
    int overlap;       /* pixels that neighbours share, at least */
    int margin;        /* pixels around the view on every side */
} fse_tiling;

/*
 * The longer side of the fine view: the photo's, but no more than shows a face of min_face pixels at
 * `smallest` pixels, within 640..2048.
 */
int fse_fine_view(fse_view_size photo, int min_face, int smallest);

/*
 * The views of a picture for a detector that takes any size, finest first: the fine one, whose
 * longer side is `fine`, then others in equal steps of at most `ratio` down to about 160 pixels.
 * Returns their number, 1..FSE_MAX_VIEWS.
 */
int fse_views(fse_view_size picture, int fine, double ratio, fse_view_size views[FSE_MAX_VIEWS]);

/*
 * The views for a detector with one input size, finest first: from the fine one in steps of about
 * `ratio`, each a little smaller where that saves tiles, to the one that fits a tile, and half of it.
 */
int fse_tiled_views(fse_view_size picture, int fine, double ratio, const fse_tiling *tiling,
                    fse_view_size views[FSE_MAX_VIEWS]);

/* The side of the network's input for a view's side: a multiple of 32 from a small set. */
int fse_canvas_side(int side);

/*
 * Where tiles begin along a side of a canvas: as few tiles as cover it with at least `overlap`
 * between neighbours, evenly spread. Returns their number, at least 1; starts may be NULL.
 */
int fse_tile_starts(int side, int tile, int overlap, int *starts);

#endif
