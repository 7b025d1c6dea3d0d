/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "faces/views.h"

static const fse_tiling tiling = {.width = 320, .height = 240, .overlap = 48, .margin = 12};

static int longer(fse_view_size size)
{
    return size.width > size.height ? size.width : size.height;
}

static void fine_view_follows_the_smallest_face(void **state)
{
    (void)state;
    assert_int_equal(fse_fine_view((fse_view_size){250, 250}, 50, 16), 250);     /* never enlarged */
    assert_int_equal(fse_fine_view((fse_view_size){800, 600}, 50, 16), 640);
    assert_int_equal(fse_fine_view((fse_view_size){4000, 3000}, 50, 16), 1280);  /* 50 px are seen at 16 */
    assert_int_equal(fse_fine_view((fse_view_size){3000, 4000}, 50, 16), 1280);
    assert_int_equal(fse_fine_view((fse_view_size){4000, 3000}, 20, 16), 2048);
    assert_int_equal(fse_fine_view((fse_view_size){4000, 3000}, 4000, 16), 640);
    assert_int_equal(fse_fine_view((fse_view_size){1, 60000}, 50, 16), 2048);
    assert_int_equal(fse_fine_view((fse_view_size){4000, 3000}, 50, 20), 1600);
}

static void check_views(const fse_view_size *views, int count, fse_view_size picture, double ratio)
{
    assert_in_range(count, 1, FSE_MAX_VIEWS);
    for (int i = 0; i < count; i++) {
        assert_true(views[i].width >= 1 && views[i].height >= 1);
        assert_true(views[i].width <= picture.width && views[i].height <= picture.height);
        if (i > 0 && views[i].width > 40 && views[i].height > 40)
            assert_true(longer(views[i - 1]) <= ratio * longer(views[i]) * 1.02);
    }
}

static void views_go_down_in_steps(void **state)
{
    (void)state;
    static const fse_view_size pictures[] = {{1, 1},      {17, 9},      {250, 250},  {640, 480},
                                             {300, 4000}, {6000, 4000}, {60000, 10}, {2048, 2048}};
    for (size_t i = 0; i < sizeof pictures / sizeof pictures[0]; i++)
        for (int min_face = 8; min_face < 200; min_face += 31) {
            fse_view_size views[FSE_MAX_VIEWS];
            const int fine = fse_fine_view(pictures[i], min_face, 16);
            int count = fse_views(pictures[i], fine, 4, views);
            check_views(views, count, pictures[i], 4);
            assert_int_equal(longer(views[0]), fine);
            assert_true(fine <= 200 || abs(longer(views[count - 1]) - 160) <= 1);
            count = fse_tiled_views(pictures[i], fine, 3, &tiling, views);
            /* Snapping takes up to a fifth of a view, and so adds to a step. */
            check_views(views, count, pictures[i], 3 * 1.25);
        }
}

static void canvases_are_few_and_large_enough(void **state)
{
    (void)state;
    int before = 0, distinct = 0;
    for (int side = 1; side <= 2048; side++) {
        const int canvas = fse_canvas_side(side);
        assert_true(canvas >= side && canvas % 32 == 0);
        assert_true(canvas <= 96 || canvas <= side * 1.34);
        distinct += canvas != before;
        before = canvas;
    }
    assert_true(distinct <= 24);
    assert_int_equal(fse_canvas_side(3001), 3008);
}

static void tiles_cover_with_their_overlap(void **state)
{
    (void)state;
    for (int side = 1; side < 3000; side++) {
        int starts[64];
        const int count = fse_tile_starts(side, 320, 48, starts);
        assert_int_equal(count, fse_tile_starts(side, 320, 48, NULL));
        assert_int_equal(starts[0], 0);
        if (side <= 320) {
            assert_int_equal(count, 1);
            continue;
        }
        assert_int_equal(starts[count - 1], side - 320);
        for (int i = 1; i < count; i++)
            assert_true(starts[i] > starts[i - 1] && starts[i] <= starts[i - 1] + 320 - 48);
        assert_true((count - 1) * (320 - 48) + 320 < side + 320 - 48); /* one fewer is too few */
    }
}

static void the_whole_picture_fits_one_tile(void **state)
{
    (void)state;
    fse_view_size views[FSE_MAX_VIEWS];
    const int count = fse_tiled_views((fse_view_size){1200, 900}, 640, 3, &tiling, views);
    int fitting = 0;
    for (int i = 0; i < count; i++)
        fitting += views[i].width <= 296 && views[i].height <= 216;
    assert_int_equal(fitting, 2);
    assert_int_equal(longer(views[0]) <= 640 && longer(views[0]) >= 512, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fine_view_follows_the_smallest_face),
        cmocka_unit_test(views_go_down_in_steps),
        cmocka_unit_test(canvases_are_few_and_large_enough),
        cmocka_unit_test(tiles_cover_with_their_overlap),
        cmocka_unit_test(the_whole_picture_fits_one_tile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
