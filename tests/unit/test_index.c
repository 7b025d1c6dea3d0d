/* SPDX-License-Identifier: Apache-2.0 */
/* The index against a scan of the same folder, through all that can happen to a folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "facesearch/facesearch.h"
#include "support/stub_photos.h"

typedef struct fixture {
    char folder[64];
    char photos[96];
    fse_engine *engine, *other; /* two contracts */
    int asked;                  /* how often an update asked for the engine */
    int stop_after;             /* photos; 0: never */
    uint64_t done;
} fixture;

static char *in_photos(const fixture *f, const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", f->photos, name);
    return path;
}

/* A shell command in the folder of photos. */
static void run(const fixture *f, const char *what)
{
    char command[512];
    snprintf(command, sizeof command, "cd %s && %s", f->photos, what);
    assert_int_equal(system(command), 0);
}

/* person in the middle of a photo of its own */
static void add_photo(const fixture *f, const char *name, double person, unsigned look)
{
    stub_portrait(in_photos(f, name), 240, person, look);
}

static void add_group(const fixture *f, const char *name, int first, int count)
{
    fse_image image = stub_background(640, 480);
    for (int i = 0; i < count; i++)
        stub_face(&image, first + i, 30 + 150 * i, 100 + 20 * i, 110, (unsigned)i);
    stub_save(&image, in_photos(f, name));
    fse_image_free(&image);
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    fse_error error = {.status = FSE_OK};
    char pack[128];
    snprintf(f->folder, sizeof f->folder, "index-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->photos, sizeof f->photos, "%s/photos", f->folder);
    snprintf(pack, sizeof pack, "./%s/one", f->folder);
    stub_pack(pack, "scrfd", 128, 0);
    assert_int_equal(fse_engine_open(pack, NULL, &f->engine, &error), FSE_OK);
    snprintf(pack, sizeof pack, "./%s/two", f->folder);
    stub_pack(pack, "yunet", 64, 0);
    assert_int_equal(fse_engine_open(pack, NULL, &f->other, &error), FSE_OK);
    mkdir(f->photos, 0755);
    run(f, "mkdir sub sub/deep");
    add_photo(f, "a.jpg", 1, 0);
    add_photo(f, "b.jpg", 2, 3);
    add_photo(f, "sub/c.jpg", 1, 5);
    add_group(f, "group.jpg", 0, 4);
    add_group(f, "sub/deep/group.jpg", 3, 3);
    run(f, "echo text > notes.txt; echo broken > broken.jpg");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    char command[128];
    fse_engine_close(&f->engine);
    fse_engine_close(&f->other);
    snprintf(command, sizeof command, "rm -r %s", f->folder);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

static fse_status give_engine(void *user, fse_engine **engine, fse_error *error)
{
    (void)error;
    fixture *f = user;
    f->asked++;
    *engine = f->engine;
    return FSE_OK;
}

static fse_status give_other(void *user, fse_engine **engine, fse_error *error)
{
    (void)error;
    *engine = ((fixture *)user)->other;
    return FSE_OK;
}

static void note_progress(void *user, const fse_update_counts *counts, const char *path,
                          const char *reason)
{
    (void)path;
    (void)reason;
    ((fixture *)user)->done = counts->done;
}

static bool stop(void *user)
{
    const fixture *f = user;
    return f->stop_after > 0 && f->done >= (uint64_t)f->stop_after;
}

static fse_index *open_index(const char *folder, bool create)
{
    fse_index *index = NULL;
    fse_error error = {.status = FSE_OK};
    fse_index_options options;
    fse_index_options_init(&options);
    options.create = create;
    if (fse_index_open(folder, &options, &index, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return index;
}

static fse_status try_update(fixture *f, const char *folder, const char *models, bool prune,
                             fse_update_counts *counts)
{
    fse_error error = {.status = FSE_OK};
    fse_update_options options;
    char pack[128];
    fse_update_options_init(&options);
    snprintf(pack, sizeof pack, "./%s/%s", f->folder, models);
    options.models = pack;
    options.prune = prune;
    options.engine = strcmp(models, "one") == 0 ? give_engine : give_other;
    options.progress = note_progress;
    options.cancel = stop;
    options.user = f;
    f->asked = 0;
    f->done = 0;
    fse_index *index = open_index(folder, true);
    const fse_status status = fse_index_update(index, &options, counts, &error);
    if (status != FSE_OK && status != FSE_ECANCELLED)
        print_message("%s: %s\n", error.subject, error.message);
    fse_index_close(&index);
    return status;
}

static fse_update_counts update(fixture *f)
{
    fse_update_counts counts;
    assert_int_equal(try_update(f, f->photos, "one", false, &counts), FSE_OK);
    return counts;
}

static fse_result *search(fse_engine *engine, const fse_gallery *gallery, const char *photo)
{
    fse_query *query = NULL;
    fse_result *result = NULL;
    fse_error error = {.status = FSE_OK};
    fse_search_options options;
    fse_search_options_init(&options);
    options.threshold = -1; /* every face, in order */
    assert_int_equal(fse_query_new(engine, &query, &error), FSE_OK);
    assert_int_equal(fse_query_add_file(query, photo, FSE_FACE_DEFAULT, NULL, &error), FSE_OK);
    assert_int_equal(fse_gallery_search(gallery, query, &options, &result, &error), FSE_OK);
    fse_query_free(&query);
    return result;
}

static fse_gallery *load(fse_engine *engine, const char *folder, const fse_scan_options *options)
{
    fse_gallery *gallery = NULL;
    fse_error error = {.status = FSE_OK};
    fse_index *index = open_index(folder, false);
    if (fse_index_gallery(&index, 1, engine, options, &gallery, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    fse_index_close(&index);
    return gallery;
}

static void assert_same_result(const fse_result *a, const fse_result *b)
{
    assert_int_equal(a->match_count, b->match_count);
    for (size_t i = 0; i < a->match_count; i++) {
        const fse_match *x = &a->matches[i], *y = &b->matches[i];
        assert_string_equal(x->path, y->path);
        assert_int_equal(x->face, y->face);
        assert_true(x->score == y->score && x->size == y->size);
        assert_true(x->detection_score == y->detection_score);
        assert_memory_equal(x->box, y->box, sizeof x->box);
        assert_int_equal(x->width, y->width);
        assert_int_equal(x->time, y->time);
    }
    assert_int_equal(a->searched.photos, b->searched.photos);
    assert_int_equal(a->searched.faces, b->searched.faces);
    assert_int_equal(a->searched.skipped, b->searched.skipped);
}

/* What the index gives is what a scan gives. */
static void assert_index_is_right(const fixture *f, const char *folder, size_t faces,
                                  const fse_scan_options *options)
{
    fse_gallery *indexed = load(f->engine, folder, options), *scanned = NULL;
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_gallery_scan(f->engine, &folder, 1, options, &scanned, &error), FSE_OK);
    char probe[256];
    snprintf(probe, sizeof probe, "%s/probe.jpg", f->folder);
    stub_portrait(probe, 240, 1.3, 8);
    fse_result *a = search(f->engine, indexed, probe), *b = search(f->engine, scanned, probe);
    assert_same_result(a, b);
    if (faces != SIZE_MAX)
        assert_int_equal(a->match_count, faces);
    fse_result_free(&a);
    fse_result_free(&b);
    const fse_skipped *x, *y;
    const size_t skipped = fse_gallery_skipped(indexed, &x);
    assert_int_equal(skipped, fse_gallery_skipped(scanned, &y));
    for (size_t i = 0; i < skipped; i++) {
        assert_string_equal(x[i].path, y[i].path);
        assert_string_equal(x[i].reason, y[i].reason);
    }
    fse_gallery_free(&indexed);
    fse_gallery_free(&scanned);
}

static void an_index_is_as_good_as_a_scan(void **state)
{
    fixture *f = *state;
    const fse_update_counts counts = update(f);
    assert_int_equal(counts.candidates, 6);
    assert_int_equal(counts.other, 1);
    assert_int_equal(counts.pending, 6);
    assert_int_equal(counts.analysed, 5);
    assert_int_equal(counts.faces, 10);
    assert_int_equal(counts.skipped, 1);
    assert_int_equal(counts.added, 6);
    assert_true(f->asked > 0);
    assert_index_is_right(f, f->photos, 10, NULL);
}

static void nothing_new_asks_for_no_engine(void **state)
{
    fixture *f = *state;
    update(f);
    const fse_update_counts counts = update(f);
    assert_int_equal(f->asked, 0);
    assert_int_equal(counts.pending, 0);
    assert_int_equal(counts.candidates, 6);
    assert_int_equal(counts.added + counts.changed + counts.removed + counts.skipped, 0);
}

static void a_rename_and_a_copy_cost_no_inference(void **state)
{
    fixture *f = *state;
    update(f);
    run(f, "mv a.jpg z.jpg");
    run(f, "cp b.jpg sub/copy.jpg");
    const fse_update_counts counts = update(f);
    assert_int_equal(f->asked, 0);
    assert_int_equal(counts.analysed, 0);
    assert_int_equal(counts.added, 2);
    assert_int_equal(counts.renamed, 1);
    assert_int_equal(counts.removed, 0);
    assert_index_is_right(f, f->photos, 11, NULL);
}

static void a_changed_photo_is_analysed_again(void **state)
{
    fixture *f = *state;
    update(f);
    add_group(f, "a.jpg", 5, 2);
    const fse_update_counts counts = update(f);
    assert_int_equal(counts.changed, 1);
    assert_int_equal(counts.analysed, 1);
    assert_index_is_right(f, f->photos, 11, NULL);
}

static void a_touched_photo_costs_a_hash(void **state)
{
    fixture *f = *state;
    update(f);
    run(f, "touch -d 2001-01-01 a.jpg b.jpg");
    const fse_update_counts counts = update(f);
    assert_int_equal(f->asked, 0);
    assert_int_equal(counts.pending, 2);
    assert_int_equal(counts.changed, 0);
    assert_index_is_right(f, f->photos, 10, NULL);
}

static void a_removed_photo_leaves(void **state)
{
    fixture *f = *state;
    update(f);
    run(f, "rm group.jpg");
    const fse_update_counts counts = update(f);
    assert_int_equal(counts.removed, 1);
    assert_index_is_right(f, f->photos, 6, NULL);
}

static void a_folder_that_lost_most_keeps_its_index(void **state)
{
    fixture *f = *state;
    fse_update_counts counts;
    update(f);
    run(f, "rm -r sub a.jpg");
    run(f, "rm b.jpg broken.jpg");
    counts = update(f);
    assert_int_equal(counts.kept, 5);
    assert_int_equal(counts.removed, 0);
    fse_gallery *gallery = load(f->engine, f->photos, NULL);
    assert_int_equal(fse_gallery_counts(gallery).photos, 5);
    fse_gallery_free(&gallery);
    assert_int_equal(try_update(f, f->photos, "one", true, &counts), FSE_OK);
    assert_int_equal(counts.removed, 5);
    assert_index_is_right(f, f->photos, 4, NULL);
}

static void bad_photos_are_remembered(void **state)
{
    fixture *f = *state;
    update(f);
    fse_update_counts counts = update(f);
    assert_int_equal(counts.pending, 0);
    add_photo(f, "broken.jpg", 4, 0);
    counts = update(f);
    assert_int_equal(counts.analysed, 1);
    assert_index_is_right(f, f->photos, 11, NULL);
}

static void what_cannot_be_opened_is_settled(void **state)
{
    fixture *f = *state;
    run(f, "mkfifo pipe.jpg; ln -s nowhere gone.jpg; ln -s broken.jpg link.jpg");
    fse_update_counts counts = update(f);
    assert_int_equal(counts.skipped, 4);
    counts = update(f);
    assert_int_equal(counts.pending, 0);
    assert_index_is_right(f, f->photos, 10, NULL);
}

static void stopped_updates_go_on(void **state)
{
    fixture *f = *state;
    fse_update_counts counts;
    f->stop_after = 2;
    assert_int_equal(try_update(f, f->photos, "one", false, &counts), FSE_ECANCELLED);
    const uint64_t before = counts.done;
    assert_true(before >= 2 && before < 6);
    f->stop_after = 0;
    counts = update(f);
    assert_int_equal(counts.pending, 6 - before);
    assert_index_is_right(f, f->photos, 10, NULL);
}

static void a_folder_below_uses_the_same_index(void **state)
{
    fixture *f = *state;
    update(f);
    char below[128];
    snprintf(below, sizeof below, "%s/sub", f->photos);
    assert_index_is_right(f, below, 4, NULL);
    add_photo(f, "sub/new.jpg", 6, 0);
    add_photo(f, "new.jpg", 6, 0);
    fse_update_counts counts;
    assert_int_equal(try_update(f, below, "one", false, &counts), FSE_OK);
    assert_int_equal(counts.added, 1);
    assert_int_equal(counts.removed, 0);
    assert_index_is_right(f, below, 5, NULL);
    counts = update(f);
    assert_int_equal(counts.added, 1);
    assert_index_is_right(f, f->photos, 12, NULL);
}

static void globs_choose_as_in_a_scan(void **state)
{
    fixture *f = *state;
    update(f);
    fse_scan_options options;
    fse_scan_options_init(&options);
    const char *glob = "deep";
    options.exclude = &glob;
    options.exclude_count = 1;
    assert_index_is_right(f, f->photos, 7, &options);
    fse_scan_options_init(&options);
    glob = "sub/**";
    options.include = &glob;
    options.include_count = 1;
    assert_index_is_right(f, f->photos, 4, &options);
}

static void two_contracts_live_side_by_side(void **state)
{
    fixture *f = *state;
    fse_update_counts counts;
    fse_error error = {.status = FSE_OK};
    fse_gallery *gallery = NULL;
    update(f);
    fse_index *index = open_index(f->photos, false);
    assert_int_equal(fse_index_gallery(&index, 1, f->other, NULL, &gallery, &error), FSE_EMODEL);
    assert_non_null(strstr(error.message, "one"));
    fse_index_close(&index);
    assert_int_equal(try_update(f, f->photos, "two", false, &counts), FSE_OK);
    assert_int_equal(counts.analysed, 5);
    gallery = load(f->other, f->photos, NULL);
    assert_int_equal(fse_gallery_counts(gallery).faces, 10);
    fse_gallery_free(&gallery);
    counts = update(f);
    assert_int_equal(counts.pending, 0);
    assert_index_is_right(f, f->photos, 10, NULL);
}

static void a_finer_profile_looks_again(void **state)
{
    fixture *f = *state;
    update(f);
    fse_index *index = open_index(f->photos, false);
    fse_update_options options;
    fse_update_counts counts;
    fse_update_options_init(&options);
    char pack[128];
    snprintf(pack, sizeof pack, "./%s/one", f->folder);
    options.models = pack;
    options.engine = give_engine;
    options.user = f;
    options.analyse.min_face = 20;
    assert_int_equal(fse_index_update(index, &options, &counts, NULL), FSE_OK);
    assert_int_equal(counts.analysed, 5);
    options.analyse.min_face = 80;
    assert_int_equal(fse_index_update(index, &options, &counts, NULL), FSE_OK);
    assert_int_equal(counts.analysed, 0);
    fse_index_close(&index);
}

static void the_database_is_its_owners_alone(void **state)
{
    fixture *f = *state;
    struct stat info;
    update(f);
    assert_int_equal(stat(in_photos(f, ".facesearch/index.db"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(stat(in_photos(f, ".facesearch"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void without_an_index_it_says_where_it_would_be(void **state)
{
    fixture *f = *state;
    fse_index *index = NULL;
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_index_open(f->photos, NULL, &index, &error), FSE_ENOENT);
    assert_null(index);
    assert_non_null(strstr(error.subject, "photos/.facesearch/index.db"));
    assert_int_equal(fse_index_open("no/such/folder", NULL, &index, &error), FSE_ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_index_is_as_good_as_a_scan),
        TEST(nothing_new_asks_for_no_engine),
        TEST(a_rename_and_a_copy_cost_no_inference),
        TEST(a_changed_photo_is_analysed_again),
        TEST(a_touched_photo_costs_a_hash),
        TEST(a_removed_photo_leaves),
        TEST(a_folder_that_lost_most_keeps_its_index),
        TEST(bad_photos_are_remembered),
        TEST(what_cannot_be_opened_is_settled),
        TEST(stopped_updates_go_on),
        TEST(a_folder_below_uses_the_same_index),
        TEST(globs_choose_as_in_a_scan),
        TEST(two_contracts_live_side_by_side),
        TEST(a_finer_profile_looks_again),
        TEST(the_database_is_its_owners_alone),
        TEST(without_an_index_it_says_where_it_would_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
