/* SPDX-License-Identifier: Apache-2.0 */
#include "out.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

static void failed(fse_out *out)
{
    out->error = errno ? errno : EIO;
}

void fse_write(fse_out *out, const void *bytes, size_t size)
{
    if (!out->error && size && fwrite(bytes, 1, size, out->file) != size)
        failed(out);
}

void fse_put(fse_out *out, const char *text)
{
    fse_write(out, text, strlen(text));
}

void fse_print(fse_out *out, const char *format, ...)
{
    if (out->error)
        return;
    va_list args;
    va_start(args, format);
    if (vfprintf(out->file, format, args) < 0)
        failed(out);
    va_end(args);
}

int fse_out_flush(fse_out *out)
{
    if (!out->error && fflush(out->file) != 0)
        failed(out);
    return out->error;
}
