/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: everything that is known of the photos of one folder tree, their faces and embeddings,
 * kept on disk. It is the truth; all else that is kept (the vector file) is made from it.
 *
 *     path     a photo file, by its path below the folder, as it was last seen
 *       |        refers to one content, or says why there is none
 *     content  a file's bytes, known by their SHA-256; copies of a file share one
 *       |
 *     analysis of a content under a contract: with which profile, how many faces, or why it failed
 *       |
 *     face     with its embedding; belongs to one content and one contract
 *
 * Contents, contracts and faces have numbers (ids): at least 1, always growing, never used again.
 * Faces leave with their content, and a content leaves when no path refers to it any more and
 * fse_store_drop_orphans() is called: so a rename or a move within one update costs nothing.
 *
 * One store, several backends: nothing here depends on which one it is. A handle is used by one
 * thread at a time; threads and processes open handles of their own.
 *
 *     fse_store_open(".facesearch/index.db", FSE_STORE_CREATE, &store, error)
 *     fse_store_lock(store, NULL, NULL, error)                   become the writer
 *     fse_store_add_contract(store, &contract, error)
 *     for each batch:
 *         fse_store_begin(store, error)
 *         fse_store_put_photo(store, &analysis, photo, error)   content, analysis, faces
 *         fse_store_put_path(store, &path, error)
 *         fse_store_commit(store, error)                         all of it or nothing
 *     fse_store_close(&store)
 *
 * Errors of every function, beside its own: FSE_ECORRUPT (damaged), FSE_EFULL (no space), FSE_EIO,
 * FSE_EACCES (read-only), FSE_ELOCKED (another program holds it for too long), FSE_ENOMEM, and
 * FSE_EINVAL for a call that its description forbids.
 */
#ifndef FSE_STORE_STORE_H
#define FSE_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/error.h"
#include "base/lock.h"
#include "facesearch/face.h"

typedef struct fse_store fse_store;

/* ---- Open and close ---- */

typedef enum fse_store_mode {
    FSE_STORE_READ = 0,  /* never changes anything; works on read-only media too */
    FSE_STORE_WRITE = 1, /* the store must exist; one of an older version is brought up to date */
    FSE_STORE_CREATE = 2 /* made if it is missing; readable and writable by its owner only */
} fse_store_mode;

/*
 * Open a store.
 *   url  "sqlite:PATH", or a path without a scheme. The folder of PATH must exist.
 * On success *store is the caller's, to give to fse_store_close(); on failure it is NULL.
 * Errors: FSE_ENOENT (missing), FSE_EINVAL (unknown scheme), FSE_ESTORE (not a store of facesearch,
 * one of a newer version, or, with FSE_STORE_READ, one of an older version), FSE_ELOCKED (another
 * process brings it up to date).
 */
fse_status fse_store_open(const char *url, fse_store_mode mode, fse_store **store,
                          fse_error *error);

/*
 * Roll back what is not committed, unlock, close, and set *store to NULL. NULL and *store == NULL
 * do nothing.
 */
void fse_store_close(fse_store **store);

typedef struct fse_store_info {
    const char *location; /* where it is, to show; valid as long as the handle */
    char id[33];          /* 32 hex digits, random, made with the store and anew by
                             fse_store_forget_all(): what was made from another store has another */
    int version;          /* of its schema */
    bool read_only;       /* opened so, or cannot be written */
    uint64_t bytes;       /* on disk, now */
} fse_store_info;

fse_status fse_store_describe(fse_store *store, fse_store_info *info, fse_error *error);

/* ---- The writer ---- */

/*
 * Asked again and again (at once, then about ten times a second) while another process is the
 * writer. holder is valid during the call. Return true to give up (FSE_ECANCELLED).
 */
typedef bool (*fse_store_wait)(void *user, const fse_lock_holder *holder);

/*
 * Become the writer; everything from fse_store_begin() on needs that. Readers are not held up.
 * A backend that lets several write at once grants it at once. A writer that dies, however, is one
 * no more. wait NULL: fail at once with FSE_ELOCKED; its message says who holds it since when.
 * Errors: FSE_ELOCKED, FSE_ECANCELLED, FSE_EACCES.
 */
fse_status fse_store_lock(fse_store *store, fse_store_wait wait, void *user, fse_error *error);

/* Roll back what is not committed and let others write. Does nothing without the lock. */
void fse_store_unlock(fse_store *store);

/* Whether another handle is the writer right now, and who that is (zeroed if none). */
fse_status fse_store_writer(fse_store *store, bool *held, fse_lock_holder *holder,
                            fse_error *error);

