/* SPDX-License-Identifier: Apache-2.0 */
#include "api/query.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_analyse.h"
#include "support/tree.h"

static fse_engine engine = {.jobs = 1};

static const char two_faces[] = "face 0.9 50 1 0 0 0 0 0 0 0\n"
                                "face 0.8 70 0 1 0 0 0 0 0 0\n";
static const char one_face[] = "face 0.9 50 0 0 1 0 0 0 0 0\n";
static const char bad_and_good[] = "bad 0.9 80\nface 0.8 70 0 0 0 1 0 0 0 0\n";

static int make_query(void **state)
{
    fse_query *query;
    assert_int_equal(fse_query_new(&engine, &query, NULL), FSE_OK);
    *state = query;
    return 0;
}

static int free_query(void **state)
{
    fse_query *query = *state;
    fse_query_free(&query);
    assert_null(query);
    fse_query_free(&query);
    fse_query_free(NULL);
    return 0;
}

static fse_status add(fse_query *query, const char *text, int face, fse_error *error)
{
    return fse_query_add_memory(query, "name", text, strlen(text), face, NULL, error);
}

/* The last entry. */
static fse_query_entry last(const fse_query *query)
{
    const fse_query_entry *entries;
    const size_t count = fse_query_entries(query, &entries);
    assert_true(count > 0);
    return entries[count - 1];
}

/* The index of the 1 in a probe that is a unit vector of one axis. */
static int axis(const fse_query *query, size_t probe)
{
    for (int i = 0; i < FAKE_DIM; i++)
        if (query->probes[probe * FAKE_DIM + (size_t)i] == 1)
            return i;
    return -1;
}

