/* SPDX-License-Identifier: Apache-2.0 */
/* What is behind the public fse_index. */
#ifndef FSE_API_INDEX_H
#define FSE_API_INDEX_H

#include "facesearch/index.h"
#include "index/place.h"
#include "store/store.h"

struct fse_index {
    char *given;       /* the folder as the user gave it */
    fse_place place;
    char *folder;      /* what the index covers; absolute */
    const char *below; /* the part of it that was asked for; points into place.asked */
    fse_store *store;
    bool read_only;
    char contract[65]; /* of the last update; "": there was none */
};

/* The contract of an engine in an index; id 0: the index has none of its faces. */
fse_status fse_index_contract_of(fse_index *index, const char *contract,
                                 fse_store_contract *found, fse_error *error);

/* Why a photo was skipped, or that it is damaged; NULL: neither. Lives as long as the entry. */
const char *fse_index_reason(const fse_store_path *entry);

/*
 * A user's path of a file or folder, there or gone, below the index's folder. *below is for free().
 * FSE_ENOENT if it lies elsewhere.
 */
fse_status fse_index_resolve(const fse_index *index, const char *path, char **below,
                             fse_error *error);

#endif
