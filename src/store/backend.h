/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a store is made of: a backend implements this table. The front (store.c) has checked the
 * arguments and the order of the calls, so a backend need not; see store.h for what each must do.
 */
#ifndef FSE_STORE_BACKEND_H
#define FSE_STORE_BACKEND_H

#include "base/arena.h"
#include "store/store.h"

/* A part of the paths: those after a path, in order, at most limit. */
typedef struct fse_store_page {
    const fse_store_paths_options *options;
    const char *after; /* "": from the start */
    size_t limit;
} fse_store_page;

typedef struct fse_store_backend {
    const char *scheme; /* of URLs, without the colon */

    /* location: the URL after the scheme. *store is a structure that begins with an fse_store. */
    fse_status (*open)(const char *location, fse_store_mode mode, fse_store **store,
                       fse_error *error);
    void (*close)(fse_store *store); /* frees it too; not locked, not in a batch or snapshot */
    fse_status (*describe)(fse_store *store, fse_store_info *info, fse_error *error);

    fse_status (*lock)(fse_store *store, fse_lock_holder *holder, fse_error *error); /* at once */
    void (*unlock)(fse_store *store);
    fse_status (*writer)(fse_store *store, bool *held, fse_lock_holder *holder, fse_error *error);

    fse_status (*snapshot)(fse_store *store, fse_error *error);
    void (*release)(fse_store *store);
    fse_status (*begin)(fse_store *store, fse_error *error);
    fse_status (*commit)(fse_store *store, fse_error *error); /* rolls back if it fails */
    void (*rollback)(fse_store *store);

    fse_status (*add_contract)(fse_store *, fse_store_contract *, fse_error *);
    fse_status (*contracts)(fse_store *, fse_store_visit_contract, void *, fse_error *);
    fse_status (*find_contract)(fse_store *, const char *, int64_t *, fse_error *);
    fse_status (*profiles)(fse_store *, int64_t, fse_store_visit_profile, void *, fse_error *);

    fse_status (*find_contents)(fse_store *, int64_t, const uint8_t *, size_t, fse_store_known *,
                                fse_error *);
    fse_status (*put_photo)(fse_store *, const fse_store_analysis *, const fse_photo *,
                            fse_error *);
    fse_status (*put_failure)(fse_store *, const fse_store_analysis *, const uint8_t *, fse_status,
                              const char *, fse_error *);
    fse_status (*drop_orphans)(fse_store *, uint64_t *, uint64_t *, fse_error *);

    fse_status (*put_path)(fse_store *, const fse_store_path *, fse_error *);
    fse_status (*remove_path)(fse_store *, const char *, bool *, fse_error *);
    fse_status (*remove_folder)(fse_store *, const char *, uint64_t *, fse_error *);
    fse_status (*find_path)(fse_store *, int64_t, const char *, fse_store_visit_path, void *,
                            fse_error *); /* visits one or none */
    fse_status (*list_paths)(fse_store *, const fse_store_page *, fse_store_visit_path, void *,
                             fse_error *);
    fse_status (*paths_of)(fse_store *, int64_t, const int64_t *, size_t, fse_store_visit_path,
                           void *, fse_error *);

    fse_status (*vectors)(fse_store *, int64_t, int64_t, fse_store_visit_face, void *, fse_error *);
    fse_status (*face_ids)(fse_store *, int64_t, int64_t, int64_t *, size_t *, fse_error *);
    fse_status (*faces)(fse_store *, const int64_t *, size_t, fse_store_visit_face, void *,
                        fse_error *);
    fse_status (*faces_of)(fse_store *, int64_t, int64_t, fse_store_visit_face, void *,
                           fse_error *);

    fse_status (*count)(fse_store *, int64_t, fse_store_counts *, fse_error *);
    fse_status (*get_setting)(fse_store *, const char *, char **, fse_error *);
    fse_status (*put_setting)(fse_store *, const char *, const char *, fse_error *);

    fse_status (*forget_face)(fse_store *, int64_t, fse_error *);
    fse_status (*forget_contract)(fse_store *, int64_t, fse_error *);
    fse_status (*forget_all)(fse_store *, fse_error *);
    fse_status (*scrub)(fse_store *, fse_error *);
} fse_store_backend;

/* Paths with their strings, read from a store. Zero-initialise. */
typedef struct fse_store_entries {
    fse_store_path *entries;
    size_t count, capacity;
    fse_arena strings;
} fse_store_entries;

/* An fse_store_visit_path: keeps a copy of the entry in the fse_store_entries that is its user. */
fse_status fse_store_keep_entry(void *user, const fse_store_path *entry, fse_error *error);
void fse_store_entries_clear(fse_store_entries *kept); /* keeps the array for the next ones */
void fse_store_entries_free(fse_store_entries *kept);

struct fse_store {
    const fse_store_backend *backend; /* this and the rest: set by the front */
    fse_store_mode mode;
    bool locked, in_batch, in_snapshot;
    bool failed;             /* in this batch */
    fse_store_entries found; /* by fse_store_find_path() */
};

extern const fse_store_backend fse_store_sqlite;

#endif
