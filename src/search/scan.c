/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certified scan: filter and refine, as in a VA-file (Weber, Schek and Blott, VLDB 1998), with a
 * bound by Cauchy and Schwarz.
 *
 * A row x is stored as codes c and a scale s with a vector of errors e, x = s c + e, |e| <= r. A
 * probe q is coded in the same way: q = q' + f, |f| = t. The codes give A = <q', s c>, and
 *
 *     <q, x> - A = <q, e> + <f, s c>,  so  | <q, x> - A | <= |q| r + t |s c|
 *                                                        <= (|q| + t) r + t |x| = B
 *
 * because |s c| <= |x| + r. Let L = A - B and U = A + B, and let the cut be the k-th largest L of
 * all groups seen so far (of a photo's rows the largest L). A row with U below the cut cannot be
 * among the best k, nor tie with the last of them: k groups score L or more, hence the cut or more.
 * The cut only rises, so a row dropped early would be dropped at the end. A threshold is a cut too.
 */
#include "search/scan.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/thread.h"
#include "search/candidates.h"
#include "search/codes.h"
#include "search/refine.h"

/*
 * Added to B. Scores are rounded to float32 (half a unit: 3e-8) and may tie when dot products do
 * not; A, B, L and U are kept as floats, of magnitude below 1.1 (6e-8 each); the integer dot
 * product becomes a float (below 2^24 for up to 1040 numbers, else 6e-8 of it).
 */
#define ROUNDING 2e-6

/* How much the first look, in floats throughout, may be wrong: five roundings of numbers below 2. */
#define LOOK_ROUNDING 1e-6

/* Dot products of so many rows are looked at in one go: with 64 probes they fill half the L1 cache. */
#define CHUNK 64

/* What a thread takes at a time, in bytes of codes: an eighth of a usual L2 cache. */
#define BLOCK_BYTES ((size_t)256 << 10)

typedef struct scan_block {
    const fse_segment *segment;
    size_t first, count; /* rows of the segment */
} scan_block;

/* How a probe turns an integer dot product into bounds. */
typedef struct scan_probe {
    size_t query;
    double factor; /* scale of its codes */
    double weight; /* |q| + t */
    double slack;  /* t |x| + ROUNDING */
} scan_probe;

/* What one thread needs. */
typedef struct scan_worker {
    void *codes; /* for read_codes() */
    int32_t *dots;
    uint32_t *hits;
    float *bounds;        /* a probe each */
    fse_candidates *sets; /* a query each */
} scan_worker;

typedef struct scan {
    const fse_rows *rows;
    const fse_scan_query *queries;
    size_t query_count;
    const fse_kernel *kernel;
    int threads;
    fse_probe_codes codes;
    scan_probe *probes;
    size_t *first_probe; /* of each query, and the end */
    float *factors;      /* a probe each */
    float weight;        /* the largest of all probes */
    scan_block *blocks;
    size_t block_count, block_rows;
    scan_worker *workers;
    fse_scan_result *results;
} scan;

/* ---- Getting ready ---- */

static fse_status encode_probes(scan *s, fse_error *error)
{
    const size_t dim = s->rows->dim;
    size_t count = 0;
    for (size_t i = 0; i < s->query_count; i++)
        count += s->queries[i].probe_count;
    const fse_status status = fse_probe_codes_init(&s->codes, count, dim, error);
    if (status != FSE_OK)
        return status;
    s->probes = fse_alloc(count, sizeof *s->probes);
    s->factors = fse_alloc(s->codes.count, sizeof *s->factors);
    s->first_probe = fse_alloc(s->query_count + 1, sizeof *s->first_probe);
    if (!s->probes || !s->factors || !s->first_probe)
        return fse_fail_memory(error);
    size_t at = 0;
    for (size_t q = 0; q < s->query_count; q++) {
        s->first_probe[q] = at;
        for (size_t i = 0; i < s->queries[q].probe_count; i++, at++) {
            const float *values = s->queries[q].probes + i * dim;
            const fse_coding coding = fse_encode(values, dim, s->codes.codes + at * s->codes.stride);
            const double error_length = (double)coding.error;
            s->probes[at] = (scan_probe){.query = q,
                                         .factor = (double)coding.scale,
                                         .weight = coding.length + error_length,
                                         .slack = error_length * FSE_MAX_LENGTH + ROUNDING};
            s->factors[at] = coding.scale;
            s->weight = fmaxf(s->weight, (float)s->probes[at].weight);
        }
    }
    s->first_probe[s->query_count] = at;
    fse_probe_codes_finish(&s->codes);
    return FSE_OK;
}

static fse_status list_blocks(scan *s, fse_error *error)
{
    const fse_rows *rows = s->rows;
    const size_t fitting = BLOCK_BYTES / s->codes.stride / CHUNK * CHUNK;
    s->block_rows = fitting > CHUNK ? fitting : CHUNK;
    s->blocks = fse_alloc(rows->count / s->block_rows + rows->segment_count, sizeof *s->blocks);
    if (!s->blocks)
        return fse_fail_memory(error);
    for (size_t i = 0; i < rows->segment_count; i++) {
        const fse_segment *segment = &rows->segments[i];
        for (size_t first = 0; first < segment->count; first += s->block_rows) {
            const size_t rest = segment->count - first;
            s->blocks[s->block_count++] =
                (scan_block){.segment = segment,
                             .first = first,
                             .count = rest < s->block_rows ? rest : s->block_rows};
        }
    }
    return FSE_OK;
}

static void set_bounds(const scan *s, scan_worker *w, size_t query)
{
    for (size_t i = s->first_probe[query]; i < s->first_probe[query + 1]; i++)
        w->bounds[i] = (float)((double)w->sets[query].cut - s->probes[i].slack - LOOK_ROUNDING);
}

/* All scores reach -1, even those of dot products below. */
static float first_cut(const fse_scan_query *query)
{
    const bool is_bound = query->has_threshold && query->threshold > -1 + ROUNDING;
    return is_bound ? (float)(query->threshold - ROUNDING) : -INFINITY;
}

static void start_sets(const scan *s, scan_worker *w)
{
    for (size_t i = s->codes.used; i < s->codes.count; i++)
        w->bounds[i] = INFINITY; /* padding never reaches it */
    for (size_t q = 0; q < s->query_count; q++) {
        const fse_scan_query *query = &s->queries[q];
        /* A limit that all rows keep is none, and then no lower bounds are needed. */
        w->sets[q].top = query->top < s->rows->count ? query->top : 0;
        w->sets[q].cut = first_cut(query);
        set_bounds(s, w, q);
    }
}

static fse_status make_workers(scan *s, fse_error *error)
{
    const size_t row_bytes = s->codes.stride + 2 * sizeof(float);
    s->workers = fse_alloc((size_t)s->threads, sizeof *s->workers);
    if (!s->workers)
        return fse_fail_memory(error);
    for (int i = 0; i < s->threads; i++) {
        scan_worker *w = &s->workers[i];
        w->dots = fse_alloc_aligned(CHUNK * s->codes.count, sizeof *w->dots);
        w->hits = fse_alloc(CHUNK * s->codes.count, sizeof *w->hits);
        w->bounds = fse_alloc(s->codes.count, sizeof *w->bounds);
        w->sets = fse_alloc(s->query_count, sizeof *w->sets);
        if (s->rows->read_codes)
            w->codes = fse_alloc_aligned(s->block_rows, row_bytes);
        if (!w->dots || !w->hits || !w->bounds || !w->sets ||
            (s->rows->read_codes && !w->codes))
            return fse_fail_memory(error);
        start_sets(s, w);
    }
    return FSE_OK;
}

static void free_workers(scan *s)
{
    for (int i = 0; s->workers && i < s->threads; i++) {
        scan_worker *w = &s->workers[i];
        for (size_t q = 0; w->sets && q < s->query_count; q++)
            fse_candidates_free(&w->sets[q]);
        free(w->sets);
        free(w->codes);
        free(w->dots);
        free(w->hits);
        free(w->bounds);
    }
    free(s->workers);
}

/* ---- The pass over all codes ---- */

static bool is_searched(const scan *s, const fse_scan_query *query, size_t row)
{
    const uint64_t *removed = s->rows->removed;
    if (removed && removed[row / 64] >> row % 64 & 1)
        return false;
    return !query->wanted || query->wanted(query->context, row);
}

/*
 * Scores end at 1 and -1, so that all dot products beyond tie: a lower bound above 1 proves no more
 * than 1, and one below -1 nothing.
 */
static float lower_bound(double lower)
{
    return (float)(lower > 1 - ROUNDING ? 1 - ROUNDING : lower < -1 + ROUNDING ? -2 : lower);
}

/* A look at a row that select() let through. place: in the segment. */
static fse_status consider(const scan *s, scan_worker *w, const fse_segment *segment, size_t place,
                           size_t probe, double similarity, double row_error, fse_error *error)
{
    const scan_probe *p = &s->probes[probe];
    fse_candidates *set = &w->sets[p->query];
    const double bound = p->weight * row_error + p->slack;
    const float upper = (float)(similarity + bound);
    const size_t row = segment->first + place;
    const fse_scan_query *query = &s->queries[p->query];
    if (!(upper >= set->cut) || !is_searched(s, query, row))
        return FSE_OK;
    const float cut = set->cut;
    const uint64_t group = query->best_per_photo ? segment->facts[place].photo_id : row;
    const fse_status status =
        fse_candidates_add(set, row, group, lower_bound(similarity - bound), upper, error);
    if (set->cut > cut)
        set_bounds(s, w, p->query);
    return status;
}

static fse_status scan_chunk(const scan *s, scan_worker *w, const fse_segment *segment, size_t first,
                             const fse_rows_part *part, size_t count, fse_error *error)
{
    const size_t width = s->codes.count;
    s->kernel->dots(part->codes, count, &s->codes, w->dots);
    const fse_select select = {.dots = w->dots,
                               .rows = count,
                               .probes = width,
                               .scales = part->scales,
                               .errors = part->errors,
                               .weight = s->weight,
                               .factors = s->factors,
                               .bounds = w->bounds};
    const size_t hits = s->kernel->select(&select, w->hits);
    for (size_t i = 0; i < hits; i++) {
        const size_t row = w->hits[i] / width;
        const size_t probe = w->hits[i] % width;
        const double similarity =
            w->dots[w->hits[i]] * ((double)part->scales[row] * s->probes[probe].factor);
        const fse_status status = consider(s, w, segment, first + row, probe, similarity,
                                           (double)part->errors[row], error);
        if (status != FSE_OK)
            return status;
    }
    return FSE_OK;
}

static fse_status scan_one_block(void *context, int thread, size_t index, fse_error *error)
{
    scan *s = context;
    scan_worker *w = &s->workers[thread];
    const scan_block *block = &s->blocks[index];
    const fse_segment *segment = block->segment;
    fse_status status = FSE_OK;
    fse_rows_part part;
    if (s->rows->read_codes)
        status = s->rows->read_codes(s->rows->context, segment, block->first, block->count,
                                     w->codes, &part, error);
    else
        part = (fse_rows_part){.codes = segment->codes + block->first * s->codes.stride,
                               .scales = segment->scales + block->first,
                               .errors = segment->errors + block->first};
    for (size_t at = 0; status == FSE_OK && at < block->count; at += CHUNK) {
        const size_t rest = block->count - at;
        const fse_rows_part rows = {.codes = part.codes + at * s->codes.stride,
                                    .scales = part.scales + at,
                                    .errors = part.errors + at};
        status = scan_chunk(s, w, segment, block->first + at, &rows, rest < CHUNK ? rest : CHUNK,
                            error);
    }
    return status;
}

/* ---- All together ---- */

/* Bring the candidates of all threads together, as results without scores. */
static fse_status gather(scan *s, size_t query, fse_error *error)
{
    fse_candidates *set = &s->workers[0].sets[query];
    for (int i = 1; i < s->threads; i++) {
        const fse_status status =
            fse_candidates_merge(set, &s->workers[i].sets[query], error);
        if (status != FSE_OK)
            return status;
        fse_candidates_free(&s->workers[i].sets[query]);
    }
    fse_candidates_finish(set);
    fse_scan_result *result = &s->results[query];
    result->rows = fse_alloc(set->row_count, sizeof *result->rows);
    if (!result->rows)
        return fse_fail_memory(error);
    result->count = result->rescored = set->row_count;
    for (size_t i = 0; i < set->row_count; i++)
        result->rows[i].row = set->rows[i].row;
    fse_candidates_free(set);
    return FSE_OK;
}

static fse_status check(const fse_rows *rows, const fse_scan_query *queries, size_t count,
                        fse_error *error)
{
    for (size_t q = 0; q < count; q++) {
        if (queries[q].probe_count == 0)
            return fse_fail(error, FSE_EINVAL, NULL, "query %zu has no probe", q);
        for (size_t i = 0; queries[q].best_per_photo && i < rows->segment_count; i++)
            if (!rows->segments[i].facts)
                return fse_fail(error, FSE_EINVAL, NULL, "it is not known which photos rows are of");
    }
    return FSE_OK;
}

static fse_status run(scan *s, fse_error *error)
{
    fse_status status = FSE_OK;
    FSE_TRY(encode_probes(s, error));
    FSE_TRY(list_blocks(s, error));
    FSE_TRY(make_workers(s, error));
    FSE_TRY(fse_parallel_for(s->threads, s->block_count, scan_one_block, NULL, s, error));
    for (size_t q = 0; q < s->query_count; q++)
        FSE_TRY(gather(s, q, error));
    FSE_TRY(fse_refine(s->rows, s->queries, s->query_count, s->kernel, s->threads, s->results,
                       error));
cleanup:
    return status;
}

fse_status fse_scan_rows(const fse_rows *rows, const fse_scan_query *queries, size_t count,
                         const fse_kernel *kernel, int threads, fse_scan_result *results,
                         fse_error *error)
{
    for (size_t q = 0; q < count; q++)
        results[q] = (fse_scan_result){.rows = NULL};
    fse_status status = check(rows, queries, count, error);
    if (status != FSE_OK || count == 0)
        return status;
    scan s = {.rows = rows,
              .queries = queries,
              .query_count = count,
              .kernel = kernel,
              .threads = threads < 1 ? 1 : threads,
              .results = results};
    status = run(&s, error);
    free_workers(&s);
    free(s.blocks);
    free(s.factors);
    free(s.first_probe);
    free(s.probes);
    fse_probe_codes_free(&s.codes);
    for (size_t q = 0; status != FSE_OK && q < count; q++) {
        free(results[q].rows);
        results[q] = (fse_scan_result){.rows = NULL};
    }
    return status;
}
