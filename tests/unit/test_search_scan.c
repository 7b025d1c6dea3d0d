/* SPDX-License-Identifier: Apache-2.0 */
/* The certified scan against comparing every row: same rows, same scores, same order, ties too. */
#include "search/scan.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpu.h"
#include "search/codes.h"
#include "search/similarity.h"
#include "support/random.h"

/* For CPUs that are emulated. */
#ifdef FSE_TEST_QUICK
enum { SHARE = 30 };
#else
enum { SHARE = 1 };
#endif

/* ---- Galleries ---- */

typedef enum shape {
    UNRELATED,   /* random directions */
    PEOPLE,      /* a few directions with some noise each */
    NEAR,        /* one direction with less noise than the codes can tell */
    SAME,        /* a few different embeddings, many times */
    LAST_BITS,   /* one embedding with last bits changed: dot products beyond 1 */
    SPIKES,      /* one number is large, so that the codes of the others are coarse */
    OPPOSITES,   /* two embeddings with last bits changed, and the opposite of each */
    EXACT,       /* numbers of one magnitude, which the codes give exactly, a bit above or below 1
                    in length: dot products beyond 1 and -1 that differ, and scores that tie */
    SHAPES
} shape;

enum { MAX_SEGMENTS = 4, PROBES = 5 };

typedef struct gallery {
    size_t dim, count;
    float *values;
    uint16_t *halves;
    int8_t *codes;
    float *scales, *errors;
    fse_face_facts *facts;
    uint64_t *removed;
    fse_segment segments[MAX_SEGMENTS];
    fse_rows rows;
    float *probes; /* PROBES of them */
} gallery;

static void normalise(const double *from, size_t dim, float *to)
{
    double squares = 0;
    for (size_t i = 0; i < dim; i++)
        squares += from[i] * from[i];
    const double length = squares > 0 ? sqrt(squares) : 1;
    uint16_t half;
    for (size_t i = 0; i < dim; i++) {
        to[i] = (float)(from[i] / length);
        fse_halves_from_floats(&to[i], 1, &half);
        fse_floats_from_halves(&half, 1, &to[i]);
    }
}

/* A face of person number `person` of this shape. */
static void make_face(shape s, uint64_t person, size_t dim, uint64_t *seed, float *face)
{
    static const double noise[SHAPES] = {0, 0.6, 0.002, 0, 0, 0.3, 0, 0};
    uint64_t own = (s == EXACT ? person / 2 : person) * 77 + 1 + s;
    double *v = calloc(dim, sizeof *v);
    for (size_t i = 0; i < dim; i++)
        v[i] = random_bell(s == UNRELATED ? seed : &own) + noise[s] * random_bell(seed);
    if (s == SPIKES)
        v[person % dim] += sqrt((double)dim) * (1 + random_bell(seed));
    for (size_t i = 0; s == OPPOSITES && i < dim && random_below(seed, 1000) > 500 * (i == 0); i++)
        v[i] = person % 2 ? -v[i] : v[i];
    if (s == EXACT)
        for (size_t i = 0; i < dim; i++)
            v[i] = (v[i] < 0) == (person % 2) ? 1 : -1;
    normalise(v, dim, face);
    uint16_t half;
    const uint16_t longer = (uint16_t)random_below(seed, 2);
    for (size_t i = 0; s == EXACT && i < dim; i++) {
        fse_halves_from_floats(&face[i], 1, &half);
        half = (uint16_t)(half + longer);
        fse_floats_from_halves(&half, 1, &face[i]);
    }
    for (size_t i = 0; (s == LAST_BITS || s == OPPOSITES) && i < dim; i++) {
        fse_halves_from_floats(&face[i], 1, &half);
        half = (uint16_t)(half + random_below(seed, 2));
        fse_floats_from_halves(&half, 1, &face[i]);
    }
    free(v);
}

