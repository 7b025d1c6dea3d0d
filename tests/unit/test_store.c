/* SPDX-License-Identifier: Apache-2.0 */
/* What is put into a store comes out of it again. */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/half.h"
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

/* Equal numbers, or both not numbers. */
static bool same(float a, float b)
{
    return (isnan(a) && isnan(b)) || !(a < b || a > b || isnan(a) || isnan(b));
}

/* ---- Photos and faces ---- */

typedef struct expected_faces {
    const fse_photo *photo;
    int64_t contract;
    size_t visited;
    int64_t ids[16];
} expected_faces;

static void check_face(const fse_face *got, const fse_face *want)
{
    for (int i = 0; i < 4; i++)
        assert_true(same(got->box[i], want->box[i]));
    for (int i = 0; i < 10; i++)
        assert_memory_equal(&got->landmarks[i / 2][i % 2], &want->landmarks[i / 2][i % 2], 4);
    assert_true(same(got->score, want->score));
    assert_true(same(got->size, want->size));
    assert_true(same(got->quality.sharpness, want->quality.sharpness));
    assert_true(same(got->quality.yaw, want->quality.yaw));
    assert_true(same(got->quality.pitch, want->quality.pitch));
    assert_true(same(got->quality.brightness, want->quality.brightness));
    assert_true(same(got->quality.norm, want->quality.norm));
    assert_int_equal(got->status, want->status);
    assert_null(got->embedding);
}

static void check_vector(const fse_store_face *face, const float *embedding, int dim)
{
    if (!embedding) {
        assert_null(face->vector);
        assert_int_equal(face->dim, 0);
        return;
    }
    assert_int_equal(face->dim, dim);
    for (int i = 0; i < dim; i++)
        assert_true(same(fse_half_to_float(face->vector[i]), embedding[i]));
}

static fse_status visit_expected(void *user, const fse_store_face *face, fse_error *error)
{
    expected_faces *e = user;
    (void)error;
    assert_true(e->visited < e->photo->face_count);
    const fse_face *want = &e->photo->faces[e->visited];
    assert_int_equal(face->number, e->visited);
    assert_int_equal(face->contract, e->contract);
    assert_int_equal(face->taken, e->photo->taken);
    assert_false(face->removed);
    check_face(&face->face, want);
    check_vector(face, want->embedding, e->photo->dim);
    e->ids[e->visited++] = face->id;
    return FSE_OK;
}

/* All of a photo's faces are there under the contract; gives their ids. */
static void check_faces(library *l, int64_t contract, const fse_photo *photo, int64_t ids[16])
{
    fse_store_known known;
    expected_faces e = {.photo = photo, .contract = contract};
    OK(l, fse_store_find_contents(l->store, contract, photo->sha256, 1, &known, &l->error));
    assert_true(known.content > 0);
    assert_true(known.analysed);
    assert_int_equal(known.status, FSE_OK);
    assert_int_equal(known.faces, photo->face_count);
    OK(l, fse_store_faces_of(l->store, contract, known.content, visit_expected, &e, &l->error));
    assert_int_equal(e.visited, photo->face_count);
    if (ids)
        memcpy(ids, e.ids, sizeof e.ids);
    e.visited = 0;
    OK(l, fse_store_faces(l->store, e.ids, photo->face_count, visit_expected, &e, &l->error));
    assert_int_equal(e.visited, photo->face_count);
}

static void a_photo_comes_back_in_every_field(void **state)
{
    library *l = *state;
    library_create(l);
    const int64_t contract = library_contract(l, 'a', DIM);
    const fse_store_analysis analysis = {contract, library_profile(37), 123456789012};
    fse_photo *photo = library_photo(1, 5, DIM);
    fse_face *faces = (fse_face *)photo->faces;
    faces[1].status = FSE_EFACE;
    faces[1].embedding = NULL;
    begin(l);
    OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
    check_faces(l, contract, photo, NULL); /* in the batch already */
    commit(l);
    fse_store_close(&l->store);
    OK(l, fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error));
    check_faces(l, contract, photo, NULL);
    assert_int_equal(library_sql_int(l->db, "SELECT bytes FROM content"), 123456789012);
    free(photo);
}

