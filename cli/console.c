/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "interrupt.h"
#include "memory.h"
#include "names.h"

#define DEFAULT_WIDTH 80
#define MIN_WIDTH 20

static int terminal_width(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    int width = 0;
    for (int fd = STDOUT_FILENO; width <= 0 && fd <= STDERR_FILENO; fd++)
        if (ioctl(fd, TIOCGWINSZ, &size) == 0)
            width = size.ws_col;
    if (width <= 0 && columns)
        width = atoi(columns);
    if (width <= 0)
        return DEFAULT_WIDTH;
    return width < MIN_WIDTH ? MIN_WIDTH : width;
}

/* https://no-color.org: set and not empty. */
static bool wants_colour(void)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return !(no_color && no_color[0]) && !(term && strcmp(term, "dumb") == 0);
}

void fse_console_init(fse_console *console, int progress, int pretend)
{
    console->out = (fse_out){.file = stdout};
    console->out_terminal = pretend > 0 || isatty(STDOUT_FILENO);
    console->err_terminal = pretend > 0 || isatty(STDERR_FILENO);
    console->width = pretend > 0 ? pretend : terminal_width();
    console->colour = console->out_terminal && wants_colour();
    console->progress = progress >= 0 ? progress > 0 : console->err_terminal;
    console->line = false;
}

void fse_clear_line(fse_console *console)
{
    if (console && console->line) {
        fputs("\r\033[K", stderr);
        console->line = false;
    }
}

/* One write for a whole line, so that lines of several processes do not mix. */
__attribute__((format(printf, 4, 0))) static void
say(fse_console *console, const char *kind, const char *subject, const char *format, va_list args)
{
    fse_text line = {0};
    char *message = NULL;
    fse_text_string(&line, kind);
    if (subject && subject[0]) {
        char *name = fse_quote(subject);
        fse_text_string(&line, name);
        fse_text_string(&line, ": ");
        free(name);
    }
    if (vasprintf(&message, format, args) >= 0)
        fse_add_safe(&line, message);
    fse_text_string(&line, "\n");
    fse_clear_line(console);
    fwrite(line.data, 1, line.size, stderr);
    free(message);
    free(line.data);
}

void fse_note(fse_console *console, const char *format, ...)
{
    if (console->quiet)
        return;
    va_list args;
    va_start(args, format);
    say(console, "", NULL, format, args);
    va_end(args);
}

void fse_warn(fse_console *console, const char *subject, const char *format, ...)
{
    if (console->quiet)
        return;
    va_list args;
    va_start(args, format);
    say(console, "facesearch: warning: ", subject, format, args);
    va_end(args);
}

int fse_complain(fse_console *console, const char *subject, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(console, "facesearch: ", subject, format, args);
    va_end(args);
    return FSE_EXIT_FAILED;
}

int fse_complain_error(fse_console *console, const fse_error *error)
{
    if (error->status == FSE_ECANCELLED || fse_interrupted()) {
        fse_complain(console, NULL, "interrupted");
        return FSE_EXIT_INTERRUPTED;
    }
    const char *message = error->message[0] ? error->message : fse_status_text(error->status);
    return fse_complain(console, error->subject, "%s", message);
}

const char *fse_bold(const fse_console *console)
{
    return console->colour ? "\033[1m" : "";
}

const char *fse_dim(const fse_console *console)
{
    return console->colour ? "\033[2m" : "";
}

const char *fse_plain(const fse_console *console)
{
    return console->colour ? "\033[0m" : "";
}

int fse_console_finish(fse_console *console, int status)
{
    const int error = fse_out_flush(&console->out);
    if (error == 0 || error == EPIPE)
        return status;
    fse_complain(console, "standard output", "cannot write: %s", strerror(error));
    return FSE_EXIT_FAILED;
}
