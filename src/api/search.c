/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/gallery.h"
#include "api/query.h"
#include "base/alloc.h"
#include "search/similarity.h"
#include "search/topk.h"

float fse_similarity(const float *a, const float *b, int dim)
{
    return a && b ? fse_score(a, b, dim) : NAN;
}

void fse_search_options_init(fse_search_options *options)
{
    if (options)
        *options = (fse_search_options){.struct_size = sizeof *options,
                                        .threshold = NAN,
                                        .fmr = NAN,
                                        .since = FSE_NO_TIME,
                                        .until = FSE_NO_TIME};
}

static fse_status check_arguments(const fse_gallery *gallery, const fse_query *query,
                                  const fse_search_options *o, fse_error *error)
{
    if (!gallery || !query)
        return fse_fail(error, FSE_EINVAL, NULL, "a search needs a gallery and a query");
    if (gallery->engine != query->engine)
        return fse_fail(error, FSE_EINVAL, NULL,
                        "the query was made with another engine than the gallery");
    if (o->struct_size != sizeof *o)
        return fse_fail(error, FSE_EINVAL, NULL,
                        "the options were not filled by fse_search_options_init()");
    if (o->threshold < -1 || o->threshold > 1)
        return fse_fail(error, FSE_EINVAL, "threshold", "expected -1 to 1, got %g", o->threshold);
    if (o->fmr <= 0 || o->fmr >= 1)
        return fse_fail(error, FSE_EINVAL, "fmr", "expected more than 0 and less than 1, got %g",
                        o->fmr);
    if (o->min_face < 0)
        return fse_fail(error, FSE_EINVAL, "min_face", "expected 0 or more, got %d", o->min_face);
    if (o->combine != FSE_COMBINE_BEST && o->combine != FSE_COMBINE_MEAN)
        return fse_fail(error, FSE_EINVAL, "combine", "there is no combination %d", (int)o->combine);
    if (query->probe_count == 0)
        return fse_fail(error, FSE_ENOFACE, NULL, "the query has no face to search for");
    return FSE_OK;
}

/* A search under way. */
typedef struct search {
    const fse_gallery *gallery;
    const fse_query *query;
    const fse_search_options *options;
    const float *probes;
    size_t probe_count;
    float *mean; /* of the probes, or NULL */
    float *row;  /* one gallery face */
    double threshold;
    fse_topk top;
} search;

static fse_status prepare_probes(search *s, fse_error *error)
{
    const size_t dim = (size_t)s->gallery->dim;
    s->probes = s->query->probes;
    s->probe_count = s->query->probe_count;
    s->row = fse_alloc(dim, sizeof *s->row);
    if (!s->row)
        return fse_fail_memory(error);
    if (s->options->combine != FSE_COMBINE_MEAN)
        return FSE_OK;
    s->mean = fse_alloc(dim, sizeof *s->mean);
    if (!s->mean)
        return fse_fail_memory(error);
    const fse_status status =
        fse_mean_embedding(s->probes, s->probe_count, s->gallery->dim, s->mean, error);
    s->probes = s->mean;
    s->probe_count = 1;
    return status;
}

static fse_status choose_threshold(search *s, fse_error *error)
{
    const fse_engine *engine = s->gallery->engine;
    const uint64_t faces = s->gallery->usable_faces ? s->gallery->usable_faces : 1;
    s->threshold = s->options->threshold;
    if (isnan(s->threshold) && isnan(s->options->fmr))
        s->threshold = fse_engine_default_threshold(engine, faces, s->probe_count);
    else if (isnan(s->threshold))
        s->threshold = fse_engine_threshold(engine, s->options->fmr);
    if (isnan(s->threshold))
        return fse_fail(error, FSE_EINVAL, "fmr",
                        "this model has no calibration: give a threshold instead");
    return FSE_OK;
}

static bool is_query_photo(const fse_query *query, const fse_gallery_photo *photo)
{
    for (size_t i = 0; i < query->photo_count; i++)
        if (memcmp(query->photos[i].sha256, photo->sha256, sizeof photo->sha256) == 0)
            return true;
    return false;
}

static bool is_wanted(const search *s, const fse_gallery_photo *photo)
{
    const fse_search_options *o = s->options;
    return photo->face_count > 0 && (o->since == FSE_NO_TIME || photo->time >= o->since) &&
           (o->until == FSE_NO_TIME || photo->time < o->until) &&
           !(o->exclude_query && is_query_photo(s->query, photo));
}

