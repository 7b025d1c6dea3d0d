/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Globs that choose photos and folders by name.
 *
 *     *       any characters but a slash          [a-z]   one of these characters, not a slash
 *     **      any characters, slashes too         [!a-z]  one character that is none of these
 *     ?       one character but a slash           \*      the character itself
 *
 * Between slashes, "**" also stands for no folder at all. A glob without a slash is matched with the
 * name at any depth; one with a slash with the whole path below the folder, and a leading slash only
 * says so. A trailing slash: only folders. A character is one of UTF-8, or one byte where the name
 * is none. Letters of different case differ.
 */
#ifndef FSE_INDEX_GLOB_H
#define FSE_INDEX_GLOB_H

#include <stdbool.h>

#include "base/error.h"

typedef struct fse_globs fse_globs;

/*
 * Check and copy some globs. what names them in errors: "include", "exclude". folders: whether they
 * will be matched with folders. *globs is for fse_globs_free(). Errors: FSE_EINVAL (an empty glob,
 * an open bracket, a lone backslash at the end, only for folders where there are none), FSE_ENOMEM.
 */
fse_status fse_globs_new(const char *const *patterns, size_t count, const char *what,
                         bool folders, fse_globs **globs, fse_error *error);

void fse_globs_free(fse_globs **globs);

/* Whether one of the globs matches; false for NULL or no globs. path: below the folder walked. */
bool fse_globs_match(const fse_globs *globs, const char *path, bool is_folder);

#endif