static void the_face_asked_for_becomes_a_probe(void **state)
{
    static const struct {
        const char *text;
        int face, number, axis;
    } cases[] = {
        {one_face, FSE_FACE_DEFAULT, 0, 2}, {two_faces, FSE_FACE_DEFAULT, 1, 1},
        {two_faces, FSE_FACE_LARGEST, 1, 1}, {two_faces, 0, 0, 0},
        {two_faces, 1, 1, 1},                {bad_and_good, 1, 1, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(add(*state, cases[i].text, cases[i].face, NULL), FSE_OK);
        const fse_query_entry entry = last(*state);
        assert_string_equal(entry.path, "name");
        assert_int_equal(entry.face, cases[i].number);
        assert_null(entry.message);
        assert_int_equal(entry.status, FSE_OK);
        assert_int_equal(fse_query_probes(*state), i + 1);
        assert_int_equal(axis(*state, i), cases[i].axis);
        assert_true(entry.box[0] == (float)(cases[i].number + 1));
    }
}

static void all_faces_become_probes(void **state)
{
    assert_int_equal(add(*state, two_faces, FSE_FACE_ALL, NULL), FSE_OK);
    assert_int_equal(fse_query_probes(*state), 2);
    assert_int_equal(fse_query_entries(*state, NULL), 2);
    assert_int_equal(last(*state).face, 1);
    assert_int_equal(last(*state).face_count, 2);
    assert_int_equal(add(*state, bad_and_good, FSE_FACE_ALL, NULL), FSE_OK);
    assert_int_equal(fse_query_probes(*state), 3);
    const fse_query_entry *entries;
    assert_int_equal(fse_query_entries(*state, &entries), 4);
    assert_int_equal(entries[2].status, FSE_EFACE);
    assert_int_equal(add(*state, "bad 0.9 80\nbad 0.8 70\n", FSE_FACE_ALL, NULL), FSE_EFACE);
    assert_int_equal(fse_query_probes(*state), 3);
}

static void what_cannot_be_used_is_an_entry_that_says_so(void **state)
{
    static const struct {
        const char *text;
        int face;
        fse_status status;
        const char *message;
    } cases[] = {
        {"", FSE_FACE_DEFAULT, FSE_ENOFACE, "no face found"},
        {"", FSE_FACE_ALL, FSE_ENOFACE, "no face found"},
        {"", 0, FSE_ENOFACE, "no face found"},
        {one_face, 1, FSE_ENOFACE, "has one face: 0; there is no face 1"},
        {two_faces, 5, FSE_ENOFACE, "has 2 faces: 0 and 1; there is no face 5"},
        {"bad 0.9 1\nbad 0.8 1\nbad 0.7 1\n", 3, FSE_ENOFACE,
         "has 3 faces: 0 to 2; there is no face 3"},
        {bad_and_good, FSE_FACE_LARGEST, FSE_EFACE,
         "face 0 is not usable: its embedding is zero or not finite"},
        {"fail 40 not an image", FSE_FACE_DEFAULT, FSE_EIMAGE, "not an image"},
        {"fail 51 broken", FSE_FACE_DEFAULT, FSE_EINFERENCE, "broken"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        fse_error error = {.status = FSE_OK};
        assert_int_equal(add(*state, cases[i].text, cases[i].face, &error), cases[i].status);
        assert_int_equal(error.status, cases[i].status);
        assert_string_equal(error.message, cases[i].message);
        const fse_query_entry entry = last(*state);
        assert_int_equal(entry.status, cases[i].status);
        assert_int_equal(entry.face, -1);
        assert_string_equal(entry.message, cases[i].message);
        assert_int_equal(fse_query_entries(*state, NULL), i + 1);
    }
    assert_int_equal(fse_query_probes(*state), 0);
    assert_int_equal(add(*state, one_face, FSE_FACE_DEFAULT, NULL), FSE_OK);
    assert_int_equal(fse_query_probes(*state), 1);
}

static void files_are_named(void **state)
{
    char *root = tree_new();
    tree_write(root, "a.jpg", one_face, strlen(one_face));
    char *path = tree_path(root, "a.jpg");
    char *none = tree_path(root, "none.jpg");
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_query_add_file(*state, path, FSE_FACE_DEFAULT, NULL, &error), FSE_OK);
    assert_string_equal(last(*state).path, path);
    assert_int_equal(fse_query_add_file(*state, none, FSE_FACE_DEFAULT, NULL, &error), FSE_ENOENT);
    assert_string_equal(error.subject, none);
    assert_string_equal(last(*state).path, none);
    tree_remove(root);
    free(none);
    free(path);
    free(root);
}

static void a_callers_mistake_changes_nothing(void **state)
{
    fse_query *query;
    assert_int_equal(fse_query_new(NULL, &query, NULL), FSE_EINVAL);
    assert_null(query);
    assert_int_equal(fse_query_new(&engine, NULL, NULL), FSE_EINVAL);
    assert_int_equal(add(*state, one_face, -4, NULL), FSE_EINVAL);
    assert_int_equal(add(*state, "fail 10 bad option", 0, NULL), FSE_EINVAL);
    assert_int_equal(fse_query_add_file(*state, NULL, 0, NULL, NULL), FSE_EINVAL);
    assert_int_equal(fse_query_add_file(NULL, "a", 0, NULL, NULL), FSE_EINVAL);
    assert_int_equal(fse_query_entries(*state, NULL), 0);
    assert_int_equal(fse_query_probes(NULL), 0);
}

static void many_faces_fit(void **state)
{
    for (int i = 0; i < 1000; i++)
        assert_int_equal(add(*state, i % 2 ? two_faces : one_face, FSE_FACE_ALL, NULL), FSE_OK);
    assert_int_equal(fse_query_probes(*state), 1500);
    assert_int_equal(axis(*state, 1497), 2);
    assert_int_equal(axis(*state, 1499), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_query, free_query)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_face_asked_for_becomes_a_probe),
        TEST(all_faces_become_probes),
        TEST(what_cannot_be_used_is_an_entry_that_says_so),
        TEST(files_are_named),
        TEST(a_callers_mistake_changes_nothing),
        TEST(many_faces_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
