/* SPDX-License-Identifier: Apache-2.0 */
#include "search/refine.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/thread.h"
#include "search/similarity.h"

/* Rows that a thread scores at a time. */
#define CHUNK 128

typedef struct chunk {
    size_t query, first, count; /* rows of the query's result */
} chunk;

typedef struct refinement {
    const fse_rows *rows;
    const fse_scan_query *queries;
    const fse_kernel *kernel;
    fse_scan_result *results;
    chunk *chunks;
    size_t chunk_count;
    uint16_t *buffers; /* one row for each thread */
} refinement;

const fse_segment *fse_rows_segment(const fse_rows *rows, size_t row)
{
    size_t low = 0;
    size_t high = rows->segment_count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        if (rows->segments[middle].first <= row)
            low = middle;
        else
            high = middle;
    }
    return &rows->segments[low];
}

static fse_status score_row(const refinement *r, const fse_scan_query *query, uint16_t *buffer,
                            fse_found_row *found, fse_error *error)
{
    const size_t dim = r->rows->dim;
    const fse_segment *segment = fse_rows_segment(r->rows, found->row);
    const size_t place = found->row - segment->first;
    const uint16_t *halves = segment->halves + place * dim;
    if (r->rows->read_halves) {
        const fse_status status =
            r->rows->read_halves(r->rows->context, segment, place, buffer, &halves, error);
        if (status != FSE_OK)
            return status;
    }
    found->score = -1;
    for (size_t i = 0; i < query->probe_count; i++) {
        const double dot = r->kernel->score(query->probes + i * dim, halves, dim);
        if (isnan(dot))
            return fse_fail(error, FSE_ECORRUPT, NULL, "embedding %zu is not a number", found->row);
        found->score = fmaxf(found->score, fse_score_from_sum(dot));
    }
    return FSE_OK;
}

/* Rows lie anywhere, so that memory would be waited for: ask for the next one in time. */
static void prefetch_row(const refinement *r, const fse_found_row *found)
{
    if (r->rows->read_halves)
        return;
    const fse_segment *segment = fse_rows_segment(r->rows, found->row);
    const uint16_t *halves = segment->halves + (found->row - segment->first) * r->rows->dim;
    for (size_t i = 0; i < r->rows->dim; i += 64 / sizeof *halves)
        __builtin_prefetch(halves + i);
}

static fse_status score_chunk(void *context, int thread, size_t index, fse_error *error)
{
    const refinement *r = context;
    const chunk *c = &r->chunks[index];
    fse_found_row *found = r->results[c->query].rows + c->first;
    fse_status status = FSE_OK;
    for (size_t i = 0; status == FSE_OK && i < c->count; i++) {
        if (i + 1 < c->count)
            prefetch_row(r, &found[i + 1]);
        status = score_row(r, &r->queries[c->query], r->buffers + (size_t)thread * r->rows->dim,
                           &found[i], error);
    }
    return status;
}

static fse_status score_all(refinement *r, size_t count, int threads, fse_error *error)
{
    size_t chunks = 0;
    for (size_t q = 0; q < count; q++)
        chunks += (r->results[q].count + CHUNK - 1) / CHUNK;
    r->chunks = fse_alloc(chunks, sizeof *r->chunks);
    r->buffers = fse_alloc((size_t)threads * r->rows->dim, sizeof *r->buffers);
    if (!r->chunks || !r->buffers)
        return fse_fail_memory(error);
    for (size_t q = 0; q < count; q++)
        for (size_t first = 0; first < r->results[q].count; first += CHUNK) {
            const size_t rest = r->results[q].count - first;
            r->chunks[r->chunk_count++] =
                (chunk){.query = q, .first = first, .count = rest < CHUNK ? rest : CHUNK};
        }
    return fse_parallel_for(threads, r->chunk_count, score_chunk, NULL, r, error);
}

static int by_score(const void *left, const void *right)
{
    const fse_found_row *a = left;
    const fse_found_row *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* A row with what decides among the rows of a photo. */
typedef struct photo_row {
    fse_found_row found;
    uint64_t photo;
    uint32_t number;
} photo_row;

static int by_photo(const void *left, const void *right)
{
    const photo_row *a = left;
    const photo_row *b = right;
    if (a->photo != b->photo)
        return a->photo < b->photo ? -1 : 1;
    if (a->found.score != b->found.score)
        return a->found.score > b->found.score ? -1 : 1;
    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->found.row > b->found.row) - (a->found.row < b->found.row);
}

static fse_status keep_best_of_photos(const fse_rows *rows, fse_scan_result *result,
                                      fse_error *error)
{
    photo_row *list = fse_alloc(result->count, sizeof *list);
    if (!list)
        return fse_fail_memory(error);
    for (size_t i = 0; i < result->count; i++) {
        const fse_segment *segment = fse_rows_segment(rows, result->rows[i].row);
        const fse_face_facts *facts = &segment->facts[result->rows[i].row - segment->first];
        list[i] = (photo_row){
            .found = result->rows[i], .photo = facts->photo_id, .number = facts->number};
    }
    qsort(list, result->count, sizeof *list, by_photo);
    size_t kept = 0;
    for (size_t i = 0; i < result->count; i++)
        if (i == 0 || list[i].photo != list[i - 1].photo)
            result->rows[kept++] = list[i].found;
    result->count = kept;
    free(list);
    return FSE_OK;
}

static void keep_what_reaches(fse_scan_result *result, double threshold)
{
    size_t kept = 0;
    for (size_t i = 0; i < result->count; i++)
        if (fse_reaches(result->rows[i].score, threshold))
            result->rows[kept++] = result->rows[i];
    result->count = kept;
}

static void keep_top(fse_scan_result *result, size_t top)
{
    if (top == 0 || result->count <= top)
        return;
    const float last = result->rows[top - 1].score;
    size_t kept = top;
    while (kept < result->count && result->rows[kept].score == last)
        kept++;
    result->count = kept;
}

static fse_status rank(const fse_rows *rows, const fse_scan_query *query, fse_scan_result *result,
                       fse_error *error)
{
    if (query->has_threshold)
        keep_what_reaches(result, query->threshold);
    if (query->best_per_photo) {
        const fse_status status = keep_best_of_photos(rows, result, error);
        if (status != FSE_OK)
            return status;
    }
    qsort(result->rows, result->count, sizeof *result->rows, by_score);
    keep_top(result, query->top);
    return FSE_OK;
}

fse_status fse_refine(const fse_rows *rows, const fse_scan_query *queries, size_t count,
                      const fse_kernel *kernel, int threads, fse_scan_result *results,
                      fse_error *error)
{
    refinement r = {.rows = rows, .queries = queries, .kernel = kernel, .results = results};
    fse_status status = score_all(&r, count, threads, error);
    for (size_t q = 0; status == FSE_OK && q < count; q++)
        status = rank(rows, &queries[q], &results[q], error);
    free(r.chunks);
    free(r.buffers);
    return status;
}
