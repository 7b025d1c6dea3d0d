/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged databases give clear errors and nothing worse; what cannot be written can be read. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <grp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "support/library.h"

enum { DIM = 128, PHOTOS = 40, FACES = 2 };

#define CONTRACT "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void path_of(char path[32], uint64_t seed)
{
    snprintf(path, 32, "%d/%03d.jpg", (int)(seed % 4), (int)seed);
}

static void fill(library *l)
{
    char path[32];
    library_create(l);
    const int64_t contract = library_contract(l, 'a', DIM);
    OK(l, fse_store_begin(l->store, &l->error));
    for (uint64_t seed = 0; seed < PHOTOS; seed++) {
        path_of(path, seed);
        library_put(l, contract, path, seed, FACES, DIM);
    }
    OK(l, fse_store_put_setting(l->store, "root", "/photos", &l->error));
    OK(l, fse_store_commit(l->store, &l->error));
    fse_store_close(&l->store);
}

/* ---- Everything that can be done with a store, whatever comes of it ---- */

/* How many calls failed, and that none did in a way that it should not. */
typedef struct outcome {
    library *l;
    int failed;
} outcome;

static bool expect(outcome *o, fse_status status)
{
    /* FSE_EACCES: a version of the file format that this SQLite may read, but not write. */
    static const fse_status possible[] = {FSE_ECORRUPT, FSE_ESTORE, FSE_EIO,
                                          FSE_ENOENT,   FSE_EACCES, FSE_ELIMIT,
                                          FSE_EINVAL,   FSE_EFULL,  FSE_ENOMEM};
    if (status == FSE_OK)
        return true;
    o->failed++;
    assert_true(o->l->error.message[0] != '\0');
    assert_int_equal(o->l->error.status, status);
    for (size_t i = 0; i < FSE_COUNT(possible); i++)
        if (possible[i] == status)
            return false;
    fail_msg("status %d: %s", (int)status, o->l->error.message);
    return false;
}

static fse_status see_face(void *user, const fse_store_face *face, fse_error *error)
{
    (void)error;
    unsigned sum = 0; /* all that it points to can be read */
    for (int i = 0; i < face->dim; i++)
        sum += face->vector[i];
    *(int *)user += sum < UINT_MAX ? 1 : 2;
    return FSE_OK;
}

static fse_status see_path(void *user, const fse_store_path *entry, fse_error *error)
{
    (void)error;
    *(size_t *)user += strlen(entry->path) + strlen(entry->reason) + strlen(entry->known_reason);
    return FSE_OK;
}

static fse_status see_contract(void *user, const fse_store_contract *contract, fse_error *error)
{
    (void)error;
    *(size_t *)user += strlen(contract->model);
    return FSE_OK;
}

static fse_status see_profile(void *user, const fse_store_profile *profile, uint64_t contents,
                              fse_error *error)
{
    (void)error;
    *(size_t *)user += strlen(profile->precision) + contents;
    return FSE_OK;
}

static void read_all_paths(outcome *o, fse_store *store, const fse_store_paths_options *options)
{
    fse_store_cursor *cursor;
    const fse_store_path *entry;
    if (!expect(o, fse_store_paths(store, options, &cursor, &o->l->error)))
        return;
    do
        if (!expect(o, fse_store_next(cursor, &entry, &o->l->error)))
            break;
    while (entry);
    fse_store_cursor_close(&cursor);
}

