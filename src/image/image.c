/* SPDX-License-Identifier: Apache-2.0 */
#include "image/image.h"

#include <stdlib.h>

enum { max_side = 65535 };

fse_status fse_image_new(int width, int height, int channels, fse_image *image, fse_error *error)
{
    *image = (fse_image){0};
    if (width < 1 || height < 1 || width > max_side || height > max_side)
        return fse_fail(error, FSE_ELIMIT, NULL,
                        "expected an image of 1..%d pixels a side, got %d x %d", max_side, width,
                        height);
    if (channels != 1 && channels != 3)
        return fse_fail(error, FSE_EINVAL, NULL, "expected 1 or 3 channels, got %d", channels);
    uint8_t *pixels = malloc((size_t)width * (size_t)height * (size_t)channels);
    if (!pixels)
        return fse_fail_memory(error);
    *image = (fse_image){width, height, channels, pixels};
    return FSE_OK;
}

void fse_image_free(fse_image *image)
{
    if (!image)
        return;
    free(image->pixels);
    *image = (fse_image){0};
}
