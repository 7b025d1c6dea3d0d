/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The vector file: what a search scans, as a projection of the database that can be thrown away and
 * made anew at any time. docs/vectors.md specifies the bytes.
 *
 * FSE_ECORRUPT of any function here means: make the file anew from the database. Bytes that were
 * published never change and the file never gets shorter, so a reader is never in the way of the
 * writer: it sees the state of when it opened the file, also while rows are appended and after a new
 * file took the place of this one.
 *
 * Should others make the file shorter while it is open:
 *   FSE_VECTORS_READ  all is read with pread(), into buffers of the threads. The search ends with
 *                     FSE_ECORRUPT. The process is safe in any case, from failing disks too. One query
 *                     over 1 M x 512 costs about 10 ms more on two threads.
 *   FSE_VECTORS_MAP   the file is mapped. Its length is checked before every 256 KB that are read;
 *                     a search ends with FSE_ECORRUPT if it is too short. Being cut within the tens of
 *                     microseconds between a check and the reading ends the process with SIGBUS, and
 *                     so does a disk that fails. For files that nobody else touches.
 */
#ifndef FSE_SEARCH_VECTORS_H
#define FSE_SEARCH_VECTORS_H

#include "search/scan.h"

typedef struct fse_vectors fse_vectors;

typedef enum fse_vectors_access { FSE_VECTORS_READ, FSE_VECTORS_MAP } fse_vectors_access;

typedef struct fse_vectors_state {
    uint64_t generation; /* as given when it was published: what state of the database this is */
    uint64_t rows;       /* with removed ones */
    uint64_t removed;
    uint64_t segments;
    uint64_t bytes;
    bool is_worn; /* a new file would be worth its while: much was removed, or segments are small */
} fse_vectors_state;

/*
 * Open a vector file of a contract (64 hex digits) and dim. Checked are the headers and all sizes,
 * not the checksums of the rows: see fse_vectors_verify(). *vectors is for fse_vectors_close(), and
 * for any number of threads. Errors: FSE_ENOENT, FSE_EACCES, FSE_EIO, FSE_ECORRUPT (damaged, of
 * another version or contract), FSE_ENOMEM.
 */
fse_status fse_vectors_open(const char *path, const char *contract, size_t dim,
                            fse_vectors_access access, fse_vectors **vectors, fse_error *error);

void fse_vectors_close(fse_vectors **vectors);

fse_vectors_state fse_vectors_describe(const fse_vectors *vectors);

/* For fse_scan_rows(); as long as vectors is open. */
const fse_rows *fse_vectors_rows(const fse_vectors *vectors);

/* What is known of a row's face. */
const fse_face_facts *fse_vectors_facts(const fse_vectors *vectors, size_t row);

/* Compare all checksums; reads the whole file. FSE_ECORRUPT names the first part that is wrong. */
fse_status fse_vectors_verify(const fse_vectors *vectors, fse_error *error);

/* ---- Writing. One writer at a time: who writes holds the database's lock for writing. ---- */

typedef struct fse_vectors_writer fse_vectors_writer;

/*
 * Begin a new file, which takes the place of the one at path when it is published; until then it
 * has the name path with ".new" behind it. *writer is for fse_vectors_writer_free().
 * Errors: FSE_EIO (also: somebody else is writing it), FSE_EACCES, FSE_ENOENT, FSE_ENOMEM.
 */
fse_status fse_vectors_create(const char *path, const char *contract, size_t dim,
                              fse_vectors_writer **writer, fse_error *error);

/* Begin to extend the file at path. Errors: those of open and create. */
fse_status fse_vectors_append(const char *path, const char *contract, size_t dim,
                              fse_vectors_writer **writer, fse_error *error);

/*
 * Add a face with its canonical embedding of dim float16 numbers. Rows are numbered in the order
 * in which they are added. Errors: FSE_EFACE (no canonical embedding), FSE_EIO, FSE_ENOMEM.
 */
fse_status fse_vectors_add(fse_vectors_writer *writer, const fse_face_facts *facts,
                           const uint16_t *halves, fse_error *error);

/* Take a row out of all later searches. FSE_EINVAL: there is no such row. */
fse_status fse_vectors_remove(fse_vectors_writer *writer, uint64_t row, fse_error *error);

/*
 * Let readers see what was added and removed: all of it or, if the system goes down, nothing. The
 * writer can go on. generation is for the caller's use.
 */
fse_status fse_vectors_publish(fse_vectors_writer *writer, uint64_t generation, fse_error *error);

/* End writing; what was not published is as if it had never been. */
void fse_vectors_writer_free(fse_vectors_writer **writer);

#endif
