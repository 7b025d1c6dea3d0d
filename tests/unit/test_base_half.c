/* SPDX-License-Identifier: Apache-2.0 */
/*
 * float16 against IEEE 754-2019's definition: the value of each of the 65536 bit patterns from the
 * formula, and rounding by searching those values for the nearest, the even one of two.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/half.h"

#define POSITIVE_HALVES 0x7c01 /* 0 .. infinity */

static double values[POSITIVE_HALVES]; /* rising; infinity stands as 2^16, the next step */

static double half_value(unsigned half)
{
    const int exponent = (int)(half >> 10);
    const double mantissa = half & 1023;
    return exponent ? ldexp(1 + mantissa / 1024, exponent - 15) : ldexp(mantissa / 1024, -14);
}

static int set_up(void **state)
{
    (void)state;
    for (unsigned half = 0; half < POSITIVE_HALVES; half++)
        values[half] = half_value(half);
    return 0;
}

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* The nearest half of a number >= 0: the last that is not above it, or the one after. */
static uint16_t nearest(double number)
{
    unsigned low = 0, high = POSITIVE_HALVES;
    while (high - low > 1) {
        const unsigned middle = (low + high) / 2;
        if (values[middle] <= number)
            low = middle;
        else
            high = middle;
    }
    if (low == POSITIVE_HALVES - 1)
        return (uint16_t)low;
    const double below = number - values[low];
    const double above = values[low + 1] - number;
    return (uint16_t)(below < above || (below == above && low % 2 == 0) ? low : low + 1);
}

static void every_half_has_its_value(void **state)
{
    (void)state;
    for (unsigned half = 0; half < 0x7c00; half++) {
        assert_true((double)fse_half_to_float((uint16_t)half) == half_value(half));
        assert_true((double)fse_half_to_float((uint16_t)(half | 0x8000)) == -half_value(half));
    }
    assert_true(signbit(fse_half_to_float(0x8000)));
    assert_true(isinf(fse_half_to_float(0x7c00)) && fse_half_to_float(0x7c00) > 0);
    assert_true(isinf(fse_half_to_float(0xfc00)) && fse_half_to_float(0xfc00) < 0);
    for (unsigned half = 0x7c01; half < 0x8000; half++) {
        assert_true(isnan(fse_half_to_float((uint16_t)half)));
        assert_true(isnan(fse_half_to_float((uint16_t)(half | 0x8000))));
    }
}

static void every_half_survives_the_round_trip(void **state)
{
    (void)state;
    for (unsigned half = 0; half < 0x10000; half++) {
        const uint16_t back = fse_half_from_float(fse_half_to_float((uint16_t)half));
        if ((half & 0x7fff) > 0x7c00) /* NaN stays NaN, with its sign */
            assert_true((back & 0x7fff) > 0x7c00 && (back & 0x8000) == (half & 0x8000));
        else
            assert_int_equal(back, half);
    }
}

static void check_rounding(uint32_t bits)
{
    const uint16_t expected = nearest(float_of(bits));
    if (fse_half_from_float(float_of(bits)) != expected)
        fail_msg("float 0x%08x: expected 0x%04x, got 0x%04x", bits, expected,
                 fse_half_from_float(float_of(bits)));
    assert_int_equal(fse_half_from_float(float_of(bits | 0x80000000)), expected | 0x8000);
}

/* The boundaries are where rounding goes wrong: each half, each middle, and the floats beside. */
static void rounding_at_every_boundary(void **state)
{
    (void)state;
    for (unsigned half = 0; half + 1 < POSITIVE_HALVES; half++) {
        const float middle = (float)((values[half] + values[half + 1]) / 2); /* exact */
        check_rounding(bits_of((float)values[half]));
        check_rounding(bits_of((float)values[half]) + 1);
        check_rounding(bits_of(middle) - 1);
        check_rounding(bits_of(middle));
        check_rounding(bits_of(middle) + 1);
    }
}

/* 251 is prime to the powers of two, so all mantissa patterns come up in every exponent. */
static void rounding_across_all_floats(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits < 0x7f800000; bits += 251)
        check_rounding(bits);
    check_rounding(0x7f7fffff);
    check_rounding(0x7f800000);
}

static void nan_is_kept(void **state)
{
    (void)state;
    static const uint32_t nans[] = {0x7f800001, 0x7fc00000, 0x7fffffff, 0xff800001, 0xffffffff};
    for (size_t i = 0; i < sizeof nans / sizeof nans[0]; i++) {
        const uint16_t half = fse_half_from_float(float_of(nans[i]));
        assert_true((half & 0x7fff) > 0x7c00);
        assert_int_equal(half & 0x8000, nans[i] >> 16 & 0x8000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half_has_its_value),
        cmocka_unit_test(every_half_survives_the_round_trip),
        cmocka_unit_test(rounding_at_every_boundary),
        cmocka_unit_test(rounding_across_all_floats),
        cmocka_unit_test(nan_is_kept),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
