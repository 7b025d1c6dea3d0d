/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "facesearch/search.h"
#include "options.h"

#define EXPECT(...) (snprintf(expected, size, __VA_ARGS__), (const char *)expected)

/* A whole decimal number without sign, blanks or anything after it. */
static bool parse_whole(const char *text, unsigned long long *value)
{
    if (!text[0] || strspn(text, "0123456789") != strlen(text))
        return false;
    errno = 0;
    *value = strtoull(text, NULL, 10);
    return errno == 0;
}

/* A finite decimal number: digits, at most one point, an exponent; no hex, no "inf", no blanks. */
static bool parse_number(const char *text, double *value)
{
    char *end;
    if (!text[0] || strspn(text, "0123456789.eE+-") != strlen(text))
        return false;
    *value = strtod(text, &end);
    return *end == '\0' && end != text && isfinite(*value);
}

/* ---- flags ---- */

static const char *flag_parse(const fse_option *option, const char *value, void *field,
                              char *expected, size_t size)
{
    (void)option, (void)value, (void)expected, (void)size;
    *(bool *)field = true;
    return NULL;
}

static const char *set_parse(const fse_option *option, const char *value, void *field,
                             char *expected, size_t size)
{
    (void)value, (void)expected, (void)size;
    *(int *)field = (int)option->minimum;
    return NULL;
}

const fse_value_kind fse_kind_flag = {flag_parse, NULL};
const fse_value_kind fse_kind_set = {set_parse, NULL};

/* ---- text ---- */

static const char *text_parse(const fse_option *option, const char *value, void *field,
                              char *expected, size_t size)
{
    if (!value[0])
        return EXPECT("a %s", option->argument);
    *(const char **)field = value;
    return NULL;
}

static void text_show(const fse_option *option, const void *field, char *text, size_t size)
{
    (void)option;
    const char *value = *(const char *const *)field;
    snprintf(text, size, "%s", value ? value : "");
}

static const char *list_parse(const fse_option *option, const char *value, void *field,
                              char *expected, size_t size)
{
    if (!value[0])
        return EXPECT("a %s", option->argument);
    fse_list_add(field, value);
    return NULL;
}

static const char *glob_parse(bool exclude, const char *value, void *field, char *expected,
                              size_t size)
{
    fse_error error = {.status = FSE_OK};
    if (fse_glob_check(value, exclude, &error) != FSE_OK)
        return EXPECT("a GLOB (%s)", error.message);
    fse_list_add(field, value);
    return NULL;
}

static const char *include_parse(const fse_option *option, const char *value, void *field,
                                 char *expected, size_t size)
{
    (void)option;
    return glob_parse(false, value, field, expected, size);
}

static const char *exclude_parse(const fse_option *option, const char *value, void *field,
                                 char *expected, size_t size)
{
    (void)option;
    return glob_parse(true, value, field, expected, size);
}

const fse_value_kind fse_kind_text = {text_parse, text_show};
const fse_value_kind fse_kind_list = {list_parse, NULL};
const fse_value_kind fse_kind_include = {include_parse, NULL};
const fse_value_kind fse_kind_exclude = {exclude_parse, NULL};

/* ---- numbers ---- */

static const char *whole_in_range(const fse_option *option, const char *value,
                                  unsigned long long *number, char *expected, size_t size)
{
    if (parse_whole(value, number) && (double)*number >= option->minimum &&
        (double)*number <= option->maximum)
        return NULL;
    if (option->maximum < 1e9)
        return EXPECT("a whole number from %.0f to %.0f", option->minimum, option->maximum);
    return EXPECT("a whole number, %.0f or more", option->minimum);
}

static const char *integer_parse(const fse_option *option, const char *value, void *field,
                                 char *expected, size_t size)
{
    unsigned long long number;
    const char *wrong = whole_in_range(option, value, &number, expected, size);
    if (!wrong)
        *(int *)field = (int)number;
    return wrong;
}

static void integer_show(const fse_option *option, const void *field, char *text, size_t size)
{
    const int value = *(const int *)field;
    if ((double)value >= option->minimum && value > 0)
        snprintf(text, size, "%d", value);
}

static const char *size_parse(const fse_option *option, const char *value, void *field,
                              char *expected, size_t size)
{
    unsigned long long number;
    const char *wrong = whole_in_range(option, value, &number, expected, size);
    if (!wrong)
        *(size_t *)field = (size_t)number;
    return wrong;
}

static const char *number_parse(const fse_option *option, const char *value, void *field,
                                char *expected, size_t size)
{
    double number;
    if (!parse_number(value, &number) || number < option->minimum || number > option->maximum)
        return EXPECT("a number from %g to %g", option->minimum, option->maximum);
    *(double *)field = number;
    return NULL;
}

static const char *rate_parse(const fse_option *option, const char *value, void *field,
                              char *expected, size_t size)
{
    (void)option;
    double number;
    if (!parse_number(value, &number) || number <= 0 || number >= 1)
        return EXPECT("a rate between 0 and 1, such as 1e-4 for one in ten thousand");
    *(double *)field = number;
    return NULL;
}

