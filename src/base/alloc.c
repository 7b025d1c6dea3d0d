/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *fse_alloc(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return count * size == 0 ? calloc(1, 1) : calloc(count, size);
}

char *fse_strdup(const char *text)
{
    const size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

fse_status fse_grow(void *array, size_t *capacity, size_t count, size_t size, fse_error *error)
{
    if (count < *capacity)
        return FSE_OK;
    const size_t wanted = *capacity < 8 ? 8 : *capacity + *capacity / 2;
    void *old;
    memcpy(&old, array, sizeof old);
    void *bigger = wanted > SIZE_MAX / size ? NULL : realloc(old, wanted * size);
    if (!bigger)
        return fse_fail_memory(error);
    memcpy(array, &bigger, sizeof bigger);
    *capacity = wanted;
    return FSE_OK;
}

static fse_status reserve(fse_buffer *buffer, size_t more, fse_error *error)
{
    if (more >= SIZE_MAX / 2 - buffer->size)
        return fse_fail_memory(error);
    const size_t needed = buffer->size + more + 1;
    if (needed <= buffer->capacity)
        return FSE_OK;
    const size_t capacity = needed < 2 * buffer->capacity ? 2 * buffer->capacity : needed;
    char *data = realloc(buffer->data, capacity);
    if (!data)
        return fse_fail_memory(error);
    buffer->data = data;
    buffer->capacity = capacity;
    return FSE_OK;
}

fse_status fse_buffer_add(fse_buffer *buffer, const void *bytes, size_t size, fse_error *error)
{
    const fse_status status = reserve(buffer, size, error);
    if (status != FSE_OK)
        return status;
    if (size)
        memcpy(buffer->data + buffer->size, bytes, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
    return FSE_OK;
}

fse_status fse_buffer_format(fse_buffer *buffer, fse_error *error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    fse_status status = length < 0 ? fse_fail(error, FSE_EINTERNAL, NULL, "bad format")
                                   : reserve(buffer, (size_t)length, error);
    if (status == FSE_OK) {
        vsnprintf(buffer->data + buffer->size, (size_t)length + 1, format, again);
        buffer->size += (size_t)length;
    }
    va_end(again);
    return status;
}
