/* SPDX-License-Identifier: Apache-2.0 */
/* Comma-separated values as RFC 4180 has them: CRLF, quotes where needed. Bytes as they are. */
#ifndef FSE_CLI_CSV_H
#define FSE_CLI_CSV_H

#include "out.h"

/* A field of the line; first: it begins one. */
void fse_csv_field(fse_out *out, bool first, const char *text);
void fse_csv_format(fse_out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
void fse_csv_end(fse_out *out);

#endif
