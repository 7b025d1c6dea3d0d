/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "unit/image_files.h"

enum { width = 90, height = 60 };

static fse_image decoded_pixels(VipsImage *image, const char *suffix, bool *has_profile)
{
    file f = write_file(image, suffix);
    fse_decoded d = decode_file(f);
    assert_false(d.damaged);
    if (has_profile)
        *has_profile = d.has_profile;
    g_free(f.bytes);
    return d.image;
}

static void assert_near(fse_image got, const fse_image *wanted, double tolerance)
{
    const double difference = ref_difference(&got, wanted);
    if (!(difference <= tolerance))
        fail_msg("mean difference %g, allowed %g", difference, tolerance);
    fse_image_free(&got);
}

static VipsImage *retyped(VipsImage *image, VipsInterpretation type)
{
    VipsImage *out = NULL;
    assert_int_equal(vips_copy(image, &out, "interpretation", type, NULL), 0);
    g_object_unref(image);
    return out;
}

static VipsImage *in_space(const fse_image *pattern, VipsInterpretation type)
{
    VipsImage *image = vips_of(pattern);
    VipsImage *out = NULL;
    assert_int_equal(vips_colourspace(image, &out, type, NULL), 0);
    g_object_unref(image);
    return out;
}

/* Spaces that hold every colour of the pattern come back as it was. */
static void test_spaces(void **state)
{
    (void)state;
    static const struct {
        VipsInterpretation type;
        const char *suffix;
        double tolerance;
    } cases[] = {
        {VIPS_INTERPRETATION_RGB16, ".png", 0},
        {VIPS_INTERPRETATION_RGB16, ".tif", 0},
        {VIPS_INTERPRETATION_scRGB, ".tif", 1},
        {VIPS_INTERPRETATION_LAB, ".tif", 2},
    };
    fse_image pattern = ref_smooth_image(width, height);
    for (size_t i = 0; i < FSE_COUNT(cases); i++) {
        VipsImage *image = in_space(&pattern, cases[i].type);
        assert_near(decoded_pixels(image, cases[i].suffix, NULL), &pattern, cases[i].tolerance);
        g_object_unref(image);
    }
    fse_image_free(&pattern);
}

static void test_grey(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".jpg[Q=98]", ".png", ".tif", ".webp[lossless]"};
    fse_image pattern = ref_smooth_image(width, height);
    VipsImage *grey = in_space(&pattern, VIPS_INTERPRETATION_B_W);
    fse_image wanted = ref_smooth_image(width, height);
    size_t size;
    uint8_t *luma = vips_image_write_to_memory(grey, &size);
    assert_non_null(luma);
    for (size_t i = 0; i < size; i++)
        memset(wanted.pixels + i * 3, luma[i], 3);
    g_free(luma);
    for (size_t i = 0; i < FSE_COUNT(suffixes); i++)
        assert_near(decoded_pixels(grey, suffixes[i], NULL), &wanted, 1);

    VipsImage *deep = in_space(&pattern, VIPS_INTERPRETATION_GREY16);
    assert_near(decoded_pixels(deep, ".png", NULL), &wanted, 1);
    g_object_unref(deep);
    g_object_unref(grey);
    fse_image_free(&wanted);
    fse_image_free(&pattern);
}

/* Black and white, a bit a pixel. */
static void test_one_bit(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".png[bitdepth=1]", ".tif[bitdepth=1]"};
    fse_image wanted = ref_noise_image(width, height, 3);
    for (int i = 0; i < width * height; i++)
        memset(wanted.pixels + i * 3, wanted.pixels[i * 3] & 1 ? 255 : 0, 3);
    VipsImage *image = vips_of(&wanted);
    VipsImage *grey = NULL;
    assert_int_equal(vips_extract_band(image, &grey, 0, NULL), 0);
    grey = retyped(grey, VIPS_INTERPRETATION_B_W);
    for (size_t i = 0; i < FSE_COUNT(suffixes); i++)
        assert_near(decoded_pixels(grey, suffixes[i], NULL), &wanted, 0);
    g_object_unref(grey);
    g_object_unref(image);
    fse_image_free(&wanted);
}

static void test_palette(void **state)
{
    (void)state;
    fse_image pattern = ref_smooth_image(width, height);
    VipsImage *image = vips_of(&pattern);
    assert_near(decoded_pixels(image, ".png[palette,dither=0]", NULL), &pattern, 8);
    g_object_unref(image);
    fse_image_free(&pattern);
}