static void extreme_numbers_come_back(void **state)
{
    static const float extremes[] = {0,        1e-45f,    FLT_MIN,  FLT_MAX, -FLT_MAX,
                                     INFINITY, -INFINITY, 16777216, 0.1f,    -1.5f};
    library *l = *state;
    library_create(l);
    const int64_t contract = library_contract(l, 'a', DIM);
    const fse_store_analysis analysis = {contract, library_profile(37), 0};
    fse_photo *photo = library_photo(1, FSE_COUNT(extremes) + 1, DIM);
    fse_face *faces = (fse_face *)photo->faces;
    photo->taken = FSE_NO_TIME;
    for (size_t i = 0; i < photo->face_count; i++) {
        fse_face *face = &faces[i];
        const float value = i < FSE_COUNT(extremes) ? extremes[i] : NAN;
        for (int j = 0; j < 4; j++)
            face->box[j] = value;
        for (int j = 0; j < 10; j++)
            face->landmarks[j / 2][j % 2] = value;
        face->score = face->size = value;
        face->quality = (fse_quality){value, value, value, value, value};
        float *embedding = (float *)face->embedding;
        for (int j = 0; j < DIM; j++)
            embedding[j] = fse_half_to_float(fse_half_from_float(value));
    }
    begin(l);
    OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
    commit(l);
    check_faces(l, contract, photo, NULL);
    free(photo);
}

static void embeddings_of_any_length(void **state)
{
    static const int dims[] = {1, 2, 3, 128, 512, 2048, 65535};
    library *l = *state;
    library_create(l);
    for (size_t i = 0; i < FSE_COUNT(dims); i++) {
        const int64_t contract = library_contract(l, (char)('0' + i), dims[i]);
        const fse_store_analysis analysis = {contract, library_profile(50), 7};
        fse_photo *photo = library_photo(i, 2, dims[i]);
        begin(l);
        OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
        commit(l);
        check_faces(l, contract, photo, NULL);
        free(photo);
    }
}

static void two_contracts_live_side_by_side(void **state)
{
    library *l = *state;
    library_create(l);
    const int64_t a = library_contract(l, 'a', DIM), b = library_contract(l, 'b', 2 * DIM);
    assert_true(a != b);
    assert_int_equal(library_contract(l, 'a', DIM), a);
    fse_photo *one = library_photo(1, 3, DIM), *other = library_photo(1, 2, 2 * DIM);
    const fse_store_analysis with_a = {a, library_profile(50), 1}, with_b = {b, with_a.profile, 1};
    begin(l);
    OK(l, fse_store_put_photo(l->store, &with_a, one, &l->error));
    commit(l);
    fse_store_known known;
    OK(l, fse_store_find_contents(l->store, b, one->sha256, 1, &known, &l->error));
    assert_true(known.content > 0);
    assert_false(known.analysed);
    assert_null(known.profile);
    begin(l);
    OK(l, fse_store_put_photo(l->store, &with_b, other, &l->error));
    commit(l);
    check_faces(l, a, one, NULL);
    check_faces(l, b, other, NULL);
    begin(l);
    FAILS(l, FSE_EINVAL, "16 numbers", fse_store_put_photo(l->store, &with_a, other, &l->error));
    FAILS(l, FSE_EINVAL, "after a failure", fse_store_commit(l->store, &l->error));
    begin(l);
    fse_store_contract wrong = {.model = "m", .dim = DIM + 1};
    memset(wrong.contract, 'a', 64);
    FAILS(l, FSE_EINVAL, "of 9 numbers", fse_store_add_contract(l->store, &wrong, &l->error));
    fse_store_rollback(l->store);
    begin(l);
    memset(wrong.contract, 'A', 64);
    FAILS(l, FSE_EINVAL, "64 lower-case", fse_store_add_contract(l->store, &wrong, &l->error));
    fse_store_rollback(l->store);
    free(one);
    free(other);
}

