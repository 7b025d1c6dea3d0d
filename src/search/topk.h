/* SPDX-License-Identifier: Apache-2.0 */
/* The best of many hits, in the one order that all results have. */
#ifndef FSE_SEARCH_TOPK_H
#define FSE_SEARCH_TOPK_H

#include <stdint.h>

#include "base/error.h"

/* A face that matches. */
typedef struct fse_hit {
    float score;
    uint32_t photo; /* its place in the order of the paths */
    uint32_t face;  /* its number in the photo */
} fse_hit;

/* Below 0: a comes before b. Score down, then photo, then face. */
int fse_hit_compare(const fse_hit *a, const fse_hit *b);

/* The first `limit` of all hits added, 0: all. Zero-initialise but for limit; free() hits. */
typedef struct fse_topk {
    size_t limit;
    fse_hit *hits; /* a heap, the last in order on top; sorted by fse_topk_sort() */
    size_t count, capacity;
} fse_topk;

/* Not after fse_topk_sort(). */
fse_status fse_topk_add(fse_topk *top, fse_hit hit, fse_error *error);

/* Put the hits in order. */
void fse_topk_sort(fse_topk *top);

#endif
