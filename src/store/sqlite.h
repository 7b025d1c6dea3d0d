/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the SQLite backend share. docs/database.md specifies what is on disk. */
#ifndef FSE_STORE_SQLITE_H
#define FSE_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/backend.h"
#include "store/sqlite_statements.h"

/* A profile of the library, by its id, once it was met. */
typedef struct fse_sqlite_profile {
    int64_t id; /* -1: the change that made it was undone */
    fse_store_profile profile;
} fse_sqlite_profile;

typedef struct fse_sqlite {
    fse_store base; /* first: the front's */
    sqlite3 *db;
    char *path;      /* absolute, links resolved, as SQLite itself names the files beside it */
    char *lock_path; /* of the writer's lock file */
    fse_lock *lock;
    bool immutable; /* opened on the promise that nothing changes: media that cannot be written */
    sqlite3_stmt *statements[FSE_SQL_COUNT];
    fse_sqlite_profile **profiles; /* pointers: what is given out must not move */
    size_t profile_count, profile_capacity;
    fse_arena strings;  /* of the profiles */
    uint16_t *vector;   /* room for an embedding that is being read or written */
    size_t vector_room; /* numbers */
} fse_sqlite;

/* ---- Errors (sqlite_error.c) ---- */

/* The status and report of the connection's last failure. what: "cannot read the index". */
fse_status fse_sqlite_fail(const fse_sqlite *s, int code, const char *what, fse_error *error);

/* Something is in the database that facesearch would never write. */
fse_status fse_sqlite_corrupt(const fse_sqlite *s, const char *what, fse_error *error);

/* ---- Statements (sqlite_query.c) ---- */

/*
 * A statement under way. Values are bound in the order of its parameters; a failure to bind is kept
 * and reported by the first step. fse_sql_end() is needed however it ends.
 */
typedef struct fse_sql {
    const fse_sqlite *store;
    sqlite3_stmt *statement; /* NULL before fse_sql_start() and after fse_sql_end() */
    int bound, code;
} fse_sql;

/* Prepares the statement the first time. *sql may be ended, never under way. */
fse_status fse_sql_start(fse_sqlite *s, fse_sql_name name, fse_sql *sql, fse_error *error);
void fse_sql_int(fse_sql *sql, int64_t value);
void fse_sql_real(fse_sql *sql, double value); /* NaN is stored as NULL */
void fse_sql_null(fse_sql *sql);
/* Borrowed until fse_sql_end(). */
void fse_sql_blob(fse_sql *sql, const void *bytes, size_t size);
void fse_sql_text(fse_sql *sql, const char *text);
/* The next row. *row = false: there are no more. */
fse_status fse_sql_next(fse_sql *sql, bool *row, fse_error *error);
/* To the end, whatever the rows; then fse_sql_end(). */
fse_status fse_sql_run(fse_sql *sql, fse_error *error);
/* Back to the start with nothing bound, for the next use in a loop. */
void fse_sql_again(fse_sql *sql);
void fse_sql_end(fse_sql *sql);

/* Columns of the row at hand. */
int64_t fse_sql_get_int(const fse_sql *sql, int column);
float fse_sql_get_real(const fse_sql *sql, int column); /* NULL is NaN */
bool fse_sql_is_null(const fse_sql *sql, int column);
const char *fse_sql_get_text(const fse_sql *sql, int column); /* NULL is "" */
/* FSE_ECORRUPT if it does not have that size. */
fse_status fse_sql_get_blob(const fse_sql *sql, int column, void *bytes, size_t size,
                            fse_error *error);

/* SQL without parameters and rows, not worth keeping. */
fse_status fse_sqlite_exec(const fse_sqlite *s, const char *sql, fse_error *error);
/* The first column of its first row. */
fse_status fse_sqlite_exec_int(const fse_sqlite *s, const char *sql, int64_t *value,
                               fse_error *error);

/*
 * Several statements that see one moment: *mine says whether a read transaction was begun for it
 * (there was no batch or snapshot), to give to fse_sqlite_moment_end().
 */
fse_status fse_sqlite_moment(fse_sqlite *s, bool *mine, fse_error *error);
void fse_sqlite_moment_end(fse_sqlite *s, bool mine);

/* ---- Schema (sqlite_schema.c) ---- */

/* Check that the database is ours and of this version; make or update it, if mode may. */
fse_status fse_sqlite_schema(fse_sqlite *s, fse_store_mode mode, fse_error *error);
int fse_sqlite_schema_version(void);

/* ---- Profiles (sqlite_profile.c) ---- */

/* NULL in *profile never happens on FSE_OK. */
fse_status fse_sqlite_profile_by_id(fse_sqlite *s, int64_t id, const fse_store_profile **profile,
                                    fse_error *error);
