/* SPDX-License-Identifier: Apache-2.0 */
#include "index/identity.h"

#include <stdlib.h>

#include "base/alloc.h"

static int compare(const void *a, const void *b)
{
    const fse_identity *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    if (x->inode != y->inode)
        return x->inode < y->inode ? -1 : 1;
    if (x->size != y->size)
        return x->size < y->size ? -1 : 1;
    return (x->mtime > y->mtime) - (x->mtime < y->mtime);
}

fse_status fse_identities_note(fse_identities *set, const fse_identity *file, bool *known,
                               fse_error *error)
{
    *known = false;
    if (file->inode == 0)
        return FSE_OK;
    *known = set->before > 0 &&
             bsearch(file, set->items, set->before, sizeof *file, compare) != NULL;
    if (*known)
        return FSE_OK;
    const fse_status status =
        fse_grow(&set->items, &set->capacity, set->count, sizeof *set->items, error);
    if (status == FSE_OK)
        set->items[set->count++] = *file;
    return status;
}

void fse_identities_next(fse_identities *set)
{
    if (set->count > 0)
        qsort(set->items, set->count, sizeof *set->items, compare);
    set->before = set->count;
}

void fse_identities_free(fse_identities *set)
{
    free(set->items);
    *set = (fse_identities){.items = NULL};
}