static void cut_into_segments(gallery *g, uint64_t *seed)
{
    const size_t parts = 1 + random_below(seed, MAX_SEGMENTS);
    size_t first = 0;
    for (size_t i = 0; i < parts; i++) {
        const size_t end = i + 1 == parts ? g->count : first + random_below(seed, g->count - first + 1);
        g->segments[i] = (fse_segment){.first = first,
                                       .count = end - first,
                                       .codes = g->codes + first * fse_row_stride(g->dim),
                                       .scales = g->scales + first,
                                       .errors = g->errors + first,
                                       .halves = g->halves + first * g->dim,
                                       .facts = g->facts + first};
        first = end;
    }
    g->rows = (fse_rows){.dim = g->dim,
                         .count = g->count,
                         .segments = g->segments,
                         .segment_count = g->count > 0 ? parts : 0};
}

static void make_gallery(gallery *made, shape s, size_t count, size_t dim, uint64_t *seed)
{
    gallery g = {.dim = dim, .count = count};
    g.values = calloc(count * dim + 1, sizeof *g.values);
    g.halves = calloc(count * dim + 1, sizeof *g.halves);
    g.codes = fse_alloc_aligned(count, fse_row_stride(dim));
    g.scales = calloc(count + 1, sizeof *g.scales);
    g.errors = calloc(count + 1, sizeof *g.errors);
    g.facts = calloc(count + 1, sizeof *g.facts);
    g.removed = calloc(count / 64 + 1, sizeof *g.removed);
    g.probes = calloc(PROBES * dim, sizeof *g.probes);
    const uint64_t people = 1 + random_below(seed, 6);
    uint64_t photo = 0;
    uint32_t number = 0;
    for (size_t i = 0; i < count; i++) {
        make_face(s, random_below(seed, people), dim, seed, g.values + i * dim);
        const fse_coding coding =
            fse_encode(g.values + i * dim, dim, g.codes + i * fse_row_stride(dim));
        g.scales[i] = coding.scale;
        g.errors[i] = coding.error;
        fse_halves_from_floats(g.values + i * dim, (int)dim, g.halves + i * dim);
        if (random_below(seed, 3) == 0) {
            photo = random_below(seed, count / 2 + 1);
            number = (uint32_t)random_below(seed, 4);
        }
        g.facts[i] = (fse_face_facts){.face_id = i * 10 + 3, .photo_id = photo, .number = number};
        number += random_below(seed, 2) ? 1 : (uint32_t)-1;
        if (random_below(seed, 10) == 0)
            g.removed[i / 64] |= (uint64_t)1 << i % 64;
    }
    for (size_t i = 0; i < PROBES; i++)
        make_face(s, random_below(seed, people), dim, seed, g.probes + i * dim);
    *made = g;
    cut_into_segments(made, seed); /* points into it */
}

static void free_gallery(gallery *g)
{
    free(g->values);
    free(g->halves);
    free(g->codes);
    free(g->scales);
    free(g->errors);
    free(g->facts);
    free(g->removed);
    free(g->probes);
}

/* ---- The reference ---- */

static float slow_score(const gallery *g, const fse_scan_query *q, size_t row)
{
    float best = -1;
    for (size_t i = 0; i < q->probe_count; i++) {
        const float score = fse_score(q->probes + i * g->dim, g->values + row * g->dim, (int)g->dim);
        best = score > best ? score : best;
    }
    return best;
}

static bool comes_before(const fse_found_row *a, const fse_found_row *b)
{
    return a->score > b->score || (a->score == b->score && a->row < b->row);
}

/* Whether another row of the photo is better than this one. */
static bool is_outdone(const gallery *g, const fse_found_row *list, size_t count, size_t which)
{
    const fse_face_facts *own = &g->facts[list[which].row];
    for (size_t i = 0; i < count; i++) {
        const fse_face_facts *other = &g->facts[list[i].row];
        if (i == which || other->photo_id != own->photo_id || list[i].score < list[which].score)
            continue;
        if (list[i].score > list[which].score || other->number < own->number ||
            (other->number == own->number && list[i].row < list[which].row))
            return true;
    }
    return false;
}

