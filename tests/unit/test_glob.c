/* SPDX-License-Identifier: Apache-2.0 */
#include "index/glob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"

static bool matches(const char *pattern, const char *path, bool is_folder)
{
    fse_globs *globs;
    assert_int_equal(fse_globs_new(&pattern, 1, "exclude", true, &globs, NULL), FSE_OK);
    const bool found = fse_globs_match(globs, path, is_folder);
    fse_globs_free(&globs);
    return found;
}

static void examples_match_as_documented(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *path;
        bool folder, expected;
    } cases[] = {
        {"*.jpg", "a.jpg", false, true},
        {"*.jpg", "x/y/a.jpg", false, true},
        {"*.jpg", "a.JPG", false, false},
        {"a.jpg", "ba.jpg", false, false},
        {"x/*.jpg", "x/a.jpg", false, true},
        {"x/*.jpg", "x/y/a.jpg", false, false},
        {"x/*.jpg", "z/x/a.jpg", false, false},
        {"x/**.jpg", "x/y/a.jpg", false, true},
        {"x/**", "x/y/a.jpg", false, true},
        {"x/**/a.jpg", "x/a.jpg", false, true},
        {"x/**/a.jpg", "x/y/z/a.jpg", false, true},
        {"x/**/a.jpg", "x/ya.jpg", false, false},
        {"**/a.jpg", "a.jpg", false, true},
        {"**/a.jpg", "x/a.jpg", false, true},
        {"**/a.jpg", "xa.jpg", false, false},
        {"/a.jpg", "a.jpg", false, true},
        {"/a.jpg", "x/a.jpg", false, false},
        {"x/", "x", true, true},
        {"x/", "y/x", true, true},
        {"x/", "x", false, false},
        {"/x/", "y/x", true, false},
        {"y/x/", "y/x", true, true},
        {"?.jpg", "\xc3\xa4.jpg", false, true},
        {"?.jpg", "\xe4.jpg", false, true},
        {"??.jpg", "\xc3\xa4.jpg", false, false},
        {"?", "\xed\xa0\x80", false, false}, /* a surrogate is no character but three bytes */
        {"[\xc3\xa4\xc3\xb6].jpg", "\xc3\xb6.jpg", false, true},
        {"[a-c].jpg", "b.jpg", false, true},
        {"[!a-c].jpg", "b.jpg", false, false},
        {"[^a-c].jpg", "d.jpg", false, true},
        {"[]].jpg", "].jpg", false, true},
        {"[a-].jpg", "-.jpg", false, true},
        {"[*].jpg", "*.jpg", false, true},
        {"[*].jpg", "a.jpg", false, false},
        {"\\*.jpg", "*.jpg", false, true},
        {"\\*.jpg", "a.jpg", false, false},
        {"x[/]a", "x/a", false, false},
        {"x[!b]a", "x/a", false, false},
        {"x?a/b", "x/a/b", false, false},
        {"a*", "a\nb", false, true},
    };
    for (size_t i = 0; i < FSE_COUNT(cases); i++)
        if (matches(cases[i].pattern, cases[i].path, cases[i].folder) != cases[i].expected)
            fail_msg("%s with %s", cases[i].pattern, cases[i].path);
}

static void unusable_globs_are_refused(void **state)
{
    (void)state;
    static const char *const patterns[] = {"",     "/",    "[",    "[]",     "[!]",  "a[b",
                                           "a\\",  "a\\/", "[a\\", "[\\]",   "x/[a", "[a-",
                                           "[a-\\]"};
    for (size_t i = 0; i < FSE_COUNT(patterns); i++) {
        fse_error error = {.status = FSE_OK};
        fse_globs *globs;
        assert_int_equal(fse_globs_new(&patterns[i], 1, "include", true, &globs, &error),
                         FSE_EINVAL);
        assert_null(globs);
        assert_string_equal(error.subject, patterns[i]);
        assert_non_null(strstr(error.message, "include"));
    }
    const char *folder = "x/";
    fse_globs *globs;
    assert_int_equal(fse_globs_new(&folder, 1, "include", false, &globs, NULL), FSE_EINVAL);
    assert_false(fse_globs_match(NULL, "a", false));
}

