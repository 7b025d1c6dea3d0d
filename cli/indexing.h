/* SPDX-License-Identifier: Apache-2.0 */
/* A folder's index, opened and brought up to date, with what there is to say meanwhile. */
#ifndef FSE_CLI_INDEXING_H
#define FSE_CLI_INDEXING_H

#include "common.h"
#include "progress.h"

/* Zero-initialise, and set the first part. End with fse_indexing_close(). */
typedef struct fse_indexing {
    fse_common *common;
    const char *folder;    /* as given */
    const char *file;      /* of --index; NULL */
    fse_engine **engine;   /* the caller's; opened when a photo needs it */
    bool wait;             /* for another process that updates the index */
    bool prune;

    fse_index *index;      /* while it is open */
    fse_update_counts counts; /* of the last update */
    double seconds;        /* that it took */

    /* Its own. */
    fse_index_report *before;
    fse_progress progress;
    double begun;          /* when the first photo was analysed; 0: none was */
    uint64_t done_before;  /* photos done until then */
    bool announced;        /* that known photos are analysed anew, or that none has to be */
    bool anew;
    bool estimated;        /* how long that takes */
    bool told_holder;
    bool engine_failed;    /* and that was said */
} fse_indexing;

/* Whether the user named the index's file, by the option or the environment. */
bool fse_indexing_is_named(const char *file);

/*
 * Open the folder's index. create: make one if there is none, and say where. FSE_ENOENT with the
 * index's place as subject: there is none.
 */
fse_status fse_indexing_open(fse_indexing *indexing, bool create, fse_error *error);

/* Open one that is there. Returns 0, or an exit status with the failure said. */
int fse_indexing_open_existing(fse_indexing *indexing);

/* Bring it up to date. What is wrong is for fse_indexing_complain(). */
fse_status fse_indexing_update(fse_indexing *indexing, fse_error *error);

/* Say why an update ended. Returns the exit status that goes with it. */
int fse_indexing_complain(const fse_indexing *indexing, const fse_error *error);

/* What the last update found, such as "3 new, 1 changed"; "nothing new". For free(). */
char *fse_indexing_news(const fse_indexing *indexing);

/* Say that paths are kept though their photos are gone, if there are. */
void fse_indexing_tell_kept(const fse_indexing *indexing);

/* Whether what the index has was looked at less finely than is asked for now; says so. */
bool fse_indexing_tell_coarser(const fse_indexing *indexing, const fse_engine *engine);

/* Warnings for skipped and damaged photos, not more than fit well on a screen. */
void fse_tell_skipped(fse_common *common, const fse_skipped *skipped, size_t count);

/* The index's file as the user may know it: below the folder as given, if it is there. For free(). */
char *fse_index_name(const char *folder, const char *location);

void fse_indexing_close(fse_indexing *indexing);

#endif
