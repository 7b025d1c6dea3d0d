/* SPDX-License-Identifier: Apache-2.0 */
/* Paths: any bytes, in order, by folder, while they change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "support/library.h"

enum { DIM = 8 };

static void begin(library *l)
{
    OK(l, fse_store_begin(l->store, &l->error));
}

static void commit(library *l)
{
    OK(l, fse_store_commit(l->store, &l->error));
}

static const char *const odd_paths[] = {
    "\x01",
    " ",
    "-rf",
    "a",
    "a b",
    "a!",
    "a/b",
    "a/b/c.jpg",
    "a0",
    "a\nb",
    "aa",
    "caf\xc3\xa9",
    "h\xe9l\xe8ne.jpg",
    "\x7f",
    "\xc3\x28",
    "\xff",
    "\xff\xff/\xfe",
    "\xff\xff\xff",
};

static void paths_of_any_bytes_come_back_in_order(void **state)
{
    library *l = *state;
    library_create(l);
    const size_t count = FSE_COUNT(odd_paths);
    char *sorted[FSE_COUNT(odd_paths) + 1];
    char *longest = fse_alloc(6001, 1); /* longer than PATH_MAX, which a walk can meet */
    memset(longest, 'z', 6000);
    for (size_t i = 0; i < count; i++)
        sorted[i] = (char *)odd_paths[i];
    sorted[count] = longest;
    for (size_t i = 0; i <= count; i++) /* insertion sort by bytes */
        for (size_t j = i; j > 0 && strcmp(sorted[j - 1], sorted[j]) > 0; j--) {
            char *swap = sorted[j];
            sorted[j] = sorted[j - 1];
            sorted[j - 1] = swap;
        }
    begin(l);
    for (size_t i = 0; i <= count; i++) {
        fse_store_path path = {.path = sorted[(i * 7) % (count + 1)],
                               .state = FSE_PATH_REFUSED,
                               .status = FSE_EIO,
                               .reason = "why\n\xff",
                               .software = "v",
                               .size = i};
        OK(l, fse_store_put_path(l->store, &path, &l->error));
    }
    commit(l);
    fse_store_cursor *cursor;
    const fse_store_path *entry;
    OK(l, fse_store_paths(l->store, NULL, &cursor, &l->error));
    for (size_t i = 0; i <= count; i++) {
        OK(l, fse_store_next(cursor, &entry, &l->error));
        assert_non_null(entry);
        assert_string_equal(entry->path, sorted[i]);
        assert_string_equal(entry->reason, "why\n\xff");
        assert_string_equal(entry->software, "v");
        assert_int_equal(entry->status, FSE_EIO);
    }
    OK(l, fse_store_next(cursor, &entry, &l->error));
    assert_null(entry);
    OK(l, fse_store_next(cursor, &entry, &l->error)); /* and so it stays */
    assert_null(entry);
    fse_store_cursor_close(&cursor);
    fse_store_cursor_close(&cursor);
    free(longest);
}

static void a_path_comes_back_in_every_field(void **state)
{
    library *l = *state;
    library_create(l);
    const int64_t contract = library_contract(l, 'a', DIM);
    const fse_store_analysis analysis = {contract, library_profile(50), 1};
    fse_photo *photo = library_photo(9, 4, DIM);
    photo->damaged = true;
    photo->taken = -5;
    fse_store_path path = library_path("dir/p.jpg", 9);
    path.size = INT64_MAX;
    path.mtime = INT64_MIN;
    path.device = UINT64_MAX;
    path.inode = UINT64_MAX - 1;
    begin(l);
    OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
    OK(l, fse_store_put_path(l->store, &path, &l->error));
    commit(l);
    const fse_store_path *got;
    OK(l, fse_store_find_path(l->store, contract, "dir/p.jpg", &got, &l->error));
    assert_string_equal(got->path, path.path);
    assert_true(got->size == path.size && got->mtime == path.mtime);
    assert_true(got->device == path.device && got->inode == path.inode);
    assert_int_equal(got->state, FSE_PATH_INDEXED);
    assert_int_equal(got->status, FSE_OK);
    assert_string_equal(got->reason, "");
    assert_memory_equal(got->sha256, photo->sha256, 32);
    assert_int_equal(got->taken, -5);
    assert_int_equal(got->width, 1000);
    assert_int_equal(got->height, 700);
    assert_true(got->damaged);
    assert_true(got->known.content > 0 && got->known.analysed);
    assert_int_equal(got->known.faces, 4);
    assert_int_equal(got->known.profile->min_face, 50);
    OK(l, fse_store_find_path(l->store, 0, "dir/p.jpg", &got, &l->error));
    assert_true(got->known.content > 0);
    assert_false(got->known.analysed);
    OK(l, fse_store_find_path(l->store, contract, "dir/p.jp", &got, &l->error));
    assert_null(got);
    free(photo);
}