/* ---- Transactions ---- */

/*
 * All that is read from here to fse_store_release() is from one moment, whatever is written
 * meanwhile. Keep it short: a store cannot give back space while someone looks at its past.
 * Without it, each call sees one moment of its own. FSE_EINVAL inside a batch or a snapshot.
 */
fse_status fse_store_snapshot(fse_store *store, fse_error *error);
void fse_store_release(fse_store *store);

/*
 * A batch of changes: all of it is there after fse_store_commit(), nothing of it before. What is
 * committed survives the death of the process, and power loss as far as the disk keeps its word.
 * Reading within a batch sees its changes. After a failure within a batch the only valid calls are
 * fse_store_rollback() and those that roll back; the store is then as before the batch.
 */
fse_status fse_store_begin(fse_store *store, fse_error *error);
/* On failure nothing of the batch was kept, and the batch is over. */
fse_status fse_store_commit(fse_store *store, fse_error *error);
/* Does nothing outside a batch. */
void fse_store_rollback(fse_store *store);

/* ---- Contracts and profiles ---- */

/* An embedding space; see "contract" in the documentation. Several live side by side. */
typedef struct fse_store_contract {
    int64_t id;
    char contract[FSE_SHA256_HEX]; /* 64 hex digits */
    const char *model;             /* name of the pack */
    int dim;                       /* numbers in an embedding, 1..65535 */
    int64_t last_face;             /* highest id of a face with an embedding; 0: there is none */
    int64_t faces;                 /* how many faces have an embedding */
    int64_t removals;              /* how many embeddings were ever removed: unchanged means that
                                      all faces read before are still there */
} fse_store_contract;

/*
 * Make sure of a contract, in a batch: sets contract->id by contract->contract; model and dim are
 * stored if it is new. FSE_EINVAL if it is there with another dim, or is not 64 lower-case digits.
 */
fse_status fse_store_add_contract(fse_store *store, fse_store_contract *contract, fse_error *error);

/* contract is valid during the call. A status but FSE_OK ends the visits, and is returned. */
typedef fse_status (*fse_store_visit_contract)(void *user, const fse_store_contract *contract,
                                               fse_error *error);

/* All contracts, in the order of their ids. No call on the store within visit. */
fse_status fse_store_contracts(fse_store *store, fse_store_visit_contract visit, void *user,
                               fse_error *error);

/* A contract by its 64 digits; *id = 0 if the store has none. */
fse_status fse_store_find_contract(fse_store *store, const char *contract, int64_t *id,
                                   fse_error *error);

/* How a photo was looked at. Two are equal if all fields are. */
typedef struct fse_store_profile {
    int min_face;          /* pixels */
    int detect_size;       /* 0: several views */
    const char *precision; /* as fse_engine_info says */
    const char *runtime;   /* name and version of the inference runtime */
    const char *software;  /* versions of facesearch and of the decoder: whether a newer one might
                              read what this one could not */
} fse_store_profile;

typedef fse_status (*fse_store_visit_profile)(void *user, const fse_store_profile *profile,
                                              uint64_t contents, fse_error *error);

/* The profiles under which contents were analysed with success, and how many were by each. */
fse_status fse_store_profiles(fse_store *store, int64_t contract, fse_store_visit_profile visit,
                              void *user, fse_error *error);

/* ---- Contents and their analysis ---- */

/* What is known of a content under a contract. */
typedef struct fse_store_known {
    int64_t content;                  /* its id; 0: not known, and all else is 0 */
    bool analysed;                    /* under the contract, with success or not */
    fse_status status;                /* FSE_OK, or why the analysis failed */
    int faces;                        /* found in it */
    const fse_store_profile *profile; /* NULL if not analysed; valid as long as the handle */
} fse_store_known;

/*
 * Look up count contents by their digests, FSE_SHA256_BYTES of each, one after another: known[i]
 * tells about the i-th. contract may be 0.
 */
fse_status fse_store_find_contents(fse_store *store, int64_t contract, const uint8_t *sha256,
                                   size_t count, fse_store_known *known, fse_error *error);

/* What an analysis was. */
typedef struct fse_store_analysis {
    int64_t contract;
    fse_store_profile profile;
    uint64_t bytes; /* size of the file */
} fse_store_analysis;

