/* SPDX-License-Identifier: Apache-2.0 */
/* Forgetting: what is gone from the tables, what stays away, and that no byte is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/half.h"
#include "support/library.h"

enum { DIM = 128, PHOTOS = 300, FACES = 3 };

static void begin(library *l)
{
    OK(l, fse_store_begin(l->store, &l->error));
}

static void commit(library *l)
{
    OK(l, fse_store_commit(l->store, &l->error));
}

static void path_of(char path[32], uint64_t seed)
{
    snprintf(path, 32, "dir%d/photo-%03d.jpg", (int)(seed % 3), (int)seed);
}

/* Written in an order that makes the tables' pages split and merge. */
static int64_t fill(library *l)
{
    library_create(l);
    const int64_t contract = library_contract(l, 'a', DIM);
    for (uint64_t i = 0; i < PHOTOS; i++) {
        char path[32];
        const uint64_t seed = (i * 77) % PHOTOS;
        path_of(path, seed);
        if (i % 10 == 0)
            begin(l);
        library_put(l, contract, path, seed, FACES, DIM);
        if (i % 10 == 9)
            commit(l);
    }
    return contract;
}

/* A stretch of the photo's embeddings as it is on disk; long enough not to be there by chance. */
static void pattern(uint64_t seed, size_t face, uint8_t bytes[32])
{
    fse_photo *photo = library_photo(seed, FACES, DIM);
    for (size_t i = 0; i < 16; i++) {
        const uint16_t half = fse_half_from_float(photo->faces[face].embedding[40 + i]);
        bytes[2 * i] = (uint8_t)half;
        bytes[2 * i + 1] = (uint8_t)(half >> 8);
    }
    free(photo);
}

static bool embedding_is_there(const library *l, uint64_t seed, size_t face)
{
    uint8_t bytes[32];
    pattern(seed, face, bytes);
    return library_contains(l, bytes, sizeof bytes);
}

static void scrub_and_close(library *l)
{
    OK(l, fse_store_drop_orphans(l->store, NULL, NULL, &l->error));
    commit(l);
    OK(l, fse_store_scrub(l->store, &l->error));
    fse_store_close(&l->store);
    library_check_sound(l->db);
}

static void a_forgotten_path_leaves_no_bytes(void **state)
{
    library *l = *state;
    char path[32];
    uint8_t digest[32];
    fill(l);
    path_of(path, 120);
    begin(l);
    OK(l, fse_store_remove_path(l->store, path, NULL, &l->error));
    scrub_and_close(l);
    library_sha256(120, digest);
    assert_false(library_contains(l, digest, sizeof digest));
    assert_false(library_contains(l, path, strlen(path)));
    for (size_t i = 0; i < FACES; i++) {
        assert_false(embedding_is_there(l, 120, i));
        assert_true(embedding_is_there(l, 119, i)); /* so the search does find what is there */
    }
    library_sha256(119, digest);
    assert_true(library_contains(l, digest, sizeof digest));
}

static void a_forgotten_folder_leaves_no_bytes(void **state)
{
    library *l = *state;
    uint64_t removed;
    fill(l);
    begin(l);
    OK(l, fse_store_remove_folder(l->store, "dir1", &removed, &l->error));
    assert_int_equal(removed, PHOTOS / 3);
    scrub_and_close(l);
    for (uint64_t seed = 0; seed < PHOTOS; seed += 7)
        assert_int_equal(embedding_is_there(l, seed, 1), seed % 3 != 1);
    assert_false(library_contains(l, "dir1/", 5));
}

/* The database is smaller afterwards, and the log is empty while it is still open. */
static void scrubbing_gives_space_back(void **state)
{
    library *l = *state;
    fse_store_info before, after;
    fill(l);
    OK(l, fse_store_describe(l->store, &before, &l->error));
    begin(l);
    OK(l, fse_store_forget_all(l->store, &l->error));
    commit(l);
    OK(l, fse_store_scrub(l->store, &l->error));
    OK(l, fse_store_describe(l->store, &after, &l->error));
    assert_true(after.bytes < before.bytes / 2);
}

static void forgetting_everything_leaves_nothing(void **state)
{
    library *l = *state;
    fse_store_info before, after;
    char *value;
    const int64_t contract = fill(l);
    OK(l, fse_store_describe(l->store, &before, &l->error));
    const int64_t face = library_sql_int(l->db, "SELECT max(id) FROM face");
    begin(l);
    OK(l, fse_store_put_setting(l->store, "secret-name", "secret-value", &l->error));
    OK(l, fse_store_forget_face(l->store, face, &l->error));
    commit(l);
    begin(l);
    OK(l, fse_store_forget_all(l->store, &l->error));
    commit(l);
    OK(l, fse_store_scrub(l->store, &l->error));
    OK(l, fse_store_describe(l->store, &after, &l->error));
    assert_string_not_equal(before.id, after.id);
    OK(l, fse_store_get_setting(l->store, "secret-name", &value, &l->error));
    assert_null(value);
    fse_store_close(&l->store);
    library_check_sound(l->db);
    for (uint64_t seed = 0; seed < PHOTOS; seed++)
        assert_false(embedding_is_there(l, seed, seed % FACES));
    assert_false(library_contains(l, "secret", 6));
    assert_false(library_contains(l, "photo-", 6));
    assert_false(library_contains(l, "aaaaaaaa", 8));
    /* It is usable, and ids go on. */
    OK(l, fse_store_open(l->db, FSE_STORE_WRITE, &l->store, &l->error));
    OK(l, fse_store_lock(l->store, NULL, NULL, &l->error));
    const int64_t again = library_contract(l, 'a', DIM);
    assert_true(again > contract);
    begin(l);
    library_put(l, again, "x", 1, 1, DIM);
    commit(l);
    assert_true(library_sql_int(l->db, "SELECT max(id) FROM face") > face);
}