static void read_everything(outcome *o, fse_store *store)
{
    fse_error *error = &o->l->error;
    const fse_store_path *entry;
    fse_store_counts counts;
    fse_store_info info;
    uint8_t sha256[4][32];
    fse_store_known known[4];
    int64_t ids[PHOTOS * FACES], contract;
    int faces = 0;
    size_t text = 0, count = FSE_COUNT(ids);
    char *value, path[32];
    for (uint64_t i = 0; i < 4; i++)
        library_sha256(i * 9, sha256[i]);
    path_of(path, 7);
    expect(o, fse_store_describe(store, &info, error));
    if (!expect(o, fse_store_find_contract(store, CONTRACT, &contract, error)))
        contract = 1;
    read_all_paths(o, store, &(fse_store_paths_options){.contract = contract});
    read_all_paths(o, store,
                   &(fse_store_paths_options){.contract = contract,
                                              .folder = "2",
                                              .trouble = true});
    expect(o, fse_store_contracts(store, see_contract, &text, error));
    expect(o, fse_store_profiles(store, contract, see_profile, &text, error));
    expect(o, fse_store_find_contents(store, contract, sha256[0], 4, known, error));
    expect(o, fse_store_find_path(store, contract, path, &entry, error));
    expect(o, fse_store_vectors(store, contract, 0, see_face, &faces, error));
    if (expect(o, fse_store_face_ids(store, contract, 0, ids, &count, error)))
        expect(o, fse_store_faces(store, ids, count, see_face, &faces, error));
    expect(o, fse_store_faces_of(store, contract, 3, see_face, &faces, error));
    expect(o, fse_store_paths_of(store, contract, (const int64_t[]){1, 2, 3}, 3, see_path, &text,
                                 error));
    expect(o, fse_store_count(store, contract, &counts, error));
    if (expect(o, fse_store_get_setting(store, "root", &value, error)))
        free(value);
}

static fse_status put_new(fse_store *store, fse_error *error)
{
    fse_photo *photo = library_photo(1000, FACES, DIM);
    const fse_store_analysis analysis = {1, library_profile(30), 5};
    const fse_store_path path = library_path("2/new.jpg", 1000);
    fse_status status = fse_store_put_photo(store, &analysis, photo, error);
    if (status == FSE_OK)
        status = fse_store_put_path(store, &path, error);
    if (status == FSE_OK)
        status = fse_store_put_setting(store, "root", "/elsewhere", error);
    free(photo);
    return status;
}

static fse_status remove_some(fse_store *store, fse_error *error)
{
    fse_status status = fse_store_remove_folder(store, "1", NULL, error);
    if (status == FSE_OK)
        status = fse_store_drop_orphans(store, NULL, NULL, error);
    return status;
}

static fse_status forget_one(fse_store *store, fse_error *error)
{
    return fse_store_forget_face(store, 3, error);
}

static fse_status forget_contract(fse_store *store, fse_error *error)
{
    return fse_store_forget_contract(store, 1, error);
}

static void change_everything(outcome *o, fse_store *store)
{
    static fse_status (*const changes[])(fse_store *, fse_error *) = {put_new, forget_one,
                                                                      remove_some, forget_contract,
                                                                      fse_store_forget_all};
    fse_error *error = &o->l->error;
    if (!expect(o, fse_store_lock(store, NULL, NULL, error)))
        return;
    for (size_t i = 0; i < FSE_COUNT(changes); i++) {
        if (!expect(o, fse_store_begin(store, error)))
            continue;
        if (expect(o, changes[i](store, error)))
            expect(o, fse_store_commit(store, error));
        fse_store_rollback(store);
    }
    expect(o, fse_store_scrub(store, error));
}

/* With a database of these bytes; and whether anything failed. */
static int use(library *l, const char *bytes, size_t size)
{
    char wal[128];
    outcome o = {.l = l};
    snprintf(wal, sizeof wal, "%s-wal", l->db);
    for (int write = 0; write < 2; write++) {
        unlink(wal);
        library_write(l->db, bytes, size);
        if (!expect(&o, fse_store_open(l->db, write ? FSE_STORE_WRITE : FSE_STORE_READ, &l->store,
                                       &l->error))) {
            assert_string_equal(l->error.subject, l->db);
            assert_null(l->store);
            continue;
        }
        read_everything(&o, l->store);
        if (write)
            change_everything(&o, l->store);
        fse_store_close(&l->store);
    }
    return o.failed;
}

/* ---- Damage ---- */

static void an_intact_one_gives_no_error(void **state)
{
    library *l = *state;
    size_t size;
    fill(l);
    char *bytes = library_read(l->db, &size);
    assert_int_equal(use(l, bytes, size), 0);
    free(bytes);
}

