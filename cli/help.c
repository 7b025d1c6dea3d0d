/* SPDX-License-Identifier: Apache-2.0 */
#include "help.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "options.h"

#define OPTION_COLUMN 25 /* where explanations begin */
#define MAX_WIDTH 100    /* longer lines are hard to read */

/* Text in words, broken before `width`; the first line is already filled up to `column`. */
static void wrap(fse_out *out, int width, int indent, int column, const char *text)
{
    bool first = true;
    while (*text) {
        const int length = (int)strcspn(text, " \n");
        if (!first && column + 1 + length > width) {
            fse_print(out, "\n%*s", indent, "");
            column = indent;
            first = true;
        }
        fse_print(out, "%s%.*s", first ? "" : " ", length, text);
        column += length + !first;
        first = false;
        text += length;
        if (*text == '\n') {
            fse_print(out, "\n%*s", indent, "");
            column = indent;
            first = true;
        }
        text += *text != '\0';
    }
    fse_put(out, "\n");
}

static void print_option(fse_out *out, int width, const fse_option *option, const void *settings)
{
    char name[80], value[80] = "";
    const int used =
        snprintf(name, sizeof name, "  %c%c%s --%s%s%s", option->letter ? '-' : ' ',
                 option->letter ? option->letter : ' ', option->letter ? "," : " ", option->name,
                 option->argument ? " " : "", option->argument ? option->argument : "");
    fse_put(out, name);
    if (used >= OPTION_COLUMN)
        fse_print(out, "\n%*s", OPTION_COLUMN, "");
    else
        fse_print(out, "%*s", OPTION_COLUMN - used, "");
    if (option->kind->show)
        option->kind->show(option, (const char *)settings + option->offset, value, sizeof value);
    char *text = value[0] ? fse_xformat("%s (default: %s)", option->help, value)
                          : fse_xstrdup(option->help);
    wrap(out, width, OPTION_COLUMN, OPTION_COLUMN, text);
    free(text);
}

static void print_groups(fse_out *out, int width, const fse_command *command)
{
    void *settings = fse_xalloc(1, command->settings_size);
    command->init(settings);
    for (const fse_option_group *group = command->groups; group->title; group++) {
        fse_print(out, "\n%s:\n", group->title);
        for (const fse_option *option = group->options; option->name; option++)
            if (option->help)
                print_option(out, width, option, settings);
    }
    if (command->clear)
        command->clear(settings);
    free(settings);
}

static void print_commands(fse_out *out, int width, const fse_command *const *commands)
{
    for (; *commands; commands++) {
        const int used = 2 + (int)strlen((*commands)->name);
        fse_print(out, "  %s%*s", (*commands)->name, used < 18 ? 18 - used : 2, "");
        wrap(out, width, 18, 18, (*commands)->summary);
    }
}

static void print_examples(fse_out *out, const char *examples)
{
    fse_put(out, "\nExamples:\n");
    while (*examples) {
        const int length = (int)strcspn(examples, "\n");
        fse_print(out, "  %.*s\n", length, examples);
        examples += length + (examples[length] == '\n');
    }
}

static int limited(int width)
{
    return width > MAX_WIDTH ? MAX_WIDTH : width < 40 ? 40 : width;
}

void fse_help_command(fse_out *out, int width, const fse_command *command)
{
    width = limited(width);
    fse_print(out, "Usage: facesearch %s %s\n\n", command->name, command->arguments);
    wrap(out, width, 0, 0, command->about ? command->about : command->summary);
    if (command->subcommands) {
        fse_put(out, "\nCommands:\n");
        print_commands(out, width, command->subcommands);
    }
    if (command->groups)
        print_groups(out, width, command);
    if (command->examples)
        print_examples(out, command->examples);
}

void fse_help_program(fse_out *out, int width)
{
    width = limited(width);
    fse_put(out, "Usage: facesearch -q PHOTO... -t FOLDER... [options]\n"
                 "       facesearch COMMAND ...\n\n");
    wrap(out, width, 0, 0,
         "Finds every photo in a folder that shows the person in a query photo. "
         "Everything happens on this machine; nothing leaves it.");
    fse_put(out, "\nCommands:\n");
    print_commands(out, width, fse_commands);
    fse_put(out, "\nOptions:\n"
                 "  -h, --help      this help; 'facesearch help COMMAND': that of a command\n"
                 "  -V, --version   the version\n");
    fse_put(out, "\nExit status:\n");
    static const char *const statuses[][2] = {
        {"0", "found"},
        {"1", "nothing found"},
        {"2", "wrong usage"},
        {"3", "finished, but some photos were skipped"},
        {"4", "failed: a folder or query file is missing, no query shows a face, a model pack or an "
              "index is unusable"},
        {"130", "interrupted"},
    };
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        fse_print(out, "  %-5s", statuses[i][0]);
        wrap(out, width, 7, 7, statuses[i][1]);
    }
    print_examples(out, "facesearch -q ann.jpg -t ~/Pictures\n"
                        "facesearch -q ann1.jpg -q ann2.jpg -t ~/Pictures --html ann.html\n"
                        "facesearch -q ann.jpg -t ~/Pictures --paths -0 | xargs -0 ls -l");
}
