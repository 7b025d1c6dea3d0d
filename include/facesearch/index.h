/* SPDX-License-Identifier: Apache-2.0 */
/* The index: what is known of a folder's photos, kept on disk, brought up to date, searched. */
#ifndef FACESEARCH_INDEX_H
#define FACESEARCH_INDEX_H

#include "facesearch/search.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The index of a folder. Its database is FOLDER/.facesearch/index.db, or that of the nearest folder
 * above that has one; where FOLDER cannot be written or lies on a network file system, one in the
 * user's data folder. One thread at a time may use one; other threads and processes open their own.
 */
typedef struct fse_index fse_index;

/* Fill with fse_index_options_init() first. */
typedef struct fse_index_options {
    size_t struct_size; /* set by init */
    const char *file;   /* the database; NULL (default): the environment's FACESEARCH_INDEX, else as
                           above. One that covers another folder than FOLDER or one above: FSE_EINVAL */
    bool create;        /* default false: FSE_ENOENT if there is no index. true: make one */
} fse_index_options;

FSE_API void fse_index_options_init(fse_index_options *options);

/*
 * Open the index that covers a folder. options NULL: the defaults.
 * On success *index is the caller's, to give to fse_index_close(); on failure it is NULL.
 * Errors: FSE_ENOENT (no such folder; no index, with its place as subject), FSE_EACCES, FSE_ESTORE,
 * FSE_ECORRUPT, FSE_ELOCKED, FSE_EINVAL, FSE_ENOMEM.
 */
FSE_API fse_status fse_index_open(const char *folder, const fse_index_options *options,
                                  fse_index **index, fse_error *error);

FSE_API void fse_index_close(fse_index **index);

/* ---- Bringing it up to date ---- */

/* Counts of an update, also while it runs. Photos are paths: a copy counts as another one. */
typedef struct fse_update_counts {
    uint64_t candidates; /* photos found by the walk */
    uint64_t other;      /* files that are no photos */
    uint64_t pending;    /* photos whose bytes have to be looked at; known after the walk */
    uint64_t done;       /* of them, so far */
    uint64_t analysed;   /* photos that went through the networks */
    uint64_t faces;      /* found in these */
    uint64_t skipped;    /* photos that could not be analysed now */
    uint64_t added;      /* paths that the index did not have */
    uint64_t changed;    /* paths with other bytes than before */
    uint64_t renamed;    /* added paths whose bytes were at a path that is gone */
    uint64_t removed;    /* paths that are gone and left the index */
    uint64_t kept;       /* paths that are gone, but were kept: see fse_update_options.prune */
    bool scanned;        /* the walk is over */
} fse_update_counts;

/*
 * Called after each photo, from any of the update's threads, but never from two at once. path is
 * below the index's folder, reason why it was skipped or NULL; both valid during the call only.
 */
typedef void (*fse_update_progress)(void *user, const fse_update_counts *counts, const char *path,
                                    const char *reason);

/* Asked when the first photo needs it. The engine must live as long as the update. */
typedef fse_status (*fse_engine_provider)(void *user, fse_engine **engine, fse_error *error);

/*
 * Another process is updating the index: asked at once, then about ten times a second. holder says
 * who; valid during the call. Return true to give up.
 */
typedef bool (*fse_update_wait)(void *user, const char *holder);

/* Fill with fse_update_options_init() first. */
typedef struct fse_update_options {
    size_t struct_size; /* set by init */
    const char *models; /* the pack, as for fse_engine_open() */
    int jobs;           /* photos worked on at once, 1..256; 0 (default): one for each CPU */
    fse_precision precision; /* default FSE_PRECISION_AUTO: photos analysed at any precision are
                                good. Another: those analysed otherwise are analysed again */
    fse_analyse_options analyse;
    bool prune;         /* default false: where the folder is empty, lies on another device than
                           before, or lost more than half its photos (a disk that is not there),
                           nothing leaves the index. true: what is gone leaves */
    fse_engine_provider engine; /* must be set */
    fse_update_progress progress; /* may be NULL */
    fse_update_wait wait;         /* NULL: fail at once with FSE_ELOCKED */
    bool (*cancel)(void *user);   /* asked often, from any thread; may be NULL. true: stop */
    void *user;                   /* for all callbacks */
} fse_update_options;