static void flipped_bits(void **state)
{
    library *l = *state;
    size_t size;
    int noticed = 0;
    const int rounds =
        getenv("FACESEARCH_TEST_DAMAGE") ? atoi(getenv("FACESEARCH_TEST_DAMAGE")) : 200;
    fill(l);
    char *bytes = library_read(l->db, &size), *copy = fse_alloc(size, 1);
    srand(1);
    for (int round = 0; round < rounds; round++) {
        memcpy(copy, bytes, size);
        for (int flips = 1 << (round % 7); flips > 0; flips--) {
            /* Every other one at the start of a page, where the structure is. */
            const size_t page = (size_t)rand() % (size / 16384) * 16384;
            const size_t at = flips % 2 ? (size_t)rand() % size : page + (size_t)rand() % 120;
            copy[at] ^= (char)(1 << rand() % 8);
        }
        noticed += use(l, copy, size) > 0;
    }
    print_message("%d of %d damaged databases gave an error\n", noticed, rounds);
    assert_true(noticed > rounds / 4);
    free(bytes);
    free(copy);
}

static void pages_of_noise(void **state)
{
    library *l = *state;
    size_t size;
    fill(l);
    char *bytes = library_read(l->db, &size), *copy = fse_alloc(size, 1);
    for (size_t page = 0; page < size / 16384; page++) {
        memcpy(copy, bytes, size);
        for (size_t i = 0; i < 16384; i++)
            copy[page * 16384 + i] = (char)rand();
        const int failed = use(l, copy, size);
        if (page == 0)
            assert_true(failed > 0);
    }
    free(bytes);
    free(copy);
}

static void cut_off(void **state)
{
    static const size_t lengths[] = {1,   15,   16,    99,    100,   101,   511,
                                     512, 1024, 16383, 16384, 16385, 32768, 50000};
    library *l = *state;
    size_t size;
    fill(l);
    char *bytes = library_read(l->db, &size);
    for (size_t i = 0; i < FSE_COUNT(lengths); i++)
        assert_true(use(l, bytes, lengths[i]) > 0);
    for (size_t length = 65536; length < size; length += 20000)
        assert_true(use(l, bytes, length) > 0);
    free(bytes);
}

/* A cut or damaged log is what a crash leaves: what it holds up to there counts. */
static void a_damaged_log(void **state)
{
    library *l = *state;
    size_t size, wal_size;
    char wal[128], kept[128], kept_wal[128];
    snprintf(wal, sizeof wal, "%s-wal", l->db);
    snprintf(kept, sizeof kept, "%s/kept", l->folder);
    snprintf(kept_wal, sizeof kept_wal, "%s/kept-wal", l->folder);
    const pid_t child = fork();
    if (child == 0) { /* dies with the log unmerged */
        char path[32];
        library_create(l);
        const int64_t contract = library_contract(l, 'a', DIM);
        for (uint64_t seed = 0; seed < 10; seed++) {
            OK(l, fse_store_begin(l->store, &l->error));
            path_of(path, seed);
            library_put(l, contract, path, seed, FACES, DIM);
            OK(l, fse_store_commit(l->store, &l->error));
        }
        _exit(0);
    }
    int result;
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
    char *bytes = library_read(l->db, &size), *log = library_read(wal, &wal_size);
    assert_true(wal_size > 100000);
    srand(2);
    for (int round = 0; round < 40; round++) {
        char *copy = fse_alloc(wal_size, 1);
        memcpy(copy, log, wal_size);
        const size_t at = (size_t)rand() % wal_size;
        copy[at] ^= 4;
        library_write(l->db, bytes, size);
        library_write(wal, copy, round % 2 ? wal_size : at);
        free(copy);
        outcome o = {.l = l};
        if (expect(&o, fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error))) {
            fse_store_counts counts;
            OK(l, fse_store_count(l->store, 1, &counts, &l->error));
            assert_int_equal(counts.faces, FACES * counts.photos); /* whole photos */
            assert_true(counts.photos <= 10);
            fse_store_close(&l->store);
            library_check_sound(l->db);
        }
    }
    free(bytes);
    free(log);
}

static void tables_that_are_not_ours(void **state)
{
    static const char *const changes[] = {
        "DROP TABLE setting",
        "ALTER TABLE face DROP COLUMN norm",
        "ALTER TABLE path RENAME TO paths",
        "DROP TABLE library",
        "PRAGMA user_version = -1",
        "DELETE FROM library",
    };
    library *l = *state;
    for (size_t i = 0; i < FSE_COUNT(changes); i++) {
        outcome o = {.l = l};
        unlink(l->db);
        fill(l);
        library_sql(l->db, changes[i]);
        if (expect(&o, fse_store_open(l->db, FSE_STORE_WRITE, &l->store, &l->error))) {
            read_everything(&o, l->store);
            fse_store_close(&l->store);
        }
        assert_true(o.failed > 0);
        assert_int_equal(l->error.status, FSE_ECORRUPT);
        assert_non_null(strstr(l->error.message, "index the folder again"));
    }
}

