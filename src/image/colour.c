/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"
#include "image/codec.h"

/* The bands of an image without alpha. */
static int colour_bands(const VipsImage *image)
{
    if (image->Type == VIPS_INTERPRETATION_CMYK)
        return image->Bands < 4 ? 3 : 4;
    const bool grey = image->Type == VIPS_INTERPRETATION_B_W ||
                      image->Type == VIPS_INTERPRETATION_GREY16 || image->Bands < 3;
    return grey ? 1 : 3;
}

/*
 * Each step takes over its image and gives the next, or NULL; NULL goes through. So a pipeline is
 * a chain of calls with one check at its end.
 */
static VipsImage *step(VipsImage *from, int failed, VipsImage *to)
{
    g_object_unref(from);
    return failed ? NULL : to;
}

static VipsImage *first_bands(VipsImage *image, int count)
{
    if (!image || image->Bands == count)
        return image;
    VipsImage *out = NULL;
    const int failed = vips_extract_band(image, &out, 0, "n", count, NULL);
    return step(image, failed, out);
}

/*
 * Floats, signed integers, and integers of other widths than 8 and 16 bits have no agreed white:
 * take the least of the usual ones that holds the brightest value, else that value.
 */
static VipsImage *rescale(VipsImage *image)
{
    const bool usual = image->BandFmt == VIPS_FORMAT_UCHAR || image->BandFmt == VIPS_FORMAT_USHORT;
    if (usual || image->Coding != VIPS_CODING_NONE || image->Type == VIPS_INTERPRETATION_scRGB ||
        image->Type == VIPS_INTERPRETATION_LAB || image->Type == VIPS_INTERPRETATION_LABS ||
        image->Type == VIPS_INTERPRETATION_XYZ)
        return image;
    VipsImage *pixels = vips_image_copy_memory(image);
    g_object_unref(image);
    double max;
    if (!pixels)
        return NULL;
    if (vips_max(pixels, &max, NULL))
        return step(pixels, -1, NULL);
    const double whites[] = {1, 255, 32767, 65535};
    double white = max;
    for (size_t i = FSE_COUNT(whites); i-- > 0;)
        if (max <= whites[i])
            white = whites[i];
    VipsImage *scaled = NULL;
    VipsImage *bytes = NULL;
    VipsImage *out = NULL;
    const int failed = vips_linear1(pixels, &scaled, 255 / white, 0, NULL) ||
                       vips_cast_uchar(scaled, &bytes, NULL) ||
                       vips_copy(bytes, &out, "interpretation",
                                 bytes->Bands < 3 ? VIPS_INTERPRETATION_B_W
                                                  : VIPS_INTERPRETATION_sRGB,
                                 NULL);
    if (scaled)
        g_object_unref(scaled);
    if (bytes)
        g_object_unref(bytes);
    return step(pixels, failed, out);
}

/* Onto white, which is what a page or a viewer shows behind a cut-out. */
static VipsImage *flatten(VipsImage *image)
{
    if (!image || image->Coding != VIPS_CODING_NONE)
        return image;
    const int colours = colour_bands(image);
    if (image->Bands == colours)
        return image;
    /* Of several extra bands none is known to be alpha; and white is not 255 in CMYK. */
    if (image->Bands != colours + 1 || colours == 4)
        return first_bands(image, colours);
    const double white = image->Type == VIPS_INTERPRETATION_scRGB ? 1
                         : image->BandFmt == VIPS_FORMAT_USHORT   ? 65535
                                                                  : 255;
    VipsArrayDouble *background = vips_array_double_newv(1, white);
    VipsImage *out = NULL;
    const int failed =
        vips_flatten(image, &out, "background", background, "max_alpha", white, NULL);
    vips_area_unref(VIPS_AREA(background));
    return step(image, failed, out);
}

/* By the embedded profile; the image itself where there is none or it does not fit. */
static VipsImage *apply_profile(VipsImage *image, bool *converted)
{
    const void *profile;
    size_t size;
    if (!image || image->Coding != VIPS_CODING_NONE ||
        !vips_image_get_typeof(image, VIPS_META_ICC_NAME) ||
        vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &size) ||
        (image->BandFmt != VIPS_FORMAT_UCHAR && image->BandFmt != VIPS_FORMAT_USHORT))
        return image;
    *converted = true;
    if (image->Bands == 3 && fse_profile_is_srgb(profile, size))
        return image;
    VipsImage *out = NULL;
    if (vips_icc_transform(image, &out, "srgb", "embedded", TRUE, "intent",
                           VIPS_INTENT_RELATIVE, "black_point_compensation", TRUE, NULL)) {
        *converted = false;
        return image;
    }
    return step(image, 0, out);
}

static VipsImage *to_rgb(VipsImage *image)
{
    if (!image)
        return NULL;
    VipsImage *out = NULL;
    if (vips_colourspace(image, &out, VIPS_INTERPRETATION_sRGB, NULL))
        return step(image, -1, NULL);
    return step(image, 0, out);
}

/* What libvips knows no colours for (a microscope's channels, say) is shown by its first bands. */
static VipsImage *name_bands(VipsImage *image)
{
    if (!image || (image->Type != VIPS_INTERPRETATION_MULTIBAND &&
                   image->Type != VIPS_INTERPRETATION_HISTOGRAM))
        return image;
    const bool colour = image->Bands >= 3;
    const bool deep = image->BandFmt == VIPS_FORMAT_USHORT;
    image = first_bands(image, colour ? 3 : 1);
    VipsImage *out = NULL;
    const int failed = !image || vips_copy(image, &out, "interpretation",
                                           colour ? deep ? VIPS_INTERPRETATION_RGB16
                                                         : VIPS_INTERPRETATION_sRGB
                                           : deep ? VIPS_INTERPRETATION_GREY16
                                                  : VIPS_INTERPRETATION_B_W,
                                           NULL);
    return image ? step(image, failed, out) : NULL;
}

static VipsImage *to_bytes(VipsImage *image)
{
    if (!image || image->BandFmt == VIPS_FORMAT_UCHAR)
        return image;
    VipsImage *out = NULL;
    const int failed = vips_cast_uchar(image, &out, NULL);
    return step(image, failed, out);
}

VipsImage *fse_to_srgb(VipsImage *image, bool *converted)
{
    *converted = false;
    g_object_ref(image);
    VipsImage *out = flatten(name_bands(rescale(image)));
    out = to_bytes(to_rgb(apply_profile(out, converted)));
    if (out && out->Bands < 3)
        return step(out, -1, NULL);
    return first_bands(out, 3);
}