static void impossible_paths_are_refused(void **state)
{
    library *l = *state;
    library_create(l);
    fse_store_path good = library_path("a", 1);
    good.state = FSE_PATH_REMOVED;
    struct {
        fse_store_path path;
        const char *text;
    } cases[] = {
        {good, "below the folder"}, {good, "below the folder"}, {good, "below the folder"},
        {good, "that size"},        {good, "has a status"},     {good, "has a status"},
        {good, "not stored"},
    };
    cases[0].path.path = "";
    cases[1].path.path = "/a";
    cases[2].path.path = "a/";
    cases[3].path.size = (uint64_t)INT64_MAX + 1;
    cases[4].path.status = FSE_EIO;
    cases[5].path.state = FSE_PATH_REFUSED;
    cases[6].path.state = FSE_PATH_INDEXED;
    for (size_t i = 0; i < FSE_COUNT(cases); i++) {
        begin(l);
        FAILS(l, FSE_EINVAL, cases[i].text,
              fse_store_put_path(l->store, &cases[i].path, &l->error));
        fse_store_rollback(l->store);
    }
    begin(l);
    OK(l, fse_store_put_path(l->store, &good, &l->error));
    commit(l);
}

/* Paths as one text, in the order in which they come. */
static void list(library *l, const fse_store_paths_options *options, char *text)
{
    fse_store_cursor *cursor;
    const fse_store_path *entry;
    text[0] = '\0';
    OK(l, fse_store_paths(l->store, options, &cursor, &l->error));
    for (;;) {
        OK(l, fse_store_next(cursor, &entry, &l->error));
        if (!entry)
            break;
        strcat(strcat(text, text[0] ? " " : ""), entry->path);
    }
    fse_store_cursor_close(&cursor);
}

