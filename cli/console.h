/* SPDX-License-Identifier: Apache-2.0 */
/* The person at the other end: terminals, colour, and messages on standard error. */
#ifndef FSE_CLI_CONSOLE_H
#define FSE_CLI_CONSOLE_H

#include <stdbool.h>

#include "facesearch/error.h"
#include "out.h"
#include "status.h"

/* Options that say how much to tell, and the terminals that it goes to. */
typedef struct fse_console {
    fse_out out; /* results: standard output */
    bool out_terminal, err_terminal;
    int width;    /* columns of the terminal, at least 20; 80 where there is none */
    bool colour;  /* whether results may be coloured */
    bool quiet, verbose, progress;
    bool line;    /* a progress line is on the terminal, to be cleared before anything else */
} fse_console;

/*
 * progress: 1 or 0 as the user said; -1: only if standard error is a terminal.
 * pretend: 0, or the width of a terminal that both streams are taken for (used by the tests).
 */
void fse_console_init(fse_console *console, int progress, int pretend);

/* Talk; not with --quiet. */
void fse_note(fse_console *console, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A warning about subject, which may be NULL; not with --quiet. */
void fse_warn(fse_console *console, const char *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What made the command fail. console may be NULL. Returns FSE_EXIT_FAILED. */
int fse_complain(fse_console *console, const char *subject, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same from a library's report. Returns the exit status that goes with it. */
int fse_complain_error(fse_console *console, const fse_error *error);

/* Clear a progress line. */
void fse_clear_line(fse_console *console);

/* Start and end of bold or dim results; "" without colour. */
const char *fse_bold(const fse_console *console);
const char *fse_dim(const fse_console *console);
const char *fse_plain(const fse_console *console);

/*
 * Flush the results. A reader that went away is no failure; anything else is said and changes
 * status into FSE_EXIT_FAILED. Returns the status.
 */
int fse_console_finish(fse_console *console, int status);

#endif
