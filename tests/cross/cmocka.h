/* SPDX-License-Identifier: Apache-2.0 */
/* As much of cmocka as the tests that run.sh cross-compiles use: no library for other CPUs needed. */
#ifndef FSE_TESTS_CROSS_CMOCKA_H
#define FSE_TESTS_CROSS_CMOCKA_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*function)(void **state);
    void *state;
};

#define cmocka_unit_test(f) {#f, f, NULL}
#define cmocka_unit_test_prestate(f, data) {#f, f, data}

#define print_message(...) printf(__VA_ARGS__)
#define fail_msg(...) (printf(__VA_ARGS__), printf("\n"), fflush(stdout), abort())
#define assert_true(c)                                                                             \
    ((c) ? (void)0 : fail_msg("%s:%d: %s does not hold", __FILE__, __LINE__, #c))
#define assert_false(c) assert_true(!(c))
#define assert_int_equal(a, b) assert_true((a) == (b))
#define assert_int_not_equal(a, b) assert_true((a) != (b))
#define assert_ptr_equal(a, b) assert_true((a) == (b))
#define assert_null(a) assert_true((a) == NULL)
#define assert_non_null(a) assert_true((a) != NULL)
#define assert_string_equal(a, b) assert_true(strcmp(a, b) == 0)
#define assert_memory_equal(a, b, size) assert_true(memcmp(a, b, size) == 0)

static inline int run_all(const struct CMUnitTest *tests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        void *state = tests[i].state;
        tests[i].function(&state);
        printf("passed: %s\n", tests[i].name);
    }
    return 0;
}

#define cmocka_run_group_tests(tests, setup, teardown)                                             \
    run_all(tests, sizeof(tests) / sizeof((tests)[0]))

#endif
