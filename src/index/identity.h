/* SPDX-License-Identifier: Apache-2.0 */
/* Telling that a file was met before, below another of several folders. */
#ifndef FSE_INDEX_IDENTITY_H
#define FSE_INDEX_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* One file, however it is reached. Size and time guard against inodes that are used again. */
typedef struct fse_identity {
    uint64_t device, inode, size;
    int64_t mtime;
} fse_identity;

/* The files of all folders so far. Zero-initialise. */
typedef struct fse_identities {
    fse_identity *items;
    size_t count, capacity;
    size_t before; /* those of earlier folders, sorted */
} fse_identities;

/* Note a file of the present folder; *known: an earlier folder had it. An inode of 0 is not known. */
fse_status fse_identities_note(fse_identities *set, const fse_identity *file, bool *known,
                               fse_error *error);

/* The next folder begins. */
void fse_identities_next(fse_identities *set);

void fse_identities_free(fse_identities *set);

#endif
