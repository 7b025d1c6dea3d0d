/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the command line program that can be tested alone. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common.h"
#include "csv.h"
#include "folders.h"
#include "json.h"
#include "names.h"
#include "template.h"

/* ---- what was written ---- */

typedef struct capture {
    fse_out out;
    char *text;
    size_t size;
} capture;

static void capture_begin(capture *c)
{
    *c = (capture){0};
    c->out.file = open_memstream(&c->text, &c->size);
    assert_non_null(c->out.file);
}

static void capture_expect(capture *c, const char *expected)
{
    assert_int_equal(fse_out_flush(&c->out), 0);
    assert_string_equal(c->text, expected);
    fclose(c->out.file);
    free(c->text);
}

/* ---- names ---- */

static void test_utf8(void **state)
{
    (void)state;
    static const char *const valid[] = {"", "a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80",
                                        "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"};
    /* A stray tail, cut short, overlong, a surrogate, beyond U+10FFFF. */
    static const char *const invalid[] = {"\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf",
                                          "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "a\xe2\x82"};
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++)
        assert_true(fse_utf8_valid(valid[i]));
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++)
        assert_false(fse_utf8_valid(invalid[i]));
    uint32_t code;
    assert_int_equal(fse_utf8_decode("\xf0\x9f\x98\x80", &code), 4);
    assert_int_equal(code, 0x1f600);
}

static void test_quote(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"a b/c.jpg", "a b/c.jpg"},
        {"caf\xc3\xa9", "caf\xc3\xa9"},
        {"", "$''"},
        {" a", "$' a'"},
        {"a\nb", "$'a\\nb'"},
        {"it's\t", "$'it\\'s\\t'"},
        {"\x1b[31m", "$'\\x1b[31m'"},
        {"\xff.jpg", "$'\\xff.jpg'"},
        {"a\xe2\x80\xae" "b", "$'a\\xe2\\x80\\xaeb'"}, /* right-to-left override */
        {"$'x'", "$'$\\'x\\''"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *quoted = fse_quote(cases[i][0]);
        assert_string_equal(quoted, cases[i][1]);
        free(quoted);
    }
}

/* A shell reads back what was quoted. */
static void test_quote_round_trip(void **state)
{
    (void)state;
    unsigned seed = 1;
    for (int round = 0; round < 20; round++) {
        char name[40], back[64] = "";
        for (size_t i = 0; i < sizeof name - 1; i++) {
            seed = seed * 1103515245u + 12345u;
            name[i] = (char)(seed >> 16 & 255 ? seed >> 16 & 255 : 1);
        }
        name[0] = '\n';
        name[sizeof name - 1] = '\0';
        char *quoted = fse_quote(name);
        char *command = fse_xformat("printf %%s %s", quoted);
        setenv("FSE_TEST_COMMAND", command, 1);
        FILE *shell = popen("exec env LC_ALL=C bash -c \"$FSE_TEST_COMMAND\"", "r");
        assert_non_null(shell);
        const size_t got = fread(back, 1, sizeof back - 1, shell);
        pclose(shell);
        assert_int_equal(got, strlen(name));
        assert_memory_equal(back, name, got);
        free(command);
        free(quoted);
    }
}

