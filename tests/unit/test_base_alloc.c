/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

static void memory_is_zeroed(void **state)
{
    (void)state;
    unsigned char *bytes = fse_alloc(37, 11);
    assert_non_null(bytes);
    for (size_t i = 0; i < 37 * 11; i++)
        assert_int_equal(bytes[i], 0);
    free(bytes);
}

static void nothing_is_an_allocation_too(void **state)
{
    (void)state;
    static const size_t sizes[][2] = {{0, 0}, {0, 8}, {8, 0}};
    for (size_t i = 0; i < FSE_COUNT(sizes); i++) {
        void *memory = fse_alloc(sizes[i][0], sizes[i][1]);
        assert_non_null(memory);
        free(memory);
    }
}

static void an_overflowing_product_is_refused(void **state)
{
    (void)state;
    /* Each product is small when it wraps around. */
    assert_null(fse_alloc(SIZE_MAX / 2 + 1, 2));
    assert_null(fse_alloc(2, SIZE_MAX / 2 + 1));
    assert_null(fse_alloc(SIZE_MAX, SIZE_MAX));
}

static void strings_are_copied(void **state)
{
    (void)state;
    char text[] = "a\xff b";
    char *copy = fse_strdup(text);
    text[0] = 'x';
    assert_string_equal(copy, "a\xff b");
    free(copy);
    copy = fse_strdup("");
    assert_string_equal(copy, "");
    free(copy);
}

static void arrays_grow_and_keep_their_elements(void **state)
{
    (void)state;
    uint64_t *numbers = NULL;
    size_t capacity = 0;
    for (size_t count = 0; count < 10000; count++) {
        assert_int_equal(fse_grow(&numbers, &capacity, count, sizeof *numbers, NULL), FSE_OK);
        assert_true(capacity > count);
        numbers[count] = count * count;
    }
    for (size_t i = 0; i < 10000; i++)
        assert_int_equal(numbers[i], i * i);
    free(numbers);
}

static void arrays_grow_in_few_steps(void **state)
{
    (void)state;
    char *bytes = NULL;
    size_t capacity = 0, steps = 0;
    for (size_t count = 0; count < 1000000; count++) {
        const size_t before = capacity;
        assert_int_equal(fse_grow(&bytes, &capacity, count, 1, NULL), FSE_OK);
        steps += capacity != before;
    }
    assert_true(steps < 40); /* log(10^6 / 8) / log(1.5) = 29 */
    free(bytes);
}

static void a_refused_growth_changes_nothing(void **state)
{
    (void)state;
    fse_error error = {.status = FSE_OK};
    uint64_t *numbers = fse_alloc(8, sizeof *numbers);
    uint64_t *const before = numbers;
    size_t capacity = SIZE_MAX / 8; /* a lie: so large that the next capacity overflows */
    assert_int_equal(fse_grow(&numbers, &capacity, capacity, sizeof *numbers, &error), FSE_ENOMEM);
    assert_int_equal(error.status, FSE_ENOMEM);
    assert_ptr_equal(numbers, before);
    assert_int_equal(capacity, SIZE_MAX / 8);
    free(numbers);
}

static void buffers_collect_bytes(void **state)
{
    (void)state;
    fse_buffer buffer = {0};
    char expected[20000];
    for (size_t i = 0; i < sizeof expected; i++) {
        expected[i] = (char)(i * 7);
        assert_int_equal(fse_buffer_add(&buffer, &expected[i], 1, NULL), FSE_OK);
        assert_int_equal(buffer.size, i + 1);
        assert_int_equal(buffer.data[buffer.size], 0);
    }
    assert_memory_equal(buffer.data, expected, sizeof expected);
    free(buffer.data);
}

static void an_empty_addition_ends_the_text(void **state)
{
    (void)state;
    fse_buffer buffer = {0};
    assert_int_equal(fse_buffer_add(&buffer, NULL, 0, NULL), FSE_OK);
    assert_string_equal(buffer.data, "");
    assert_int_equal(buffer.size, 0);
    free(buffer.data);
}

static void buffers_format_at_any_fill(void **state)
{
    (void)state;
    /* Texts of every length up to 100, so that the end falls on every place of the capacity. */
    fse_buffer buffer = {0};
    char expected[8192] = "";
    for (int width = 1; width <= 100; width++) {
        snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%*d", width, 7);
        assert_int_equal(fse_buffer_format(&buffer, NULL, "%*d", width, 7), FSE_OK);
        assert_string_equal(buffer.data, expected);
        assert_int_equal(buffer.size, strlen(expected));
    }
    free(buffer.data);
}

static void a_buffer_too_large_is_refused(void **state)
{
    (void)state;
    fse_error error = {.status = FSE_OK};
    fse_buffer buffer = {0};
    assert_int_equal(fse_buffer_add(&buffer, "kept", 4, NULL), FSE_OK);
    assert_int_equal(fse_buffer_add(&buffer, "", SIZE_MAX - 2, &error), FSE_ENOMEM);
    assert_int_equal(fse_buffer_add(&buffer, "", SIZE_MAX / 2, &error), FSE_ENOMEM);
    assert_string_equal(buffer.data, "kept");
    free(buffer.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed),
        cmocka_unit_test(nothing_is_an_allocation_too),
        cmocka_unit_test(an_overflowing_product_is_refused),
        cmocka_unit_test(strings_are_copied),
        cmocka_unit_test(arrays_grow_and_keep_their_elements),
        cmocka_unit_test(arrays_grow_in_few_steps),
        cmocka_unit_test(a_refused_growth_changes_nothing),
        cmocka_unit_test(buffers_collect_bytes),
        cmocka_unit_test(an_empty_addition_ends_the_text),
        cmocka_unit_test(buffers_format_at_any_fill),
        cmocka_unit_test(a_buffer_too_large_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
