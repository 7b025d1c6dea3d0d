/* SPDX-License-Identifier: Apache-2.0 */
#include "search/candidates.h"

#include <stdlib.h>

#include "base/alloc.h"

/* So many are collected before the best are sorted out, or twice `top`, if that is more. */
#define MIN_LOWERS 64
#define MIN_ROWS 4096

static int by_group_then_lower_down(const void *left, const void *right)
{
    const fse_lower *a = left;
    const fse_lower *b = right;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    return (a->lower < b->lower) - (a->lower > b->lower);
}

static int by_lower_down(const void *left, const void *right)
{
    const fse_lower *a = left;
    const fse_lower *b = right;
    return (a->lower < b->lower) - (a->lower > b->lower);
}

static int by_row(const void *left, const void *right)
{
    const fse_candidate *a = left;
    const fse_candidate *b = right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return (a->upper < b->upper) - (a->upper > b->upper);
}

/* Keep the best bound of each group, of these the best `top`, and let the last one be the cut. */
static void raise_cut(fse_candidates *set)
{
    if (set->top == 0 || set->lower_count < set->top)
        return;
    qsort(set->lowers, set->lower_count, sizeof *set->lowers, by_group_then_lower_down);
    size_t groups = 0;
    for (size_t i = 0; i < set->lower_count; i++)
        if (groups == 0 || set->lowers[groups - 1].group != set->lowers[i].group)
            set->lowers[groups++] = set->lowers[i];
    qsort(set->lowers, groups, sizeof *set->lowers, by_lower_down);
    set->lower_count = groups < set->top ? groups : set->top;
    if (groups >= set->top && set->lowers[set->top - 1].lower > set->cut)
        set->cut = set->lowers[set->top - 1].lower;
}

static void drop_rows(fse_candidates *set)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->row_count; i++)
        if (set->rows[i].upper >= set->cut)
            set->rows[kept++] = set->rows[i];
    set->row_count = kept;
}

static fse_status add_lower(fse_candidates *set, fse_lower lower, fse_error *error)
{
    const fse_status status = fse_grow(&set->lowers, &set->lower_capacity, set->lower_count,
                                       sizeof *set->lowers, error);
    if (status != FSE_OK)
        return status;
    set->lowers[set->lower_count++] = lower;
    /* Every sort leaves half the room or more, so that one row costs the logarithm of top. */
    if (set->lower_count >= MIN_LOWERS && set->lower_count / 2 >= set->top)
        raise_cut(set);
    return FSE_OK;
}

static fse_status add_row(fse_candidates *set, fse_candidate row, fse_error *error)
{
    if (set->row_count >= MIN_ROWS && set->row_count >= set->row_limit) {
        drop_rows(set);
        set->row_limit = 2 * set->row_count;
    }
    const fse_status status =
        fse_grow(&set->rows, &set->row_capacity, set->row_count, sizeof *set->rows, error);
    if (status == FSE_OK)
        set->rows[set->row_count++] = row;
    return status;
}

fse_status fse_candidates_add(fse_candidates *set, size_t row, uint64_t group, float lower,
                              float upper, fse_error *error)
{
    const fse_status status =
        add_row(set, (fse_candidate){.row = row, .upper = upper}, error);
    if (status != FSE_OK || set->top == 0 || lower <= set->cut)
        return status;
    return add_lower(set, (fse_lower){.group = group, .lower = lower}, error);
}

fse_status fse_candidates_merge(fse_candidates *set, const fse_candidates *other, fse_error *error)
{
    fse_status status = FSE_OK;
    set->cut = other->cut > set->cut ? other->cut : set->cut;
    for (size_t i = 0; status == FSE_OK && i < other->lower_count; i++)
        status = add_lower(set, other->lowers[i], error);
    for (size_t i = 0; status == FSE_OK && i < other->row_count; i++)
        if (other->rows[i].upper >= set->cut)
            status = add_row(set, other->rows[i], error);
    return status;
}

void fse_candidates_finish(fse_candidates *set)
{
    raise_cut(set);
    drop_rows(set);
    if (set->row_count == 0)
        return;
    qsort(set->rows, set->row_count, sizeof *set->rows, by_row);
    size_t kept = 1;
    for (size_t i = 1; i < set->row_count; i++)
        if (set->rows[i].row != set->rows[kept - 1].row)
            set->rows[kept++] = set->rows[i];
    set->row_count = kept;
}

void fse_candidates_free(fse_candidates *set)
{
    free(set->rows);
    free(set->lowers);
    *set = (fse_candidates){.top = 0};
}