static void test_base64(void **state)
{
    (void)state;
    /* RFC 4648, section 10. */
    static const char *const cases[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="},
                                           {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *text = fse_base64(cases[i][0], strlen(cases[i][0]));
        assert_string_equal(text, cases[i][1]);
        free(text);
    }
}

/* ---- JSON, CSV, pages ---- */

static void test_json(void **state)
{
    (void)state;
    capture c;
    capture_begin(&c);
    fse_json json = {.out = &c.out};
    fse_json_open(&json, NULL, '{');
    fse_json_string(&json, "a", "q\" b\\ \b\f\n\r\t \x01\x7f bfnrt \xc3\xa9");
    fse_json_path(&json, "path", "x\xffy");
    fse_json_number(&json, "n", 0.81234567890);
    fse_json_number(&json, "nan", (double)NAN);
    fse_json_open(&json, "e", '[');
    fse_json_close(&json, ']');
    fse_json_numbers(&json, "v", (const float[]){1, 2.5F}, 2);
    fse_json_bool(&json, "t", true);
    fse_json_null(&json, "z");
    fse_json_integer(&json, "i", -3);
    fse_json_close(&json, '}');
    capture_expect(&c, "{\"a\": \"q\\\" b\\\\ \\b\\f\\n\\r\\t \\u0001\\u007f bfnrt \xc3\xa9\", "
                       "\"path\": \"x\xef\xbf\xbdy\", \"path_bytes\": \"eP95\", "
                       "\"n\": 0.8123457, \"nan\": null, \"e\": [], \"v\": [1, 2.5], "
                       "\"t\": true, \"z\": null, \"i\": -3}");
}

static void test_csv(void **state)
{
    (void)state;
    capture c;
    capture_begin(&c);
    fse_csv_field(&c.out, true, "plain");
    fse_csv_field(&c.out, false, "a,b");
    fse_csv_field(&c.out, false, "\"q\"\n");
    fse_csv_format(&c.out, "%d", 7);
    fse_csv_end(&c.out);
    capture_expect(&c, "plain,\"a,b\",\"\"\"q\"\"\n\",7\r\n");
}

static void test_html(void **state)
{
    (void)state;
    capture c;
    capture_begin(&c);
    fse_put_html(&c.out, "<script>\"&'</script>x");
    capture_expect(&c, "&lt;script&gt;&quot;&amp;&#39;&lt;/script&gt;x");
}

static void write_seven(fse_out *out, const void *context)
{
    fse_print(out, "%d", *(const int *)context);
}

/* Every embedded file is whole, begins after its notice, and leaves no field unfilled. */
static void test_template(void **state)
{
    (void)state;
    static const int seven = 7;
    static const fse_field fields[] = {{"score", write_seven}, {NULL, NULL}};
    capture c;
    capture_begin(&c);
    fse_render(&c.out, "box.html", fields, &seven);
    capture_expect(&c, "<rect data-score=\"7\" x=\"\" y=\"\" width=\"\" height=\"\"/>\n");
}

/* ---- values ---- */

static void test_periods(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t first, end;
    } valid[] = {
        {"1970", 0, 31536000},
        {"2024-02", 1706745600, 1709251200}, /* a leap year */
        {"2024-12-31", 1735603200, 1735689600},
        {"2024-05-06T07:08", 1714979280, 1714979340},
        {"2024-05-06 07:08:59", 1714979339, 1714979340},
        {"1969-12-31", -86400, 0},
    };
    static const char *const invalid[] = {
        "", "24", "20240", "2024-", "2024-13", "2024-00", "2024-02-30", "2023-02-29", "2024-1-1",
        "2024-05-06T07", "2024-05-06T24:00", "2024-05-06T07:08:60", "2024-05-06T07:08Z", "0000",
        "2024/05", " 2024", "2024 ", "-2024", "today"};
    int64_t first, end;
    for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++) {
        assert_true(fse_parse_period(valid[i].text, &first, &end));
        assert_true(first == valid[i].first && end == valid[i].end);
    }
    for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++)
        assert_false(fse_parse_period(invalid[i], &first, &end));
}

/* Reading a value into a field of the right kind: true if it was taken. */
static bool takes(const fse_value_kind *kind, double minimum, double maximum, const char *text,
                  void *field)
{
    const fse_option option = {.name = "x", .argument = "N", .kind = kind, .minimum = minimum,
                               .maximum = maximum};
    char expected[128];
    return kind->parse(&option, text, field, expected, sizeof expected) == NULL;
}

static void test_numbers(void **state)
{
    (void)state;
    int whole = 0;
    double number = 0;
    size_t size = 0;
    int face = 0;
    assert_true(takes(&fse_kind_integer, 8, 4096, "50", &whole) && whole == 50);
    static const char *const no_integer[] = {"", "7", "4097", "50px", " 50", "+50", "-50", "5e1",
                                             "0x40", "50.0", "99999999999999999999"};
    for (size_t i = 0; i < sizeof no_integer / sizeof no_integer[0]; i++)
        assert_false(takes(&fse_kind_integer, 8, 4096, no_integer[i], &whole));
    assert_true(takes(&fse_kind_size, 1, 1e15, "10", &size) && size == 10);
    assert_false(takes(&fse_kind_size, 1, 1e15, "0", &size));
    assert_true(takes(&fse_kind_number, -1, 1, "-0.25", &number) && number == -0.25);
    assert_true(takes(&fse_kind_number, -1, 1, "1", &number));
    static const char *const no_number[] = {"", "nan", "inf", "1.01", "0.5x", "0,5", "0x1", "-", "."};
    for (size_t i = 0; i < sizeof no_number / sizeof no_number[0]; i++)
        assert_false(takes(&fse_kind_number, -1, 1, no_number[i], &number));
    assert_true(takes(&fse_kind_rate, 0, 0, "1e-4", &number) && number == 1e-4);
    assert_false(takes(&fse_kind_rate, 0, 0, "0", &number));
    assert_false(takes(&fse_kind_rate, 0, 0, "1", &number));
    assert_true(takes(&fse_kind_face, 0, 0, "all", &face) && face == FSE_FACE_ALL);
    assert_true(takes(&fse_kind_face, 0, 0, "largest", &face) && face == FSE_FACE_LARGEST);
    assert_true(takes(&fse_kind_face, 0, 0, "3", &face) && face == 3);
    assert_false(takes(&fse_kind_face, 0, 0, "-1", &face));
    assert_false(takes(&fse_kind_face, 0, 0, "largst", &face));
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const legal[] = {"threshold", "target", "top", "json", "paths"};
    assert_string_equal(fse_nearest("thresold", legal, 5), "threshold");
    assert_string_equal(fse_nearest("thres", legal, 5), "threshold");
    assert_string_equal(fse_nearest("josn", legal, 5), "json");
    assert_string_equal(fse_nearest("tpo", legal, 5), "top");
    assert_null(fse_nearest("zebra", legal, 5));
    assert_null(fse_nearest("", legal, 5));
    char *huge = fse_xalloc(5001, 1);
    memset(huge, 'x', 5000);
    assert_null(fse_nearest(huge, legal, 5));
    free(huge);
}