static void the_same_analysis_again_changes_nothing_another_replaces_it(void **state)
{
    library *l = *state;
    int64_t ids[16], again[16];
    library_create(l);
    const int64_t contract = library_contract(l, 'a', DIM);
    fse_store_analysis analysis = {contract, library_profile(50), 1};
    fse_photo *photo = library_photo(1, 3, DIM);
    begin(l);
    OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
    commit(l);
    check_faces(l, contract, photo, ids);
    begin(l);
    OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
    commit(l);
    check_faces(l, contract, photo, again);
    assert_memory_equal(ids, again, 3 * sizeof *ids);
    analysis.profile.min_face = 20;
    photo->face_count = 2;
    begin(l);
    OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
    commit(l);
    check_faces(l, contract, photo, again);
    for (int i = 0; i < 2; i++)
        assert_true(again[i] > ids[2]); /* never used again */
    fse_store_known known;
    OK(l, fse_store_find_contents(l->store, contract, photo->sha256, 1, &known, &l->error));
    assert_int_equal(known.profile->min_face, 20);
    free(photo);
}

static void a_failure_is_kept_until_it_is_replaced(void **state)
{
    library *l = *state;
    library_create(l);
    const int64_t contract = library_contract(l, 'a', DIM);
    const fse_store_analysis analysis = {contract, library_profile(50), 77};
    fse_store_known known;
    fse_photo *photo = library_photo(1, 2, DIM);
    fse_store_path path = library_path("x.jpg", 1);
    begin(l);
    OK(l,
       fse_store_put_failure(l->store, &analysis, photo->sha256, FSE_EIMAGE, "no JPEG", &l->error));
    OK(l, fse_store_put_path(l->store, &path, &l->error));
    commit(l);
    OK(l, fse_store_find_contents(l->store, contract, photo->sha256, 1, &known, &l->error));
    assert_true(known.analysed);
    assert_int_equal(known.status, FSE_EIMAGE);
    assert_string_equal(known.profile->software, "facesearch 0.1");
    const fse_store_path *entry;
    OK(l, fse_store_find_path(l->store, contract, "x.jpg", &entry, &l->error));
    assert_string_equal(entry->known_reason, "no JPEG");
    fse_store_counts counts;
    OK(l, fse_store_count(l->store, contract, &counts, &l->error));
    assert_int_equal(counts.skipped, 1);
    assert_int_equal(counts.photos, 0);
    begin(l);
    OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
    commit(l);
    check_faces(l, contract, photo, NULL);
    begin(l);
    OK(l, fse_store_put_failure(l->store, &analysis, photo->sha256, FSE_EINFERENCE, "", &l->error));
    commit(l);
    OK(l, fse_store_count(l->store, contract, &counts, &l->error));
    assert_int_equal(counts.skipped, 1);
    assert_int_equal(counts.faces, 0);
    assert_int_equal(library_sql_int(l->db, "SELECT count(*) FROM embedding"), 0);
    begin(l);
    FAILS(l, FSE_EINVAL, "FSE_OK",
          fse_store_put_failure(l->store, &analysis, photo->sha256, FSE_OK, "", &l->error));
    free(photo);
}

/* ---- Copies, renames, orphans ---- */

static fse_status append_path(void *user, const fse_store_path *entry, fse_error *error)
{
    char *text = user;
    (void)error;
    strcat(strcat(text, text[0] ? " " : ""), entry->path);
    return FSE_OK;
}

static void copies_share_faces_and_a_rename_keeps_them(void **state)
{
    library *l = *state;
    int64_t before[16], after[16];
    uint64_t contents, faces;
    library_create(l);
    const int64_t contract = library_contract(l, 'a', DIM);
    fse_photo *photo = library_photo(5, 3, DIM);
    begin(l);
    library_put(l, contract, "z.jpg", 5, 3, DIM);
    library_put(l, contract, "copy/z.jpg", 5, 3, DIM);
    library_put(l, contract, "other.jpg", 6, 2, DIM);
    commit(l);
    check_faces(l, contract, photo, before);
    fse_store_known known[3];
    uint8_t digests[3][32];
    library_sha256(6, digests[0]);
    library_sha256(7, digests[1]);
    library_sha256(5, digests[2]);
    OK(l, fse_store_find_contents(l->store, contract, digests[0], 3, known, &l->error));
    assert_true(known[0].content && !known[1].content && known[2].content);
    const int64_t asked[] = {known[2].content, 999, known[0].content};
    char text[64] = "";
    OK(l, fse_store_paths_of(l->store, contract, asked, 3, append_path, text, &l->error));
    assert_string_equal(text, "copy/z.jpg z.jpg other.jpg");
    fse_store_counts counts;
    OK(l, fse_store_count(l->store, contract, &counts, &l->error));
    assert_int_equal(counts.photos, 3);
    assert_int_equal(counts.contents, 2);
    assert_int_equal(counts.faces, 8);
    begin(l);
    fse_store_path renamed = library_path("new.jpg", 5);
    OK(l, fse_store_remove_path(l->store, "z.jpg", NULL, &l->error));
    OK(l, fse_store_remove_path(l->store, "copy/z.jpg", NULL, &l->error));
    OK(l, fse_store_put_path(l->store, &renamed, &l->error));
    OK(l, fse_store_drop_orphans(l->store, &contents, &faces, &l->error));
    commit(l);
    assert_int_equal(contents, 0);
    check_faces(l, contract, photo, after);
    assert_memory_equal(before, after, 3 * sizeof *before);
    begin(l);
    OK(l, fse_store_remove_path(l->store, "new.jpg", NULL, &l->error));
    OK(l, fse_store_drop_orphans(l->store, &contents, &faces, &l->error));
    commit(l);
    assert_int_equal(contents, 1);
    assert_int_equal(faces, 3);
    assert_int_equal(library_sql_int(l->db, "SELECT count(*) FROM embedding"), 2);
    assert_int_equal(library_sql_int(l->db, "SELECT removals FROM contract"), 3);
    free(photo);
}

