/* SPDX-License-Identifier: Apache-2.0 */
/* Alignment against a search for the least squared error; cutting against a direct average. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "faces/align.h"
#include "image/cut.h"
#include "image/image.h"

static double random_unit(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return (double)(*state >> 8) / (1 << 24);
}

/* Points that are a known similarity of the template, with noise. */
static void random_points(uint32_t *seed, double noise, float points[10])
{
    const double angle = 6.3 * random_unit(seed), size = 0.1 + 8 * random_unit(seed);
    for (int i = 0; i < 5; i++) {
        const double x = fse_arcface_template[i][0], y = fse_arcface_template[i][1];
        points[2 * i] = (float)(size * (x * cos(angle) - y * sin(angle)) + 300 +
                                noise * size * (random_unit(seed) - 0.5));
        points[2 * i + 1] = (float)(size * (x * sin(angle) + y * cos(angle)) - 70 +
                                    noise * size * (random_unit(seed) - 0.5));
    }
}

static void exact_points_map_onto_the_template(void **state)
{
    (void)state;
    uint32_t seed = 5;
    for (int i = 0; i < 200; i++) {
        float points[10];
        fse_similarity2 t;
        random_points(&seed, 0, points);
        assert_true(fse_align(points, &t));
        assert_true(fse_align_residual(&t, points) < 1e-3);
    }
}

/* No transform nearby, in any of its four numbers, has a smaller error. */
static void the_error_is_the_least(void **state)
{
    (void)state;
    uint32_t seed = 9;
    for (int i = 0; i < 200; i++) {
        float points[10];
        fse_similarity2 t;
        random_points(&seed, 20, points);
        assert_true(fse_align(points, &t));
        const double least = fse_align_residual(&t, points);
        for (int k = 0; k < 8; k++) {
            const double step = k % 2 ? 1e-4 : -1e-4;
            fse_similarity2 other = t;
            double *const numbers[] = {&other.a, &other.b, &other.tx, &other.ty};
            *numbers[k / 2] += step * (k / 2 < 2 ? hypot(t.a, t.b) : 1);
            assert_true(fse_align_residual(&other, points) >= least - 1e-9);
        }
    }
}

static void the_inverse_undoes_it(void **state)
{
    (void)state;
    uint32_t seed = 11;
    float points[10];
    fse_similarity2 t;
    random_points(&seed, 10, points);
    assert_true(fse_align(points, &t));
    double m[6];
    fse_align_inverse(&t, m);
    for (int i = 0; i < 5; i++) {
        const double x = (double)points[2 * i], y = (double)points[2 * i + 1];
        const double u = t.a * x - t.b * y + t.tx, v = t.b * x + t.a * y + t.ty;
        assert_true(fabs(m[0] * u + m[1] * v + m[2] - x) < 1e-6);
        assert_true(fabs(m[3] * u + m[4] * v + m[5] - y) < 1e-6);
    }
}

static void points_in_one_place_have_no_alignment(void **state)
{
    (void)state;
    fse_similarity2 t;
    const float one[10] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5};
    float wild[10] = {1, 2, 3, 4, 5, 6, 7, 8, NAN, 10};
    assert_false(fse_align(one, &t));
    assert_false(fse_align(wild, &t));
    wild[8] = INFINITY;
    assert_false(fse_align(wild, &t));
}

/* A smooth picture: what is cut out at any scale and angle is the picture's value there. */
static void fill_smooth(fse_image *image)
{
    for (int y = 0; y < image->height; y++)
        for (int x = 0; x < image->width; x++)
            for (int c = 0; c < 3; c++)
                image->pixels[(y * image->width + x) * 3 + c] =
                    (uint8_t)lround(40 * c + 0.1 * x + 0.05 * y);
}

static void cutting_keeps_places(void **state)
{
    (void)state;
    fse_image image, cut;
    assert_int_equal(fse_image_new(1000, 800, 3, &image, NULL), FSE_OK);
    assert_int_equal(fse_image_new(FSE_CROP, FSE_CROP, 3, &cut, NULL), FSE_OK);
    fill_smooth(&image);
    static const double scales[] = {0.5, 1, 1.9, 2, 3.7, 4.5};
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        const double s = scales[i], c = s * cos(0.3), d = s * sin(0.3);
        const double m[6] = {c, -d, 300, d, c, 100};
        assert_int_equal(fse_cut(&image, m, &cut, NULL), FSE_OK);
        for (int y = 0; y < FSE_CROP; y += 7)
            for (int x = 0; x < FSE_CROP; x += 7) {
                const double u = m[0] * x + m[1] * y + m[2], v = m[3] * x + m[4] * y + m[5];
                assert_true(u > 0 && v > 0 && u < 999 && v < 799);
                const double wanted = 40 + 0.1 * u + 0.05 * v;
                assert_true(fabs(cut.pixels[(y * FSE_CROP + x) * 3 + 1] - wanted) < 1.6);
            }
    }
    fse_image_free(&image);
    fse_image_free(&cut);
}

/* Stripes finer than the result's pixels average to grey; without averaging they would alias. */
static void cutting_does_not_alias(void **state)
{
    (void)state;
    fse_image image, cut;
    assert_int_equal(fse_image_new(1000, 1000, 3, &image, NULL), FSE_OK);
    assert_int_equal(fse_image_new(FSE_CROP, FSE_CROP, 3, &cut, NULL), FSE_OK);
    for (int i = 0; i < 1000 * 1000; i++)
        for (int c = 0; c < 3; c++)
            image.pixels[3 * i + c] = i % 2 ? 255 : 0;
    const double m[6] = {8, 0, 20, 0, 8, 20};
    assert_int_equal(fse_cut(&image, m, &cut, NULL), FSE_OK);
    for (int i = 0; i < FSE_CROP * FSE_CROP * 3; i++)
        assert_in_range(cut.pixels[i], 125, 130);
    fse_image_free(&image);
    fse_image_free(&cut);
}

static void cutting_outside_is_refused_or_black(void **state)
{
    (void)state;
    fse_image image, cut;
    assert_int_equal(fse_image_new(50, 40, 3, &image, NULL), FSE_OK);
    assert_int_equal(fse_image_new(FSE_CROP, FSE_CROP, 3, &cut, NULL), FSE_OK);
    fill_smooth(&image);
    static const double maps[][6] = {{3, 0, 5000, 0, 3, 5000},   {3, 0, -5000, 0, 3, 0},
                                     {1, 0, 5000, 0, 1, 0},      {1, 0, 1e9, 0, 1, 0},
                                     {NAN, 0, 0, 0, NAN, 0},     {INFINITY, 0, 0, 0, 1, 0},
                                     {1e5, 0, -5e5, 0, 1e5, 0},  {1e-9, 0, 20, 0, 1e-9, 20},
                                     {900, 0, -40000, 0, 900, 9}};
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++) {
        const fse_status status = fse_cut(&image, maps[i], &cut, NULL);
        assert_true(status == FSE_OK || status == FSE_EFACE);
    }
    fse_image_free(&image);
    fse_image_free(&cut);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_points_map_onto_the_template),
        cmocka_unit_test(the_error_is_the_least),
        cmocka_unit_test(the_inverse_undoes_it),
        cmocka_unit_test(points_in_one_place_have_no_alignment),
        cmocka_unit_test(cutting_keeps_places),
        cmocka_unit_test(cutting_does_not_alias),
        cmocka_unit_test(cutting_outside_is_refused_or_black),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
