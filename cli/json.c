/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"

static void quoted(fse_out *out, const char *text)
{
    static const char escapes[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    fse_write(out, "\"", 1);
    uint32_t code;
    for (size_t length; *text; text += length ? length : 1) {
        length = fse_utf8_decode(text, &code);
        const char *escape = length == 1 ? strchr(escapes, (int)code) : NULL;
        /* The pairs are laid out so that each character stands first in its pair. */
        while (escape && (escape - escapes) % 2 == 1)
            escape = strchr(escape + 1, (int)code);
        if (length == 0)
            fse_put(out, "\xef\xbf\xbd");
        else if (escape)
            fse_print(out, "\\%c", escape[1]);
        else if (code < 0x20 || code == 0x7f)
            fse_print(out, "\\u%04x", (unsigned)code);
        else
            fse_write(out, text, length);
    }
    fse_write(out, "\"", 1);
}

static void begin_value(fse_json *json, const char *key)
{
    if (json->depth > 0) {
        if (json->filled[json->depth - 1])
            fse_put(json->out, json->separator ? json->separator : ", ");
        json->filled[json->depth - 1] = true;
    }
    if (key) {
        quoted(json->out, key);
        fse_put(json->out, ": ");
    }
}

void fse_json_open(fse_json *json, const char *key, char bracket)
{
    begin_value(json, key);
    fse_write(json->out, &bracket, 1);
    if (json->depth < FSE_JSON_MAX_DEPTH)
        json->filled[json->depth++] = false;
}

void fse_json_close(fse_json *json, char bracket)
{
    fse_write(json->out, &bracket, 1);
    json->depth--;
}

void fse_json_string(fse_json *json, const char *key, const char *text)
{
    begin_value(json, key);
    quoted(json->out, text);
}

void fse_json_path(fse_json *json, const char *key, const char *path)
{
    fse_json_string(json, key, path);
    if (fse_utf8_valid(path))
        return;
    char name[32];
    snprintf(name, sizeof name, "%s_bytes", key);
    fse_json_base64(json, name, path, strlen(path));
}

void fse_json_number(fse_json *json, const char *key, double value)
{
    if (!isfinite(value)) {
        fse_json_null(json, key);
        return;
    }
    begin_value(json, key);
    fse_print(json->out, "%.7g", value);
}

void fse_json_integer(fse_json *json, const char *key, int64_t value)
{
    begin_value(json, key);
    fse_print(json->out, "%" PRId64, value);
}

void fse_json_bool(fse_json *json, const char *key, bool value)
{
    begin_value(json, key);
    fse_put(json->out, value ? "true" : "false");
}

void fse_json_null(fse_json *json, const char *key)
{
    begin_value(json, key);
    fse_put(json->out, "null");
}

void fse_json_base64(fse_json *json, const char *key, const void *bytes, size_t size)
{
    char *text = fse_base64(bytes, size);
    fse_json_string(json, key, text);
    free(text);
}

void fse_json_numbers(fse_json *json, const char *key, const float *values, size_t count)
{
    fse_json_open(json, key, '[');
    for (size_t i = 0; i < count; i++)
        fse_json_number(json, NULL, (double)values[i]);
    fse_json_close(json, ']');
}