/* ---- For projections ---- */

typedef struct vectors {
    size_t count;
    int64_t ids[16];
    uint16_t first[16];
} vectors;

static fse_status keep_vector(void *user, const fse_store_face *face, fse_error *error)
{
    vectors *v = user;
    (void)error;
    assert_int_equal(face->dim, DIM);
    v->ids[v->count] = face->id;
    v->first[v->count++] = face->vector[0];
    return FSE_OK;
}

static fse_status keep_contract(void *user, const fse_store_contract *contract, fse_error *error)
{
    (void)error;
    fse_store_contract *kept = user;
    if (contract->contract[0] == 'a')
        *kept = *contract;
    return FSE_OK;
}

static void a_projection_can_follow(void **state)
{
    library *l = *state;
    vectors v = {0};
    fse_store_contract c = {0};
    int64_t ids[16];
    size_t count;
    library_create(l);
    const int64_t a = library_contract(l, 'a', DIM), b = library_contract(l, 'b', DIM);
    begin(l);
    library_put(l, a, "1", 1, 2, DIM);
    library_put(l, b, "1", 1, 2, DIM);
    library_put(l, a, "2", 2, 3, DIM);
    commit(l);
    OK(l, fse_store_vectors(l->store, a, 0, keep_vector, &v, &l->error));
    assert_int_equal(v.count, 5);
    for (size_t i = 1; i < v.count; i++)
        assert_true(v.ids[i] > v.ids[i - 1]);
    fse_photo *photo = library_photo(1, 2, DIM);
    assert_int_equal(v.first[1], fse_half_from_float(photo->faces[1].embedding[0]));
    free(photo);
    OK(l, fse_store_contracts(l->store, keep_contract, &c, &l->error));
    assert_int_equal(c.faces, 5);
    assert_int_equal(c.last_face, v.ids[4]);
    assert_int_equal(c.removals, 0);
    assert_int_equal(c.dim, DIM);
    begin(l);
    library_put(l, a, "3", 3, 2, DIM);
    commit(l);
    v.count = 0;
    OK(l, fse_store_vectors(l->store, a, c.last_face, keep_vector, &v, &l->error));
    assert_int_equal(v.count, 2);
    begin(l);
    OK(l, fse_store_remove_path(l->store, "1", NULL, &l->error));
    OK(l, fse_store_drop_orphans(l->store, NULL, NULL, &l->error));
    commit(l);
    OK(l, fse_store_contracts(l->store, keep_contract, &c, &l->error));
    assert_int_equal(c.removals, 2);
    assert_int_equal(c.faces, 5);
    count = FSE_COUNT(ids);
    OK(l, fse_store_face_ids(l->store, a, 0, ids, &count, &l->error));
    assert_int_equal(count, 5);
    assert_int_equal(ids[4], c.last_face);
    count = 2;
    OK(l, fse_store_face_ids(l->store, a, ids[0], ids + 8, &count, &l->error));
    assert_int_equal(count, 2);
    assert_memory_equal(ids + 1, ids + 8, 2 * sizeof *ids);
}