const fse_value_kind fse_kind_integer = {integer_parse, integer_show};
const fse_value_kind fse_kind_size = {size_parse, NULL};
const fse_value_kind fse_kind_number = {number_parse, NULL};
const fse_value_kind fse_kind_rate = {rate_parse, NULL};

/* ---- words ---- */

static const char *choice_parse(const fse_option *option, const char *value, void *field,
                                char *expected, size_t size)
{
    const char *names[16];
    size_t count = 0;
    for (const fse_choice *choice = option->choices; choice->name; choice++) {
        if (strcmp(choice->name, value) == 0) {
            memcpy(field, &choice->value, sizeof choice->value);
            return NULL;
        }
        if (count < sizeof names / sizeof names[0])
            names[count++] = choice->name;
    }
    size_t used = (size_t)snprintf(expected, size, "one of ");
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(expected + used, size - used, "%s%s", i ? ", " : "", names[i]);
    const char *near = fse_nearest(value, names, count);
    if (near && used < size)
        snprintf(expected + used, size - used, " (did you mean '%s'?)", near);
    return expected;
}

static void choice_show(const fse_option *option, const void *field, char *text, size_t size)
{
    int value;
    memcpy(&value, field, sizeof value);
    for (const fse_choice *choice = option->choices; choice->name; choice++)
        if (choice->value == value) {
            snprintf(text, size, "%s", choice->name);
            return;
        }
    text[0] = '\0';
}

const fse_value_kind fse_kind_choice = {choice_parse, choice_show};

static const char *face_parse(const fse_option *option, const char *value, void *field,
                              char *expected, size_t size)
{
    (void)option;
    unsigned long long number;
    if (strcmp(value, "all") == 0)
        *(int *)field = FSE_FACE_ALL;
    else if (strcmp(value, "largest") == 0)
        *(int *)field = FSE_FACE_LARGEST;
    else if (parse_whole(value, &number) && number <= INT_MAX)
        *(int *)field = (int)number;
    else
        return EXPECT("the number of a face from 0, 'all' or 'largest'");
    return NULL;
}

const fse_value_kind fse_kind_face = {face_parse, NULL};

/* ---- dates ---- */

/* One part of a date: exactly `digits` digits. NULL: not there, or out of range. */
static const char *part(const char *text, int digits, int minimum, int maximum, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++) {
        if (text[i] < '0' || text[i] > '9')
            return NULL;
        *value = 10 * *value + text[i] - '0';
    }
    return *value >= minimum && *value <= maximum ? text + digits : NULL;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool fse_parse_period(const char *text, int64_t *first, int64_t *end)
{
    /* What stands before each part, how long it is, and its bounds (a day's: by its month). */
    static const struct {
        const char *before;
        int digits, minimum, maximum;
    } parts[] = {{"", 4, 1, 9999}, {"-", 2, 1, 12},  {"-", 2, 1, 31},
                 {"T ", 2, 0, 23}, {":", 2, 0, 59}, {":", 2, 0, 59}};
    int value[6] = {1970, 1, 1, 0, 0, 0};
    int given = 0;
    while (given < 6 && (given == 0 || *text)) {
        if (given > 0 && !strchr(parts[given].before, *text++))
            return false;
        text = part(text, parts[given].digits, parts[given].minimum, parts[given].maximum,
                    &value[given]);
        if (!text)
            return false;
        given++;
    }
    /* An hour alone is no time of day. */
    if (*text || given == 4 || value[2] > days_in_month(value[0], value[1]))
        return false;
    struct tm begin = {.tm_year = value[0] - 1900, .tm_mon = value[1] - 1, .tm_mday = value[2],
                       .tm_hour = value[3], .tm_min = value[4], .tm_sec = value[5]};
    struct tm after = begin;
    int *const fields[] = {&after.tm_year, &after.tm_mon, &after.tm_mday,
                           &after.tm_hour, &after.tm_min, &after.tm_sec};
    ++*fields[given - 1];
    *first = timegm(&begin);
    *end = timegm(&after);
    return true;
}

static const char *date_expected(char *expected, size_t size)
{
    return EXPECT("a date such as 2024, 2024-05, 2024-05-06 or 2024-05-06T07:08");
}

static const char *since_parse(const fse_option *option, const char *value, void *field,
                               char *expected, size_t size)
{
    (void)option;
    int64_t end;
    return fse_parse_period(value, field, &end) ? NULL : date_expected(expected, size);
}

static const char *until_parse(const fse_option *option, const char *value, void *field,
                               char *expected, size_t size)
{
    (void)option;
    int64_t first;
    return fse_parse_period(value, &first, field) ? NULL : date_expected(expected, size);
}

const fse_value_kind fse_kind_since = {since_parse, NULL};
const fse_value_kind fse_kind_until = {until_parse, NULL};
