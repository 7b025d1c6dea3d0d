/* SPDX-License-Identifier: Apache-2.0 */
#include "image/resample.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "reference/image.h"

static fse_image blank(int width, int height, int channels, uint8_t value)
{
    fse_image image;
    assert_int_equal(fse_image_new(width, height, channels, &image, NULL), FSE_OK);
    fse_fill(&image, value);
    return image;
}

static fse_image resized(const fse_image *from, int width, int height)
{
    fse_image to = blank(width, height, from->channels, 0);
    assert_int_equal(fse_resize(from, &to, (fse_rect){0, 0, width, height}, NULL), FSE_OK);
    return to;
}

static void test_image_limits(void **state)
{
    (void)state;
    fse_image image;
    assert_int_equal(fse_image_new(0, 1, 3, &image, NULL), FSE_ELIMIT);
    assert_int_equal(fse_image_new(1, 65536, 3, &image, NULL), FSE_ELIMIT);
    assert_int_equal(fse_image_new(1, 1, 2, &image, NULL), FSE_EINVAL);
    assert_null(image.pixels);
    fse_image_free(&image);
    fse_image_free(NULL);
}

static void test_resize_is_the_triangle_filter(void **state)
{
    (void)state;
    static const int sizes[][5] = {
        {61, 47, 3, 20, 15}, {61, 47, 3, 60, 46}, {20, 15, 3, 61, 47}, {40, 10, 1, 13, 30},
        {7, 90, 3, 3, 5},    {1, 1, 3, 4, 4},     {64, 64, 1, 1, 1},   {33, 2, 3, 11, 1},
    };
    for (size_t i = 0; i < FSE_COUNT(sizes); i++) {
        const int *s = sizes[i];
        fse_image from = ref_noise_image(s[0], s[1], s[2]);
        fse_image to = resized(&from, s[3], s[4]);
        for (int y = 0; y < s[4]; y++)
            for (int x = 0; x < s[3]; x++)
                for (int c = 0; c < s[2]; c++) {
                    const double exact = ref_resized(&from, s[3], s[4], x, y, c);
                    assert_true(fabs(ref_pixel(&to, x, y, c) - exact) < 0.55);
                }
        fse_image_free(&from);
        fse_image_free(&to);
    }
}

static void test_resize_keeps_a_constant(void **state)
{
    (void)state;
    static const int sizes[][4] = {{65535, 1, 1, 1}, {1, 65535, 1, 2}, {3, 5, 300, 500},
                                   {65535, 2, 3, 7}, {1, 1, 65535, 1}, {997, 31, 996, 30}};
    for (size_t i = 0; i < FSE_COUNT(sizes); i++)
        for (int value = 0; value < 256; value += 51) {
            fse_image from = blank(sizes[i][0], sizes[i][1], 3, (uint8_t)value);
            fse_image to = resized(&from, sizes[i][2], sizes[i][3]);
            fse_image same = blank(sizes[i][2], sizes[i][3], 3, (uint8_t)value);
            assert_true(ref_difference(&to, &same) == 0);
            fse_image_free(&from);
            fse_image_free(&to);
            fse_image_free(&same);
        }
}

static void test_resize_averages_beyond_its_weights(void **state)
{
    (void)state;
    /* 65535 samples share weights that sum to 16384. */
    fse_image from = ref_noise_image(65535, 1, 1);
    fse_image to = resized(&from, 1, 1);
    assert_true(fabs(to.pixels[0] - ref_resized(&from, 1, 1, 0, 0, 0)) < 2);
    fse_image_free(&from);
    fse_image_free(&to);
}

static void test_resize_writes_its_place_only(void **state)
{
    (void)state;
    fse_image from = ref_noise_image(30, 20, 3);
    const int widths[2] = {10, 30};
    const int heights[2] = {8, 20};
    for (int i = 0; i < 2; i++) {
        fse_image to = blank(50, 40, 3, 77);
        const fse_rect where = {5, 7, widths[i], heights[i]};
        assert_int_equal(fse_resize(&from, &to, where, NULL), FSE_OK);
        fse_image alone = resized(&from, widths[i], heights[i]);
        for (int y = 0; y < 40; y++)
            for (int x = 0; x < 50; x++) {
                const bool inside = x >= 5 && y >= 7 && x < 5 + widths[i] && y < 7 + heights[i];
                for (int c = 0; c < 3; c++)
                    assert_int_equal(ref_pixel(&to, x, y, c),
                                     inside ? ref_pixel(&alone, x - 5, y - 7, c) : 77);
            }
        fse_image_free(&alone);
        fse_image_free(&to);
    }
    fse_image_free(&from);
}