static fse_status stop(void *user, const fse_store_face *face, fse_error *error)
{
    (void)face;
    ++*(int *)user;
    return fse_fail(error, FSE_ECANCELLED, NULL, "enough");
}

static void a_visit_can_stop(void **state)
{
    library *l = *state;
    int visits = 0;
    library_create(l);
    const int64_t a = library_contract(l, 'a', DIM);
    begin(l);
    library_put(l, a, "1", 1, 2, DIM);
    commit(l);
    FAILS(l, FSE_ECANCELLED, "enough", fse_store_vectors(l->store, a, 0, stop, &visits, &l->error));
    assert_int_equal(visits, 1);
    begin(l); /* nothing is left under way */
    library_put(l, a, "2", 2, 2, DIM);
    commit(l);
}

/* ---- Profiles and settings ---- */

static fse_status keep_profile(void *user, const fse_store_profile *profile, uint64_t contents,
                               fse_error *error)
{
    char *text = user;
    (void)error;
    sprintf(text + strlen(text), "%d:%d ", profile->min_face, (int)contents);
    return FSE_OK;
}

static void profiles_are_counted(void **state)
{
    library *l = *state;
    char text[64] = "";
    library_create(l);
    const int64_t a = library_contract(l, 'a', DIM);
    for (uint64_t i = 0; i < 5; i++) {
        fse_photo *photo = library_photo(i, 1, DIM);
        const fse_store_analysis analysis = {a, library_profile(i < 2 ? 80 : 40), 1};
        begin(l);
        OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
        if (i == 1)
            fse_store_rollback(l->store);
        else
            commit(l);
        free(photo);
    }
    OK(l, fse_store_profiles(l->store, a, keep_profile, text, &l->error));
    assert_string_equal(text, "80:1 40:3 ");
}

/* The profile's row is undone with the batch, so the next batch has to make it anew. */
static void a_profile_that_was_rolled_back_is_made_again(void **state)
{
    library *l = *state;
    library_create(l);
    const int64_t a = library_contract(l, 'a', DIM);
    fse_photo *photo = library_photo(1, 1, DIM);
    const fse_store_analysis analysis = {a, library_profile(33), 1};
    begin(l);
    OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
    fse_store_known known;
    OK(l, fse_store_find_contents(l->store, a, photo->sha256, 1, &known, &l->error));
    fse_store_rollback(l->store);
    assert_int_equal(library_sql_int(l->db, "SELECT count(*) FROM profile"), 0);
    assert_int_equal(known.profile->min_face, 33); /* valid as long as the handle */
    begin(l);
    OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
    commit(l);
    check_faces(l, a, photo, NULL);
    free(photo);
}

static void settings(void **state)
{
    library *l = *state;
    char *value;
    library_create(l);
    OK(l, fse_store_get_setting(l->store, "root", &value, &l->error));
    assert_null(value);
    begin(l);
    OK(l, fse_store_put_setting(l->store, "root", "/caf\xe9\n", &l->error));
    OK(l, fse_store_put_setting(l->store, "empty", "", &l->error));
    OK(l, fse_store_put_setting(l->store, "gone", "x", &l->error));
    OK(l, fse_store_put_setting(l->store, "gone", NULL, &l->error));
    commit(l);
    OK(l, fse_store_get_setting(l->store, "root", &value, &l->error));
    assert_string_equal(value, "/caf\xe9\n");
    free(value);
    OK(l, fse_store_get_setting(l->store, "empty", &value, &l->error));
    assert_string_equal(value, "");
    free(value);
    OK(l, fse_store_get_setting(l->store, "gone", &value, &l->error));
    assert_null(value);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, library_enter, library_leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_photo_comes_back_in_every_field),
        TEST(extreme_numbers_come_back),
        TEST(embeddings_of_any_length),
        TEST(two_contracts_live_side_by_side),
        TEST(the_same_analysis_again_changes_nothing_another_replaces_it),
        TEST(a_failure_is_kept_until_it_is_replaced),
        TEST(copies_share_faces_and_a_rename_keeps_them),
        TEST(a_projection_can_follow),
        TEST(a_visit_can_stop),
        TEST(profiles_are_counted),
        TEST(a_profile_that_was_rolled_back_is_made_again),
        TEST(settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
