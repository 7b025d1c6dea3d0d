/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a store, and the order of calls. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- The order of calls, transactions ---- */

static void calls_out_of_order_are_refused(void **state)
{
    library *l = *state;
    fse_store_path path = {.path = "a", .state = FSE_PATH_REMOVED};
    OK(l, fse_store_open(l->db, FSE_STORE_CREATE, &l->store, &l->error));
    FAILS(l, FSE_EINVAL, "without being the writer", fse_store_begin(l->store, &l->error));
    FAILS(l, FSE_EINVAL, "outside a batch", fse_store_put_path(l->store, &path, &l->error));
    FAILS(l, FSE_EINVAL, "outside a batch", fse_store_commit(l->store, &l->error));
    FAILS(l, FSE_EINVAL, "needs the writer", fse_store_scrub(l->store, &l->error));
    OK(l, fse_store_lock(l->store, NULL, NULL, &l->error));
    FAILS(l, FSE_EINVAL, "already", fse_store_lock(l->store, NULL, NULL, &l->error));
    FAILS(l, FSE_EINVAL, "outside a batch", fse_store_put_path(l->store, &path, &l->error));
    begin(l);
    FAILS(l, FSE_EINVAL, "inside a batch", fse_store_begin(l->store, &l->error));
    FAILS(l, FSE_EINVAL, "inside a batch", fse_store_snapshot(l->store, &l->error));
    FAILS(l, FSE_EINVAL, "outside a batch", fse_store_scrub(l->store, &l->error));
    path.path = "";
    FAILS(l, FSE_EINVAL, "below", fse_store_put_path(l->store, &path, &l->error));
    path.path = "a";
    FAILS(l, FSE_EINVAL, "after a failure", fse_store_put_path(l->store, &path, &l->error));
    FAILS(l, FSE_EINVAL, "nothing was kept", fse_store_commit(l->store, &l->error));
    OK(l, fse_store_snapshot(l->store, &l->error));
    FAILS(l, FSE_EINVAL, "inside", fse_store_snapshot(l->store, &l->error));
    FAILS(l, FSE_EINVAL, "inside", fse_store_begin(l->store, &l->error));
    fse_store_release(l->store);
    fse_store_release(l->store);
    begin(l);
    OK(l, fse_store_put_path(l->store, &path, &l->error));
    fse_store_close(&l->store); /* rolls back */
    fse_store_close(&l->store);
    fse_store_close(NULL);
    OK(l, fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error));
    FAILS(l, FSE_EINVAL, "for reading", fse_store_lock(l->store, NULL, NULL, &l->error));
    const fse_store_path *entry;
    OK(l, fse_store_find_path(l->store, 0, "a", &entry, &l->error));
    assert_null(entry);
}

static uint64_t count_paths(library *l, fse_store *store)
{
    fse_store_counts counts;
    OK(l, fse_store_count(store, 0, &counts, &l->error));
    return counts.paths;
}

static void a_reader_sees_commits_and_a_snapshot_does_not(void **state)
{
    library *l = *state;
    fse_store *reader = NULL;
    fse_store_path path = {.path = "a", .state = FSE_PATH_REMOVED};
    library_create(l);
    OK(l, fse_store_open(l->db, FSE_STORE_READ, &reader, &l->error));
    begin(l);
    OK(l, fse_store_put_path(l->store, &path, &l->error));
    assert_int_equal(count_paths(l, l->store), 1);
    assert_int_equal(count_paths(l, reader), 0);
    commit(l);
    assert_int_equal(count_paths(l, reader), 1);
    OK(l, fse_store_snapshot(reader, &l->error));
    begin(l);
    path.path = "b";
    OK(l, fse_store_put_path(l->store, &path, &l->error));
    commit(l);
    assert_int_equal(count_paths(l, reader), 1);
    fse_store_release(reader);
    assert_int_equal(count_paths(l, reader), 2);
    fse_store_close(&reader);
}

/* ---- Opening ---- */

static void only_its_owner_can_read_it(void **state)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-lock"};
    library *l = *state;
    struct stat info;
    char path[128];
    const mode_t before = umask(0);
    library_create(l);
    library_contract(l, 'a', DIM);
    for (size_t i = 0; i < FSE_COUNT(suffixes); i++) {
        snprintf(path, sizeof path, "%s%s", l->db, suffixes[i]);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 07777, 0600);
    }
    umask(before);
}

static void urls(void **state)
{
    library *l = *state;
    char url[128];
    snprintf(url, sizeof url, "sqlite:%s", l->db);
    FAILS(l, FSE_ENOENT, "No such file", fse_store_open(url, FSE_STORE_READ, &l->store, &l->error));
    assert_string_equal(l->error.subject, l->db);
    FAILS(l, FSE_ENOENT, "No such file",
          fse_store_open(url, FSE_STORE_WRITE, &l->store, &l->error));
    assert_null(l->store);
    FAILS(l, FSE_EINVAL, "unknown kind of store \"postgres:\"",
          fse_store_open("postgres://u:secret@h", FSE_STORE_READ, &l->store, &l->error));
    assert_null(strstr(l->error.message, "secret"));
    FAILS(l, FSE_EINVAL, "empty", fse_store_open("sqlite:", FSE_STORE_READ, &l->store, &l->error));
    FAILS(l, FSE_EINVAL, "empty", fse_store_open("", FSE_STORE_READ, &l->store, &l->error));
    FAILS(l, FSE_ESTORE, "which is a file",
          fse_store_open(l->folder, FSE_STORE_CREATE, &l->store, &l->error));
    FAILS(l, FSE_ENOENT, "cannot create",
          fse_store_open("/nonexistent/x.db", FSE_STORE_CREATE, &l->store, &l->error));
    OK(l, fse_store_open(url, FSE_STORE_CREATE, &l->store, &l->error));
    fse_store_info info;
    OK(l, fse_store_describe(l->store, &info, &l->error));
    assert_string_equal(info.location, l->db);
    assert_int_equal(strspn(info.id, "0123456789abcdef"), 32);
    assert_true(info.bytes > 0);
    assert_false(info.read_only);
}

/* SQLite would take some of these names for parts of a URI, or for a database in memory. */
static void odd_names_of_the_file(void **state)
{
    static const char *const names[] = {"a?mode=memory", "x%41", "#", "b c", "\xff\n", ":memory:"};
    library *l = *state;
    char path[128];
    for (size_t i = 0; i < FSE_COUNT(names); i++) {
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", l->folder, names[i]);
        OK(l, fse_store_open(path, FSE_STORE_CREATE, &l->store, &l->error));
        fse_store_close(&l->store);
        assert_int_equal(stat(path, &info), 0);
        assert_true(info.st_size > 0);
    }
}

static void one_lock_for_all_names_of_a_file(void **state)
{
    library *l = *state;
    char other[128];
    fse_store *second = NULL;
    library_create(l);
    snprintf(other, sizeof other, "%s/link", l->folder);
    assert_int_equal(symlink(l->db, other), 0);
    OK(l, fse_store_open(other, FSE_STORE_WRITE, &second, &l->error));
    FAILS(l, FSE_ELOCKED, "locked by process", fse_store_lock(second, NULL, NULL, &l->error));
    fse_store_close(&second);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, library_enter, library_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_out_of_order_are_refused), TEST(a_reader_sees_commits_and_a_snapshot_does_not),
        TEST(only_its_owner_can_read_it),     TEST(urls),
        TEST(odd_names_of_the_file),          TEST(one_lock_for_all_names_of_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
