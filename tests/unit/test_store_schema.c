/* SPDX-License-Identifier: Apache-2.0 */
/* The schema: as documented, brought up to date from any version; no file of others is touched. */
#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/alloc.h"
#include "support/library.h"

/* A file of the project's sources. */
static char *source(const char *name)
{
    const char *folder = getenv("FACESEARCH_SOURCE");
    char path[512];
    size_t size;
    snprintf(path, sizeof path, "%s/%s", folder ? folder : "..", name);
    char *text = library_read(path, &size);
    if (!text)
        fail_msg("cannot read %s; FACESEARCH_SOURCE names the source folder", path);
    return text;
}

/* The statements that made what is in a database, by name, without any white space. */
static void schema_of(const char *db, fse_buffer *text)
{
    sqlite3 *raw;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(db, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(raw,
                                        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL"
                                        " ORDER BY name",
                                        -1, &statement, NULL),
                     SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (const char *c = (const char *)sqlite3_column_text(statement, 0); *c; c++)
            if (!isspace((unsigned char)*c))
                assert_int_equal(fse_buffer_add(text, c, 1, NULL), FSE_OK);
        assert_int_equal(fse_buffer_add(text, "\n", 1, NULL), FSE_OK);
    }
    sqlite3_finalize(statement);
    sqlite3_close(raw);
}

static void check_same_schema(const char *db, const char *other)
{
    fse_buffer a = {0}, b = {0};
    schema_of(db, &a);
    schema_of(other, &b);
    assert_string_equal(a.data, b.data);
    free(a.data);
    free(b.data);
}

static void the_document_tells_the_truth(void **state)
{
    library *l = *state;
    char documented[128];
    library_create(l);
    fse_store_close(&l->store);
    char *text = source("docs/database.md");
    char *sql = strstr(text, "```sql");
    assert_non_null(sql);
    sql += 6;
    *strstr(sql, "```") = '\0';
    snprintf(documented, sizeof documented, "%s/documented.db", l->folder);
    library_sql(documented, sql);
    check_same_schema(l->db, documented);
    free(text);
    assert_int_equal(library_sql_int(l->db, "PRAGMA application_id"), 0x66736531);
}

static fse_status check_old_face(void *user, const fse_store_face *face, fse_error *error)
{
    (void)error;
    assert_int_equal(face->id, 8 + *(int *)user);
    assert_int_equal(face->removed, *(int *)user);
    if (face->id == 8) {
        assert_int_equal(face->dim, 2);
        assert_int_equal(face->vector[0], 0x3c00);
        assert_int_equal(face->vector[1], 0xb800);
        assert_true(face->face.box[2] > 101 && face->face.landmarks[4][1] > 0.99f);
    } else {
        assert_true(isnan(face->face.quality.sharpness));
    }
    ++*(int *)user;
    return FSE_OK;
}

static void check_old_data(library *l)
{
    static const char *const paths[] = {"a.jpg", "b/\xff.jpg", "c", "d", "e"};
    int64_t contract;
    char *root;
    int faces = 0;
    fse_store_cursor *cursor;
    const fse_store_path *entry;
    fse_store_info info;
    OK(l, fse_store_describe(l->store, &info, &l->error));
    assert_string_equal(info.id, "0123456789abcdef0123456789abcdef");
    OK(l, fse_store_get_setting(l->store, "root", &root, &l->error));
    assert_string_equal(root, "/photos");
    free(root);
    OK(l,
       fse_store_find_contract(l->store,
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                               &contract, &l->error));
    const fse_store_paths_options options = {.contract = contract};
    OK(l, fse_store_paths(l->store, &options, &cursor, &l->error));
    for (size_t i = 0; i < FSE_COUNT(paths); i++) {
        OK(l, fse_store_next(cursor, &entry, &l->error));
        assert_string_equal(entry->path, paths[i]);
    }
    assert_int_equal(entry->state, FSE_PATH_REMOVED);
    fse_store_cursor_close(&cursor);
    OK(l, fse_store_faces_of(l->store, contract, 1, check_old_face, &faces, &l->error));
    assert_int_equal(faces, 2);
}

/* Each old version, brought up to date, is like a new database, with its data. */
static void old_versions_are_brought_up_to_date(void **state)
{
    library *l = *state;
    char fresh[128], name[64], old[128];
    snprintf(fresh, sizeof fresh, "%s/fresh.db", l->folder);
    OK(l, fse_store_open(fresh, FSE_STORE_CREATE, &l->store, &l->error));
    fse_store_info info;
    OK(l, fse_store_describe(l->store, &info, &l->error));
    fse_store_close(&l->store);
    for (int version = 1; version <= info.version; version++) {
        snprintf(name, sizeof name, "tests/fixtures/index-%d.sql", version);
        snprintf(old, sizeof old, "%s/old-%d.db", l->folder, version);
        char *sql = source(name);
        library_sql(old, sql);
        free(sql);
        OK(l, fse_store_open(old, FSE_STORE_WRITE, &l->store, &l->error));
        check_old_data(l);
        fse_store_close(&l->store);
        assert_int_equal(library_sql_int(old, "PRAGMA user_version"), info.version);
        check_same_schema(fresh, old);
        library_check_sound(old);
    }
}

static void a_newer_schema_is_refused(void **state)
{
    library *l = *state;
    library_create(l);
    fse_store_close(&l->store);
    library_sql(l->db, "PRAGMA user_version = 99");
    for (fse_store_mode mode = FSE_STORE_READ; mode <= FSE_STORE_CREATE; mode++)
        FAILS(l, FSE_ESTORE, "newer facesearch (schema 99",
              fse_store_open(l->db, mode, &l->store, &l->error));
    assert_int_equal(library_sql_int(l->db, "PRAGMA user_version"), 99);
}

