/* SPDX-License-Identifier: Apache-2.0 */
/* Drawing on pixels: boxes and short captions. */
#ifndef FSE_IMAGE_DRAW_H
#define FSE_IMAGE_DRAW_H

#include "image/image.h"

/* The outline of a box, `stroke` pixels wide, inside x1, y1, x2, y2; clipped to the image. */
void fse_draw_box(fse_image *rgb, const float box[4], int stroke, const uint8_t colour[3]);

/*
 * A line of text (printable ASCII; others become '?') in a built-in bitmap font, scale pixels a
 * dot, black or white on a plate of the given colour, whichever reads better. (x, y) is the plate's
 * upper left corner; it is moved to stay inside the image where it fits.
 */
void fse_draw_text(fse_image *rgb, int x, int y, int scale, const char *text,
                   const uint8_t colour[3]);

/* Height in pixels of a caption's plate at a scale. */
int fse_text_height(int scale);

#endif