static void folders_and_trouble(void **state)
{
    static const char *const paths[] = {"a", "a!", "a/1", "a/2/3", "a0", "aa/1", "b/1"};
    library *l = *state;
    char text[256];
    library_create(l);
    const int64_t contract = library_contract(l, 'a', DIM);
    begin(l);
    for (size_t i = 0; i < FSE_COUNT(paths); i++)
        library_put(l, contract, paths[i], i, 1, DIM);
    fse_store_path bad = {.path = "a/bad", .state = FSE_PATH_REFUSED, .status = FSE_EIO};
    OK(l, fse_store_put_path(l->store, &bad, &l->error));
    bad = (fse_store_path){.path = "gone", .state = FSE_PATH_REMOVED};
    OK(l, fse_store_put_path(l->store, &bad, &l->error));
    const fse_store_analysis analysis = {contract, library_profile(50), 1};
    uint8_t sha256[32];
    library_sha256(100, sha256);
    OK(l, fse_store_put_failure(l->store, &analysis, sha256, FSE_EIMAGE, "", &l->error));
    bad = library_path("b/failed", 100);
    OK(l, fse_store_put_path(l->store, &bad, &l->error));
    fse_photo *photo = library_photo(101, 1, DIM);
    photo->damaged = true;
    OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
    bad = library_path("b/torn", 101);
    OK(l, fse_store_put_path(l->store, &bad, &l->error));
    free(photo);
    commit(l);
    fse_store_paths_options options = {.contract = contract};
    list(l, &options, text);
    assert_string_equal(text, "a a! a/1 a/2/3 a/bad a0 aa/1 b/1 b/failed b/torn gone");
    options.folder = "a";
    list(l, &options, text);
    assert_string_equal(text, "a/1 a/2/3 a/bad");
    options.folder = "a/2";
    list(l, &options, text);
    assert_string_equal(text, "a/2/3");
    options.folder = "nowhere";
    list(l, &options, text);
    assert_string_equal(text, "");
    options = (fse_store_paths_options){.contract = contract, .trouble = true};
    list(l, &options, text);
    assert_string_equal(text, "a/bad b/failed b/torn gone");
    options.folder = "b";
    list(l, &options, text);
    assert_string_equal(text, "b/failed b/torn");
    fse_store_counts c;
    OK(l, fse_store_count(l->store, contract, &c, &l->error));
    assert_int_equal(c.paths, 11);
    assert_int_equal(c.photos, 8);
    assert_int_equal(c.faces, 8);
    assert_int_equal(c.contents, 8);
    assert_int_equal(c.damaged, 1);
    assert_int_equal(c.skipped, 2);
    assert_int_equal(c.pending, 0);
    assert_int_equal(c.removed, 1);
    OK(l, fse_store_count(l->store, contract + 1, &c, &l->error));
    assert_int_equal(c.photos, 0);
    assert_int_equal(c.pending, 9);
    uint64_t removed;
    bool was;
    begin(l);
    OK(l, fse_store_remove_folder(l->store, "a", &removed, &l->error));
    assert_int_equal(removed, 3);
    OK(l, fse_store_remove_path(l->store, "a!", &was, &l->error));
    assert_true(was);
    OK(l, fse_store_remove_path(l->store, "a!", &was, &l->error));
    assert_false(was);
    commit(l);
    options = (fse_store_paths_options){0};
    list(l, &options, text);
    assert_string_equal(text, "a a0 aa/1 b/1 b/failed b/torn gone");
    begin(l);
    OK(l, fse_store_remove_folder(l->store, "", &removed, &l->error));
    assert_int_equal(removed, 7);
    commit(l);
    list(l, &options, text);
    assert_string_equal(text, "");
}

/* More than a page, while paths come and go on both sides of the cursor. */
static void a_cursor_stands_changes(void **state)
{
    enum { COUNT = 3500 };
    library *l = *state;
    char name[16];
    library_create(l);
    begin(l);
    for (int i = 0; i < COUNT; i++) {
        fse_store_path path = {.path = name, .state = FSE_PATH_REMOVED};
        snprintf(name, sizeof name, "%05d", i);
        OK(l, fse_store_put_path(l->store, &path, &l->error));
    }
    commit(l);
    fse_store_cursor *cursor;
    const fse_store_path *entry;
    OK(l, fse_store_paths(l->store, NULL, &cursor, &l->error));
    for (int i = 0; i < COUNT; i++) {
        OK(l, fse_store_next(cursor, &entry, &l->error));
        assert_non_null(entry);
        assert_int_equal(atoi(entry->path), i);
        if (i % 700 != 0)
            continue;
        begin(l);
        fse_store_path path = {.path = "000", .state = FSE_PATH_REMOVED, .size = (uint64_t)i};
        OK(l, fse_store_put_path(l->store, &path, &l->error));
        OK(l, fse_store_remove_path(l->store, entry->path, NULL, &l->error));
        commit(l);
        assert_int_equal(atoi(entry->path), i); /* still valid */
    }
    OK(l, fse_store_next(cursor, &entry, &l->error));
    assert_null(entry);
    fse_store_cursor_close(&cursor);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, library_enter, library_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(paths_of_any_bytes_come_back_in_order),
        TEST(a_path_comes_back_in_every_field),
        TEST(impossible_paths_are_refused),
        TEST(folders_and_trouble),
        TEST(a_cursor_stands_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