static size_t slow_scan(const gallery *g, const fse_scan_query *q, fse_found_row *found)
{
    fse_found_row *all = calloc(g->count + 1, sizeof *all);
    size_t total = 0;
    for (size_t row = 0; row < g->count; row++) {
        if (g->rows.removed && g->removed[row / 64] >> row % 64 & 1)
            continue;
        if (q->wanted && !q->wanted(q->context, row))
            continue;
        const float score = slow_score(g, q, row);
        if (!q->has_threshold || fse_reaches(score, q->threshold))
            all[total++] = (fse_found_row){.row = row, .score = score};
    }
    size_t count = 0;
    for (size_t i = 0; i < total; i++) {
        if (q->best_per_photo && is_outdone(g, all, total, i))
            continue;
        size_t place = count++;
        for (; place > 0 && comes_before(&all[i], &found[place - 1]); place--)
            found[place] = found[place - 1];
        found[place] = all[i];
    }
    free(all);
    if (q->top == 0 || count <= q->top)
        return count;
    size_t kept = q->top;
    while (kept < count && found[kept].score == found[q->top - 1].score)
        kept++;
    return kept;
}

/* ---- The comparison ---- */

static bool wants_some(void *context, size_t row)
{
    return (row * 2654435761u >> 7) % 5 < *(const unsigned *)context;
}

/* Rows that come by way of a function; what is behind the arrays' pointers is not touched then. */
static fse_status read_codes(void *context, const fse_segment *segment, size_t first, size_t count,
                             void *buffer, fse_rows_part *part, fse_error *error)
{
    (void)error;
    const gallery *g = context;
    const size_t stride = fse_row_stride(g->dim);
    int8_t *codes = buffer;
    float *scales = (float *)(void *)(codes + count * stride);
    memcpy(codes, g->codes + (segment->first + first) * stride, count * stride);
    memcpy(scales, g->scales + segment->first + first, count * sizeof *scales);
    memcpy(scales + count, g->errors + segment->first + first, count * sizeof *scales);
    *part = (fse_rows_part){.codes = codes, .scales = scales, .errors = scales + count};
    return FSE_OK;
}

static fse_status read_halves(void *context, const fse_segment *segment, size_t row,
                              uint16_t *buffer, const uint16_t **halves, fse_error *error)
{
    (void)error;
    const gallery *g = context;
    memcpy(buffer, g->halves + (segment->first + row) * g->dim, g->dim * sizeof *buffer);
    *halves = buffer;
    return FSE_OK;
}

static void check_scan(const gallery *g, const fse_kernel *kernel, int threads,
                       const fse_scan_query *queries, size_t count, const char *what)
{
    fse_scan_result results[PROBES];
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_scan_rows(&g->rows, queries, count, kernel, threads, results, &error),
                     FSE_OK);
    fse_found_row *wanted = calloc(g->count + 1, sizeof *wanted);
    for (size_t q = 0; q < count; q++) {
        const size_t total = slow_scan(g, &queries[q], wanted);
        if (total != results[q].count)
            fail_msg("%s, %s: %zu rows of dim %zu, top %zu: %zu found, not %zu", what, kernel->name,
                     g->count, g->dim, queries[q].top, results[q].count, total);
        for (size_t i = 0; i < total; i++)
            if (wanted[i].row != results[q].rows[i].row ||
                memcmp(&wanted[i].score, &results[q].rows[i].score, sizeof(float)) != 0)
                fail_msg("%s, %s: place %zu: row %zu (%.9g), not %zu (%.9g)", what, kernel->name, i,
                         results[q].rows[i].row, (double)results[q].rows[i].score, wanted[i].row,
                         (double)wanted[i].score);
        free(results[q].rows);
    }
    free(wanted);
}

