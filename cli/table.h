/* SPDX-License-Identifier: Apache-2.0 */
/* Text tables, a row at a time: columns of a known width, the last one as wide as it comes. */
#ifndef FSE_CLI_TABLE_H
#define FSE_CLI_TABLE_H

#include "console.h"

typedef struct fse_column {
    const char *title;
    int width;  /* of its values; the title may be wider. 0: the column is left out */
    bool right; /* numbers stand right-aligned */
} fse_column;

/* The titles; indent columns of space before them. */
void fse_table_head(fse_console *console, int indent, const fse_column *columns, size_t count);

/* One cell for each column, also for those left out. Safe to show: quoted by the caller. */
void fse_table_row(fse_console *console, int indent, const fse_column *columns, size_t count,
                   const char *const *cells);

#endif
