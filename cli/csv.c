/* SPDX-License-Identifier: Apache-2.0 */
#include "csv.h"

#include <stdarg.h>
#include <string.h>

void fse_csv_field(fse_out *out, bool first, const char *text)
{
    if (!first)
        fse_put(out, ",");
    if (!strpbrk(text, ",\"\r\n")) {
        fse_put(out, text);
        return;
    }
    fse_put(out, "\"");
    for (size_t length; *text; text += length) {
        length = strcspn(text, "\"");
        if (length == 0) {
            fse_put(out, "\"\"");
            length = 1;
        } else {
            fse_write(out, text, length);
        }
    }
    fse_put(out, "\"");
}

void fse_csv_format(fse_out *out, const char *format, ...)
{
    char text[64]; /* numbers only */
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fse_csv_field(out, false, text);
}

void fse_csv_end(fse_out *out)
{
    fse_put(out, "\r\n");
}
