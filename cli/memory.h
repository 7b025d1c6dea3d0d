/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory of the command line program. A program that ran out of it can only say so: these functions
 * never return NULL; they end the program with FSE_EXIT_FAILED.
 */
#ifndef FSE_CLI_MEMORY_H
#define FSE_CLI_MEMORY_H

#include <stddef.h>

/* count * size zeroed bytes, for free(). */
void *fse_xalloc(size_t count, size_t size);

char *fse_xstrdup(const char *text);

/* A printf() into new memory, for free(). */
char *fse_xformat(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Strings that somebody else owns. Zero-initialise; end with fse_list_free(). */
typedef struct fse_list {
    const char **items;
    size_t count, capacity;
} fse_list;

void fse_list_add(fse_list *list, const char *item);
void fse_list_free(fse_list *list);

/* Bytes that grow, NUL-terminated once anything was added. Zero-initialise; free() data. */
typedef struct fse_text {
    char *data;
    size_t size, capacity; /* without and with the NUL */
} fse_text;

void fse_text_add(fse_text *text, const void *bytes, size_t size);
void fse_text_string(fse_text *text, const char *string);

#endif