static fse_scan_query random_query(const gallery *g, unsigned *share, uint64_t *seed)
{
    static const size_t tops[] = {0, 1, 2, 3, 10, 37, 150, 5000, SIZE_MAX};
    const size_t first = random_below(seed, PROBES);
    fse_scan_query q = {.probes = g->probes + first * g->dim,
                        .probe_count = 1 + random_below(seed, PROBES - first),
                        .top = tops[random_below(seed, sizeof tops / sizeof tops[0])],
                        .best_per_photo = random_below(seed, 3) == 0};
    if (random_below(seed, 3) == 0) {
        q.has_threshold = true;
        q.threshold = random_bell(seed);
        /* Often exactly the score of a row. */
        if (g->count > 0 && random_below(seed, 2))
            q.threshold = (double)slow_score(g, &q, random_below(seed, g->count));
    }
    if (random_below(seed, 3) == 0) {
        *share = (unsigned)random_below(seed, 4); /* 0: nothing is wanted */
        q.wanted = wants_some;
        q.context = share;
    }
    return q;
}

static void check_gallery(shape s, size_t count, size_t dim, const fse_kernel *kernel,
                          uint64_t *seed, int rounds)
{
    static const char *const names[SHAPES] = {"unrelated", "people", "near",     "same",
                                              "last bits", "spikes", "opposites", "exact"};
    gallery g;
    make_gallery(&g, s, count, dim, seed);
    for (int round = 0; round < rounds; round++) {
        fse_scan_query queries[PROBES];
        unsigned shares[PROBES];
        const size_t query_count = round % 2 ? 1 : 1 + random_below(seed, PROBES);
        for (size_t i = 0; i < query_count; i++)
            queries[i] = random_query(&g, &shares[i], seed);
        g.rows.removed = random_below(seed, 2) ? g.removed : NULL;
        const bool through_functions = random_below(seed, 3) == 0;
        g.rows.read_codes = through_functions ? read_codes : NULL;
        g.rows.read_halves = through_functions ? read_halves : NULL;
        g.rows.context = &g;
        check_scan(&g, kernel, 1 + (int)random_below(seed, 4), queries, query_count, names[s]);
    }
    free_gallery(&g);
}

static void every_gallery_gives_what_comparing_all_gives(void **state)
{
    static const size_t dims[] = {512, 128, 70, 3};
    uint64_t seed = 11;
    for (shape s = 0; s < SHAPES; s++)
        for (size_t i = 0; i < sizeof dims / sizeof dims[0]; i++) {
            check_gallery(s, (1500 + random_below(&seed, 200)) / SHARE, dims[i], *state, &seed, 8);
            check_gallery(s, 200, dims[i], *state, &seed, 10);
        }
}

static void tiny_galleries_too(void **state)
{
    uint64_t seed = 12;
    for (shape s = 0; s < SHAPES; s++)
        for (size_t count = 0; count < 6; count++)
            check_gallery(s, count, 1 + random_below(&seed, 600), *state, &seed, 12);
}

/* Limits among the scores of 1 and -1 need the right people and the right limit: many tries. */
static void ties_at_both_ends_too(void **state)
{
    uint64_t seed = 18;
    for (int i = 0; i < 60 / SHARE; i++)
        check_gallery(EXACT, 170, 40 + random_below(&seed, 100), *state, &seed, 10);
}

/* Enough rows that blocks, sorting out and several threads matter. */
static void a_large_gallery_too(void **state)
{
    uint64_t seed = 13;
    check_gallery(UNRELATED, 30000 / SHARE, 64, *state, &seed, 6);
    check_gallery(SAME, 9000 / SHARE, 64, *state, &seed, 6);
}

