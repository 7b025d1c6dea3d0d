/* SPDX-License-Identifier: Apache-2.0 */
#include "search/topk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"

static uint32_t random_number(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525u + 1013904223u; /* Numerical Recipes, chapter 7 */
    return (*seed >> 8) % below;
}

static void the_order_is_score_photo_face(void **state)
{
    (void)state;
    static const fse_hit ordered[] = {{0.5f, 3, 1}, {0.4f, 0, 2}, {0.4f, 1, 0}, {0.4f, 1, 1},
                                      {0, 0, 0},    {-1, 0, 0}};
    for (size_t i = 0; i < FSE_COUNT(ordered); i++)
        for (size_t k = 0; k < FSE_COUNT(ordered); k++) {
            const int order = fse_hit_compare(&ordered[i], &ordered[k]);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
}

/* The reference: put each hit in its place among all. */
static size_t slow_sort(const fse_hit *hits, size_t count, fse_hit *sorted)
{
    for (size_t i = 0; i < count; i++) {
        size_t place = i;
        for (; place > 0 && fse_hit_compare(&hits[i], &sorted[place - 1]) < 0; place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = hits[i];
    }
    return count;
}

static void equals_sorting_everything_ties_included(void **state)
{
    (void)state;
    uint32_t seed = 5;
    for (int round = 0; round < 400; round++) {
        fse_hit hits[300];
        fse_hit sorted[300];
        const uint32_t count = random_number(&seed, FSE_COUNT(hits));
        for (uint32_t i = 0; i < count; i++) /* few scores and photos: many ties */
            hits[i] = (fse_hit){(float)random_number(&seed, 5) / 4, random_number(&seed, 8), i};
        slow_sort(hits, count, sorted);
        fse_topk top = {.limit = random_number(&seed, 2 * FSE_COUNT(hits))};
        if (round % 3 == 0)
            top.limit = random_number(&seed, 4);
        for (uint32_t i = 0; i < count; i++)
            assert_int_equal(fse_topk_add(&top, hits[i], NULL), FSE_OK);
        fse_topk_sort(&top);
        assert_int_equal(top.count, top.limit && top.limit < count ? top.limit : count);
        for (size_t i = 0; i < top.count; i++)
            assert_int_equal(fse_hit_compare(&top.hits[i], &sorted[i]), 0);
        free(top.hits);
    }
}

static void a_huge_limit_takes_no_memory(void **state)
{
    (void)state;
    fse_topk top = {.limit = SIZE_MAX};
    assert_int_equal(fse_topk_add(&top, (fse_hit){0.1f, 0, 0}, NULL), FSE_OK);
    fse_topk_sort(&top);
    assert_int_equal(top.count, 1);
    free(top.hits);
    fse_topk none = {.limit = 0};
    fse_topk_sort(&none);
    assert_int_equal(none.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_order_is_score_photo_face),
        cmocka_unit_test(equals_sorting_everything_ties_included),
        cmocka_unit_test(a_huge_limit_takes_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