static float best_score(const search *s, const uint16_t *embedding)
{
    const int dim = s->gallery->dim;
    float best = -1;
    fse_floats_from_halves(embedding, dim, s->row);
    for (size_t i = 0; i < s->probe_count; i++) {
        const float score = fse_score(s->probes + i * (size_t)dim, s->row, dim);
        best = score > best ? score : best;
    }
    return best;
}

/* Compare every face of a photo, the lowest number first. */
static fse_status search_photo(search *s, size_t place, fse_error *error)
{
    const fse_gallery_photo *photo = &s->gallery->photos[place];
    fse_hit best = {.score = -2};
    for (size_t i = 0; i < photo->face_count; i++) {
        if (photo->faces[i].size < (float)s->options->min_face)
            continue;
        const fse_hit hit = {
            .score = best_score(s, photo->embeddings + i * (size_t)s->gallery->dim),
            .photo = (uint32_t)place,
            .face = (uint32_t)i};
        if (!fse_reaches(hit.score, s->threshold))
            continue;
        if (hit.score > best.score)
            best = hit;
        const fse_status status =
            s->options->best_per_photo ? FSE_OK : fse_topk_add(&s->top, hit, error);
        if (status != FSE_OK)
            return status;
    }
    return s->options->best_per_photo && best.score > -2 ? fse_topk_add(&s->top, best, error)
                                                         : FSE_OK;
}

/* The result, its matches and their paths in one allocation. */
typedef struct result_block {
    fse_result result;
    fse_match matches[];
} result_block;

static fse_match make_match(const search *s, const fse_hit *hit, const char *path)
{
    const fse_gallery_photo *photo = &s->gallery->photos[hit->photo];
    const fse_gallery_face *face = &photo->faces[hit->face];
    fse_match match = {.path = path,
                       .face = (int)face->number,
                       .score = hit->score,
                       .detection_score = face->score,
                       .size = face->size,
                       .width = photo->width,
                       .height = photo->height,
                       .time = photo->time};
    memcpy(match.box, face->box, sizeof match.box);
    return match;
}

static fse_status make_result(search *s, fse_result **result, fse_error *error)
{
    const fse_gallery *g = s->gallery;
    const size_t count = s->top.count;
    size_t text = 0;
    for (size_t i = 0; i < count; i++)
        text += strlen(g->photos[s->top.hits[i].photo].path) + 1;
    result_block *block = count > (SIZE_MAX - sizeof *block - text) / sizeof(fse_match)
                              ? NULL
                              : malloc(sizeof *block + count * sizeof(fse_match) + text);
    if (!block)
        return fse_fail_memory(error);
    char *path = (char *)(block->matches + count);
    for (size_t i = 0; i < count; i++) {
        block->matches[i] = make_match(s, &s->top.hits[i], path);
        path = stpcpy(path, g->photos[s->top.hits[i].photo].path) + 1;
    }
    block->result = (fse_result){
        .threshold = s->threshold,
        .expected_false_matches = fse_engine_fmr(g->engine, s->threshold) *
                                  (double)g->usable_faces * (double)s->probe_count,
        .searched = g->counts,
        .match_count = count,
        .matches = block->matches,
    };
    *result = &block->result;
    return FSE_OK;
}

fse_status fse_gallery_search(const fse_gallery *gallery, const fse_query *query,
                              const fse_search_options *options, fse_result **result,
                              fse_error *error)
{
    fse_status status = FSE_OK;
    fse_search_options defaults;
    fse_search_options_init(&defaults);
    search s = {.gallery = gallery, .query = query, .options = options ? options : &defaults};
    if (!result)
        return fse_fail(error, FSE_EINVAL, NULL, "there is no place to put the result");
    *result = NULL;
    FSE_TRY(check_arguments(gallery, query, s.options, error));
    s.top.limit = s.options->top;
    FSE_TRY(prepare_probes(&s, error));
    FSE_TRY(choose_threshold(&s, error));
    for (size_t i = 0; i < gallery->photo_count; i++)
        if (is_wanted(&s, &gallery->photos[i]))
            FSE_TRY(search_photo(&s, i, error));
    fse_topk_sort(&s.top);
    FSE_TRY(make_result(&s, result, error));
cleanup:
    free(s.mean);
    free(s.row);
    free(s.top.hits);
    return status;
}

void fse_result_free(fse_result **result)
{
    if (!result || !*result)
        return;
    free(*result); /* the first member of its block */
    *result = NULL;
}