/* Whatever it is, not a byte of it changes. */
static void check_untouched(library *l, fse_status expected, const char *words)
{
    size_t size, size_after;
    char wal[128];
    char *before = library_read(l->db, &size);
    for (fse_store_mode mode = FSE_STORE_READ; mode <= FSE_STORE_CREATE; mode++)
        FAILS(l, expected, words, fse_store_open(l->db, mode, &l->store, &l->error));
    char *after = library_read(l->db, &size_after);
    assert_int_equal(size, size_after);
    assert_memory_equal(before, after, size);
    snprintf(wal, sizeof wal, "%s-wal", l->db);
    assert_int_not_equal(access(wal, F_OK), 0);
    free(before);
    free(after);
}

static void files_of_others_are_refused(void **state)
{
    library *l = *state;
    library_sql(l->db, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
    check_untouched(l, FSE_ESTORE, "not an index of facesearch");
    unlink(l->db);
    library_sql(l->db, "PRAGMA application_id = 1");
    check_untouched(l, FSE_ESTORE, "not an index of facesearch");
    unlink(l->db);
    library_sql(l->db, "PRAGMA user_version = 5");
    check_untouched(l, FSE_ESTORE, "not an index of facesearch");
    library_write(l->db, "This is the diary of a long and quiet summer.\n", 46);
    check_untouched(l, FSE_ESTORE, "not an index of facesearch");
    char *noise = fse_alloc(100000, 1);
    memset(noise, 'x', 100000);
    library_write(l->db, noise, 100000);
    check_untouched(l, FSE_ESTORE, "not an index of facesearch");
    free(noise);
}

/* What a process leaves that was killed while it made the database. */
static void an_empty_file_can_become_an_index(void **state)
{
    library *l = *state;
    library_write(l->db, "", 0);
    FAILS(l, FSE_ENOENT, "empty", fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error));
    FAILS(l, FSE_ENOENT, "empty", fse_store_open(l->db, FSE_STORE_WRITE, &l->store, &l->error));
    OK(l, fse_store_open(l->db, FSE_STORE_CREATE, &l->store, &l->error));
    fse_store_close(&l->store);
    OK(l, fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error));
}

/* As `sqlite3 .backup` and other tools leave it. */
static void another_journal_mode_is_set_right(void **state)
{
    library *l = *state;
    library_create(l);
    fse_store_close(&l->store);
    library_sql(l->db, "PRAGMA journal_mode = DELETE");
    OK(l, fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error));
    fse_store_close(&l->store);
    OK(l, fse_store_open(l->db, FSE_STORE_WRITE, &l->store, &l->error));
    fse_store_close(&l->store);
    library_sql(l->db, "CREATE TABLE IF NOT EXISTS t (x); DROP TABLE t");
    size_t size;
    char *bytes = library_read(l->db, &size);
    assert_int_equal(bytes[18], 2); /* the format's version for writing: WAL */
    free(bytes);
}

/* The tables guard what the code promises, for those who write past it. */
static void the_tables_guard_themselves(void **state)
{
    static const char *const bad[] = {
        "INSERT INTO library VALUES (2, '0123456789abcdef0123456789abcdef')",
        "INSERT INTO path VALUES ('text', 0, 0, 0, 0, 2, NULL, 0, '', '')",
        "INSERT INTO path VALUES (x'61', 0, 0, 0, 0, 0, NULL, 0, '', '')",
        "INSERT INTO path VALUES (x'61', 0, 0, 0, 0, 0, 77, 0, '', '')",
        "INSERT INTO path VALUES (x'61', 0, 0, 0, 0, 1, NULL, 0, '', '')",
        "INSERT INTO path VALUES (x'', 0, 0, 0, 0, 2, NULL, 0, '', '')",
        "INSERT INTO path VALUES (x'61', -1, 0, 0, 0, 2, NULL, 0, '', '')",
        ("INSERT INTO content (sha256, bytes, format, width, height, damaged)"
         " VALUES (x'00', 0, '', 0, 0, 0)"),
        "INSERT INTO contract (contract, model, dim) VALUES ('abc', '', 1)",
        "INSERT INTO embedding VALUES (1, 1, x'0000')",
        "INSERT INTO face VALUES (1, 1, 1, 0, 0, 0, 0, 0, zeroblob(40), 0, 0, 0, 0, 0, 0, 0, 0, 0)",
    };
    library *l = *state;
    library_create(l);
    fse_store_close(&l->store);
    sqlite3 *raw;
    assert_int_equal(sqlite3_open(l->db, &raw), SQLITE_OK);
    assert_int_equal(sqlite3_exec(raw, "PRAGMA foreign_keys = ON", NULL, NULL, NULL), SQLITE_OK);
    for (size_t i = 0; i < FSE_COUNT(bad); i++)
        if (sqlite3_exec(raw, bad[i], NULL, NULL, NULL) != SQLITE_CONSTRAINT)
            fail_msg("%s: %s", bad[i], sqlite3_errmsg(raw));
    sqlite3_close(raw);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, library_enter, library_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_document_tells_the_truth),      TEST(old_versions_are_brought_up_to_date),
        TEST(a_newer_schema_is_refused),         TEST(files_of_others_are_refused),
        TEST(an_empty_file_can_become_an_index), TEST(another_journal_mode_is_set_right),
        TEST(the_tables_guard_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
