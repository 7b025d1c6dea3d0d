/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "names.h"

#define TERMINAL_INTERVAL (1.0 / 6) /* seconds; faster only flickers */
#define FILE_INTERVAL 1.0           /* a log gets whole lines, fewer of them */
#define SETTLED 0.5                 /* seconds after which a rate means something */

static void add_time(fse_text *line, double seconds)
{
    const unsigned long long whole = seconds < 1e9 ? (unsigned long long)(seconds + 0.5) : 0;
    char *text = whole < 60     ? fse_xformat(", %llu s left", whole)
                 : whole < 3600 ? fse_xformat(", %llu:%02llu min left", whole / 60, whole % 60)
                                : fse_xformat(", %llu:%02llu h left", whole / 3600,
                                              whole / 60 % 60);
    fse_text_string(line, text);
    free(text);
}

static char *line_for(const fse_progress *progress, const char *what, uint64_t done,
                      uint64_t total)
{
    fse_text line = {0};
    const int decimals = progress->scale < 1 ? 1 : 0;
    const double elapsed = fse_seconds() - progress->start;
    const double rate = (double)done / (elapsed > 0 ? elapsed : 1);
    if (what) {
        fse_add_safe(&line, what);
        fse_text_string(&line, ": ");
    }
    char *counted = total ? fse_xformat("%.*f of %.*f %s", decimals,
                                        (double)done * progress->scale, decimals,
                                        (double)total * progress->scale, progress->unit)
                          : fse_xformat("%.*f %s", decimals, (double)done * progress->scale,
                                        progress->unit);
    fse_text_string(&line, counted);
    free(counted);
    if (elapsed >= SETTLED && done > 0) {
        char *speed = fse_xformat(", %.*f/s", rate * progress->scale < 10 ? 1 : 0,
                                  rate * progress->scale);
        fse_text_string(&line, speed);
        free(speed);
        if (total > done)
            add_time(&line, (double)(total - done) / rate);
    }
    return line.data;
}

void fse_progress_draw(fse_progress *progress, const char *what, uint64_t done, uint64_t total)
{
    fse_console *console = progress->console;
    const double now = fse_seconds();
    const double interval = console->err_terminal ? TERMINAL_INTERVAL : FILE_INTERVAL;
    if (progress->start <= 0)
        progress->start = now;
    if (!console->progress || now - progress->drawn < interval)
        return;
    progress->drawn = now;
    char *line = line_for(progress, what, done, total);
    /* The last column stays free: some terminals wrap when it is written. */
    if (console->err_terminal)
        fprintf(stderr, "\r\033[K%.*s", console->width - 1, line);
    else
        fprintf(stderr, "%s\n", line);
    fflush(stderr);
    console->line = console->err_terminal;
    free(line);
}
