/* SPDX-License-Identifier: Apache-2.0 */
/* At which sizes to look at a photo, and how to cut a view into tiles. Plain arithmetic. */
#ifndef FSE_FACES_VIEWS_H
#define FSE_FACES_VIEWS_H

#define FSE_MAX_VIEWS 12

/*
 * The longer side of the fine view: the photo's, but no more than shows a face of min_face pixels at
 * 16, within 640..2048.
 */
int fse_fine_view(int width, int height, int min_face);

/*
 * The longer sides of all views, finest first: the fine one, then others in equal steps of at most
 * `ratio` down to about 160. Returns their number, at most FSE_MAX_VIEWS.
 */
int fse_view_sides(int fine, double ratio, int sides[FSE_MAX_VIEWS]);

/* The side of the network's input for a view's side: a multiple of 32 from a small set. */
int fse_canvas_side(int side);

/*
 * Where tiles begin along a side of a view: as few tiles as cover it with at least `overlap` between
 * neighbours, evenly spread. Returns their number; starts may be NULL.
 */
int fse_tile_starts(int side, int tile, int overlap, int *starts);

#endif