/*
 * Keep an analysed photo, in a batch: its content, analysis, faces and embeddings. If the content
 * is analysed under that contract and an equal profile already, with success, nothing changes (a
 * copy of it was done at the same time); any other analysis of it under that contract is replaced,
 * and its faces get new ids. Faces that overlap one which fse_store_forget_face() removed are kept
 * without their embedding.
 * FSE_EINVAL if photo->dim is not the contract's.
 */
fse_status fse_store_put_photo(fse_store *store, const fse_store_analysis *analysis,
                               const fse_photo *photo, fse_error *error);

/*
 * Keep that a content, whose bytes could be read, could not be analysed: status is not FSE_OK. What
 * was known of it under that contract is replaced. (A file whose bytes are not known has a refused
 * path instead.)
 */
fse_status fse_store_put_failure(fse_store *store, const fse_store_analysis *analysis,
                                 const uint8_t sha256[FSE_SHA256_BYTES], fse_status failure,
                                 const char *reason, fse_error *error);

/* Remove the contents, in a batch, that no path refers to, with their faces. Counts may be NULL. */
fse_status fse_store_drop_orphans(fse_store *store, uint64_t *contents, uint64_t *faces,
                                  fse_error *error);

/* ---- Paths ---- */

typedef enum fse_path_state {
    FSE_PATH_INDEXED = 0, /* refers to a content */
    FSE_PATH_REFUSED = 1, /* no content: status, reason and software say why */
    FSE_PATH_REMOVED = 2  /* no content: a person had it removed and does not want it back */
} fse_path_state;

typedef struct fse_store_path {
    const char *path; /* below the folder, without a slash at either end; any bytes but NUL */
    uint64_t size;    /* of the file as last seen; what tells that it has not changed since: */
    int64_t mtime;    /* nanoseconds since 1970 */
    uint64_t device, inode;
    fse_path_state state;
    fse_status status;                /* FSE_PATH_REFUSED: why; else FSE_OK */
    const char *reason;               /* the same in words; else "" */
    const char *software;             /* the versions that refused it; else "" */
    uint8_t sha256[FSE_SHA256_BYTES]; /* of its content; else zeros */

    /* Set when read, ignored by fse_store_put_path(). */
    fse_store_known known;    /* its content, under the contract that was asked about */
    const char *known_reason; /* why that analysis failed; else "" */
    int64_t taken;            /* of its content: EXIF date, or FSE_NO_TIME */
    int width, height;
    bool damaged;
} fse_store_path;

/*
 * Keep a path, new or changed, in a batch. The content of an indexed one must be there: put the
 * photo first. FSE_EINVAL if it is not, or if the state does not fit the rest.
 */
fse_status fse_store_put_path(fse_store *store, const fse_store_path *path, fse_error *error);

/* Remove a path, in a batch; its content stays. *removed (may be NULL): whether it was there. */
fse_status fse_store_remove_path(fse_store *store, const char *path, bool *removed,
                                 fse_error *error);

/* The same for all paths below a folder, "" for all. *removed (may be NULL): how many. */
fse_status fse_store_remove_folder(fse_store *store, const char *folder, uint64_t *removed,
                                   fse_error *error);

/* One path, or *entry = NULL; valid until the next call on the store. contract may be 0. */
fse_status fse_store_find_path(fse_store *store, int64_t contract, const char *path,
                               const fse_store_path **entry, fse_error *error);

typedef struct fse_store_paths_options {
    int64_t contract;   /* fills in fse_store_path.known; 0: only its content */
    const char *folder; /* only what is below it; NULL or "": everything */
    bool trouble;       /* only what is refused or removed, whose analysis failed, or is damaged */
} fse_store_paths_options;

typedef struct fse_store_cursor fse_store_cursor;

/*
 * Go through the paths, in the order of their bytes as strcmp() has it. Cheap for millions: a part
 * at a time is held in memory, and no snapshot is held, so changes may be made meanwhile, by this
 * handle too: those behind the cursor are not seen, those ahead of it may be.
 * On success *cursor is the caller's, to close before the store; on failure it is NULL.
 */
fse_status fse_store_paths(fse_store *store, const fse_store_paths_options *options,
                           fse_store_cursor **cursor, fse_error *error);

/* The next path, or *entry = NULL after the last; valid until the next call on the cursor. */
fse_status fse_store_next(fse_store_cursor *cursor, const fse_store_path **entry, fse_error *error);

/* Close and set *cursor to NULL. NULL and *cursor == NULL do nothing. */
void fse_store_cursor_close(fse_store_cursor **cursor);

/* entry is valid during the call. A status but FSE_OK ends the visits, and is returned. */
typedef fse_status (*fse_store_visit_path)(void *user, const fse_store_path *entry,
                                           fse_error *error);

