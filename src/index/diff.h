/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between a folder and what the store knows of it: a merge of the walk and of the
 * store's paths, both in the order of the paths' bytes. Reads no photo.
 */
#ifndef FSE_INDEX_DIFF_H
#define FSE_INDEX_DIFF_H

#include "base/arena.h"
#include "index/walk.h"
#include "store/store.h"

/* A photo whose bytes have to be looked at. */
typedef struct fse_task {
    const char *path;   /* below the folder that the store covers */
    const char *reason; /* the walk could not read it, and why; NULL: it is a file */
    uint64_t size;      /* this and what follows as the walk met it */
    int64_t mtime;
    uint64_t device, inode;
    bool known;         /* the store has this path */
    bool indexed;       /* with a content, whose digest follows */
    uint8_t sha256[FSE_SHA256_BYTES];
} fse_task;

/* A path of the store that the walk did not meet. */
typedef struct fse_gone {
    const char *path;
    uint8_t sha256[FSE_SHA256_BYTES]; /* of its content; zeros: it has none */
    bool renamed;                     /* its content was met at another path */
} fse_gone;

typedef struct fse_diff {
    fse_arena text;
    fse_task *tasks; /* in the order of the paths */
    size_t task_count, task_capacity;
    fse_gone *gone; /* in the order of the digests */
    size_t gone_count, gone_capacity;
    uint64_t candidates, other, stored; /* photos and other files walked; paths in the store */
} fse_diff;

/* What the faces of a photo must have been computed with, at least, to be good as they are. */
typedef struct fse_wanted {
    int64_t contract;
    int min_face, detect_size;
    const char *precision; /* NULL: any */
    const char *software; /* a photo that another version refused is tried again */
} fse_wanted;

/* Whether an analysis is as fine as is wanted. */
bool fse_is_wanted(const fse_wanted *wanted, const fse_store_known *known);

/*
 * folder: what the store covers; below: the part of it to look at, "" for all. cancel may be NULL.
 * *diff is for fse_diff_free(), also on failure. Paths below a folder that could not be read are not
 * gone.
 */
fse_status fse_diff_make(fse_store *store, const char *folder, const char *below,
                         const fse_wanted *wanted, bool (*cancel)(void *user), void *user,
                         fse_diff *diff, fse_error *error);

/* The first gone path with this content that was not renamed yet; NULL: there is none. */
fse_gone *fse_diff_find_gone(const fse_diff *diff, const uint8_t sha256[FSE_SHA256_BYTES]);

void fse_diff_free(fse_diff *diff);

#endif