/* The meaning of a glob by plain recursion, over bytes. */
static bool slow_match(const char *p, const char *t, bool at_start)
{
    if (*p == '\0')
        return *t == '\0';
    if (p[0] == '*' && p[1] == '*') {
        const char *rest = p + strspn(p, "*");
        if (at_start && *rest == '/') {
            bool found = slow_match(rest + 1, t, true);
            for (const char *s = strchr(t, '/'); s && !found; s = strchr(s + 1, '/'))
                found = slow_match(rest + 1, s + 1, true);
            return found;
        }
        return slow_match(rest, t, false) || (*t != '\0' && slow_match(p, t + 1, false));
    }
    if (*p == '*')
        return slow_match(p + 1, t, false) ||
               (*t != '\0' && *t != '/' && slow_match(p, t + 1, false));
    if (*t == '\0')
        return false;
    if (*p == '?')
        return *t != '/' && slow_match(p + 1, t + 1, false);
    if (*p == '[') /* only [ab] and [!a] are made below */
        return *t != '/' && (p[1] == '!' ? *t != p[2] : *t == p[1] || *t == p[2]) &&
               slow_match(p + 4, t + 1, false);
    return *p == *t && slow_match(p + 1, t + 1, *p == '/');
}

static uint32_t random_number(uint32_t *seed, uint32_t below)
{
    *seed = *seed * 1664525u + 1013904223u; /* Numerical Recipes, chapter 7 */
    return (*seed >> 8) % below;
}

static void make_random(uint32_t *seed, const char *const *parts, uint32_t count, uint32_t length,
                        char *text)
{
    text[0] = '\0';
    for (uint32_t i = random_number(seed, length) + 1; i > 0; i--)
        strcat(text, parts[random_number(seed, count)]);
}

static void agrees_with_plain_recursion(void **state)
{
    (void)state;
    static const char *const pattern_parts[] = {"a", "b",  "/",   "*",    "**",   "?",
                                                "a", "/*", "/**", "[ab]", "[!a]", "**/"};
    static const char *const text_parts[] = {"a", "b", "a", "b", "/", "c"};
    uint32_t seed = 1;
    int found = 0;
    for (int i = 0; i < 200000; i++) {
        char pattern[64];
        char text[64];
        make_random(&seed, pattern_parts, FSE_COUNT(pattern_parts), 9, pattern + 1);
        make_random(&seed, text_parts, FSE_COUNT(text_parts), 12, text);
        pattern[0] = '/'; /* the whole path */
        const char *bare = pattern + strspn(pattern, "/");
        if (*bare == '\0' || pattern[strlen(pattern) - 1] == '/')
            continue;
        const bool expected = slow_match(bare, text, true);
        if (matches(pattern, text, false) != expected)
            fail_msg("%s with %s", pattern, text);
        found += expected;
    }
    assert_in_range(found, 5000, 195000);
}

static void many_stars_take_little_time(void **state)
{
    (void)state;
    char pattern[400] = "/";
    char text[2001];
    for (int i = 0; i < 60; i++)
        strcat(pattern, i % 3 == 2 ? "**a" : "*a");
    strcat(pattern, "b");
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_false(matches(pattern, text, false));
}

/* Any bytes, as a user may type them: nothing to compare with, but nothing may be read beyond. */
static void random_bytes_are_safe(void **state)
{
    (void)state;
    static const char bytes[] = "[]!^-\\*?/a\xc3\xa4\xff\xed";
    uint32_t seed = 7;
    for (int i = 0; i < 200000; i++) {
        const uint32_t sizes[2] = {random_number(&seed, 10), random_number(&seed, 10)};
        char *texts[2];
        for (int k = 0; k < 2; k++) {
            texts[k] = fse_alloc(sizes[k] + 1, 1);
            for (uint32_t j = 0; j < sizes[k]; j++)
                texts[k][j] = bytes[random_number(&seed, sizeof bytes - 1)];
        }
        fse_globs *globs;
        const char *pattern = texts[0];
        if (fse_globs_new(&pattern, 1, "exclude", true, &globs, NULL) == FSE_OK)
            (void)fse_globs_match(globs, texts[1], true);
        fse_globs_free(&globs);
        free(texts[0]);
        free(texts[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_match_as_documented),
        cmocka_unit_test(unusable_globs_are_refused),
        cmocka_unit_test(agrees_with_plain_recursion),
        cmocka_unit_test(many_stars_take_little_time),
        cmocka_unit_test(random_bytes_are_safe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