/* Its id; stored if it is new. */
fse_status fse_sqlite_profile_id(fse_sqlite *s, const fse_store_profile *profile, int64_t *id,
                                 fse_error *error);
/* Ids may be void: look them up anew. Profiles that were given out stay where they are. */
void fse_sqlite_profiles_stale(fse_sqlite *s);
void fse_sqlite_profiles_free(fse_sqlite *s);

/* ---- The backend's functions, by file ---- */

fse_status fse_sqlite_lock_now(fse_sqlite *s, fse_lock_holder *holder, fse_error *error);
fse_status fse_sqlite_room(fse_sqlite *s, size_t numbers, fse_error *error);

/* sqlite_write.c */
fse_status fse_sqlite_add_contract(fse_store *store, fse_store_contract *contract,
                                   fse_error *error);
fse_status fse_sqlite_put_photo(fse_store *store, const fse_store_analysis *analysis,
                                const fse_photo *photo, fse_error *error);
fse_status fse_sqlite_put_failure(fse_store *store, const fse_store_analysis *analysis,
                                  const uint8_t *sha256, fse_status failure, const char *reason,
                                  fse_error *error);
fse_status fse_sqlite_put_path(fse_store *store, const fse_store_path *path, fse_error *error);
fse_status fse_sqlite_remove_path(fse_store *store, const char *path, bool *removed,
                                  fse_error *error);
fse_status fse_sqlite_remove_folder(fse_store *store, const char *folder, uint64_t *removed,
                                    fse_error *error);
fse_status fse_sqlite_put_setting(fse_store *store, const char *name, const char *value,
                                  fse_error *error);

/* sqlite_read.c */
fse_status fse_sqlite_contracts(fse_store *store, fse_store_visit_contract visit, void *user,
                                fse_error *error);
fse_status fse_sqlite_find_contract(fse_store *store, const char *contract, int64_t *id,
                                    fse_error *error);
fse_status fse_sqlite_profiles(fse_store *store, int64_t contract, fse_store_visit_profile visit,
                               void *user, fse_error *error);
fse_status fse_sqlite_find_contents(fse_store *store, int64_t contract, const uint8_t *sha256,
                                    size_t count, fse_store_known *known, fse_error *error);
fse_status fse_sqlite_find_path(fse_store *store, int64_t contract, const char *path,
                                fse_store_visit_path visit, void *user, fse_error *error);
fse_status fse_sqlite_list_paths(fse_store *store, const fse_store_page *page,
                                 fse_store_visit_path visit, void *user, fse_error *error);
fse_status fse_sqlite_paths_of(fse_store *store, int64_t contract, const int64_t *contents,
                               size_t count, fse_store_visit_path visit, void *user,
                               fse_error *error);
fse_status fse_sqlite_count(fse_store *store, int64_t contract, fse_store_counts *counts,
                            fse_error *error);
fse_status fse_sqlite_get_setting(fse_store *store, const char *name, char **value,
                                  fse_error *error);

/* sqlite_faces.c */
fse_status fse_sqlite_vectors(fse_store *store, int64_t contract, int64_t after,
                              fse_store_visit_face visit, void *user, fse_error *error);
fse_status fse_sqlite_face_ids(fse_store *store, int64_t contract, int64_t after, int64_t *ids,
                               size_t *count, fse_error *error);
fse_status fse_sqlite_faces(fse_store *store, const int64_t *ids, size_t count,
                            fse_store_visit_face visit, void *user, fse_error *error);
fse_status fse_sqlite_faces_of(fse_store *store, int64_t contract, int64_t content,
                               fse_store_visit_face visit, void *user, fse_error *error);

/* sqlite_forget.c */
typedef struct fse_sqlite_forgotten { /* boxes of a content's faces that were forgotten */
    float (*boxes)[4];
    size_t count, capacity;
} fse_sqlite_forgotten;

fse_status fse_sqlite_forgotten_boxes(fse_sqlite *s, const uint8_t *sha256,
                                      fse_sqlite_forgotten *forgotten, fse_error *error);
bool fse_sqlite_same_face(const float a[4], const float b[4]);
fse_status fse_sqlite_drop_orphans(fse_store *store, uint64_t *contents, uint64_t *faces,
                                   fse_error *error);
fse_status fse_sqlite_forget_face(fse_store *store, int64_t face, fse_error *error);
fse_status fse_sqlite_forget_contract(fse_store *store, int64_t contract, fse_error *error);
fse_status fse_sqlite_forget_all(fse_store *store, fse_error *error);
fse_status fse_sqlite_scrub(fse_store *store, fse_error *error);

#endif
