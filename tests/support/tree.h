/* SPDX-License-Identifier: Apache-2.0 */
/* Folders and files for a test, below a temporary folder. Failures end the test. */
#ifndef FSE_TESTS_TREE_H
#define FSE_TESTS_TREE_H

#include <stddef.h>

/* A new folder below $TMPDIR, else /tmp; to free() after tree_remove(). */
char *tree_new(void);

/* Remove the folder and all below it, however deep and whatever its permissions. */
void tree_remove(const char *root);

/* root/path, to free(). */
char *tree_path(const char *root, const char *path);

/* Make the folder root/path and those above it. */
void tree_folder(const char *root, const char *path);

/* Write the file root/path and make the folders above it. */
void tree_write(const char *root, const char *path, const void *bytes, size_t size);

/* Make the link root/path to target. */
void tree_link(const char *root, const char *path, const char *target);

#endif