/* ---- the tables of the commands ---- */

/* Names and letters mean one thing, helps end without a full stop, and every field is in reach. */
static void check_tables(const fse_command *command)
{
    bool letters[256] = {false};
    for (const fse_option_group *group = command->groups; group->title; group++)
        for (const fse_option *option = group->options; option->name; option++) {
            assert_false(option->letter && letters[(unsigned char)option->letter]);
            letters[(unsigned char)option->letter] = option->letter != 0;
            assert_true(option->offset < command->settings_size);
            assert_non_null(option->kind);
            if (option->help)
                assert_true(option->help[strlen(option->help) - 1] != '.');
            for (const fse_option_group *other = command->groups; other->title; other++)
                for (const fse_option *two = other->options; two->name; two++)
                    assert_true(two == option || strcmp(two->name, option->name) != 0);
        }
}

static void test_tables(void **state)
{
    (void)state;
    for (const fse_command *const *command = fse_commands; *command; command++) {
        if ((*command)->groups)
            check_tables(*command);
        for (const fse_command *const *sub = (*command)->subcommands; sub && *sub; sub++)
            check_tables(*sub);
    }
}

/* ---- folders ---- */

static void test_is_inside(void **state)
{
    (void)state;
    char root[] = "/tmp/facesearch-test-XXXXXX";
    assert_non_null(mkdtemp(root));
    char *old = getcwd(NULL, 0);
    assert_int_equal(chdir(root), 0);
    assert_int_equal(mkdir("photos", 0700), 0);
    assert_int_equal(mkdir("photos2", 0700), 0);
    assert_int_equal(symlink("photos", "link"), 0);
    assert_int_equal(symlink("missing", "broken"), 0);
    assert_int_equal(fse_is_inside("photos", "photos"), 1);
    assert_int_equal(fse_is_inside("photos/", "photos"), 1);
    assert_int_equal(fse_is_inside("./photos/new/deep", "photos/"), 1);
    assert_int_equal(fse_is_inside("link/new", "photos"), 1);
    assert_int_equal(fse_is_inside("photos/new", "link"), 1);
    assert_int_equal(fse_is_inside("photos2/../photos/new", "photos"), 1);
    assert_int_equal(fse_is_inside("photos2", "photos"), 0);
    assert_int_equal(fse_is_inside("new", "photos"), 0);
    assert_int_equal(fse_is_inside(".", "photos"), 0);
    assert_int_equal(fse_is_inside("photos", "."), 1);
    assert_int_equal(fse_is_inside("new/deep", "/"), 1);
    assert_int_equal(fse_is_inside("new/../photos/x", "photos"), -1);
    assert_int_equal(fse_is_inside("broken", "photos"), -1);
    unlink("link");
    unlink("broken");
    rmdir("photos");
    rmdir("photos2");
    assert_int_equal(chdir(old), 0);
    rmdir(root);
    free(old);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),     cmocka_unit_test(test_quote),
        cmocka_unit_test(test_quote_round_trip),
        cmocka_unit_test(test_base64),   cmocka_unit_test(test_json),
        cmocka_unit_test(test_csv),      cmocka_unit_test(test_html),
        cmocka_unit_test(test_template), cmocka_unit_test(test_periods),
        cmocka_unit_test(test_numbers),  cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_tables),   cmocka_unit_test(test_is_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
