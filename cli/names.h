/* SPDX-License-Identifier: Apache-2.0 */
/* File names are any bytes but NUL: UTF-8 where they are, and a safe form to show where not. */
#ifndef FSE_CLI_NAMES_H
#define FSE_CLI_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "memory.h"

/*
 * The code point at text (not its end) in *code, and its length in bytes; 0 if the bytes are not
 * UTF-8 as RFC 3629 has it (no overlong forms, no surrogates). *code is then the byte.
 */
size_t fse_utf8_decode(const char *text, uint32_t *code);

bool fse_utf8_valid(const char *text);

/* Whether a terminal shows a code point as itself: no control, no change of writing direction. */
bool fse_is_printable(uint32_t code);

/*
 * A name as it is safe to show and, pasted into a shell, means the same file: as it is, or where it
 * holds control characters, invalid UTF-8 or white space at an end, quoted like $'a\nb'.
 * For free().
 */
char *fse_quote(const char *name);

/* A message with control characters and invalid UTF-8 as \xNN, appended to text. */
void fse_add_safe(fse_text *text, const char *message);

/* Base64 (RFC 4648) of bytes, for free(). */
char *fse_base64(const void *bytes, size_t size);

#endif