FSE_API void fse_update_options_init(fse_update_options *options);

/*
 * Look for photos that are new, changed, renamed or gone, and bring the index in line: every photo's
 * faces are computed once, however often it is copied or moved. What is done is committed in
 * batches; stopped at any moment, the next update goes on from there. Photos that cannot be read are
 * remembered with their reason and tried again when they change or facesearch is newer.
 *   counts  filled as far as it got, also on failure.
 * Errors: FSE_ECANCELLED (what was done is kept), FSE_ELOCKED, those of the engine, FSE_EACCES,
 * FSE_EFULL, FSE_ECORRUPT, FSE_EIO, FSE_ENOENT (the folder), FSE_EINVAL, FSE_ENOMEM.
 */
FSE_API fse_status fse_index_update(fse_index *index, const fse_update_options *options,
                                    fse_update_counts *counts, fse_error *error);

/* ---- Knowing when to ---- */

/* Notices changes in a folder and below it. One thread at a time may use one. */
typedef struct fse_watch fse_watch;

/*
 * Watch a folder, with all below it, from now on: open it before the update that it follows. Not
 * noticed: changes of what a link leads to, and those that another machine makes.
 *   ignore  files whose names begin with this do not count, such as those of an index that lies in
 *           the folder; NULL: all do. Hidden names never count.
 * On success *watch is the caller's, to give to fse_watch_close(); on failure it is NULL.
 * Errors: FSE_ENOENT, FSE_EACCES, FSE_EIO, FSE_ELIMIT (of the system, on watches), FSE_ENOMEM.
 */
FSE_API fse_status fse_watch_open(const char *folder, const char *ignore, fse_watch **watch,
                                  fse_error *error);

/*
 * Return when something changed and nothing more did for quiet_ms, or most_ms after the first
 * change; at once if that was before the call. cancel is asked a few times a second; may be NULL.
 * Errors: FSE_ECANCELLED, those of fse_watch_open().
 */
FSE_API fse_status fse_watch_wait(fse_watch *watch, int quiet_ms, int most_ms,
                                  bool (*cancel)(void *user), void *user, fse_error *error);

FSE_API void fse_watch_close(fse_watch **watch);

/* ---- Searching it ---- */

/*
 * The faces of some indexes' folders as a gallery, for fse_gallery_search(): the same matches and
 * scores, in the same order, as a gallery that was scanned, of what the indexes have seen. Only faces
 * of the engine's contract are in it. Nothing is updated and nobody is waited for.
 *   options  its globs, progress and cancel count; NULL: the defaults.
 * On success *gallery is the caller's, to give to fse_gallery_free(); on failure it is NULL. It is
 * independent of the indexes; the engine must outlive it.
 * Errors: FSE_EMODEL (the indexes have no faces of that contract, but of others: the message names
 * their models), FSE_ECORRUPT, FSE_EIO, FSE_EINVAL (a glob), FSE_ECANCELLED, FSE_ENOMEM.
 */
FSE_API fse_status fse_index_gallery(fse_index *const *indexes, size_t count, fse_engine *engine,
                                     const fse_scan_options *options, fse_gallery **gallery,
                                     fse_error *error);

/* ---- What is in it ---- */

typedef struct fse_index_counts {
    uint64_t photos;  /* paths below the folder whose faces are known */
    uint64_t faces;   /* (path, face) pairs */
    uint64_t skipped; /* photos that could not be analysed */
    uint64_t pending; /* photos not analysed under this contract yet */
    uint64_t other;   /* files that are no photos, at the last update */
} fse_index_counts;

