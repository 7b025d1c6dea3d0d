/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"

#include <stdio.h>
#include <string.h>

/* RFC 3629, section 4: the lead bytes, and the bounds of the byte that follows each. */
static const struct {
    unsigned char first, last;   /* lead byte */
    unsigned char low, high;     /* second byte */
    size_t length;
} sequences[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t tail(const unsigned char *text, size_t length, uint32_t *code)
{
    uint32_t value = text[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (text[i] & 0x3fu);
    }
    *code = value;
    return length;
}

size_t fse_utf8_decode(const char *text, uint32_t *code)
{
    const unsigned char *bytes = (const unsigned char *)text;
    *code = bytes[0];
    if (bytes[0] < 0x80)
        return 1;
    for (size_t i = 0; i < COUNT(sequences); i++)
        if (bytes[0] >= sequences[i].first && bytes[0] <= sequences[i].last)
            return bytes[1] >= sequences[i].low && bytes[1] <= sequences[i].high
                       ? tail(bytes, sequences[i].length, code)
                       : 0;
    return 0;
}

bool fse_utf8_valid(const char *text)
{
    uint32_t code;
    while (*text) {
        const size_t length = fse_utf8_decode(text, &code);
        if (length == 0)
            return false;
        text += length;
    }
    return true;
}

/* Unicode: controls, line ends, and the marks that reorder or hide text (UAX #9, UTR #36). */
static const struct {
    uint32_t first, last;
} unprintable[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f}, {0x061c, 0x061c}, {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe007f},
};

bool fse_is_printable(uint32_t code)
{
    for (size_t i = 0; i < COUNT(unprintable); i++)
        if (code >= unprintable[i].first && code <= unprintable[i].last)
            return false;
    return true;
}

static bool is_plain(const char *name)
{
    const size_t size = strlen(name);
    if (size == 0 || name[0] == ' ' || name[size - 1] == ' ' || strncmp(name, "$'", 2) == 0)
        return false;
    uint32_t code;
    for (size_t length; *name; name += length) {
        length = fse_utf8_decode(name, &code);
        if (length == 0 || !fse_is_printable(code))
            return false;
    }
    return true;
}

static void add_hex(fse_text *text, const char *bytes, size_t size)
{
    char hex[8];
    for (size_t i = 0; i < size; i++) {
        snprintf(hex, sizeof hex, "\\x%02x", (unsigned)(unsigned char)bytes[i]);
        fse_text_string(text, hex);
    }
}

/* One code point or stray byte of a quoted name. A hex escape ends after two digits in bash. */
static void add_quoted(fse_text *text, const char *bytes, size_t length, uint32_t code)
{
    static const char letters[] = "\a" "a" "\b" "b" "\t" "t" "\n" "n" "\v" "v" "\f" "f" "\r" "r"
                                  "\\" "\\" "'" "'";
    for (size_t i = 0; length == 1 && letters[i]; i += 2)
        if (code == (unsigned char)letters[i]) {
            const char escape[2] = {'\\', letters[i + 1]};
            fse_text_add(text, escape, sizeof escape);
            return;
        }
    if (length == 0)
        add_hex(text, bytes, 1);
    else if (!fse_is_printable(code))
        add_hex(text, bytes, length);
    else
        fse_text_add(text, bytes, length);
}

char *fse_quote(const char *name)
{
    if (is_plain(name))
        return fse_xstrdup(name);
    fse_text text = {0};
    fse_text_string(&text, "$'");
    uint32_t code;
    for (size_t length; *name; name += length ? length : 1) {
        length = fse_utf8_decode(name, &code);
        add_quoted(&text, name, length, code);
    }
    fse_text_string(&text, "'");
    return text.data;
}

void fse_add_safe(fse_text *text, const char *message)
{
    uint32_t code;
    for (size_t length; *message; message += length ? length : 1) {
        length = fse_utf8_decode(message, &code);
        if (length && fse_is_printable(code))
            fse_text_add(text, message, length);
        else
            add_hex(text, message, length ? length : 1);
    }
}

char *fse_base64(const void *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *from = bytes;
    char *text = fse_xalloc((size + 2) / 3 * 4 + 1, 1);
    char *to = text;
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t group = (uint32_t)from[i] << 16 |
                               (left > 1 ? (uint32_t)from[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)from[i + 2] : 0);
        *to++ = digits[group >> 18];
        *to++ = digits[group >> 12 & 63];
        *to++ = left > 1 ? digits[group >> 6 & 63] : '=';
        *to++ = left > 2 ? digits[group & 63] : '=';
    }
    return text;
}