static void test_no_room(void **state)
{
    (void)state;
    fse_image from = ref_noise_image(8, 8, 3);
    fse_image to = blank(10, 10, 3, 0);
    fse_image grey = blank(10, 10, 1, 0);
    static const fse_rect wrong[] = {{-1, 0, 4, 4}, {0, 0, 11, 4}, {8, 0, 4, 4}, {0, 0, 0, 4},
                                     {0, INT_MAX, 4, 4}, {2, 2, INT_MAX, INT_MAX}};
    fse_error error;
    for (size_t i = 0; i < FSE_COUNT(wrong); i++) {
        assert_int_equal(fse_resize(&from, &to, wrong[i], &error), FSE_EINVAL);
        assert_int_equal(fse_resize_opencv(&from, &to, wrong[i], &error), FSE_EINVAL);
    }
    assert_int_equal(fse_resize(&from, &grey, (fse_rect){0, 0, 4, 4}, &error), FSE_EINVAL);
    assert_int_equal(fse_resize_opencv(&from, &grey, (fse_rect){0, 0, 4, 4}, NULL), FSE_EINVAL);
    fse_image_free(&from);
    fse_image_free(&to);
    fse_image_free(&grey);
}

/*
 * FNV-1a of cv2.resize(ref_noise of w x h x c, (W, H), interpolation=cv2.INTER_LINEAR), the same in
 * opencv-python-headless 4.12.0.88 and 5.0.0.93.
 */
static const struct {
    int w, h, c, to_w, to_h;
    uint64_t hash;
} opencv_resized[] = {
    {250, 250, 3, 640, 640, UINT64_C(0xfea17238a608026d)},
    {97, 61, 3, 40, 25, UINT64_C(0xe46f5f272d46e117)},
    {100, 80, 3, 50, 40, UINT64_C(0x3474796d2f4e7f13)},
    {64, 48, 1, 31, 17, UINT64_C(0xc911857977510c2b)},
    {1, 1, 3, 5, 4, UINT64_C(0x332e9345077e2dc9)},
    {3, 200, 3, 7, 11, UINT64_C(0x816172a4df438561)},
    {320, 240, 3, 123, 92, UINT64_C(0x36f343d49fd38af4)},
    {33, 17, 1, 132, 68, UINT64_C(0xebb65e87c4b51843)},
};

static void test_resize_opencv(void **state)
{
    (void)state;
    for (size_t i = 0; i < FSE_COUNT(opencv_resized); i++) {
        fse_image from = ref_noise_image(opencv_resized[i].w, opencv_resized[i].h,
                                         opencv_resized[i].c);
        fse_image to = blank(opencv_resized[i].to_w, opencv_resized[i].to_h, from.channels, 0);
        const fse_rect all = {0, 0, to.width, to.height};
        assert_int_equal(fse_resize_opencv(&from, &to, all, NULL), FSE_OK);
        assert_true(ref_hash(&to) == opencv_resized[i].hash);
        fse_image_free(&from);
        fse_image_free(&to);
    }
}

static void test_grey(void **state)
{
    (void)state;
    fse_image from = ref_noise_image(97, 61, 3);
    fse_image to = blank(97, 61, 1, 0);
    fse_grey(&from, &to);
    /* cv2.cvtColor(.., cv2.COLOR_RGB2GRAY), versions as above. */
    assert_true(ref_hash(&to) == UINT64_C(0x972399ecc41e6ddf));
    fse_image_free(&from);
    fse_image_free(&to);
}

static void check_warp(const fse_image *from, const double m[6])
{
    fse_image to = blank(40, 30, from->channels, 99);
    fse_warp(from, m, &to);
    for (int y = 0; y < to.height; y++)
        for (int x = 0; x < to.width; x++)
            for (int c = 0; c < to.channels; c++) {
                const double exact = ref_bilinear(from, m[0] * x + m[1] * y + m[2],
                                                  m[3] * x + m[4] * y + m[5], c);
                assert_true(fabs(ref_pixel(&to, x, y, c) - exact) < 0.51);
            }
    fse_image_free(&to);
}

