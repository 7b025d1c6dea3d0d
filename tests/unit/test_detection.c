/* SPDX-License-Identifier: Apache-2.0 */
/* Suppression against a slow reference that marks instead of sorting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "faces/detection.h"

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state >> 8;
}

static fse_detection random_detection(uint32_t *state)
{
    const float x = (float)(next_random(state) % 200), y = (float)(next_random(state) % 200);
    const float size = 10 + (float)(next_random(state) % 120);
    fse_detection d = {.score = (float)(next_random(state) % 50) / 50,
                       .box = {x, y, x + size, y + size * 1.25F},
                       .view = (int)(next_random(state) % 3)};
    d.seen = size / (float)(1 << (2 * d.view));
    return d;
}

static fse_detections random_detections(uint32_t *state, size_t count)
{
    fse_detections set = {.items = NULL};
    for (size_t i = 0; i < count; i++) {
        const fse_detection d = random_detection(state);
        assert_int_equal(fse_detections_add(&set, &d, NULL), FSE_OK);
    }
    return set;
}

static double slow_iou(const float a[4], const float b[4])
{
    double common = 0, either = 0;
    /* Boxes are at whole and quarter pixels: count quarter cells. */
    for (double y = 0.125; y < 360; y += 0.25) {
        const int ya = y > (double)a[1] && y < (double)a[3], yb = y > (double)b[1] && y < (double)b[3];
        const double left = fmax((double)a[0], (double)b[0]);
        const double right = fmin((double)a[2], (double)b[2]);
        common += ya && yb && right > left ? (right - left) / 4 : 0;
        either += (ya ? (double)(a[2] - a[0]) / 4 : 0) + (yb ? (double)(b[2] - b[0]) / 4 : 0);
    }
    return common / (either - common);
}

static void iou_is_the_share_of_common_area(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int i = 0; i < 300; i++) {
        const fse_detection a = random_detection(&seed), b = random_detection(&seed);
        assert_true(fabs((double)fse_iou(a.box, b.box) - slow_iou(a.box, b.box)) < 1e-2);
    }
}

static void iou_of_odd_boxes_is_zero(void **state)
{
    (void)state;
    const float unit[4] = {0, 0, 1, 1}, empty[4] = {2, 2, 2, 2}, turned[4] = {1, 1, 0, 0};
    const float nan_box[4] = {NAN, 0, 1, 1}, infinite[4] = {-INFINITY, -INFINITY, INFINITY, INFINITY};
    assert_true(fse_iou(unit, empty) == 0);
    assert_true(fse_iou(unit, turned) == 0);
    assert_true(fse_iou(unit, nan_box) == 0 || isfinite(fse_iou(unit, nan_box)));
    assert_true(fse_iou(unit, infinite) == 0);
    assert_true(fse_iou(empty, empty) == 0);
}

/* Of the candidates left, take the one with no better one, until none is left. */
static size_t slow_suppress(const fse_detection *all, size_t count, float max_iou, bool by_size,
                            char *kept)
{
    char *gone = calloc(count, 1);
    size_t left = 0;
    memset(kept, 0, count);
    for (;;) {
        size_t best = count;
        for (size_t i = 0; i < count; i++) {
            if (gone[i])
                continue;
            if (best == count) {
                best = i;
                continue;
            }
            const float a = by_size ? fminf(all[i].seen, 256) : 0;
            const float b = by_size ? fminf(all[best].seen, 256) : 0;
            if (a > b || (a == b && all[i].score > all[best].score))
                best = i;
        }
        if (best == count)
            break;
        kept[best] = 1;
        left++;
        for (size_t i = 0; i < count; i++)
            if (i == best || fse_iou(all[i].box, all[best].box) > max_iou)
                gone[i] = 1;
    }
    free(gone);
    return left;
}

static bool same_detection(const fse_detection *a, const fse_detection *b)
{
    return memcmp(a->box, b->box, sizeof a->box) == 0 && a->score == b->score && a->view == b->view;
}

static void check_suppression(bool by_size)
{
    uint32_t seed = 7;
    for (int round = 0; round < 200; round++) {
        fse_detections set = random_detections(&seed, next_random(&seed) % 60);
        for (size_t i = 0; i < set.count; i++)
            set.items[i].score += (float)i * 1e-4F; /* no ties: their order is another test */
        fse_detection *before = calloc(set.count + 1, sizeof *before);
        char *kept = calloc(set.count + 1, 1);
        if (set.count)
            memcpy(before, set.items, set.count * sizeof *before);
        const size_t count = set.count;
        const size_t wanted = slow_suppress(before, count, 0.4F, by_size, kept);
        (by_size ? fse_nms_views : fse_nms)(&set, 0.4F);
        assert_int_equal(set.count, wanted);
        for (size_t i = 0; i < set.count; i++) {
            bool found = false;
            for (size_t k = 0; k < count; k++)
                found = found || (kept[k] && same_detection(&set.items[i], &before[k]));
            assert_true(found);
        }
        free(kept);
        free(before);
        fse_detections_free(&set);
    }
}

static void suppression_keeps_the_best_score(void **state)
{
    (void)state;
    check_suppression(false);
}

static void suppression_over_views_keeps_the_larger_look(void **state)
{
    (void)state;
    check_suppression(true);
}

static void order_does_not_depend_on_the_input_order(void **state)
{
    (void)state;
    uint32_t seed = 3;
    fse_detections set = random_detections(&seed, 40), shuffled = {.items = NULL};
    for (size_t i = 0; i < set.count; i++)
        assert_int_equal(fse_detections_add(&shuffled, &set.items[(i * 17 + 5) % 40], NULL), FSE_OK);
    fse_nms(&set, 0.4F);
    fse_nms(&shuffled, 0.4F);
    fse_detections_sort(&set);
    fse_detections_sort(&shuffled);
    assert_int_equal(set.count, shuffled.count);
    for (size_t i = 0; i < set.count; i++) {
        assert_true(same_detection(&set.items[i], &shuffled.items[i]));
        assert_true(i == 0 || set.items[i - 1].score >= set.items[i].score);
    }
    fse_detections_free(&set);
    fse_detections_free(&shuffled);
}

static void a_box_inside_a_better_one_is_dropped(void **state)
{
    (void)state;
    fse_detections set = {.items = NULL};
    const fse_detection face = {.score = 0.9F, .box = {0, 0, 100, 120}};
    const fse_detection ear = {.score = 0.8F, .box = {80, 40, 104, 70}};   /* 20 of 24 inside */
    const fse_detection child = {.score = 0.7F, .box = {90, 100, 130, 150}};
    fse_detections_add(&set, &ear, NULL);
    fse_detections_add(&set, &face, NULL);
    fse_detections_add(&set, &child, NULL);
    fse_drop_inside(&set, 0.7F);
    assert_int_equal(set.count, 2);
    assert_true(same_detection(&set.items[0], &face));
    assert_true(same_detection(&set.items[1], &child));
    fse_detections_free(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(iou_is_the_share_of_common_area),
        cmocka_unit_test(iou_of_odd_boxes_is_zero),
        cmocka_unit_test(suppression_keeps_the_best_score),
        cmocka_unit_test(suppression_over_views_keeps_the_larger_look),
        cmocka_unit_test(order_does_not_depend_on_the_input_order),
        cmocka_unit_test(a_box_inside_a_better_one_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
