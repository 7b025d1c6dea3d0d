/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"

static void *checked(void *memory)
{
    if (!memory) {
        fputs("facesearch: out of memory\n", stderr);
        exit(FSE_EXIT_FAILED);
    }
    return memory;
}

void *fse_xalloc(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size ? size : 1));
}

char *fse_xstrdup(const char *text)
{
    return checked(strdup(text));
}

char *fse_xformat(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    const int length = vasprintf(&text, format, args);
    va_end(args);
    return checked(length < 0 ? NULL : text);
}

void fse_list_add(fse_list *list, const char *item)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? 2 * list->capacity : 8;
        list->items = checked(realloc(list->items, list->capacity * sizeof *list->items));
    }
    list->items[list->count++] = item;
}

void fse_list_free(fse_list *list)
{
    free(list->items);
    *list = (fse_list){0};
}

void fse_text_add(fse_text *text, const void *bytes, size_t size)
{
    if (size > SIZE_MAX / 4 || text->size > SIZE_MAX / 4)
        checked(NULL);
    const size_t needed = text->size + size + 1;
    if (needed > text->capacity) {
        text->capacity = needed > 2 * text->capacity ? needed : 2 * text->capacity;
        text->data = checked(realloc(text->data, text->capacity));
    }
    if (size)
        memcpy(text->data + text->size, bytes, size);
    text->size += size;
    text->data[text->size] = '\0';
}

void fse_text_string(fse_text *text, const char *string)
{
    fse_text_add(text, string, strlen(string));
}