/* The upper half is transparent: white, whatever its colours; 8 and 16 bits, grey and colour. */
static void check_alpha(const fse_image *pattern, VipsInterpretation type, const char *suffix)
{
    VipsImage *image = in_space(pattern, type);
    const double full = image->BandFmt == VIPS_FORMAT_USHORT ? 65535 : 255;
    VipsImage *rows = NULL;
    VipsImage *column = NULL;
    VipsImage *mask = NULL;
    VipsImage *alpha = NULL;
    VipsImage *cast = NULL;
    VipsImage *with_alpha = NULL;
    assert_int_equal(vips_xyz(&rows, width, height, NULL), 0);
    assert_int_equal(vips_extract_band(rows, &column, 1, NULL), 0);
    assert_int_equal(vips_moreeq_const1(column, &mask, height / 2, NULL), 0);
    assert_int_equal(vips_linear1(mask, &alpha, full / 255, 0, NULL), 0);
    assert_int_equal(vips_cast(alpha, &cast, image->BandFmt, NULL), 0);
    assert_int_equal(vips_bandjoin2(image, cast, &with_alpha, NULL), 0);
    fse_image opaque = decoded_pixels(image, ".png", NULL);
    memset(opaque.pixels, 255, (size_t)width * (height / 2) * 3);
    assert_near(decoded_pixels(with_alpha, suffix, NULL), &opaque, 0);
    fse_image_free(&opaque);
    g_object_unref(with_alpha);
    g_object_unref(cast);
    g_object_unref(alpha);
    g_object_unref(mask);
    g_object_unref(column);
    g_object_unref(rows);
    g_object_unref(image);
}

static void test_alpha(void **state)
{
    (void)state;
    fse_image pattern = ref_smooth_image(width, height);
    check_alpha(&pattern, VIPS_INTERPRETATION_sRGB, ".png");
    check_alpha(&pattern, VIPS_INTERPRETATION_sRGB, ".webp[lossless]");
    check_alpha(&pattern, VIPS_INTERPRETATION_sRGB, ".tif");
    check_alpha(&pattern, VIPS_INTERPRETATION_RGB16, ".png");
    check_alpha(&pattern, VIPS_INTERPRETATION_B_W, ".png");
    check_alpha(&pattern, VIPS_INTERPRETATION_GREY16, ".png");
    fse_image_free(&pattern);
}

/* A numeric type in which the pattern's 255 is `white`. */
static void check_number(const fse_image *pattern, VipsBandFormat format, double white,
                         double tolerance)
{
    VipsImage *image = vips_of(pattern);
    VipsImage *band = NULL;
    VipsImage *scaled = NULL;
    VipsImage *typed = NULL;
    assert_int_equal(vips_extract_band(image, &band, 0, NULL), 0);
    assert_int_equal(vips_linear1(band, &scaled, white / 255, 0, NULL), 0);
    assert_int_equal(vips_cast(scaled, &typed, format, NULL), 0);
    typed = retyped(typed, VIPS_INTERPRETATION_B_W);
    fse_image wanted = ref_smooth_image(pattern->width, pattern->height);
    for (int i = 0; i < pattern->width * pattern->height; i++)
        memset(wanted.pixels + i * 3, pattern->pixels[i * 3], 3);
    assert_near(decoded_pixels(typed, ".tif", NULL), &wanted, tolerance);
    fse_image_free(&wanted);
    g_object_unref(typed);
    g_object_unref(scaled);
    g_object_unref(band);
    g_object_unref(image);
}

static void test_numbers(void **state)
{
    (void)state;
    fse_image pattern = ref_smooth_image(width, height);
    pattern.pixels[0] = 255; /* so that the brightest pixel is white */
    check_number(&pattern, VIPS_FORMAT_FLOAT, 1, 1);
    check_number(&pattern, VIPS_FORMAT_FLOAT, 255, 1);
    check_number(&pattern, VIPS_FORMAT_FLOAT, 65535, 1);
    check_number(&pattern, VIPS_FORMAT_SHORT, 32767, 1);
    check_number(&pattern, VIPS_FORMAT_UINT, 4294967295, 1);
    fse_image_free(&pattern);
}

/* Written in another space with its profile, as phones and cameras do. */
static fse_image through_profile(const fse_image *pattern, const char *profile, const char *suffix,
                                 bool *has_profile)
{
    VipsImage *image = vips_of(pattern);
    VipsImage *converted = NULL;
    assert_int_equal(vips_icc_transform(image, &converted, profile, "input_profile", "srgb",
                                        "intent", VIPS_INTENT_RELATIVE, NULL), 0);
    fse_image result = decoded_pixels(converted, suffix, has_profile);
    g_object_unref(converted);
    g_object_unref(image);
    return result;
}

