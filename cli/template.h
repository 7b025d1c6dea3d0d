/* SPDX-License-Identifier: Apache-2.0 */
/* Pages from templates: files of cli/report, embedded in the program, with {{names}} to fill in. */
#ifndef FSE_CLI_TEMPLATE_H
#define FSE_CLI_TEMPLATE_H

#include "out.h"

/* What is written in place of {{name}}. Ends with a NULL name. */
typedef struct fse_field {
    const char *name;
    void (*write)(fse_out *out, const void *context);
} fse_field;

/* Write an embedded file, with its fields filled in. A name that is no field is left out. */
void fse_render(fse_out *out, const char *file, const fse_field *fields, const void *context);

/* Text as it stands between tags or within a quoted attribute. */
void fse_put_html(fse_out *out, const char *text);

#endif
