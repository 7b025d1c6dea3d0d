/* SPDX-License-Identifier: Apache-2.0 */
#include "image/encode.h"

#include <stdlib.h>
#include <string.h>

#include "image/codec.h"

fse_status fse_encode_jpeg(const fse_image *rgb, int quality, uint8_t **bytes, size_t *size,
                           fse_error *error)
{
    *bytes = NULL;
    *size = 0;
    fse_status status;
    VipsImage *image = NULL;
    VipsImage *named = NULL;
    void *jpeg = NULL;
    FSE_TRY(fse_decode_init(error));
    if (!rgb->pixels || rgb->channels != 3 || quality < 1 || quality > 100)
        FSE_THROW(error, FSE_EINVAL, NULL, "expected an RGB image and a quality of 1..100");
    image = vips_image_new_from_memory(rgb->pixels, (size_t)rgb->width * (size_t)rgb->height * 3,
                                       rgb->width, rgb->height, 3, VIPS_FORMAT_UCHAR);
    if (!image || vips_copy(image, &named, "interpretation", VIPS_INTERPRETATION_sRGB, NULL) ||
        vips_jpegsave_buffer(named, &jpeg, size, "Q", quality, "strip", TRUE, NULL))
        FSE_THROW(error, FSE_ENOMEM, NULL, "cannot write a JPEG of %d x %d pixels", rgb->width,
                  rgb->height);
    /* GLib's memory is for g_free(); the caller has only free(). */
    *bytes = malloc(*size);
    if (!*bytes)
        FSE_TRY(fse_fail_memory(error));
    memcpy(*bytes, jpeg, *size);
cleanup:
    g_free(jpeg);
    if (named)
        g_object_unref(named);
    if (image)
        g_object_unref(image);
    if (status != FSE_OK)
        vips_error_clear();
    return status;
}
