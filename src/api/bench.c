/* SPDX-License-Identifier: Apache-2.0 */
/* Measuring the search on random vectors. */
#include "facesearch/bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/half.h"
#include "base/thread.h"
#include "search/codes.h"
#include "search/scan.h"
#include "search/similarity.h"

/* Passes: at least so many, and more until so much time is gone, but no more than this. */
#define MIN_PASSES 5
#define MAX_PASSES 41
#define PASS_SECONDS 2.0

/* How many matches each query asks for. */
#define TOP 10

/* Rows that a thread makes or compares at a time; bytes that it adds up. */
#define ROWS_STEP 512
#define BYTES_STEP ((size_t)256 << 10)

/* How similar a query is to the vector that it resembles: photos of one person often are. */
#define QUERY_SIMILARITY 0.6

typedef struct bench {
    const fse_bench_scan_options *options;
    const fse_kernel *kernel;
    int threads;
    size_t dim, stride, count;
    int8_t *codes;
    float *scales, *errors;
    uint16_t *halves;
    float *probes;
    float *rows;          /* one for each thread */
    float *scores;        /* of all vectors with one probe */
    const float *probe;   /* that one */
    uint64_t *sums;       /* one for each thread, a cache line apart */
    fse_scan_query *queries;
    fse_scan_result *results;
} bench;

/* ---- Vectors ---- */

