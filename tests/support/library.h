/* SPDX-License-Identifier: Apache-2.0 */
/* Stores with made-up photos for tests. Failures end the test. */
#ifndef FSE_TESTS_LIBRARY_H
#define FSE_TESTS_LIBRARY_H

#include "store/store.h"

/* A test's own folder, with the path of a store in it. */
typedef struct library {
    char folder[64];
    char db[96];
    fse_error error;
    fse_store *store; /* closed by library_leave() */
} library;

/* For cmocka: set-up and tear-down; *state is a library *. */
int library_enter(void **state);
int library_leave(void **state);

/* The call succeeds, or the test fails with the error's message. */
#define OK(l, call) library_ok(l, call, #call, __FILE__, __LINE__)
void library_ok(library *l, fse_status status, const char *call, const char *file, int line);

/* The call fails with this status, and its message contains the text. */
#define FAILS(l, expected, text, call)                                                             \
    library_fails(l, expected, text, call, #call, __FILE__, __LINE__)
void library_fails(library *l, fse_status expected, const char *text, fse_status status,
                   const char *call, const char *file, int line);

/* Open l->store and become the writer. */
void library_create(library *l);

/* A contract of its own for each letter; in a batch of its own. */
int64_t library_contract(library *l, char letter, int dim);

/* A profile that differs with min_face only. */
fse_store_profile library_profile(int min_face);

/* The digest that stands for a photo's bytes. */
void library_sha256(uint64_t seed, uint8_t sha256[FSE_SHA256_BYTES]);

/* A photo with random faces that depend on the seed alone; to free(). */
fse_photo *library_photo(uint64_t seed, size_t faces, int dim);

/* The path entry of a file with that photo. */
fse_store_path library_path(const char *path, uint64_t seed);

/* Put the photo and its path, in a batch that is under way. */
void library_put(library *l, int64_t contract, const char *path, uint64_t seed, size_t faces,
                 int dim);

/* All of a file, NUL-terminated, to free(). Not of a database that this process has open. */
char *library_read(const char *path, size_t *size);
void library_write(const char *path, const void *bytes, size_t size);

/* Whether the bytes are somewhere in the store's files, log and all. */
bool library_contains(const library *l, const void *bytes, size_t size);

/* PRAGMA integrity_check and foreign_key_check find nothing. The store is not open here. */
void library_check_sound(const char *db);

/* Run SQL on the database, past the store. */
void library_sql(const char *db, const char *sql);
int64_t library_sql_int(const char *db, const char *sql);

#endif
