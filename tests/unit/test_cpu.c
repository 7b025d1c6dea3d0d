/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void no_word_masks_nothing(void **state)
{
    (void)state;
    unsigned mask = 0;
    assert_int_equal(fse_cpu_mask(NULL, &mask, NULL), FSE_OK);
    assert_true(mask == ~0u);
    mask = 0;
    assert_int_equal(fse_cpu_mask("", &mask, NULL), FSE_OK);
    assert_true(mask == ~0u);
}

static void words_leave_what_they_say(void **state)
{
    (void)state;
    unsigned mask = 1;
    assert_int_equal(fse_cpu_mask("scalar", &mask, NULL), FSE_OK);
    assert_int_equal(mask, 0);
    assert_int_equal(fse_cpu_mask("avx512vnni", &mask, NULL), FSE_OK);
    assert_true(mask & FSE_CPU_AVX512VNNI && mask & FSE_CPU_AVX2 && !(mask & FSE_CPU_AMX));
    assert_int_equal(fse_cpu_mask("neon", &mask, NULL), FSE_OK);
    assert_int_equal(mask, FSE_CPU_NEON_DOT);
}

static void another_word_names_the_legal_ones(void **state)
{
    (void)state;
    unsigned mask;
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_cpu_mask("AVX2", &mask, &error), FSE_EINVAL);
    assert_string_equal(error.subject, "FACESEARCH_CPU");
    assert_non_null(strstr(error.message, "avx512vnni"));
    assert_non_null(strstr(error.message, "\"AVX2\""));
}

#if defined(__linux__)
/* Linux tells the same in words; it leaves out what it does not save the registers of. */
static bool is_told_by_linux(const char *word)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[8192];
    bool found = false;
    while (file && !found && fgets(line, sizeof line, file))
        if (strncmp(line, "flags", 5) == 0 || strncmp(line, "Features", 8) == 0)
            for (char *at = strtok(line, " \t\n"); at; at = strtok(NULL, " \t\n"))
                found = found || strcmp(at, word) == 0;
    if (file)
        fclose(file);
    return found;
}

static void features_are_those_that_linux_names(void **state)
{
    (void)state;
    static const struct {
        unsigned feature;
        const char *word;
    } known[] = {
        {FSE_CPU_AVX2, "avx2"},         {FSE_CPU_AVXVNNI, "avx_vnni"},
        {FSE_CPU_AMX, "amx_int8"},      {FSE_CPU_AVX512VNNI, "avx512_vnni"},
        {FSE_CPU_NEON_DOT, "asimddp"},
    };
    const unsigned features = fse_cpu_detect();
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (features & known[i].feature)
            assert_true(is_told_by_linux(known[i].word));
        else if (is_told_by_linux(known[i].word))
            print_message("%s is not used here, though the CPU has it\n", known[i].word);
    }
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_word_masks_nothing),
        cmocka_unit_test(words_leave_what_they_say),
        cmocka_unit_test(another_word_names_the_legal_ones),
#if defined(__linux__)
        cmocka_unit_test(features_are_those_that_linux_names),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
