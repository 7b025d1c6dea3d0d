/* SPDX-License-Identifier: Apache-2.0 */
/* Folders that the program writes to: apart from the photos, and never left through a link. */
#ifndef FSE_CLI_FOLDERS_H
#define FSE_CLI_FOLDERS_H

#include "findings.h"

/*
 * Whether path, which need not exist yet, is folder or lies below it; links are followed. -1: it
 * cannot be told, because path goes through a broken link or a ".." below something missing.
 */
int fse_is_inside(const char *path, const char *folder);

/* A folder that takes copies of photos below the names that they have in theirs. */
typedef struct fse_collection fse_collection;

/*
 * Make the folder if it is missing. targets: the searched folders, NULL with count 0: photos are
 * collected under their plain names. Returns 0 or an exit status, with the failure said.
 */
int fse_collection_open(fse_console *console, const char *folder, const fse_list *targets,
                        fse_collection **collection);

void fse_collection_close(fse_collection **collection);

/* Whether there was no room, or no right, for anything: no use to go on. */
bool fse_collection_is_full(const fse_collection *collection);

/*
 * What to put there. A file of that name that holds the same is left, anything else too: the new
 * one then gets a number, as in "photo-2.jpg". Return 0, FSE_EXIT_SKIPPED if the photo cannot be
 * read any more, or FSE_EXIT_FAILED, with the failure said.
 */
int fse_collect_copy(fse_collection *collection, const char *path);
int fse_collect_link(fse_collection *collection, const char *path);
/* JPEG bytes, under the photo's name with .jpg at its end. Readable by the owner only. */
int fse_collect_jpeg(fse_collection *collection, const char *path, const void *bytes, size_t size);

#endif
