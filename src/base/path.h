/* SPDX-License-Identifier: Apache-2.0 */
/* Paths and files. A path is any bytes but NUL; nothing here assumes UTF-8. */
#ifndef FSE_BASE_PATH_H
#define FSE_BASE_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* folder and name with one slash between them, to free(); name alone if folder is "". NULL: no memory. */
char *fse_path_join(const char *folder, const char *name);

/* The part after the last slash; the path itself if there is none. Points into path. */
const char *fse_path_name(const char *path);

bool fse_path_is_folder(const char *path);

/*
 * The user's data folder of facesearch: $XDG_DATA_HOME/facesearch, else
 * ~/.local/share/facesearch. To free(). FSE_ENOENT if neither variable nor home folder is set.
 */
fse_status fse_path_user_data(char **path, fse_error *error);

/* The folder of the running program, to free(). */
fse_status fse_path_program_folder(char **path, fse_error *error);

/*
 * Open a regular file for reading. Never blocks on a FIFO, never opens a device.
 * FSE_EIMAGE says what it is if it is no regular file. *fd is the caller's to close; -1 on failure.
 */
fse_status fse_open_regular(const char *path, int *fd, uint64_t *size, fse_error *error);

/* Read a whole file of at most max bytes into memory, NUL-terminated, to free(). FSE_ELIMIT over max. */
fse_status fse_read_file(const char *path, uint64_t max, char **data, size_t *size,
                         fse_error *error);

#endif
