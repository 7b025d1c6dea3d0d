/* SPDX-License-Identifier: Apache-2.0 */
/* Where results go: a stdio stream that remembers the first failure and then swallows the rest. */
#ifndef FSE_CLI_OUT_H
#define FSE_CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct fse_out {
    FILE *file;
    int error; /* errno of the first write that failed; 0 */
} fse_out;

void fse_write(fse_out *out, const void *bytes, size_t size);
void fse_put(fse_out *out, const char *text);
void fse_print(fse_out *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Write out what is buffered. Returns out->error. */
int fse_out_flush(fse_out *out);

#endif
