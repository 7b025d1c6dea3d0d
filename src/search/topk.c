/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A binary heap whose top is the hit that would have to go first (Knuth, The Art of Computer
 * Programming, volume 3, 5.2.3). Two hits never compare equal, so the result is the same whatever
 * order they come in.
 */
#include "search/topk.h"

#include <stdlib.h>

#include "base/alloc.h"

int fse_hit_compare(const fse_hit *a, const fse_hit *b)
{
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->photo != b->photo)
        return a->photo < b->photo ? -1 : 1;
    return (a->face > b->face) - (a->face < b->face);
}

static int compare_hits(const void *a, const void *b)
{
    return fse_hit_compare(a, b);
}

static void sift_up(fse_hit *heap, size_t place)
{
    const fse_hit hit = heap[place];
    while (place > 0 && fse_hit_compare(&hit, &heap[(place - 1) / 2]) > 0) {
        heap[place] = heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    heap[place] = hit;
}

static void replace_top(fse_hit *heap, size_t count, fse_hit hit)
{
    size_t place = 0;
    for (;;) {
        size_t child = 2 * place + 1;
        if (child >= count)
            break;
        if (child + 1 < count && fse_hit_compare(&heap[child + 1], &heap[child]) > 0)
            child++;
        if (fse_hit_compare(&hit, &heap[child]) >= 0)
            break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = hit;
}

fse_status fse_topk_add(fse_topk *top, fse_hit hit, fse_error *error)
{
    if (top->limit > 0 && top->count == top->limit) {
        if (fse_hit_compare(&hit, &top->hits[0]) < 0)
            replace_top(top->hits, top->count, hit);
        return FSE_OK;
    }
    const fse_status status =
        fse_grow(&top->hits, &top->capacity, top->count, sizeof *top->hits, error);
    if (status != FSE_OK)
        return status;
    top->hits[top->count] = hit;
    if (top->limit > 0)
        sift_up(top->hits, top->count);
    top->count++;
    return FSE_OK;
}

void fse_topk_sort(fse_topk *top)
{
    if (top->count > 0)
        qsort(top->hits, top->count, sizeof *top->hits, compare_hits);
}
