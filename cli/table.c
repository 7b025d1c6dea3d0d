/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <string.h>

static int width_of(const fse_column *column)
{
    const int title = (int)strlen(column->title);
    return column->width > title ? column->width : title;
}

static size_t last_of(const fse_column *columns, size_t count)
{
    while (count > 0 && columns[count - 1].width == 0)
        count--;
    return count;
}

static void row(fse_out *out, int indent, const fse_column *columns, size_t count,
                const char *(*text)(const fse_column *, const char *), const char *const *cells)
{
    const size_t shown = last_of(columns, count);
    fse_print(out, "%*s", indent, "");
    for (size_t i = 0; i < shown; i++) {
        if (columns[i].width == 0)
            continue;
        const char *cell = text(&columns[i], cells ? cells[i] : NULL);
        const int width = width_of(&columns[i]);
        const int pad = i + 1 == shown && !columns[i].right ? 0 : columns[i].right ? width : -width;
        fse_print(out, "%*s%s", pad, cell, i + 1 == shown ? "" : "  ");
    }
}

static const char *title_of(const fse_column *column, const char *cell)
{
    (void)cell;
    return column->title;
}

static const char *cell_of(const fse_column *column, const char *cell)
{
    (void)column;
    return cell;
}

void fse_table_head(fse_console *console, int indent, const fse_column *columns, size_t count)
{
    fse_put(&console->out, fse_dim(console));
    row(&console->out, indent, columns, count, title_of, NULL);
    fse_print(&console->out, "%s\n", fse_plain(console));
}

void fse_table_row(fse_console *console, int indent, const fse_column *columns, size_t count,
                   const char *const *cells)
{
    row(&console->out, indent, columns, count, cell_of, cells);
    fse_put(&console->out, "\n");
}
