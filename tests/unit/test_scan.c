/* SPDX-License-Identifier: Apache-2.0 */
/* The whole way from files to matches, with the inference stub. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/gallery.h"
#include "support/stub_photos.h"
#include "support/tree.h"

#define PHOTOS 60

static char *root;

static void save(const fse_image *image, const char *below)
{
    char *path = tree_path(root, below);
    stub_save(image, path);
    free(path);
}

/* Photos of no, one, two and three faces; every fourth shows person 3. */
static int make_world(void **state)
{
    (void)state;
    root = tree_new();
    tree_folder(root, "photos/more");
    for (int i = 0; i < PHOTOS; i++) {
        char below[64];
        fse_image image = stub_background(320 + 16 * (i % 7), 240 + 16 * (i % 5));
        for (int k = 0; k < i % 4; k++)
            stub_face(&image, k == 0 && i % 4 == 1 ? 3 : 5 + (i + k) % 4, 10 + 100 * k, 60 + i, 80,
                      (unsigned)i);
        snprintf(below, sizeof below, "photos/%s%02d.jpg", i % 3 ? "" : "more/", i);
        save(&image, below);
        fse_image_free(&image);
    }
    fse_image image = stub_background(300, 300);
    stub_face(&image, FSE_STUB_NOBODY, 100, 100, 90, 0);
    save(&image, "photos/nobody.jpg");
    fse_image_free(&image);
    tree_write(root, "photos/broken.jpg", "\xff\xd8\xff", 3);
    tree_write(root, "photos/raw.cr2", "II*\0", 4);
    tree_write(root, "photos/notes.txt", "words", 5);
    char *pack = tree_path(root, "pack");
    char *query = tree_path(root, "query.jpg");
    stub_pack(pack, "scrfd", 128, 0);
    stub_portrait(query, 300, 3, 0);
    free(pack);
    free(query);
    return 0;
}

static int remove_world(void **state)
{
    (void)state;
    tree_remove(root);
    free(root);
    return 0;
}

static fse_engine *open_engine(int jobs)
{
    fse_engine_options options;
    fse_engine_options_init(&options);
    options.jobs = jobs;
    fse_engine *engine;
    fse_error error = {.status = FSE_OK};
    char *pack = tree_path(root, "pack");
    if (fse_engine_open(pack, &options, &engine, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    free(pack);
    return engine;
}

static fse_gallery *scan(fse_engine *engine)
{
    fse_gallery *gallery;
    fse_error error = {.status = FSE_OK};
    char *folder = tree_path(root, "photos");
    const char *folders[1] = {folder};
    if (fse_gallery_scan(engine, folders, 1, NULL, &gallery, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    free(folder);
    return gallery;
}

static fse_result *search(fse_engine *engine, const fse_gallery *gallery)
{
    fse_query *query = NULL;
    fse_result *result = NULL;
    fse_error error = {.status = FSE_OK};
    char *path = tree_path(root, "query.jpg");
    fse_search_options options;
    fse_search_options_init(&options);
    options.threshold = 0.5;
    if (fse_query_new(engine, &query, &error) != FSE_OK ||
        fse_query_add_file(query, path, FSE_FACE_DEFAULT, NULL, &error) != FSE_OK ||
        fse_gallery_search(gallery, query, &options, &result, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    free(path);
    fse_query_free(&query);
    return result;
}

static void compare_galleries(const fse_gallery *a, const fse_gallery *b)
{
    const size_t row = (size_t)a->dim * sizeof *a->photos->embeddings;
    assert_int_equal(a->photo_count, b->photo_count);
    assert_memory_equal(&a->counts, &b->counts, sizeof a->counts);
    for (size_t i = 0; i < a->photo_count; i++) {
        const fse_gallery_photo *x = &a->photos[i];
        const fse_gallery_photo *y = &b->photos[i];
        assert_string_equal(x->path, y->path);
        assert_int_equal(x->face_count, y->face_count);
        assert_memory_equal(x->sha256, y->sha256, sizeof x->sha256);
        if (x->face_count > 0) {
            assert_memory_equal(x->faces, y->faces, x->face_count * sizeof *x->faces);
            assert_memory_equal(x->embeddings, y->embeddings, x->face_count * row);
        }
    }
}

static void compare_results(const fse_result *a, const fse_result *b)
{
    assert_int_equal(a->match_count, b->match_count);
    for (size_t i = 0; i < a->match_count; i++) {
        assert_string_equal(a->matches[i].path, b->matches[i].path);
        assert_int_equal(a->matches[i].face, b->matches[i].face);
        assert_true(a->matches[i].score == b->matches[i].score);
    }
}

static void every_number_of_jobs_gives_the_same(void **state)
{
    (void)state;
    static const int jobs[] = {2, 7};
    fse_engine *engine = open_engine(1);
    fse_gallery *gallery = scan(engine);
    fse_result *result = search(engine, gallery);
    for (size_t i = 0; i < sizeof jobs / sizeof jobs[0]; i++) {
        fse_engine *other_engine = open_engine(jobs[i]);
        fse_gallery *other = scan(other_engine);
        fse_result *other_result = search(other_engine, other);
        compare_galleries(gallery, other);
        compare_results(result, other_result);
        fse_result_free(&other_result);
        fse_gallery_free(&other);
        fse_engine_close(&other_engine);
    }
    fse_result_free(&result);
    fse_gallery_free(&gallery);
    fse_engine_close(&engine);
}

static void the_person_is_found_where_drawn(void **state)
{
    (void)state;
    fse_engine *engine = open_engine(2);
    fse_gallery *gallery = scan(engine);
    fse_result *result = search(engine, gallery);
    assert_int_equal(result->match_count, PHOTOS / 4);
    for (size_t i = 0; i < result->match_count; i++) {
        const fse_match *m = &result->matches[i];
        assert_int_equal(atoi(strrchr(m->path, '/') + 1) % 4, 1);
        assert_true(m->size > 60 && m->size < 100);
        assert_true(i == 0 || m->score <= m[-1].score);
    }
    const fse_scan_counts counts = result->searched;
    assert_int_equal(counts.total, PHOTOS + 3);
    assert_int_equal(counts.photos, PHOTOS + 1);
    assert_int_equal(counts.skipped, 2);
    assert_int_equal(counts.other, 1);
    /* The face without a usable embedding is counted, not kept. */
    assert_int_equal(counts.faces, PHOTOS / 4 * 6 + 1);
    assert_int_equal(gallery->usable_faces, PHOTOS / 4 * 6);
    const fse_skipped *skipped;
    assert_int_equal(fse_gallery_skipped(gallery, &skipped), 2);
    assert_non_null(strstr(skipped[0].path, "broken.jpg"));
    assert_non_null(strstr(skipped[1].path, "raw.cr2"));
    fse_result_free(&result);
    fse_gallery_free(&gallery);
    fse_engine_close(&engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_of_jobs_gives_the_same),
        cmocka_unit_test(the_person_is_found_where_drawn),
    };
    return cmocka_run_group_tests(tests, make_world, remove_world);
}
