/* SPDX-License-Identifier: Apache-2.0 */
/* The faces to search: from the folders' indexes, brought up to date first, or from a scan. */
#ifndef FSE_CLI_GALLERIES_H
#define FSE_CLI_GALLERIES_H

#include "common.h"

/* Where to search, as the options say. */
typedef struct fse_where {
    fse_list targets, include, exclude;
    const char *index;
    bool no_index, no_update;
} fse_where;

/*
 * What is in the folders. Where no index can be kept, says so and scans. Never waits for another
 * process: what its index has so far is searched then.
 * Returns 0, or an exit status with the failure said.
 */
int fse_gallery_of(fse_common *common, const fse_where *where, fse_engine *engine,
                   fse_gallery **gallery);

#endif
