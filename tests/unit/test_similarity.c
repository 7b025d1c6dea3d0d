/* SPDX-License-Identifier: Apache-2.0 */
#include "search/similarity.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/half.h"

#define MAX_DIM 600

static uint32_t seed = 11;

static float random_value(void)
{
    seed = seed * 1664525u + 1013904223u; /* Numerical Recipes, chapter 7 */
    return (float)(seed >> 8) / 8388608.0f - 1;
}

/* A random canonical embedding; spread: some of its numbers are subnormal halves. */
static void make_canonical(float *values, int dim, bool spread)
{
    double squares = 0;
    for (int i = 0; i < dim; i++) {
        values[i] = random_value();
        if (spread)
            values[i] = ldexpf(values[i], -(i % 26));
        squares += (double)values[i] * (double)values[i];
    }
    for (int i = 0; i < dim; i++)
        values[i] = fse_half_to_float(
            fse_half_from_float((float)((double)values[i] / sqrt(squares))));
}

/*
 * The reference: every number as the integer that it is in units of 2^-24, the sum in units of
 * 2^-48 as an integer, and the only rounding in the last line.
 */
static float slow_score(const float *a, const float *b, int dim)
{
    int64_t sum = 0;
    for (int i = 0; i < dim; i++)
        sum += (int64_t)((double)a[i] * 0x1p24) * (int64_t)((double)b[i] * 0x1p24);
    const int64_t one = (int64_t)1 << 48;
    sum = sum > one ? one : sum < -one ? -one : sum;
    return (float)((long double)sum * 0x1p-48L);
}

static void equals_integer_arithmetic(void **state)
{
    (void)state;
    static const int dims[] = {1, 2, 7, 8, 9, 127, 128, 511, 512, MAX_DIM};
    float a[MAX_DIM];
    float b[MAX_DIM];
    for (int round = 0; round < 2000; round++) {
        const int dim = dims[(size_t)round % FSE_COUNT(dims)];
        make_canonical(a, dim, round % 3 == 0);
        make_canonical(b, dim, round % 5 == 0);
        if (round % 7 == 0) /* near 1: the same face nearly */
            for (int i = 0; i < dim; i++)
                b[i] = i % 50 == 0 ? b[i] : a[i];
        assert_true(fse_score(a, b, dim) == slow_score(a, b, dim));
        assert_true(fse_score(a, b, dim) == fse_score(b, a, dim));
    }
}

static void the_order_of_numbers_does_not_matter(void **state)
{
    (void)state;
    float a[512];
    float b[512];
    make_canonical(a, 512, true);
    make_canonical(b, 512, true);
    const float score = fse_score(a, b, 512);
    for (int round = 0; round < 500; round++) {
        const int i = (int)(fabsf(random_value()) * 511);
        const int k = (int)(fabsf(random_value()) * 511);
        const float from_a = a[i];
        const float from_b = b[i];
        a[i] = a[k];
        b[i] = b[k];
        a[k] = from_a;
        b[k] = from_b;
        assert_true(fse_score(a, b, 512) == score);
    }
}

static void scores_are_clamped(void **state)
{
    (void)state;
    const float longer[2] = {1, 0x1p-6f};
    const float opposite[2] = {-1, -0x1p-6f};
    assert_true(fse_score(longer, longer, 2) == 1);
    assert_true(fse_score(longer, opposite, 2) == -1);
    const float across[2] = {-0x1p-20f, 0};
    const float zero[2] = {0, 1};
    assert_false(signbit(fse_score(across, zero, 2)));
    assert_true(fse_score(longer, longer, 0) == 0);
}

static void halves_hold_canonical_embeddings(void **state)
{
    (void)state;
    float values[512];
    float again[512];
    uint16_t halves[512];
    for (int round = 0; round < 50; round++) {
        make_canonical(values, 512, round % 2);
        fse_halves_from_floats(values, 512, halves);
        fse_floats_from_halves(halves, 512, again);
        assert_memory_equal(values, again, sizeof values);
    }
}

static void a_threshold_is_inclusive(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        const float score = random_value() * (i % 4 ? 1 : 0.01f);
        char text[32];
        snprintf(text, sizeof text, "%.7g", (double)score);
        assert_true(fse_reaches(score, (double)score)); /* the number itself */
        assert_true(fse_reaches(score, strtod(text, NULL)));   /* the number as printed */
        assert_false(fse_reaches(score, (double)score + 1.1e-7));
        assert_true(fse_reaches(score, (double)score - 1e-9));
    }
    assert_false(fse_reaches(NAN, -1));
}

static void mean_is_normalised_and_rounded(void **state)
{
    (void)state;
    float probes[3][512];
    float mean[512];
    for (int i = 0; i < 3; i++)
        make_canonical(probes[i], 512, false);
    assert_int_equal(fse_mean_embedding(probes[0], 3, 512, mean, NULL), FSE_OK);
    long double squares = 0;
    for (int k = 0; k < 512; k++) {
        const long double sum = (long double)probes[0][k] + probes[1][k] + probes[2][k];
        squares += sum * sum;
    }
    for (int k = 0; k < 512; k++) {
        const long double sum = (long double)probes[0][k] + probes[1][k] + probes[2][k];
        const float expected = (float)(sum / sqrtl(squares));
        assert_true(mean[k] == fse_half_to_float(fse_half_from_float(expected)));
    }
    assert_int_equal(fse_mean_embedding(probes[1], 1, 512, mean, NULL), FSE_OK);
    assert_memory_equal(mean, probes[1], sizeof mean);
    for (int k = 0; k < 512; k++)
        probes[1][k] = -probes[0][k];
    assert_int_equal(fse_mean_embedding(probes[0], 2, 512, mean, NULL), FSE_EFACE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_integer_arithmetic),
        cmocka_unit_test(the_order_of_numbers_does_not_matter),
        cmocka_unit_test(scores_are_clamped),
        cmocka_unit_test(halves_hold_canonical_embeddings),
        cmocka_unit_test(a_threshold_is_inclusive),
        cmocka_unit_test(mean_is_normalised_and_rounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
