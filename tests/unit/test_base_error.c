/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/error.h"

/* With the numbers that the header promises to keep. */
static const struct {
    fse_status status;
    int number;
} statuses[] = {
    {FSE_OK, 0},         {FSE_EINVAL, 10},     {FSE_ENOMEM, 20},   {FSE_EIO, 30},
    {FSE_ENOENT, 31},    {FSE_EACCES, 32},     {FSE_ECORRUPT, 35}, {FSE_ELOCKED, 36},
    {FSE_EFULL, 37},     {FSE_ESTORE, 38},     {FSE_EIMAGE, 40},   {FSE_ELIMIT, 41},
    {FSE_EMODEL, 50},    {FSE_EINFERENCE, 51}, {FSE_ENOFACE, 60},  {FSE_EFACE, 61},
    {FSE_ENETWORK, 70},  {FSE_EDIGEST, 71},    {FSE_ELICENSE, 72}, {FSE_ECANCELLED, 80},
    {FSE_EINTERNAL, 90},
};

static void the_numbers_are_stable(void **state)
{
    (void)state;
    for (size_t i = 0; i < FSE_COUNT(statuses); i++)
        assert_int_equal(statuses[i].status, statuses[i].number);
}

static void every_status_has_its_own_text(void **state)
{
    (void)state;
    for (size_t i = 0; i < FSE_COUNT(statuses); i++) {
        assert_string_not_equal(fse_status_text(statuses[i].status), "unknown status");
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(fse_status_text(statuses[i].status),
                                    fse_status_text(statuses[j].status));
    }
    assert_string_equal(fse_status_text((fse_status)1), "unknown status");
    assert_string_equal(fse_status_text((fse_status)91), "unknown status");
}

static void a_failure_fills_the_report(void **state)
{
    (void)state;
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_fail(&error, FSE_EIMAGE, "a.jpg", "%d of %s", 3, "nine"), FSE_EIMAGE);
    assert_int_equal(error.status, FSE_EIMAGE);
    assert_string_equal(error.message, "3 of nine");
    assert_string_equal(error.subject, "a.jpg");
}

static void the_report_may_be_absent(void **state)
{
    (void)state;
    assert_int_equal(fse_fail(NULL, FSE_EIO, "a", "b"), FSE_EIO);
    assert_int_equal(fse_fail_errno(NULL, ENOENT, "a", "b"), FSE_ENOENT);
    assert_int_equal(fse_fail_memory(NULL), FSE_ENOMEM);
}

static void an_absent_subject_is_empty(void **state)
{
    (void)state;
    fse_error error;
    memset(&error, 'x', sizeof error);
    fse_fail(&error, FSE_EIO, NULL, "why");
    assert_string_equal(error.subject, "");
}

static void long_texts_are_cut_to_fit(void **state)
{
    (void)state;
    fse_error error;
    char text[4096];
    memset(text, 'y', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    fse_fail(&error, FSE_EIO, text, "%s", text);
    assert_int_equal(strlen(error.message), sizeof error.message - 1);
    assert_int_equal(strlen(error.subject), sizeof error.subject - 1);

    /* One that just fits stays whole. */
    text[sizeof error.subject - 1] = '\0';
    fse_fail(&error, FSE_EIO, text, "why");
    assert_string_equal(error.subject, text);
}

static void the_old_report_may_be_quoted(void **state)
{
    (void)state;
    fse_error error;
    fse_fail(&error, FSE_EIO, "disk", "broken");
    fse_fail(&error, FSE_EMODEL, error.subject, "cannot load: %s", error.message);
    assert_string_equal(error.message, "cannot load: broken");
    assert_string_equal(error.subject, "disk");
}

static void system_errors_become_statuses(void **state)
{
    (void)state;
    static const struct {
        int errnum;
        fse_status status;
    } expected[] = {
        {ENOENT, FSE_ENOENT}, {ENOTDIR, FSE_ENOENT}, {EACCES, FSE_EACCES}, {EPERM, FSE_EACCES},
        {EROFS, FSE_EACCES},  {ENOMEM, FSE_ENOMEM},  {EIO, FSE_EIO},       {ENOSPC, FSE_EFULL},
        {EDQUOT, FSE_EFULL},
    };
    for (size_t i = 0; i < FSE_COUNT(expected); i++) {
        fse_error error;
        assert_int_equal(fse_fail_errno(&error, expected[i].errnum, "f", "cannot open"),
                         expected[i].status);
        assert_string_equal(error.subject, "f");
        assert_int_equal(strncmp(error.message, "cannot open: ", 13), 0);
        assert_non_null(strstr(error.message, strerror(expected[i].errnum)));
    }
}

static fse_status step(fse_status result, int *calls)
{
    ++*calls;
    return result;
}

static fse_status two_steps(fse_status first, int *calls, bool *cleaned, fse_error *error)
{
    fse_status status = FSE_OK;
    FSE_TRY(step(first, calls));
    FSE_TRY(step(FSE_OK, calls));
    FSE_THROW(error, FSE_EIO, "last", "thrown");
cleanup:
    *cleaned = true;
    return status;
}

static void try_and_throw_go_to_the_cleanup(void **state)
{
    (void)state;
    fse_error error = {.status = FSE_OK};
    int calls = 0;
    bool cleaned = false;
    assert_int_equal(two_steps(FSE_ENOFACE, &calls, &cleaned, &error), FSE_ENOFACE);
    assert_true(cleaned && calls == 1 && error.status == FSE_OK);
    calls = 0;
    cleaned = false;
    assert_int_equal(two_steps(FSE_OK, &calls, &cleaned, &error), FSE_EIO);
    assert_true(cleaned && calls == 2 && error.status == FSE_EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_numbers_are_stable),
        cmocka_unit_test(every_status_has_its_own_text),
        cmocka_unit_test(a_failure_fills_the_report),
        cmocka_unit_test(the_report_may_be_absent),
        cmocka_unit_test(an_absent_subject_is_empty),
        cmocka_unit_test(long_texts_are_cut_to_fit),
        cmocka_unit_test(the_old_report_may_be_quoted),
        cmocka_unit_test(system_errors_become_statuses),
        cmocka_unit_test(try_and_throw_go_to_the_cleanup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
