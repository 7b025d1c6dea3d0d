/* SPDX-License-Identifier: Apache-2.0 */
/* What is behind the public fse_query. */
#ifndef FSE_API_QUERY_H
#define FSE_API_QUERY_H

#include "api/engine.h"
#include "base/arena.h"
#include "facesearch/search.h"

typedef struct fse_photo_digest {
    uint8_t sha256[FSE_SHA256_BYTES];
} fse_photo_digest;

struct fse_query {
    fse_engine *engine;
    int dim;
    fse_arena text; /* the entries' strings */
    fse_query_entry *entries;
    size_t entry_count, entry_capacity;
    float *probes; /* probe_count times dim numbers */
    size_t probe_count, probe_capacity;
    fse_photo_digest *photos; /* of all photos that could be analysed */
    size_t photo_count, photo_capacity;
};

#endif