/* SplitMix64: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014. */
static uint64_t random_next(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* A random direction: each number is the sum of four even ones, which is nearly normal. */
static void make_direction(uint64_t seed, size_t dim, float *v)
{
    double squares = 0;
    for (size_t i = 0; i < dim; i++) {
        const uint64_t r = random_next(&seed);
        const uint64_t sum = (r & 0xffff) + (r >> 16 & 0xffff) + (r >> 32 & 0xffff) + (r >> 48);
        v[i] = (float)sum - 131070;
        squares += (double)v[i] * (double)v[i];
    }
    const float factor = squares > 0 ? (float)(1 / sqrt(squares)) : 0;
    for (size_t i = 0; i < dim; i++)
        v[i] *= factor;
}

static void round_to_halves(const float *v, size_t dim, uint16_t *halves, float *rounded)
{
    fse_halves_from_floats(v, (int)dim, halves);
    fse_floats_from_halves(halves, (int)dim, rounded);
}

static bool is_cancelled(const bench *b)
{
    return b->options->cancel && b->options->cancel(b->options->user);
}

static fse_status fail_cancelled(fse_error *error)
{
    return fse_fail(error, FSE_ECANCELLED, NULL, "the measurement was stopped");
}

static fse_status make_rows(void *context, int thread, size_t index, fse_error *error)
{
    const bench *b = context;
    float *v = b->rows + (size_t)thread * b->dim;
    if (is_cancelled(b))
        return fail_cancelled(error);
    for (size_t i = index * ROWS_STEP; i < b->count && i < (index + 1) * ROWS_STEP; i++) {
        make_direction(i << 20, b->dim, v);
        round_to_halves(v, b->dim, b->halves + i * b->dim, v);
        const fse_coding coding = fse_encode(v, b->dim, b->codes + i * b->stride);
        b->scales[i] = coding.scale;
        b->errors[i] = coding.error;
    }
    return FSE_OK;
}

/* Query number i resembles one of the vectors, evenly spread over all of them. */
static fse_status make_queries(bench *b, fse_error *error)
{
    const size_t queries = (size_t)b->options->queries;
    uint16_t *halves = fse_alloc(b->dim, sizeof *halves);
    float *noise = fse_alloc(b->dim, sizeof *noise);
    for (size_t i = 0; halves && noise && i < queries; i++) {
        float *probe = b->probes + i * b->dim;
        make_direction(~(uint64_t)i << 20, b->dim, noise);
        make_direction((uint64_t)(b->count * i / queries) << 20, b->dim, probe);
        const float share = (float)sqrt(1 - QUERY_SIMILARITY * QUERY_SIMILARITY);
        double squares = 0;
        for (size_t k = 0; k < b->dim; k++) {
            probe[k] = (float)QUERY_SIMILARITY * probe[k] + share * noise[k];
            squares += (double)probe[k] * (double)probe[k];
        }
        for (size_t k = 0; k < b->dim && squares > 0; k++)
            probe[k] = (float)((double)probe[k] / sqrt(squares));
        round_to_halves(probe, b->dim, halves, probe);
        b->queries[i] = (fse_scan_query){.probes = probe, .probe_count = 1, .top = TOP};
    }
    const fse_status status = halves && noise ? FSE_OK : fse_fail_memory(error);
    free(halves);
    free(noise);
    return status;
}

/* The system would rather end the process than refuse memory that it does not have. */
static fse_status check_memory(const bench *b, fse_error *error)
{
    const double needed = (double)b->count *
                          ((double)b->stride + 2.0 * (double)b->dim + 3 * sizeof(float));
    const double there = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (needed > 0.85 * there)
        return fse_fail(error, FSE_ELIMIT, "vectors",
                        "they take %.1f GB, and this machine has %.1f GB: ask for fewer",
                        needed / 1e9, there / 1e9);
    return FSE_OK;
}

static fse_status prepare(bench *b, fse_error *error)
{
    const size_t threads = (size_t)b->threads;
    const size_t queries = (size_t)b->options->queries;
    fse_status status = check_memory(b, error);
    if (status != FSE_OK)
        return status;
    b->codes = fse_alloc_aligned(b->count, b->stride);
    b->scales = fse_alloc(b->count, sizeof *b->scales);
    b->errors = fse_alloc(b->count, sizeof *b->errors);
    b->scores = fse_alloc(b->count, sizeof *b->scores);
    b->halves = fse_alloc(b->count, b->dim * sizeof *b->halves);
    b->rows = fse_alloc(threads, b->dim * sizeof *b->rows);
    b->probes = fse_alloc(queries, b->dim * sizeof *b->probes);
    b->queries = fse_alloc(queries, sizeof *b->queries);
    b->results = fse_alloc(queries, sizeof *b->results);
    b->sums = fse_alloc_aligned(threads, FSE_ROW_ALIGN);
    if (!b->codes || !b->scales || !b->errors || !b->scores || !b->halves || !b->rows ||
        !b->probes || !b->queries || !b->results || !b->sums)
        return fse_fail_memory(error);
    status = fse_parallel_for(b->threads, (b->count + ROWS_STEP - 1) / ROWS_STEP, make_rows, NULL, b,
                              error);
    return status == FSE_OK ? make_queries(b, error) : status;
}

/* ---- Passes ---- */

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void drop_results(bench *b)
{
    for (size_t i = 0; b->results && i < (size_t)b->options->queries; i++) {
        free(b->results[i].rows);
        b->results[i] = (fse_scan_result){.rows = NULL};
    }
}

static fse_status scan_pass(bench *b, double *time, fse_error *error)
{
    const fse_segment all = {.count = b->count,
                             .codes = b->codes,
                             .scales = b->scales,
                             .errors = b->errors,
                             .halves = b->halves};
    const fse_rows rows = {
        .dim = b->dim, .count = b->count, .segments = &all, .segment_count = 1};
    drop_results(b);
    const double start = seconds();
    const fse_status status =
        fse_scan_rows(&rows, b->queries, (size_t)b->options->queries, b->kernel, b->threads,
                      b->results, error);
    *time = seconds() - start;
    return status;
}

static fse_status add_up(void *context, int thread, size_t index, fse_error *error)
{
    (void)error;
    const bench *b = context;
    const size_t bytes = b->count * b->stride;
    const size_t first = index * BYTES_STEP;
    const size_t step = bytes - first < BYTES_STEP ? bytes - first : BYTES_STEP;
    b->sums[(size_t)thread * (FSE_ROW_ALIGN / sizeof *b->sums)] +=
        b->kernel->sum(b->codes + first, step / 256 * 256);
    return FSE_OK;
}

static fse_status read_pass(bench *b, double *time, fse_error *error)
{
    const size_t bytes = b->count * b->stride;
    const double start = seconds();
    const fse_status status = fse_parallel_for(b->threads, (bytes + BYTES_STEP - 1) / BYTES_STEP,
                                               add_up, NULL, b, error);
    *time = seconds() - start;
    return status;
}

static int by_value(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_value);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Scan and read in turn, so that what else the machine does disturbs both alike. */
static fse_status measure(bench *b, double *scan_time, double *read_time, fse_error *error)
{
    double scans[MAX_PASSES];
    double reads[MAX_PASSES];
    size_t passes = 0;
    fse_status status;
    double unused;
    FSE_TRY(scan_pass(b, &unused, error)); /* warms up caches, pages and the CPU's clock */
    const double start = seconds();
    while (passes < MIN_PASSES || (passes < MAX_PASSES && seconds() - start < PASS_SECONDS)) {
        if (is_cancelled(b))
            FSE_TRY(fail_cancelled(error));
        FSE_TRY(scan_pass(b, &scans[passes], error));
        FSE_TRY(read_pass(b, &reads[passes], error));
        passes++;
    }
    *scan_time = median(scans, passes);
    *read_time = median(reads, passes);
cleanup:
    return status;
}

/* ---- The sample that is compared with brute force ---- */

static fse_status score_rows(void *context, int thread, size_t index, fse_error *error)
{
    const bench *b = context;
    float *v = b->rows + (size_t)thread * b->dim;
    if (is_cancelled(b))
        return fail_cancelled(error);
    for (size_t i = index * ROWS_STEP; i < b->count && i < (index + 1) * ROWS_STEP; i++) {
        fse_floats_from_halves(b->halves + i * b->dim, (int)b->dim, v);
        b->scores[i] = fse_score(b->probe, v, (int)b->dim);
    }
    return FSE_OK;
}

/* Whether a result holds the best rows, all that tie with the last, with their scores, in order. */
static bool is_right(const bench *b, const fse_scan_result *result)
{
    const size_t wanted = b->count < TOP ? b->count : TOP;
    if (result->count < wanted)
        return false;
    const float last = result->rows[wanted - 1].score;
    size_t better = 0;
    size_t as_good = 0;
    for (size_t i = 0; i < b->count; i++) {
        better += b->scores[i] > last;
        as_good += b->scores[i] >= last;
    }
    bool right = better < wanted && as_good == result->count;
    for (size_t i = 0; i < result->count; i++) {
        const fse_found_row *row = &result->rows[i];
        right = right && row->score == b->scores[row->row];
        right = right && (i == 0 || row[-1].score > row->score ||
                          (row[-1].score == row->score && row[-1].row < row->row));
    }
    return right;
}

/* The last query: where there are several, its vector is far from the first. */
static fse_status verify(bench *b, bool *verified, fse_error *error)
{
    const size_t query = (size_t)b->options->queries - 1;
    b->probe = b->queries[query].probes;
    const fse_status status = fse_parallel_for(
        b->threads, (b->count + ROWS_STEP - 1) / ROWS_STEP, score_rows, NULL, b, error);
    *verified = status == FSE_OK && is_right(b, &b->results[query]);
    return status;
}

/* ---- All together ---- */

void fse_bench_scan_options_init(fse_bench_scan_options *options)
{
    if (options)
        *options = (fse_bench_scan_options){
            .struct_size = sizeof *options, .vectors = 1000000, .dim = 512, .queries = 1};
}

static fse_status check_options(const fse_bench_scan_options *o, fse_error *error)
{
    if (o->struct_size != sizeof *o)
        return fse_fail(error, FSE_EINVAL, NULL,
                        "the options were not filled by fse_bench_scan_options_init()");
    if (o->vectors < 1 || o->vectors > (uint64_t)1 << 32)
        return fse_fail(error, FSE_EINVAL, "vectors", "expected 1 to 2^32, got %llu",
                        (unsigned long long)o->vectors);
    if (o->dim < 2 || o->dim > 4096)
        return fse_fail(error, FSE_EINVAL, "dim", "expected 2 to 4096, got %d", o->dim);
    if (o->queries < 1 || o->queries > 4096)
        return fse_fail(error, FSE_EINVAL, "queries", "expected 1 to 4096, got %d", o->queries);
    if (o->threads < 0 || o->threads > 1024)
        return fse_fail(error, FSE_EINVAL, "threads", "expected 0 to 1024, got %d", o->threads);
    return FSE_OK;
}

static void fill_report(const bench *b, double scan_time, double read_time, bool verified,
                        fse_bench_scan_report *report)
{
    const double codes = (double)b->count * (double)b->stride;
    const double scanned = codes + (double)b->count * 2 * sizeof(float);
    *report = (fse_bench_scan_report){.vectors = b->count,
                                      .dim = (int)b->dim,
                                      .queries = b->options->queries,
                                      .threads = b->threads,
                                      .ms_per_query = scan_time * 1e3 / b->options->queries,
                                      .gb_per_s = scanned / scan_time / 1e9,
                                      .read_gb_per_s = codes / read_time / 1e9,
                                      .kernel = b->kernel->name,
                                      .verified = verified};
    report->bandwidth_share = report->gb_per_s / report->read_gb_per_s;
}

static void clear(bench *b)
{
    drop_results(b);
    free(b->codes);
    free(b->scales);
    free(b->errors);
    free(b->scores);
    free(b->halves);
    free(b->rows);
    free(b->probes);
    free(b->queries);
    free(b->results);
    free(b->sums);
}

fse_status fse_bench_scan(const fse_bench_scan_options *options, fse_bench_scan_report *report,
                          fse_error *error)
{
    fse_status status;
    double scan_time, read_time;
    bool verified;
    fse_bench_scan_options defaults;
    fse_bench_scan_options_init(&defaults);
    bench b = {.options = options ? options : &defaults};
    if (!report)
        return fse_fail(error, FSE_EINVAL, NULL, "there is no place to put the report");
    *report = (fse_bench_scan_report){.vectors = 0};
    FSE_TRY(check_options(b.options, error));
    b.threads = b.options->threads > 0 ? b.options->threads : fse_cpu_count();
    b.dim = (size_t)b.options->dim;
    b.stride = fse_row_stride(b.dim);
    b.count = (size_t)b.options->vectors;
    FSE_TRY(fse_kernel_choose(&b.kernel, error));
    FSE_TRY(prepare(&b, error));
    FSE_TRY(measure(&b, &scan_time, &read_time, error));
    FSE_TRY(verify(&b, &verified, error));
    fill_report(&b, scan_time, read_time, verified, report);
cleanup:
    clear(&b);
    return status;
}
