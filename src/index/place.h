/* SPDX-License-Identifier: Apache-2.0 */
/* Where a folder's index is, or would be made. */
#ifndef FSE_INDEX_PLACE_H
#define FSE_INDEX_PLACE_H

#include <stdbool.h>

#include "base/error.h"

typedef struct fse_place {
    char *folder;   /* what the index covers; absolute, without links; NULL: its database says */
    char *asked;    /* the folder that was asked about; absolute, without links */
    char *database; /* path of the database */
    bool exists;
} fse_place;

/*
 * Find the place for a folder, touching nothing: `file` if it is not NULL, else the environment's
 * FACESEARCH_INDEX, else the nearest index of the folder or one above it, in .facesearch/index.db
 * there or for it in the user's data folder; else where a new one belongs.
 * *place is for fse_place_free(). Errors: FSE_ENOENT (no such folder), FSE_EACCES, FSE_ENOMEM.
 */
fse_status fse_place_find(const char *folder, const char *file, fse_place *place,
                          fse_error *error);

/* Make the folders that the database needs, readable by their owner only. */
fse_status fse_place_prepare(const fse_place *place, fse_error *error);

/*
 * The part of `asked` below `folder`, "" if they are the same; NULL if it lies elsewhere. Points
 * into asked.
 */
const char *fse_place_below(const char *folder, const char *asked);

void fse_place_free(fse_place *place);

#endif
