/* SPDX-License-Identifier: Apache-2.0 */
/* What the program's exit status says. Scripts rely on these numbers. */
#ifndef FSE_CLI_STATUS_H
#define FSE_CLI_STATUS_H

/* Of several that hold, a command ends with the one that comes first here. */
typedef enum fse_exit {
    FSE_EXIT_INTERRUPTED = 130, /* by SIGINT or SIGTERM */
    FSE_EXIT_USAGE = 2,         /* wrong options or arguments; nothing was done */
    FSE_EXIT_FAILED = 4,        /* a folder or query is missing, no face in any, pack unusable */
    FSE_EXIT_SKIPPED = 3,       /* finished, but some photos could not be read */
    FSE_EXIT_NOTHING = 1,       /* nothing found */
    FSE_EXIT_FOUND = 0
} fse_exit;

#endif