/* ---- Read-only ---- */

static void check_can_be_searched(library *l)
{
    outcome o = {.l = l};
    fse_store_counts counts;
    fse_store_info info;
    OK(l, fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error));
    OK(l, fse_store_describe(l->store, &info, &l->error));
    assert_true(info.read_only);
    OK(l, fse_store_count(l->store, 1, &counts, &l->error));
    assert_int_equal(counts.photos, PHOTOS);
    read_everything(&o, l->store);
    assert_int_equal(o.failed, 0);
    fse_store_close(&l->store);
    FAILS(l, FSE_EACCES, "", fse_store_open(l->db, FSE_STORE_WRITE, &l->store, &l->error));
}

/* In a child that gives up its rights; 77: it has none to give up or change. */
static void in_a_child(void (*test)(library *l), library *l)
{
    int result;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        test(l);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    if (WIFEXITED(result) && WEXITSTATUS(result) == 77) {
        print_message("this process lacks the rights for that test\n");
        skip();
    }
    assert_int_equal(result, 0);
}

/* To where permissions count. 65534 is "nobody". */
static void become_nobody(library *l)
{
    if (geteuid() == 0 && (chown(l->folder, 65534, 65534) != 0 || chown(l->db, 65534, 65534) != 0 ||
                           setgroups(0, NULL) != 0 || setgid(65534) != 0 || setuid(65534) != 0))
        _exit(77);
}

static void read_only_folder(library *l)
{
    become_nobody(l);
    chmod(l->db, 0400);
    chmod(l->folder, 0500);
    check_can_be_searched(l);
    chmod(l->db, 0600); /* the file could be written, but none made beside it */
    OK(l, fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error));
    fse_store_counts counts;
    OK(l, fse_store_count(l->store, 1, &counts, &l->error));
    assert_int_equal(counts.photos, PHOTOS);
    fse_store_close(&l->store);
    FAILS(l, FSE_EACCES, "", fse_store_open(l->db, FSE_STORE_WRITE, &l->store, &l->error));
    chmod(l->db, 0);
    FAILS(l, FSE_EACCES, "", fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error));
    chmod(l->folder, 0700);
}

static void a_folder_without_permission(void **state)
{
    library *l = *state;
    fill(l);
    in_a_child(read_only_folder, l);
}

/* Only the file: beside it others can be made. */
static void read_only_file(library *l)
{
    become_nobody(l);
    chmod(l->db, 0400);
    check_can_be_searched(l);
}

static void a_file_without_permission(void **state)
{
    library *l = *state;
    fill(l);
    in_a_child(read_only_file, l);
}

static void read_only_mount(library *l)
{
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount(l->folder, l->folder, NULL, MS_BIND, NULL) != 0 ||
        mount("none", l->folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) != 0)
        _exit(77);
    check_can_be_searched(l);
}

static void read_only_media(void **state)
{
    library *l = *state;
    fill(l);
    in_a_child(read_only_mount, l);
}

static void read_only_log(library *l)
{
    char wal[128];
    snprintf(wal, sizeof wal, "%s-wal", l->db);
    become_nobody(l);
    library_write(wal, "not empty", 9);
    chmod(l->folder, 0500);
    FAILS(l, FSE_EACCES, "were not merged yet",
          fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error));
    chmod(l->folder, 0700);
}

static void read_only_media_with_a_log(void **state)
{
    library *l = *state;
    fill(l);
    in_a_child(read_only_log, l);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, library_enter, library_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_intact_one_gives_no_error),
        TEST(flipped_bits),
        TEST(pages_of_noise),
        TEST(cut_off),
        TEST(a_damaged_log),
        TEST(tables_that_are_not_ours),
        TEST(a_folder_without_permission),
        TEST(a_file_without_permission),
        TEST(read_only_media),
        TEST(read_only_media_with_a_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
