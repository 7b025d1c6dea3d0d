/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder and all below it, as photos and other files.
 *
 * Left out: names that start with a dot, folders named "@eaDir" (thumbnails of a Synology NAS), and
 * folders below that hold a ".nomedia". Links to files are followed, links to folders are not.
 * Nothing but regular files is ever opened, and no file whose name says that it is a photo.
 */
#ifndef FSE_INDEX_WALK_H
#define FSE_INDEX_WALK_H

#include <stdint.h>

#include "index/glob.h"

typedef enum fse_walk_kind {
    FSE_WALK_PHOTO,  /* a regular file with an image's signature or a photo's extension */
    FSE_WALK_OTHER,  /* a file that is neither */
    FSE_WALK_SKIPPED /* cannot be read: a folder, or what a photo's extension promised */
} fse_walk_kind;

typedef struct fse_walk_entry {
    const char *path; /* below the folder; any bytes but NUL; of any length */
    fse_walk_kind kind;
    const char *reason; /* FSE_WALK_SKIPPED: why; else NULL */
    uint64_t size;      /* bytes; this and what follows is 0 where it could not be had */
    int64_t mtime;      /* nanoseconds since 1970 */
    uint64_t device, inode;
} fse_walk_entry;

/* entry is valid during the call. Any status but FSE_OK ends the walk, which returns it. */
typedef fse_status (*fse_walk_visit)(void *user, const fse_walk_entry *entry, fse_error *error);

typedef struct fse_walk_options {
    const fse_globs *include;   /* files that match none are left out; NULL: none is */
    const fse_globs *exclude;   /* files and folders that match one are left out; may be NULL */
    fse_walk_visit visit;
    bool (*cancel)(void *user); /* asked for each name; may be NULL. true: FSE_ECANCELLED */
    void *user;                 /* for visit and cancel */
} fse_walk_options;

/*
 * Visit all below a folder, in the order of the paths' bytes: that of strcmp() on whole paths. A
 * skipped folder comes where its contents would.
 * Memory: the names of one folder for each level; at most 64 open descriptors.
 * Errors: FSE_ENOENT (missing, or no folder), FSE_EACCES, FSE_EIO, FSE_ECANCELLED, FSE_ENOMEM, and
 * those of visit. What is wrong below the folder is an entry, never an error.
 */
fse_status fse_walk(const char *folder, const fse_walk_options *options, fse_error *error);

/*
 * Open the regular file path (folder joined with the path that was visited), as fse_open_regular()
 * does, but of any length.
 */
fse_status fse_walk_open(const char *path, int *fd, uint64_t *size, fse_error *error);

#endif
