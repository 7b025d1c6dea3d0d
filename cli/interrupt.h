/* SPDX-License-Identifier: Apache-2.0 */
/* SIGINT and SIGTERM ask to stop; a second one ends the program at once. */
#ifndef FSE_CLI_INTERRUPT_H
#define FSE_CLI_INTERRUPT_H

#include <stdbool.h>

/* Catch the two, and ignore SIGPIPE: a write then fails with EPIPE. Once, at the program's start. */
void fse_catch_interrupts(void);

/* Whether a signal came. Any thread. */
bool fse_interrupted(void);

#endif