/* One embedding space in the index. */
typedef struct fse_index_contract {
    const char *contract; /* 64 hex digits */
    const char *model;
    int dim;
    fse_index_counts counts;
    int min_face;          /* of the profile that most photos were analysed with */
    int detect_size;
    const char *precision; /* of it */
    const char *runtime;
} fse_index_contract;

/* All that fse_index_status() tells. Freed by fse_index_report_free(). */
typedef struct fse_index_report {
    const char *folder;    /* the one that the index covers; absolute */
    const char *location;  /* of its database */
    uint64_t bytes;        /* on disk, vector file included */
    int64_t updated;       /* when the last update ended, seconds since 1970; FSE_NO_TIME: never */
    bool updating;         /* another process is at it */
    size_t contract_count;
    const fse_index_contract *contracts;
    const fse_index_contract *current; /* the one asked for; NULL: the index has none of it */
    size_t skipped_count;
    const fse_skipped *skipped; /* with paths below the folder given to fse_index_open(), as there */
} fse_index_report;

/*
 * contract: skipped photos are listed for this one. NULL: the one of this fse_index's last update,
 * else the one with the most photos.
 */
FSE_API fse_status fse_index_status(fse_index *index, const char *contract,
                                    fse_index_report **report, fse_error *error);

/*
 * The same in less time, for a look before an update or a search: of the counts there is only
 * photos, and that counts copies once; skipped photos are not listed.
 */
FSE_API fse_status fse_index_brief(fse_index *index, fse_index_report **report, fse_error *error);

FSE_API void fse_index_report_free(fse_index_report **report);

/* Why a photo is or is not in a result. The numbers are stable. */
typedef enum fse_why {
    FSE_WHY_FOUND = 0,
    FSE_WHY_NO_FILE = 1,       /* there is no such file, and the index has none */
    FSE_WHY_NO_CANDIDATE = 2,  /* not a photo, or left out by the walk */
    FSE_WHY_NOT_INDEXED = 3,   /* new or changed since the last update */
    FSE_WHY_UNREADABLE = 4,    /* with its reason */
    FSE_WHY_NO_FACE = 5,
    FSE_WHY_TOO_SMALL = 6,     /* its best face is smaller than min_face */
    FSE_WHY_BELOW = 7,         /* its best score is below the threshold */
    FSE_WHY_FILTERED = 8,      /* a date, a glob, or exclude_query leaves it out */
    FSE_WHY_REMOVED = 9        /* a person had it forgotten */
} fse_why;

typedef struct fse_explanation {
    fse_why why;
    char text[512];   /* a sentence */
    int face;         /* the best one; -1: none */
    float score;      /* its score; NaN: none */
    double threshold; /* of the search; NaN if none was needed */
} fse_explanation;

/* photo: a path to the file, as the user gives it. Errors: those of a search. */
FSE_API fse_status fse_index_why(fse_index *index, const char *photo, const fse_query *query,
                                 const fse_search_options *options, fse_explanation *explanation,
                                 fse_error *error);

/* ---- Forgetting ---- */

typedef enum fse_forget {
    FSE_FORGET_PHOTO = 0,    /* path, as the user gives it; it stays forgotten until it changes */
    FSE_FORGET_FOLDER = 1,   /* the same for all below a folder */
    FSE_FORGET_FACE = 2,     /* path and number; it stays forgotten, also in copies */
    FSE_FORGET_CONTRACT = 3, /* all that a model made; path is the contract's 64 digits */
    FSE_FORGET_EVERYTHING = 4 /* all that is in the index; path may be NULL */
} fse_forget;

/*
 * Remove faces so that their embeddings cannot be read from the index's files any more. counts: how
 * many photos and faces were removed; may be NULL. Errors: FSE_ENOENT (nothing of that name is in
 * the index), FSE_ELOCKED, FSE_EACCES, FSE_EIO, FSE_EFULL.
 */
FSE_API fse_status fse_index_forget(fse_index *index, fse_forget what, const char *path, int face,
                                    fse_index_counts *counts, fse_error *error);

#ifdef __cplusplus
}
#endif
#endif