static void nearly_all_rows_are_decided_by_their_codes(void **state)
{
    uint64_t seed = 14;
    gallery g;
    make_gallery(&g, UNRELATED, 20000, 512, &seed);
    const fse_scan_query query = {.probes = g.probes, .probe_count = 1, .top = 10};
    fse_scan_result result;
    assert_int_equal(fse_scan_rows(&g.rows, &query, 1, *state, 2, &result, NULL), FSE_OK);
    assert_true(result.count >= 10);
    assert_true(result.rescored < 400);
    free(result.rows);
    free_gallery(&g);
}

/* ---- Errors ---- */

static fse_status fail_late(void *context, const fse_segment *segment, size_t first, size_t count,
                            void *buffer, fse_rows_part *part, fse_error *error)
{
    gallery *g = context;
    if (first > 0)
        return fse_fail_errno(error, EIO, "vectors", "cannot read");
    return read_codes(g, segment, first, count, buffer, part, error);
}

static void failures_to_read_end_the_scan(void **state)
{
    uint64_t seed = 15;
    gallery g;
    make_gallery(&g, UNRELATED, 9000, 64, &seed);
    g.rows.segment_count = 1;
    g.segments[0].count = g.count;
    g.rows.read_codes = fail_late;
    g.rows.context = &g;
    const fse_scan_query query = {.probes = g.probes, .probe_count = 1, .top = 10};
    fse_scan_result result;
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_scan_rows(&g.rows, &query, 1, *state, 3, &result, &error), FSE_EIO);
    assert_null(result.rows);
    assert_string_equal(error.subject, "vectors");
    free_gallery(&g);
}

static void embeddings_that_are_no_numbers_are_noticed(void **state)
{
    uint64_t seed = 16;
    gallery g;
    make_gallery(&g, UNRELATED, 100, 64, &seed);
    g.halves[7 * 64] = 0x7e00; /* NaN */
    const fse_scan_query query = {.probes = g.probes, .probe_count = 1};
    fse_scan_result result;
    assert_int_equal(fse_scan_rows(&g.rows, &query, 1, *state, 1, &result, NULL), FSE_ECORRUPT);
    free_gallery(&g);
}

static void odd_calls_are_refused(void **state)
{
    uint64_t seed = 17;
    gallery g;
    make_gallery(&g, UNRELATED, 10, 64, &seed);
    fse_scan_query query = {.probes = g.probes};
    fse_scan_result result;
    assert_int_equal(fse_scan_rows(&g.rows, &query, 1, *state, 1, &result, NULL), FSE_EINVAL);
    assert_int_equal(fse_scan_rows(&g.rows, NULL, 0, *state, 1, NULL, NULL), FSE_OK);
    query.probe_count = 1;
    query.best_per_photo = true;
    g.segments[0].facts = NULL;
    assert_int_equal(fse_scan_rows(&g.rows, &query, 1, *state, 1, &result, NULL), FSE_EINVAL);
    free_gallery(&g);
}

int main(void)
{
    const unsigned features = fse_cpu_detect();
    int failed = 0;
    for (size_t i = 0; fse_kernels()[i]; i++) {
        const fse_kernel *kernel = fse_kernels()[i];
        if ((kernel->needs & features) != kernel->needs) {
            print_message("skipped: this CPU has no %s\n", kernel->name);
            continue;
        }
        print_message("kernel %s\n", kernel->name);
        void *data = (void *)(uintptr_t)kernel;
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_prestate(every_gallery_gives_what_comparing_all_gives, data),
            cmocka_unit_test_prestate(tiny_galleries_too, data),
            cmocka_unit_test_prestate(ties_at_both_ends_too, data),
            cmocka_unit_test_prestate(a_large_gallery_too, data),
            cmocka_unit_test_prestate(nearly_all_rows_are_decided_by_their_codes, data),
            cmocka_unit_test_prestate(failures_to_read_end_the_scan, data),
            cmocka_unit_test_prestate(embeddings_that_are_no_numbers_are_noticed, data),
            cmocka_unit_test_prestate(odd_calls_are_refused, data),
        };
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