static void forgetting_a_contract_keeps_the_other(void **state)
{
    library *l = *state;
    fse_store_counts counts;
    const int64_t a = fill(l);
    const int64_t b = library_contract(l, 'b', 4);
    begin(l);
    library_put(l, b, "dir0/photo-000.jpg", 0, 2, 4);
    OK(l, fse_store_forget_contract(l->store, a, &l->error));
    scrub_and_close(l);
    for (uint64_t seed = 0; seed < PHOTOS; seed++)
        assert_false(embedding_is_there(l, seed, seed % FACES));
    OK(l, fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error));
    OK(l, fse_store_count(l->store, b, &counts, &l->error));
    assert_int_equal(counts.paths, PHOTOS);
    assert_int_equal(counts.photos, 1);
    assert_int_equal(counts.faces, 2);
    int64_t id;
    OK(l,
       fse_store_find_contract(l->store,
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                               &id, &l->error));
    assert_int_equal(id, 0);
}

/* ---- One face ---- */

typedef struct seen {
    size_t count;
    int64_t ids[8];
    bool removed[8], vector[8];
} seen;

static fse_status see(void *user, const fse_store_face *face, fse_error *error)
{
    seen *s = user;
    (void)error;
    s->ids[s->count] = face->id;
    s->removed[s->count] = face->removed;
    s->vector[s->count++] = face->vector != NULL;
    return FSE_OK;
}

static seen faces_of(library *l, int64_t contract, uint64_t seed)
{
    uint8_t sha256[32];
    fse_store_known known;
    seen s = {0};
    library_sha256(seed, sha256);
    OK(l, fse_store_find_contents(l->store, contract, sha256, 1, &known, &l->error));
    OK(l, fse_store_faces_of(l->store, contract, known.content, see, &s, &l->error));
    return s;
}

static void check_only_one_removed(library *l, int64_t contract, uint64_t seed, size_t which)
{
    const seen s = faces_of(l, contract, seed);
    assert_int_equal(s.count, FACES);
    for (size_t i = 0; i < FACES; i++) {
        assert_int_equal(s.removed[i], i == which);
        assert_int_equal(s.vector[i], i != which);
    }
}

/* Under another contract too, when analysed again, and when the photo comes back. */
static void a_forgotten_face_stays_away(void **state)
{
    library *l = *state;
    const int64_t a = fill(l), b = library_contract(l, 'b', DIM);
    begin(l);
    library_put(l, b, "dir0/photo-042.jpg", 42, FACES, DIM);
    commit(l);
    const seen before = faces_of(l, a, 42);
    begin(l);
    OK(l, fse_store_forget_face(l->store, before.ids[1], &l->error));
    commit(l);
    check_only_one_removed(l, a, 42, 1);
    check_only_one_removed(l, b, 42, 1);
    assert_int_equal(library_sql_int(l->db, "SELECT sum(removals) FROM contract"), 2);
    OK(l, fse_store_scrub(l->store, &l->error));
    fse_store_close(&l->store);
    assert_false(embedding_is_there(l, 42, 1));
    assert_true(embedding_is_there(l, 42, 0));

    OK(l, fse_store_open(l->db, FSE_STORE_WRITE, &l->store, &l->error));
    OK(l, fse_store_lock(l->store, NULL, NULL, &l->error));
    begin(l);
    fse_photo *photo = library_photo(42, FACES, DIM);
    const fse_store_analysis finer = {a, library_profile(20), 1};
    OK(l, fse_store_put_photo(l->store, &finer, photo, &l->error));
    free(photo);
    commit(l);
    check_only_one_removed(l, a, 42, 1);
    begin(l);
    OK(l, fse_store_remove_path(l->store, "dir0/photo-042.jpg", NULL, &l->error));
    OK(l, fse_store_drop_orphans(l->store, NULL, NULL, &l->error));
    commit(l);
    assert_int_equal(faces_of(l, a, 42).count, 0);
    begin(l);
    library_put(l, a, "elsewhere.jpg", 42, FACES, DIM);
    commit(l);
    check_only_one_removed(l, a, 42, 1);
    begin(l);
    FAILS(l, FSE_ENOENT, "no face", fse_store_forget_face(l->store, before.ids[1], &l->error));
}

static void a_reader_of_the_past_is_waited_for(void **state)
{
    library *l = *state;
    fse_store *reader = NULL;
    fill(l);
    OK(l, fse_store_open(l->db, FSE_STORE_READ, &reader, &l->error));
    OK(l, fse_store_snapshot(reader, &l->error));
    begin(l);
    OK(l, fse_store_remove_folder(l->store, "", NULL, &l->error));
    OK(l, fse_store_drop_orphans(l->store, NULL, NULL, &l->error));
    commit(l);
    FAILS(l, FSE_ELOCKED, "another program", fse_store_scrub(l->store, &l->error));
    fse_store_counts counts;
    OK(l, fse_store_count(reader, 1, &counts, &l->error));
    assert_int_equal(counts.photos, PHOTOS);
    fse_store_close(&reader);
    OK(l, fse_store_scrub(l->store, &l->error));
    fse_store_close(&l->store);
    assert_false(embedding_is_there(l, 7, 0));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, library_enter, library_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_forgotten_path_leaves_no_bytes),
        TEST(a_forgotten_folder_leaves_no_bytes),
        TEST(scrubbing_gives_space_back),
        TEST(forgetting_everything_leaves_nothing),
        TEST(forgetting_a_contract_keeps_the_other),
        TEST(a_forgotten_face_stays_away),
        TEST(a_reader_of_the_past_is_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
