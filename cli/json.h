/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (RFC 8259), written as it comes. Values take the key they stand under, or NULL in an array;
 * commas are put where they belong.
 */
#ifndef FSE_CLI_JSON_H
#define FSE_CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "out.h"

#define FSE_JSON_MAX_DEPTH 8

/* Zero-initialise, with out set. */
typedef struct fse_json {
    fse_out *out;
    int depth;
    bool filled[FSE_JSON_MAX_DEPTH]; /* whether the open object or array has a value yet */
    const char *separator;           /* between the next value and the one before; NULL: ", " */
} fse_json;

/* bracket: '{' or '['; closed with '}' or ']'. */
void fse_json_open(fse_json *json, const char *key, char bracket);
void fse_json_close(fse_json *json, char bracket);

/* Text that is not UTF-8 has U+FFFD in place of each stray byte. */
void fse_json_string(fse_json *json, const char *key, const char *text);

/* key: the path; where it is not UTF-8 also key_bytes: its bytes in base64. */
void fse_json_path(fse_json *json, const char *key, const char *path);

/* Seven significant digits; null if not finite. */
void fse_json_number(fse_json *json, const char *key, double value);

void fse_json_integer(fse_json *json, const char *key, int64_t value);
void fse_json_bool(fse_json *json, const char *key, bool value);
void fse_json_null(fse_json *json, const char *key);
void fse_json_base64(fse_json *json, const char *key, const void *bytes, size_t size);

/* An array of numbers. */
void fse_json_numbers(fse_json *json, const char *key, const float *values, size_t count);

#endif
