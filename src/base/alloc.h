/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation with overflow checks, growing arrays, and a growing byte buffer. */
#ifndef FSE_BASE_ALLOC_H
#define FSE_BASE_ALLOC_H

#include <stddef.h>

#include "base/error.h"

#define FSE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* count * size zeroed bytes (at least one), or NULL; also where the product overflows. */
void *fse_alloc(size_t count, size_t size);

/* A copy of a string, or NULL. */
char *fse_strdup(const char *text);

/*
 * Make room for one more element in an array of *capacity elements of size bytes, of which count
 * are used: FSE_ENOMEM leaves it as it is. *array is a pointer to the array's pointer.
 */
fse_status fse_grow(void *array, size_t *capacity, size_t count, size_t size, fse_error *error);

/* Bytes that grow, always NUL-terminated once anything was added. Zero-initialise; free() data. */
typedef struct fse_buffer {
    char *data;
    size_t size; /* without the NUL */
    size_t capacity;
} fse_buffer;

fse_status fse_buffer_add(fse_buffer *buffer, const void *bytes, size_t size, fse_error *error);
fse_status fse_buffer_format(fse_buffer *buffer, fse_error *error, const char *format, ...)
    FSE_PRINTF(3, 4);

#endif
