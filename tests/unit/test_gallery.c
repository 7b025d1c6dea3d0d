/* SPDX-License-Identifier: Apache-2.0 */
/* Scan and search, with photos that say themselves which faces they have. */
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/path.h"
#include "facesearch/search.h"
#include "image/decode.h"
#include "support/fake_analyse.h"
#include "support/tree.h"

#define A "face 0.9 50 1 0 0 0 0 0 0 0\n"
#define B "face 0.8 70 0 1 0 0 0 0 0 0\n"
#define BAD "bad 0.7 60\n"

static int make_root(void **state)
{
    *state = tree_new();
    return 0;
}

static int remove_root(void **state)
{
    tree_remove(*state);
    free(*state);
    return 0;
}

static void photo(const char *root, const char *path, const char *text)
{
    tree_write(root, path, text, strlen(text));
}

static void set_time(const char *root, const char *path, int64_t seconds)
{
    char *full = tree_path(root, path);
    const struct timespec times[2] = {{.tv_sec = seconds, .tv_nsec = 999}, {.tv_sec = seconds}};
    const struct timespec both[2] = {times[0], times[0]};
    assert_int_equal(utimensat(AT_FDCWD, full, both, 0), 0);
    free(full);
}

static fse_gallery *scan(fse_engine *engine, const char *root, const fse_scan_options *options)
{
    fse_gallery *gallery;
    fse_error error = {.status = FSE_OK};
    if (fse_gallery_scan(engine, &root, 1, options, &gallery, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return gallery;
}

static fse_query *query(fse_engine *engine, const char *text)
{
    fse_query *made;
    assert_int_equal(fse_query_new(engine, &made, NULL), FSE_OK);
    assert_int_equal(
        fse_query_add_memory(made, "q", text, strlen(text), FSE_FACE_ALL, NULL, NULL), FSE_OK);
    return made;
}

static fse_result *search(const fse_gallery *gallery, const fse_query *q,
                          const fse_search_options *options)
{
    fse_result *result;
    fse_error error = {.status = FSE_OK};
    if (fse_gallery_search(gallery, q, options, &result, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return result;
}

/* The matches as text: path below root, face, score. */
static void expect_matches(const char *root, const fse_gallery *gallery, const fse_query *q,
                           const fse_search_options *options, const char *expected)
{
    fse_buffer text = {.size = 0};
    fse_result *result = search(gallery, q, options);
    assert_int_equal(fse_buffer_add(&text, "", 0, NULL), FSE_OK);
    for (size_t i = 0; i < result->match_count; i++) {
        const fse_match *m = &result->matches[i];
        assert_int_equal(strncmp(m->path, root, strlen(root)), 0);
        fse_buffer_format(&text, NULL, "%s %d %.3f\n", m->path + strlen(root) + 1, m->face,
                          (double)m->score);
    }
    assert_string_equal(text.data, expected);
    free(text.data);
    fse_result_free(&result);
    assert_null(result);
}

static void make_mixed_folder(const char *root)
{
    photo(root, "b/two.jpg", A B);
    photo(root, "a.jpg", A BAD);
    photo(root, "none.jpg", "");
    photo(root, "half.jpg", "damaged\n" B);
    photo(root, "big.jpg", "fail 41 too large");
    photo(root, "x/no-image.png", "fail 40 not an image");
    photo(root, "memory.jpg", "fail 20 out of memory");
    photo(root, "notes.txt", "words");
    char *pipe = tree_path(root, "x/pipe.jpg");
    assert_int_equal(mkfifo(pipe, 0666), 0);
    free(pipe);
}

static void a_scan_counts_and_tells_what_it_skipped(void **state)
{
    static const struct {
        const char *path, *reason;
        bool damaged;
    } expected[] = {
        {"big.jpg", "too large", false},
        {"half.jpg", "damaged: only the part that could be read was searched", true},
        {"memory.jpg", "not enough memory for this photo", false},
        {"x/no-image.png", "not an image", false},
        {"x/pipe.jpg", "expected a file, but it is a named pipe", false},
    };
    make_mixed_folder(*state);
    for (int jobs = 1; jobs <= 7; jobs += 3) {
        fse_engine engine = {.jobs = jobs};
        fse_gallery *gallery = scan(&engine, *state, NULL);
        const fse_scan_counts counts = fse_gallery_counts(gallery);
        assert_int_equal(counts.total, 8);
        assert_int_equal(counts.photos, 4);
        assert_int_equal(counts.faces, 5);
        assert_int_equal(counts.skipped, 4);
        assert_int_equal(counts.damaged, 1);
        assert_int_equal(counts.other, 1);
        const fse_skipped *skipped;
        assert_int_equal(fse_gallery_skipped(gallery, &skipped), FSE_COUNT(expected));
        for (size_t i = 0; i < FSE_COUNT(expected); i++) {
            assert_string_equal(skipped[i].path + strlen(*state) + 1, expected[i].path);
            assert_string_equal(skipped[i].reason, expected[i].reason);
            assert_int_equal(skipped[i].damaged, expected[i].damaged);
        }
        fse_gallery_free(&gallery);
        assert_null(gallery);
    }
}

static void a_search_finds_the_faces(void **state)
{
    make_mixed_folder(*state);
    fse_engine engine = {.jobs = 2};
    fse_gallery *gallery = scan(&engine, *state, NULL);
    fse_query *a = query(&engine, A);
    fse_query *both = query(&engine, A B);
    expect_matches(*state, gallery, a, NULL, "a.jpg 0 1.000\nb/two.jpg 0 1.000\n");
    expect_matches(*state, gallery, both, NULL,
                   "a.jpg 0 1.000\nb/two.jpg 0 1.000\nb/two.jpg 1 1.000\nhalf.jpg 0 1.000\n");
    fse_search_options options;
    fse_search_options_init(&options);
    options.best_per_photo = true;
    expect_matches(*state, gallery, both, &options,
                   "a.jpg 0 1.000\nb/two.jpg 0 1.000\nhalf.jpg 0 1.000\n");
    options.top = 1;
    expect_matches(*state, gallery, both, &options, "a.jpg 0 1.000\n");
    options.top = 0;
    options.combine = FSE_COMBINE_MEAN;
    expect_matches(*state, gallery, both, &options,
                   "a.jpg 0 0.707\nb/two.jpg 0 0.707\nhalf.jpg 0 0.707\n");
    fse_query_free(&a);
    fse_query_free(&both);
    fse_gallery_free(&gallery);
}

/* A photo that is there twice by its own device, inode or links, and by copies. */
static void overlapping_folders_give_a_photo_once(void **state)
{
    photo(*state, "in/deep/a.jpg", A);
    photo(*state, "in/b.jpg", A);
    photo(*state, "in/copy.jpg", A);
    photo(*state, "in/notes.txt", "words");
    tree_link(*state, "in/link.jpg", "b.jpg");
    tree_link(*state, "door", "in/deep");
    char *folders[4] = {tree_path(*state, "in/deep/"), tree_path(*state, "in"),
                        tree_path(*state, "door"), tree_path(*state, "in")};
    fse_engine engine = {.jobs = 2};
    fse_gallery *gallery;
    assert_int_equal(fse_gallery_scan(&engine, (const char *const *)folders, 4, NULL, &gallery,
                                      NULL),
                     FSE_OK);
    fse_query *q = query(&engine, A);
    /* In the order of the paths below the folders. */
    expect_matches(*state, gallery, q, NULL,
                   "in/deep/a.jpg 0 1.000\nin/b.jpg 0 1.000\nin/copy.jpg 0 1.000\n"
                   "in/link.jpg 0 1.000\n");
    assert_int_equal(fse_gallery_counts(gallery).other, 1);
    fse_query_free(&q);
    fse_gallery_free(&gallery);
    for (int i = 0; i < 4; i++)
        free(folders[i]);
}

typedef struct watch {
    atomic_int inside; /* of progress, to see whether two are in it at once */
    fse_scan_counts last;
    size_t calls, stop_at, reasons;
    atomic_size_t asked;
    size_t cancel_at;
} watch;

static bool on_progress(void *user, const fse_scan_counts *counts, const char *path,
                        const char *reason)
{
    watch *w = user;
    assert_int_equal(atomic_fetch_add(&w->inside, 1), 0);
    assert_non_null(path);
    w->calls++;
    w->reasons += reason != NULL;
    assert_int_equal(counts->photos + counts->skipped, w->calls);
    assert_int_equal(counts->total, 200);
    assert_int_equal(counts->skipped, w->reasons);
    w->last = *counts;
    atomic_fetch_sub(&w->inside, 1);
    return w->stop_at && w->calls >= w->stop_at;
}

static bool on_cancel(void *user)
{
    watch *w = user;
    return atomic_fetch_add(&w->asked, 1) >= w->cancel_at && w->cancel_at;
}

static void progress_is_told_and_can_stop(void **state)
{
    for (int i = 0; i < 200; i++) {
        char name[32];
        snprintf(name, sizeof name, "%d.jpg", i);
        photo(*state, name, i % 10 ? A B : "fail 40 no image");
    }
    fse_engine engine = {.jobs = 4};
    watch w = {.calls = 0};
    fse_scan_options options;
    fse_scan_options_init(&options);
    options.progress = on_progress;
    options.cancel = on_cancel;
    options.user = &w;
    fse_gallery *gallery = scan(&engine, *state, &options);
    assert_int_equal(w.calls, 200);
    assert_int_equal(w.last.photos, 180);
    assert_int_equal(w.last.faces, 360);
    assert_true(w.asked >= 200);
    fse_gallery_free(&gallery);

    static const size_t stops[] = {1, 50, 200};
    for (size_t i = 0; i < FSE_COUNT(stops); i++) {
        w = (watch){.stop_at = stops[i]};
        const char *root = *state;
        assert_int_equal(fse_gallery_scan(&engine, &root, 1, &options, &gallery, NULL),
                         FSE_ECANCELLED);
        assert_null(gallery);
        assert_in_range(w.calls, stops[i], stops[i] + 3);
        w = (watch){.cancel_at = 150 + stops[i]}; /* while walking, then while analysing */
        assert_int_equal(fse_gallery_scan(&engine, &root, 1, &options, &gallery, NULL),
                         FSE_ECANCELLED);
        assert_null(gallery);
    }
}

static void a_failing_engine_ends_the_scan(void **state)
{
    photo(*state, "a.jpg", A);
    photo(*state, "b.jpg", "fail 51 the runtime broke");
    fse_engine engine = {.jobs = 2};
    fse_gallery *gallery;
    fse_error error = {.status = FSE_OK};
    const char *root = *state;
    assert_int_equal(fse_gallery_scan(&engine, &root, 1, NULL, &gallery, &error), FSE_EINFERENCE);
    assert_null(gallery);
    assert_string_equal(error.message, "the runtime broke");
    assert_non_null(strstr(error.subject, "b.jpg"));
}

static void mistakes_are_told(void **state)
{
    photo(*state, "a.jpg", A);
    fse_engine engine = {.jobs = 1};
    fse_engine other = {.jobs = 1};
    const char *root = *state;
    fse_gallery *gallery;
    fse_error error = {.status = FSE_OK};
    char *file = tree_path(root, "a.jpg");
    char *none = tree_path(root, "none");
    const char *folders[2] = {root, none};
    assert_int_equal(fse_gallery_scan(&engine, folders, 2, NULL, &gallery, &error), FSE_ENOENT);
    assert_string_equal(error.subject, none);
    folders[1] = file;
    assert_int_equal(fse_gallery_scan(&engine, folders, 2, NULL, &gallery, &error), FSE_ENOENT);
    assert_string_equal(error.subject, file);
    folders[1] = NULL;
    assert_int_equal(fse_gallery_scan(&engine, folders, 2, NULL, &gallery, NULL), FSE_EINVAL);
    assert_int_equal(fse_gallery_scan(&engine, &root, 0, NULL, &gallery, NULL), FSE_EINVAL);
    assert_int_equal(fse_gallery_scan(NULL, &root, 1, NULL, &gallery, NULL), FSE_EINVAL);
    assert_int_equal(fse_gallery_scan(&engine, &root, 1, NULL, NULL, NULL), FSE_EINVAL);
    fse_scan_options options;
    fse_scan_options_init(&options);
    const char *glob = "[a";
    options.exclude = &glob;
    options.exclude_count = 1;
    assert_int_equal(fse_gallery_scan(&engine, &root, 1, &options, &gallery, &error), FSE_EINVAL);
    assert_string_equal(error.subject, glob);
    options.exclude_count = 0;
    options.analyse.min_face = 7;
    assert_int_equal(fse_gallery_scan(&engine, &root, 1, &options, &gallery, NULL), FSE_EINVAL);
    options.analyse.min_face = 50;
    options.struct_size = 0;
    assert_int_equal(fse_gallery_scan(&engine, &root, 1, &options, &gallery, NULL), FSE_EINVAL);

    gallery = scan(&engine, root, NULL);
    fse_query *stranger = query(&other, A);
    fse_query *empty;
    assert_int_equal(fse_query_new(&engine, &empty, NULL), FSE_OK);
    fse_result *result;
    assert_int_equal(fse_gallery_search(gallery, stranger, NULL, &result, NULL), FSE_EINVAL);
    assert_null(result);
    assert_int_equal(fse_gallery_search(gallery, empty, NULL, &result, NULL), FSE_ENOFACE);
    assert_int_equal(fse_gallery_search(NULL, empty, NULL, &result, NULL), FSE_EINVAL);
    assert_int_equal(fse_gallery_search(gallery, empty, NULL, NULL, NULL), FSE_EINVAL);
    fse_result_free(NULL);
    fse_gallery_free(NULL);
    fse_query_free(&stranger);
    fse_query_free(&empty);
    fse_gallery_free(&gallery);
    free(file);
    free(none);
}

static void options_out_of_range_are_refused(void **state)
{
    static const struct {
        double threshold, fmr;
        int min_face, combine;
    } cases[] = {{1.1, NAN, 0, 0}, {-1.1, NAN, 0, 0}, {NAN, 0, 0, 0},  {NAN, 1, 0, 0},
                 {NAN, -1, 0, 0},  {NAN, NAN, -1, 0}, {NAN, NAN, 0, 2}};
    fse_engine engine = {.jobs = 1};
    fse_gallery *gallery = scan(&engine, *state, NULL);
    fse_query *q = query(&engine, A);
    fse_result *result;
    for (size_t i = 0; i < FSE_COUNT(cases); i++) {
        fse_search_options options;
        fse_search_options_init(&options);
        options.threshold = cases[i].threshold;
        options.fmr = cases[i].fmr;
        options.min_face = cases[i].min_face;
        options.combine = (fse_combine)cases[i].combine;
        assert_int_equal(fse_gallery_search(gallery, q, &options, &result, NULL), FSE_EINVAL);
    }
    fse_query_free(&q);
    fse_gallery_free(&gallery);
}

static void an_empty_folder_has_no_match(void **state)
{
    fse_engine engine = {.jobs = 2};
    fse_gallery *gallery = scan(&engine, *state, NULL);
    fse_query *q = query(&engine, A);
    const fse_skipped *skipped;
    assert_int_equal(fse_gallery_skipped(gallery, &skipped), 0);
    expect_matches(*state, gallery, q, NULL, "");
    fse_query_free(&q);
    fse_gallery_free(&gallery);
}

static void filters_leave_out(void **state)
{
    photo(*state, "exif.jpg", "taken 1000\n" A);
    photo(*state, "file.jpg", A);
    set_time(*state, "file.jpg", -7);
    photo(*state, "small.jpg", "taken 2000\nface 0.9 20 1 0 0 0 0 0 0 0\n");
    photo(*state, "x/query.jpg", A); /* the query's own bytes */
    set_time(*state, "x/query.jpg", 3000);
    fse_engine engine = {.jobs = 2};
    fse_gallery *gallery = scan(&engine, *state, NULL);
    fse_query *q = query(&engine, A);
    static const struct {
        int min_face;
        bool exclude_query;
        int64_t since, until;
        const char *expected;
    } cases[] = {
        {0, false, FSE_NO_TIME, FSE_NO_TIME,
         "exif.jpg 0 1.000\nfile.jpg 0 1.000\nsmall.jpg 0 1.000\nx/query.jpg 0 1.000\n"},
        {20, true, FSE_NO_TIME, FSE_NO_TIME, "exif.jpg 0 1.000\nsmall.jpg 0 1.000\n"},
        {21, true, FSE_NO_TIME, FSE_NO_TIME, "exif.jpg 0 1.000\n"},
        {0, false, 1000, 2000, "exif.jpg 0 1.000\n"},
        {0, false, 1001, FSE_NO_TIME, "small.jpg 0 1.000\nx/query.jpg 0 1.000\n"},
        {0, false, FSE_NO_TIME, 1000, "file.jpg 0 1.000\n"},
        {0, false, -7, -6, "file.jpg 0 1.000\n"},
        {0, false, -6, 0, ""},
    };
    for (size_t i = 0; i < FSE_COUNT(cases); i++) {
        fse_search_options options;
        fse_search_options_init(&options);
        options.min_face = cases[i].min_face;
        options.exclude_query = cases[i].exclude_query;
        options.since = cases[i].since;
        options.until = cases[i].until;
        expect_matches(*state, gallery, q, &options, cases[i].expected);
    }
    fse_query_free(&q);
    fse_gallery_free(&gallery);
}

static void thresholds_come_from_where_they_should(void **state)
{
    photo(*state, "a.jpg", A B);
    photo(*state, "b.jpg", B BAD A);
    fse_engine engine = {.jobs = 2};
    fse_gallery *gallery = scan(&engine, *state, NULL);
    fse_query *q = query(&engine, A B);
    fse_search_options options;
    fse_search_options_init(&options);
    fse_result *result = search(gallery, q, &options);
    assert_true(fabs(result->threshold - log10(4 * 2) / 10) < 1e-12);
    assert_true(fabs(result->expected_false_matches - 1) < 1e-9);
    assert_int_equal(result->searched.faces, 5);
    fse_result_free(&result);
    options.fmr = 0.01;
    result = search(gallery, q, &options);
    assert_true(fabs(result->threshold - 0.2) < 1e-12);
    assert_true(fabs(result->expected_false_matches - 0.08) < 1e-9);
    fse_result_free(&result);
    options.threshold = 1; /* goes before fmr, and is inclusive */
    options.combine = FSE_COMBINE_BEST;
    result = search(gallery, q, &options);
    assert_true(result->threshold == 1);
    assert_int_equal(result->match_count, 4);
    fse_result_free(&result);

    engine.jobs = 0; /* the fake's engine without calibration */
    options.threshold = NAN;
    assert_int_equal(fse_gallery_search(gallery, q, &options, &result, NULL), FSE_EINVAL);
    options.fmr = NAN;
    result = search(gallery, q, &options);
    assert_true(result->threshold == 0.5);
    assert_true(isnan(result->expected_false_matches));
    fse_result_free(&result);
    fse_query_free(&q);
    fse_gallery_free(&gallery);
}

/* ---- Against brute force ---- */

#define MAX_PLANTED 4000

typedef struct planted {
    char below[64];
    int folder, face;
    float embedding[FAKE_DIM];
    float size, score;
    int64_t time;
} planted;

static struct {
    planted faces[MAX_PLANTED];
    size_t count;
} world;

static uint32_t seed;

static uint32_t random_number(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u; /* Numerical Recipes, chapter 7 */
    return (seed >> 8) % below;
}

/* Few directions and small whole numbers: many ties. */
static void random_values(float values[FAKE_DIM])
{
    memset(values, 0, FAKE_DIM * sizeof *values);
    for (int i = 0; i < 3; i++)
        values[random_number(4)] += 1 + (float)random_number(2);
}

static size_t plant_face(char *text, size_t size, planted *face)
{
    float v[FAKE_DIM];
    random_values(v);
    fake_embedding(v, face->embedding);
    face->size = 20 + (float)random_number(60);
    return (size_t)snprintf(text, size, "face 0.5 %g %g %g %g %g %g %g %g %g\n",
                            (double)face->size, (double)v[0], (double)v[1], (double)v[2],
                            (double)v[3], (double)v[4], (double)v[5], (double)v[6], (double)v[7]);
}

static void plant_photo(const char *root, int folder, const char *below)
{
    char text[2000] = "";
    const int64_t time = random_number(100);
    size_t length = (size_t)snprintf(text, sizeof text, "taken %d\n", (int)time);
    for (int face = (int)random_number(4), i = 0; i < face; i++) {
        if (random_number(8) == 0) {
            length += (size_t)snprintf(text + length, sizeof text - length, "bad 0.5 30\n");
            continue;
        }
        assert_true(world.count < MAX_PLANTED);
        planted *p = &world.faces[world.count++];
        *p = (planted){.folder = folder, .face = i, .time = time};
        snprintf(p->below, sizeof p->below, "%s", below);
        length += plant_face(text + length, sizeof text - length, p);
    }
    char path[100];
    snprintf(path, sizeof path, "%d/%s", folder, below);
    photo(root, path, text);
}

static void plant_world(const char *root, int photos)
{
    static const char *const places[] = {"", "a/", "a.b/", "a-b/", "Z/", "\xc3\xa4/", "a/a/"};
    world.count = 0;
    for (int i = 0; i < photos; i++) {
        char below[64];
        snprintf(below, sizeof below, "%s%d.jpg", places[random_number(FSE_COUNT(places))], i / 2);
        plant_photo(root, i % 2, below); /* often the same path below both folders */
    }
}

static int compare_planted(const void *a, const void *b)
{
    const planted *x = a;
    const planted *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    const int order = strcmp(x->below, y->below);
    return order ? order : x->folder != y->folder ? x->folder - y->folder : x->face - y->face;
}

static float slow_similarity(const float *a, const float *b)
{
    int64_t sum = 0; /* exact: in units of 2^-48 */
    for (int i = 0; i < FAKE_DIM; i++)
        sum += (int64_t)((double)a[i] * 0x1p24) * (int64_t)((double)b[i] * 0x1p24);
    const double score = (double)sum * 0x1p-48;
    return (float)(score > 1 ? 1 : score);
}

static bool same_photo(const planted *a, const planted *b)
{
    return a->folder == b->folder && strcmp(a->below, b->below) == 0;
}

/* What the search should find, in order: the obvious way. */
static size_t slow_search(float (*probes)[FAKE_DIM], size_t probe_count,
                          const fse_search_options *o, planted *found)
{
    size_t count = 0;
    for (size_t i = 0; i < world.count; i++) {
        planted face = world.faces[i];
        face.score = -1;
        for (size_t k = 0; k < probe_count; k++)
            face.score = fmaxf(face.score, slow_similarity(face.embedding, probes[k]));
        if ((double)face.score >= o->threshold && face.size >= (float)o->min_face &&
            (o->since == FSE_NO_TIME || face.time >= o->since) &&
            (o->until == FSE_NO_TIME || face.time < o->until))
            found[count++] = face;
    }
    qsort(found, count, sizeof *found, compare_planted);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        bool first = true;
        for (size_t k = 0; k < kept && first && o->best_per_photo; k++)
            first = !same_photo(&found[k], &found[i]);
        if (first)
            found[kept++] = found[i];
    }
    return o->top && o->top < kept ? o->top : kept;
}

static void random_options(fse_search_options *o)
{
    fse_search_options_init(o);
    o->threshold = (double)random_number(200) / 100 - 1;
    o->top = random_number(3) ? random_number(60) : 0;
    o->min_face = random_number(2) ? (int)random_number(80) : 0;
    o->best_per_photo = random_number(2);
    o->since = random_number(3) ? FSE_NO_TIME : random_number(100);
    o->until = random_number(3) ? FSE_NO_TIME : random_number(100);
}

static void compare_with_brute_force(const fse_gallery *gallery, fse_engine *engine,
                                     const char *const *folders)
{
    static planted found[MAX_PLANTED];
    float probes[3][FAKE_DIM];
    char text[1000];
    size_t length = 0;
    const size_t probe_count = 1 + random_number(3);
    for (size_t i = 0; i < probe_count; i++) {
        planted face;
        length += plant_face(text + length, sizeof text - length, &face);
        memcpy(probes[i], face.embedding, sizeof probes[i]);
    }
    fse_search_options options;
    random_options(&options);
    const size_t count = slow_search(probes, probe_count, &options, found);
    fse_query *q = query(engine, text);
    fse_result *result = search(gallery, q, &options);
    assert_int_equal(result->match_count, count);
    for (size_t i = 0; i < count; i++) {
        const fse_match *m = &result->matches[i];
        char *path = fse_path_join(folders[found[i].folder], found[i].below);
        assert_string_equal(m->path, path);
        free(path);
        assert_int_equal(m->face, found[i].face);
        assert_true(m->score == found[i].score && m->size == found[i].size);
        assert_int_equal(m->time, found[i].time);
    }
    fse_result_free(&result);
    fse_query_free(&q);
}

static void equals_brute_force_on_any_number_of_threads(void **state)
{
    seed = 17;
    plant_world(*state, 900);
    char *folders[2] = {tree_path(*state, "0"), tree_path(*state, "1")};
    const char *const *names = (const char *const *)folders;
    static const int jobs[] = {1, 2, 7};
    for (size_t i = 0; i < FSE_COUNT(jobs); i++) {
        fse_engine engine = {.jobs = jobs[i]};
        fse_gallery *gallery;
        assert_int_equal(fse_gallery_scan(&engine, names, 2, NULL, &gallery, NULL), FSE_OK);
        for (int round = 0; round < 100; round++)
            compare_with_brute_force(gallery, &engine, names);
        fse_gallery_free(&gallery);
    }
    free(folders[0]);
    free(folders[1]);
}

static void similarity_is_public(void **state)
{
    (void)state;
    const float a[2] = {1, 0};
    const float b[2] = {0.5f, 0.5f};
    assert_true(fse_similarity(a, b, 2) == 0.5f);
    assert_true(isnan(fse_similarity(NULL, b, 2)));
}

/* As opening a real engine does; the scan's threads take leave of the codecs. */
static int start_codecs(void **state)
{
    (void)state;
    return fse_decode_init(NULL) == FSE_OK ? 0 : -1;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_root, remove_root)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_scan_counts_and_tells_what_it_skipped),
        TEST(a_search_finds_the_faces),
        TEST(overlapping_folders_give_a_photo_once),
        TEST(progress_is_told_and_can_stop),
        TEST(a_failing_engine_ends_the_scan),
        TEST(mistakes_are_told),
        TEST(options_out_of_range_are_refused),
        TEST(an_empty_folder_has_no_match),
        TEST(filters_leave_out),
        TEST(thresholds_come_from_where_they_should),
        TEST(equals_brute_force_on_any_number_of_threads),
        cmocka_unit_test(similarity_is_public),
    };
    return cmocka_run_group_tests(tests, start_codecs, NULL);
}