static void test_warp_is_bilinear(void **state)
{
    (void)state;
    static const double maps[][6] = {
        {1, 0, 0, 0, 1, 0},          {1, 0, 5, 0, 1, -3},         {0.7, -0.4, 12.3, 0.4, 0.7, 3.1},
        {3, 0.1, -20, -0.1, 3, -15}, {-1.5, 0, 55, 0, 1.5, -0.5}, {0.1, 0, 0, 0, 0.1, 0},
        {0, 1, 0, 1, 0, 0},          {1, 0, 500, 0, 1, 500},      {0, 0, -0.5, 0, 0, 31.5},
    };
    for (size_t i = 0; i < FSE_COUNT(maps); i++)
        for (int channels = 1; channels <= 3; channels += 2) {
            fse_image from = ref_noise_image(50, 32, channels);
            check_warp(&from, maps[i]);
            fse_image_free(&from);
        }
}

static void test_warp_wild(void **state)
{
    (void)state;
    static const double wild[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300, 1e18, 3e9};
    fse_image from = ref_noise_image(9, 9, 3);
    fse_image black = blank(5, 5, 3, 0);
    for (size_t i = 0; i < FSE_COUNT(wild); i++) {
        const double m[6] = {wild[i], wild[i], wild[i], wild[i], wild[i], wild[i]};
        fse_image to = blank(5, 5, 3, 50);
        fse_warp(&from, m, &to);
        assert_true(ref_difference(&to, &black) == 0);
        fse_image_free(&to);
    }
    fse_image_free(&from);
    fse_image_free(&black);
}

static void test_crop(void **state)
{
    (void)state;
    static const fse_rect rects[] = {
        {2, 3, 4, 5},     {0, 0, 20, 10},  {-3, -2, 8, 8},      {15, 7, 9, 9},
        {-5, -5, 40, 30}, {100, 0, 3, 3},  {0, -50, 3, 3},      {INT_MAX, INT_MAX, 3, 3},
        {INT_MIN, 0, 3, 3}, {INT_MAX - 1, 2, 4, 4},
    };
    fse_image from = ref_noise_image(20, 10, 3);
    for (size_t i = 0; i < FSE_COUNT(rects); i++) {
        const fse_rect r = rects[i];
        fse_image to = blank(r.width, r.height, 3, 0);
        fse_crop(&from, r, 9, &to);
        for (int y = 0; y < r.height; y++)
            for (int x = 0; x < r.width; x++) {
                const long u = (long)r.x + x;
                const long v = (long)r.y + y;
                const bool inside = u >= 0 && v >= 0 && u < 20 && v < 10;
                assert_int_equal(ref_pixel(&to, x, y, 1),
                                 inside ? ref_pixel(&from, (int)u, (int)v, 1) : 9);
            }
        fse_image_free(&to);
    }
    fse_image_free(&from);
}

static void test_halve(void **state)
{
    (void)state;
    static const int sizes[][3] = {{8, 6, 3}, {7, 5, 3}, {1, 1, 3}, {1, 9, 1}, {10, 1, 1}};
    for (size_t i = 0; i < FSE_COUNT(sizes); i++) {
        fse_image from = ref_noise_image(sizes[i][0], sizes[i][1], sizes[i][2]);
        fse_image to;
        assert_int_equal(fse_halve(&from, &to, NULL), FSE_OK);
        assert_int_equal(to.width, (from.width + 1) / 2);
        assert_int_equal(to.height, (from.height + 1) / 2);
        for (int y = 0; y < to.height; y++)
            for (int x = 0; x < to.width; x++) {
                double sum = 0;
                int count = 0;
                for (int v = 2 * y; v < 2 * y + 2 && v < from.height; v++)
                    for (int u = 2 * x; u < 2 * x + 2 && u < from.width; u++, count++)
                        sum += ref_pixel(&from, u, v, 0);
                assert_true(fabs(ref_pixel(&to, x, y, 0) - sum / count) <= 0.5);
            }
        fse_image_free(&from);
        fse_image_free(&to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_image_limits),
        cmocka_unit_test(test_resize_is_the_triangle_filter),
        cmocka_unit_test(test_resize_keeps_a_constant),
        cmocka_unit_test(test_resize_averages_beyond_its_weights),
        cmocka_unit_test(test_resize_writes_its_place_only),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_resize_opencv),
        cmocka_unit_test(test_grey),
        cmocka_unit_test(test_warp_is_bilinear),
        cmocka_unit_test(test_warp_wild),
        cmocka_unit_test(test_crop),
        cmocka_unit_test(test_halve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
