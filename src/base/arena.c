/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

/* Some hundred paths; a longer string gets a block of its own size. */
#define BLOCK_BYTES 65000

struct fse_arena_block {
    struct fse_arena_block *before;
    size_t size, capacity;
    char data[];
};

static struct fse_arena_block *add_block(fse_arena *arena, size_t needed)
{
    const size_t capacity = needed > BLOCK_BYTES ? needed : BLOCK_BYTES;
    struct fse_arena_block *block = malloc(sizeof *block + capacity);
    if (!block)
        return NULL;
    *block = (struct fse_arena_block){.before = arena->last, .capacity = capacity};
    arena->last = block;
    return block;
}

const char *fse_arena_copy(fse_arena *arena, const char *text)
{
    const size_t size = strlen(text) + 1;
    struct fse_arena_block *block = arena->last;
    if (!block || block->capacity - block->size < size)
        block = add_block(arena, size);
    if (!block)
        return NULL;
    char *copy = memcpy(block->data + block->size, text, size);
    block->size += size;
    return copy;
}

void fse_arena_free(fse_arena *arena)
{
    while (arena->last) {
        struct fse_arena_block *block = arena->last;
        arena->last = block->before;
        free(block);
    }
}
