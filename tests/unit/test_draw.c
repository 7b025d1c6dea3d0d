/* SPDX-License-Identifier: Apache-2.0 */
#include "image/draw.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "image/resample.h"
#include "reference/image.h"

static const uint8_t orange[3] = {255, 160, 0};
static const uint8_t navy[3] = {0, 0, 90};

static fse_image canvas(int width, int height)
{
    fse_image image;
    assert_int_equal(fse_image_new(width, height, 3, &image, NULL), FSE_OK);
    fse_fill(&image, 50);
    return image;
}

static bool is_painted(const fse_image *image, int x, int y)
{
    return ref_pixel(image, x, y, 0) != 50 || ref_pixel(image, x, y, 1) != 50 ||
           ref_pixel(image, x, y, 2) != 50;
}

static bool has_colour(const fse_image *image, int x, int y, const uint8_t colour[3])
{
    return ref_pixel(image, x, y, 0) == colour[0] && ref_pixel(image, x, y, 1) == colour[1] &&
           ref_pixel(image, x, y, 2) == colour[2];
}

static void check_box(const float box[4], int stroke)
{
    fse_image image = canvas(40, 30);
    fse_draw_box(&image, box, stroke, orange);
    for (int y = 0; y < 30; y++)
        for (int x = 0; x < 40; x++) {
            const bool inside = (float)x >= box[0] && (float)x < box[2] && (float)y >= box[1] &&
                                (float)y < box[3];
            const bool core = (float)x >= box[0] + (float)stroke &&
                              (float)x < box[2] - (float)stroke &&
                              (float)y >= box[1] + (float)stroke &&
                              (float)y < box[3] - (float)stroke;
            assert_int_equal(is_painted(&image, x, y), inside && !core);
            assert_int_equal(has_colour(&image, x, y, orange), inside && !core);
        }
    fse_image_free(&image);
}

static void test_box(void **state)
{
    (void)state;
    static const float boxes[][4] = {
        {5, 6, 30, 20},   {0, 0, 40, 30},    {-5, -5, 20, 20}, {30, 20, 60, 50}, {-9, -9, 90, 90},
        {10, 10, 13, 12}, {10, 10, 10, 20},  {20, 20, 10, 10}, {50, 50, 60, 60}, {-20, 3, -4, 9},
    };
    for (size_t i = 0; i < FSE_COUNT(boxes); i++)
        for (int stroke = 1; stroke < 5; stroke++)
            check_box(boxes[i], stroke);
}

static void test_wild_boxes(void **state)
{
    (void)state;
    static const float wild[] = {NAN, INFINITY, -INFINITY, FLT_MAX, -FLT_MAX, 3e9F, -3e9F, 0, 7};
    fse_image image = canvas(20, 20);
    for (size_t a = 0; a < FSE_COUNT(wild); a++)
        for (size_t b = 0; b < FSE_COUNT(wild); b++) {
            const float box[4] = {wild[a], wild[b], wild[b], wild[a]};
            const float other[4] = {wild[a], wild[a], wild[b], wild[b]};
            fse_draw_box(&image, box, 3, orange);
            fse_draw_box(&image, other, INT_MAX, orange);
            fse_draw_box(&image, other, -1, orange);
        }
    fse_image_free(&image);
}

static int count_ink(const fse_image *image, const uint8_t ink[3])
{
    int count = 0;
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            count += has_colour(image, x, y, ink);
    return count;
}

static void test_text_reads(void **state)
{
    (void)state;
    static const uint8_t black[3] = {0, 0, 0};
    static const uint8_t white[3] = {255, 255, 255};
    fse_image image = canvas(100, 40);
    fse_draw_text(&image, 10, 5, 1, "0.83", orange);
    assert_true(count_ink(&image, black) > 20);
    assert_true(count_ink(&image, orange) > 100);
    fse_fill(&image, 50);
    fse_draw_text(&image, 10, 5, 1, "0.83", navy);
    assert_true(count_ink(&image, white) > 20);
    fse_image_free(&image);
}

/* No two printable characters look the same, and '?' stands for the others. */
static void test_font(void **state)
{
    (void)state;
    uint64_t hashes[127] = {0};
    for (int c = ' '; c < 127; c++) {
        const char text[2] = {(char)c, '\0'};
        fse_image image = canvas(8, 12);
        fse_draw_text(&image, 0, 0, 1, text, orange);
        hashes[c] = ref_hash(&image);
        for (int other = ' '; other < c; other++)
            assert_true(hashes[other] != hashes[c]);
        fse_image_free(&image);
    }
    static const char *const odd[] = {"\n", "\x7f", "\xc3", "\x1b"};
    for (size_t i = 0; i < FSE_COUNT(odd); i++) {
        fse_image image = canvas(8, 12);
        fse_draw_text(&image, 0, 0, 1, odd[i], orange);
        assert_true(ref_hash(&image) == hashes['?']);
        fse_image_free(&image);
    }
}

static void test_text_scales(void **state)
{
    (void)state;
    fse_image small = canvas(60, 12);
    fse_image large = canvas(180, 36);
    fse_draw_text(&small, 2, 1, 1, "Ag,7", orange);
    fse_draw_text(&large, 6, 3, 3, "Ag,7", orange);
    assert_int_equal(fse_text_height(3), 3 * fse_text_height(1));
    for (int y = 0; y < large.height; y++)
        for (int x = 0; x < large.width; x++)
            for (int c = 0; c < 3; c++)
                assert_int_equal(ref_pixel(&large, x, y, c), ref_pixel(&small, x / 3, y / 3, c));
    fse_image_free(&small);
    fse_image_free(&large);
}

static void test_text_stays_inside(void **state)
{
    (void)state;
    static const int at[][2] = {{-50, -50}, {500, 500}, {INT_MAX, INT_MAX}, {INT_MIN, INT_MIN}};
    for (size_t i = 0; i < FSE_COUNT(at); i++) {
        fse_image image = canvas(100, 40);
        fse_draw_text(&image, at[i][0], at[i][1], 1, "Anna", orange);
        fse_image whole = canvas(100, 40);
        fse_draw_text(&whole, 10, 10, 1, "Anna", orange);
        assert_int_equal(count_ink(&image, orange), count_ink(&whole, orange));
        fse_image_free(&image);
        fse_image_free(&whole);
    }
    char text[20001];
    memset(text, 'W', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    fse_image image = canvas(10, 5);
    fse_draw_text(&image, 3, 3, 1, text, orange);
    fse_draw_text(&image, 3, 3, 1000, "x", orange);
    fse_draw_text(&image, 3, 3, INT_MAX, "x", orange);
    fse_draw_text(&image, 3, 3, 0, "x", orange);
    fse_draw_text(&image, 3, 3, 1, "", orange);
    fse_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_box),         cmocka_unit_test(test_wild_boxes),
        cmocka_unit_test(test_text_reads),  cmocka_unit_test(test_font),
        cmocka_unit_test(test_text_scales), cmocka_unit_test(test_text_stays_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
