/* SPDX-License-Identifier: Apache-2.0 */
/* Image files in memory for tests, written by libvips, which reads them back. */
#ifndef FSE_TEST_IMAGE_FILES_H
#define FSE_TEST_IMAGE_FILES_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <vips/vips.h>

#include "base/alloc.h"
#include "image/decode.h"
#include "image/resample.h"
#include "reference/image.h"

/*
 * Leaks that are not ours: the HEVC encoder, which only tests use, loses a few bytes at each
 * picture, and dav1d 1.0 40 bytes at some broken ones.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libx265\nleak:libdav1d\n";
}

typedef struct file {
    uint8_t *bytes; /* for g_free() */
    size_t size;
} file;

/* What libvips writes, with how far decoded pixels may be from the originals on average. */
static const struct kind {
    const char *format;
    const char *suffix; /* with libvips's options */
    double tolerance;
} kinds[] = {
    {"jpeg", ".jpg[Q=95]", 2},
    {"jpeg", ".jpg[Q=95,interlace]", 2},
    {"png", ".png", 0},
    {"png", ".png[interlace]", 0},
    {"webp", ".webp[lossless]", 0},
    {"webp", ".webp[Q=90]", 4},
    {"heif", ".heic[Q=90]", 3},
    {"heif", ".avif[Q=90,effort=0]", 3},
    {"tiff", ".tif", 0},
    {"tiff", ".tif[compression=lzw,tile,pyramid]", 0},
    {"tiff", ".tif[compression=jpeg,Q=95]", 3},
    {"gif", ".gif[dither=0]", 8},
    {"jxl", ".jxl[Q=95]", 4},
};

/* An RGB image as libvips has it, over the same memory. */
static inline VipsImage *vips_of(const fse_image *image)
{
    VipsImage *raw = vips_image_new_from_memory(
        image->pixels, (size_t)image->width * (size_t)image->height * 3, image->width,
        image->height, 3, VIPS_FORMAT_UCHAR);
    assert_non_null(raw);
    VipsImage *named = NULL;
    assert_int_equal(vips_copy(raw, &named, "interpretation", VIPS_INTERPRETATION_sRGB, NULL), 0);
    g_object_unref(raw);
    return named;
}

/* False, and audibly so, where this machine's libvips cannot write it. */
static inline bool try_write(VipsImage *image, const char *suffix, file *to)
{
    void *bytes = NULL;
    *to = (file){0};
    if (vips_image_write_to_buffer(image, suffix, &bytes, &to->size, NULL)) {
        printf("SKIPPED: libvips cannot write %s here\n", suffix);
        vips_error_clear();
        return false;
    }
    to->bytes = bytes;
    return true;
}

static inline file write_file(VipsImage *image, const char *suffix)
{
    file f;
    assert_true(try_write(image, suffix, &f));
    return f;
}

static const fse_decode_options any_size = {.max_bytes = 1 << 28, .max_pixels = 1 << 28};

static inline fse_status decode_bytes(const void *bytes, size_t size,
                                      const fse_decode_options *options, fse_decoded *decoded,
                                      fse_error *error)
{
    int fd;
    assert_int_equal(fse_memory_file(bytes, size, &fd, NULL), FSE_OK);
    const fse_status status = fse_decode(fd, "photo", options, decoded, error);
    if (status != FSE_OK)
        assert_null(decoded->image.pixels);
    close(fd);
    return status;
}

static inline fse_decoded decode_file(file f)
{
    fse_decoded decoded;
    fse_error error = {0};
    if (decode_bytes(f.bytes, f.size, &any_size, &decoded, &error) != FSE_OK)
        fail_msg("%s", error.message);
    return decoded;
}

#endif
