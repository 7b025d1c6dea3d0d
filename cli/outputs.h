/* SPDX-License-Identifier: Apache-2.0 */
/* What a search leaves on disk: a page, annotated copies, copies, links. */
#ifndef FSE_CLI_OUTPUTS_H
#define FSE_CLI_OUTPUTS_H

#include "findings.h"

/* Where; NULL: not wanted. */
typedef struct fse_outputs {
    const char *html;
    const char *annotate, *copy, *link;
} fse_outputs;

/*
 * Before a search: the folders lie outside the searched ones, and the page can be written where it
 * should go. Returns 0 or an exit status, with what is wrong said.
 */
int fse_outputs_check(const fse_outputs *outputs, const fse_command *command,
                      const fse_list *targets);

/* After it. Returns 0 or an exit status, with the failures said. */
int fse_outputs_write(const fse_outputs *outputs, const fse_findings *findings);

/* Put a JPEG copy of a photo with its marks drawn into a collection. */
struct fse_collection;
int fse_annotate(fse_console *console, struct fse_collection *collection, const char *path,
                 const fse_mark *marks, size_t count);

#endif
