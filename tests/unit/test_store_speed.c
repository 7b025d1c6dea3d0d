/* SPDX-License-Identifier: Apache-2.0 */
/* How fast the store is. Figures for a person to read, in CPU time; none can make it fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "support/library.h"

enum { PHOTOS = 10000, BATCH = 100, FACES = 2, DIM = 512, PATHS = 100000 };

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void path_of(char path[32], int number)
{
    snprintf(path, 32, "%03d/IMG_%06d.jpg", number / 500, number);
}

static fse_status count_face(void *user, const fse_store_face *face, fse_error *error)
{
    (void)error;
    assert_int_equal(face->dim, DIM);
    ++*(size_t *)user;
    return FSE_OK;
}

static void photos(library *l)
{
    char path[32];
    fse_photo **made = calloc(BATCH, sizeof *made);
    const int64_t contract = library_contract(l, 'a', DIM);
    const fse_store_analysis analysis = {contract, library_profile(50), 1};
    for (int i = 0; i < BATCH; i++)
        made[i] = library_photo((uint64_t)i, FACES, DIM);
    const double start = now();
    for (int i = 0; i < PHOTOS; i++) {
        if (i % BATCH == 0)
            OK(l, fse_store_begin(l->store, &l->error));
        path_of(path, i);
        const fse_store_path entry = library_path(path, (uint64_t)i);
        library_sha256((uint64_t)i, made[i % BATCH]->sha256);
        OK(l, fse_store_put_photo(l->store, &analysis, made[i % BATCH], &l->error));
        OK(l, fse_store_put_path(l->store, &entry, &l->error));
        if (i % BATCH == BATCH - 1)
            OK(l, fse_store_commit(l->store, &l->error));
    }
    const double written = now();
    size_t faces = 0;
    OK(l, fse_store_vectors(l->store, contract, 0, count_face, &faces, &l->error));
    const double read = now();
    assert_int_equal(faces, PHOTOS * FACES);
    fse_store_info info;
    OK(l, fse_store_describe(l->store, &info, &l->error));
    print_message("%d photos with %d faces each, in batches of %d: %.0f photos/s\n", PHOTOS, FACES,
                  BATCH, PHOTOS / (written - start));
    print_message("reading their embeddings: %.0f faces/s\n", (double)faces / (read - written));
    for (int i = 0; i < BATCH; i++)
        free(made[i]);
    free(made);
    fse_store_close(&l->store);
    print_message("on disk: %.0f bytes a face of %d\n",
                  (double)library_sql_int(l->db, "SELECT page_count * page_size FROM "
                                                 "pragma_page_count, pragma_page_size") /
                      (PHOTOS * FACES),
                  2 * DIM);
    OK(l, fse_store_open(l->db, FSE_STORE_WRITE, &l->store, &l->error));
    OK(l, fse_store_lock(l->store, NULL, NULL, &l->error));
}

static void paths(library *l)
{
    char path[32];
    int64_t contract;
    OK(l,
       fse_store_find_contract(l->store,
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                               &contract, &l->error));
    OK(l, fse_store_begin(l->store, &l->error));
    for (int i = PHOTOS; i < PATHS; i++) {
        fse_store_path entry;
        const fse_store_analysis analysis = {contract, library_profile(50), 1};
        fse_photo *photo = library_photo((uint64_t)i, 0, DIM);
        path_of(path, i);
        entry = library_path(path, (uint64_t)i);
        OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
        OK(l, fse_store_put_path(l->store, &entry, &l->error));
        free(photo);
    }
    OK(l, fse_store_commit(l->store, &l->error));
    for (int round = 0; round < 2; round++) {
        const fse_store_paths_options options = {.contract = round ? contract : 0};
        fse_store_cursor *cursor;
        const fse_store_path *entry;
        int count = 0;
        const double start = now();
        OK(l, fse_store_paths(l->store, &options, &cursor, &l->error));
        for (;; count++) {
            OK(l, fse_store_next(cursor, &entry, &l->error));
            if (!entry)
                break;
        }
        print_message("%d paths%s: %.1f ms\n", count, round ? " with their analysis" : "",
                      1e3 * (now() - start));
        assert_int_equal(count, PATHS);
        fse_store_cursor_close(&cursor);
    }
    fse_store_counts counts;
    uint64_t contents, faces;
    double start = now();
    OK(l, fse_store_count(l->store, contract, &counts, &l->error));
    print_message("counting them: %.1f ms\n", 1e3 * (now() - start));
    start = now();
    OK(l, fse_store_begin(l->store, &l->error));
    OK(l, fse_store_drop_orphans(l->store, &contents, &faces, &l->error));
    OK(l, fse_store_commit(l->store, &l->error));
    print_message("looking for orphans: %.1f ms\n", 1e3 * (now() - start));
    start = now();
    OK(l, fse_store_scrub(l->store, &l->error));
    print_message("scrubbing: %.1f ms\n", 1e3 * (now() - start));
    fse_store_close(&l->store);
    start = now();
    OK(l, fse_store_open(l->db, FSE_STORE_READ, &l->store, &l->error));
    print_message("opening: %.1f ms\n", 1e3 * (now() - start));
}

static void speed(void **state)
{
    library *l = *state;
    library_create(l);
    photos(l);
    paths(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(speed, library_enter, library_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