static void test_profiles(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".jpg[Q=98,subsample_mode=off]", ".png", ".tif",
                                           ".webp[lossless]"};
    fse_image pattern = ref_smooth_image(width, height);
    for (size_t i = 0; i < FSE_COUNT(suffixes); i++) {
        bool has_profile;
        assert_near(through_profile(&pattern, "p3", suffixes[i], &has_profile), &pattern, 1.5);
        assert_true(has_profile);
        assert_near(through_profile(&pattern, "srgb", suffixes[i], &has_profile), &pattern, 1);
        assert_true(has_profile);
    }
    /* An sRGB profile changes no bit. */
    assert_near(through_profile(&pattern, "srgb", ".png", NULL), &pattern, 0);
    fse_image_free(&pattern);
}

/* Colours that ink has too, with the profile and without; a JPEG's are inverted, as Adobe's. */
static void test_cmyk(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".jpg[Q=98]", ".tif", ".jpg[Q=98,strip]", ".tif[strip]"};
    fse_image pattern = ref_smooth_image(width, height);
    for (int i = 0; i < width * height * 3; i++)
        pattern.pixels[i] = (uint8_t)(110 + pattern.pixels[i] / 5);
    for (size_t i = 0; i < FSE_COUNT(suffixes); i++) {
        bool has_profile;
        assert_near(through_profile(&pattern, "cmyk", suffixes[i], &has_profile), &pattern, 7);
        assert_int_equal(has_profile, i < 2);
    }
    fse_image_free(&pattern);
}

/* A profile that is broken, or of another kind of image, is as none. */
static void test_broken_profiles(void **state)
{
    (void)state;
    fse_image pattern = ref_smooth_image(width, height);
    VipsBlob *cmyk = NULL;
    assert_int_equal(vips_profile_load("cmyk", &cmyk, NULL), 0);
    size_t cmyk_size;
    const void *cmyk_bytes = vips_blob_get(cmyk, &cmyk_size);
    const struct {
        const void *bytes;
        size_t size;
    } profiles[] = {{"no profile at all, but of some length", 37}, {"", 1}, {cmyk_bytes, 200},
                    {cmyk_bytes, cmyk_size}};
    for (size_t i = 0; i < FSE_COUNT(profiles); i++) {
        VipsImage *plain = vips_of(&pattern);
        VipsImage *image = NULL;
        assert_int_equal(vips_copy(plain, &image, NULL), 0);
        vips_image_set_blob_copy(image, VIPS_META_ICC_NAME, profiles[i].bytes, profiles[i].size);
        assert_near(decoded_pixels(image, ".tif", NULL), &pattern, 1);
        g_object_unref(image);
        g_object_unref(plain);
    }
    vips_area_unref(VIPS_AREA(cmyk));
    fse_image_free(&pattern);
}

static void test_first_page(void **state)
{
    (void)state;
    fse_image pattern = ref_smooth_image(width, height);
    VipsImage *first = vips_of(&pattern);
    VipsImage *second = NULL;
    VipsImage *both = NULL;
    VipsImage *pages = NULL;
    static const struct {
        const char *suffix;
        double tolerance;
    } cases[] = {{".tif", 0}, {".webp[lossless]", 0}, {".gif[dither=0]", 9}};
    assert_int_equal(vips_invert(first, &second, NULL), 0);
    assert_int_equal(vips_join(first, second, &both, VIPS_DIRECTION_VERTICAL, NULL), 0);
    assert_int_equal(vips_copy(both, &pages, NULL), 0);
    vips_image_set_int(pages, VIPS_META_PAGE_HEIGHT, height);
    for (size_t i = 0; i < FSE_COUNT(cases); i++)
        assert_near(decoded_pixels(pages, cases[i].suffix, NULL), &pattern, cases[i].tolerance);
    g_object_unref(pages);
    g_object_unref(both);
    g_object_unref(second);
    g_object_unref(first);
    fse_image_free(&pattern);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spaces),   cmocka_unit_test(test_grey),
        cmocka_unit_test(test_one_bit),  cmocka_unit_test(test_palette),
        cmocka_unit_test(test_alpha),    cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_profiles), cmocka_unit_test(test_cmyk),
        cmocka_unit_test(test_broken_profiles), cmocka_unit_test(test_first_page),
    };
    if (fse_decode_init(NULL) != FSE_OK)
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vips_shutdown();
    return failed;
}
