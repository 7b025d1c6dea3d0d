/* SPDX-License-Identifier: Apache-2.0 */
/* How far a long job is: one line on the terminal, redrawn at most six times a second. */
#ifndef FSE_CLI_PROGRESS_H
#define FSE_CLI_PROGRESS_H

#include <stdint.h>

#include "console.h"

/* What is counted, and how. */
typedef struct fse_progress {
    fse_console *console;
    const char *unit; /* "photos", "MB" */
    double scale;     /* units in one counted thing: 1, or 1e-6 for bytes */
    double start;     /* of the rate; set by the first call */
    double drawn;     /* when it was drawn last */
} fse_progress;

/* total 0: not known yet. what: the file or stage, or NULL. Draws nothing without progress. */
void fse_progress_draw(fse_progress *progress, const char *what, uint64_t done, uint64_t total);

#endif