/*
 * All paths of some contents: content after content as given, each one's paths in the order of
 * their bytes. No call on the store within visit.
 */
fse_status fse_store_paths_of(fse_store *store, int64_t contract, const int64_t *contents,
                              size_t count, fse_store_visit_path visit, void *user,
                              fse_error *error);

/* ---- Faces ---- */

typedef struct fse_store_face {
    int64_t id, content, contract;
    int number;             /* in its photo */
    int64_t taken;          /* of the content: EXIF date, or FSE_NO_TIME */
    bool removed;           /* by fse_store_forget_face(): there is no embedding */
    fse_face face;          /* its embedding is NULL: see vector */
    int dim;                /* numbers in vector; 0: none */
    const uint16_t *vector; /* the canonical embedding, dim IEEE 754 binary16 numbers; NULL: none */
} fse_store_face;

/* face is valid during the call. A status but FSE_OK ends the visits, and is returned. */
typedef fse_status (*fse_store_visit_face)(void *user, const fse_store_face *face,
                                           fse_error *error);

/*
 * All faces of a contract that have an embedding and an id above `after`, in the order of the ids.
 * Only id, content, contract, number, taken, dim, vector and of face its box, size and score are
 * filled in.
 * No call on the store within visit.
 */
fse_status fse_store_vectors(fse_store *store, int64_t contract, int64_t after,
                             fse_store_visit_face visit, void *user, fse_error *error);

/*
 * The ids of the same faces, in the same order, count at most of them: cheap, for finding out which
 * were removed. *count: room in ids, then how many there are in it; less than the room at the end.
 */
fse_status fse_store_face_ids(fse_store *store, int64_t contract, int64_t after, int64_t *ids,
                              size_t *count, fse_error *error);

/* Faces by id, in the order given; none for those gone. No call on the store within visit. */
fse_status fse_store_faces(fse_store *store, const int64_t *ids, size_t count,
                           fse_store_visit_face visit, void *user, fse_error *error);

/* The faces of a content under a contract, by number. No call on the store within visit. */
fse_status fse_store_faces_of(fse_store *store, int64_t contract, int64_t content,
                              fse_store_visit_face visit, void *user, fse_error *error);

/* ---- Figures and settings ---- */

typedef struct fse_store_counts {
    uint64_t paths;    /* all of them */
    uint64_t photos;   /* paths whose content was analysed under the contract */
    uint64_t faces;    /* in these, those of a copy counted again */
    uint64_t contents; /* contents analysed under the contract */
    uint64_t damaged;  /* photos of which only a part could be read; in photos too */
    uint64_t pending;  /* paths whose content was not analysed under the contract yet */
    uint64_t skipped;  /* paths that are refused, or whose analysis failed */
    uint64_t removed;  /* paths that a person had removed */
} fse_store_counts;

fse_status fse_store_count(fse_store *store, int64_t contract, fse_store_counts *counts,
                           fse_error *error);

/*
 * Settings are strings by name, for what the parts above want to remember of a folder.
 * *value: to free(); NULL if there is none of that name.
 */
fse_status fse_store_get_setting(fse_store *store, const char *name, char **value,
                                 fse_error *error);
/* In a batch. value NULL: remove it. */
fse_status fse_store_put_setting(fse_store *store, const char *name, const char *value,
                                 fse_error *error);

/* ---- Forgetting ---- */

/*
 * Remove a face's embedding, in a batch, and that of the same face under other contracts: each of
 * the same content whose box overlaps by half (intersection over union). It stays removed when the
 * photo is analysed again or comes back: that is kept by content digest and box.
 * FSE_ENOENT if there is no such face; like any failure it ends the batch.
 */
fse_status fse_store_forget_face(fse_store *store, int64_t face, fse_error *error);

/* Remove a contract, in a batch, with all analyses and faces under it; its id is not used again. */
fse_status fse_store_forget_contract(fse_store *store, int64_t contract, fse_error *error);

/* Remove everything, in a batch: settings too, and what was kept of faces that were forgotten. */
fse_status fse_store_forget_all(fse_store *store, fse_error *error);

/*
 * Make sure that what was removed cannot be read from the store's files any more; outside a batch,
 * as the writer. To be called after forgetting. Takes as long as writing the store anew, and as
 * much space again. FSE_ELOCKED if a reader still sees what was removed: try again later.
 */
fse_status fse_store_scrub(fse_store *store, fse_error *error);

#endif
