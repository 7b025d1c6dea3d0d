/* SPDX-License-Identifier: Apache-2.0 */
/* Strings that are kept until the end, without an allocation for each. */
#ifndef FSE_BASE_ARENA_H
#define FSE_BASE_ARENA_H

#include <stddef.h>

/* Zero-initialise. Not for several threads at once. */
typedef struct fse_arena {
    struct fse_arena_block *last;
} fse_arena;

/* A copy of a string that lives as long as the arena; NULL: no memory. */
const char *fse_arena_copy(fse_arena *arena, const char *text);

/* Free all strings. */
void fse_arena_free(fse_arena *arena);

#endif
