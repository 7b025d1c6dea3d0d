/* SPDX-License-Identifier: Apache-2.0 */
/* Some photos, analysed several at once and given out in their order. */
#ifndef FSE_CLI_PHOTOS_H
#define FSE_CLI_PHOTOS_H

#include "common.h"

/* A photo, or NULL and why not. Called from the calling thread. Return true to stop. */
typedef bool (*fse_on_photo)(void *user, const char *path, const fse_photo *photo,
                             const fse_error *error);

/*
 * Analyse each of the paths ("-" is standard input) and give it to on_photo, in their order.
 * Returns 0, or FSE_EXIT_INTERRUPTED.
 */
int fse_each_photo(fse_engine *engine, fse_common *common, const char *const *paths, size_t count,
                   fse_on_photo on_photo, void *user);

/* What to say of a path that is a folder; NULL if it is none. */
const char *fse_folder_hint(const char *path);

#endif
