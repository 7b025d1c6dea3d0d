/* SPDX-License-Identifier: Apache-2.0 */
/* The program: finds the command and runs it. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "help.h"
#include "interrupt.h"
#include "names.h"

static const fse_command *find_command(const fse_command *const *commands, const char *name)
{
    for (; *commands; commands++) {
        const char *space = strrchr((*commands)->name, ' ');
        if (strcmp(space ? space + 1 : (*commands)->name, name) == 0)
            return *commands;
    }
    return NULL;
}

static int unknown_command(const fse_command *const *commands, const char *prefix,
                           const char *name)
{
    const char *names[16];
    size_t count = 0;
    fse_text legal = {0};
    for (; *commands && count < sizeof names / sizeof names[0]; commands++) {
        const char *space = strrchr((*commands)->name, ' ');
        names[count] = space ? space + 1 : (*commands)->name;
        fse_text_string(&legal, count ? ", " : "");
        fse_text_string(&legal, names[count++]);
    }
    const char *near = fse_nearest(name, names, count);
    char *quoted = fse_quote(name);
    fprintf(stderr, "facesearch%s: unknown command %s", prefix, quoted);
    if (near)
        fprintf(stderr, " (did you mean %s?)", near);
    fprintf(stderr, "; the commands are %s\n", legal.data);
    fprintf(stderr, "%sSee 'facesearch --help'.\n",
            prefix[0] ? "" : "To search: facesearch -q PHOTO -t FOLDER. ");
    free(quoted);
    free(legal.data);
    return FSE_EXIT_USAGE;
}

/* ---- help ---- */

static int help_for(fse_console *console, int argc, char **argv)
{
    const fse_command *const *commands = fse_commands;
    const fse_command *command = NULL;
    for (int i = 0; i < argc; i++) {
        const fse_command *next = commands ? find_command(commands, argv[i]) : NULL;
        if (!next)
            return unknown_command(commands ? commands : fse_commands, " help", argv[i]);
        command = next;
        commands = command->subcommands;
    }
    if (command)
        fse_help_command(&console->out, console->width, command);
    else
        fse_help_program(&console->out, console->width);
    return fse_console_finish(console, FSE_EXIT_FOUND);
}

/* ---- commands ---- */

/* How many other arguments were given, against how many the command takes. */
static int check_arguments(const fse_command *command, const fse_list *given)
{
    if (command->maximum >= 0 && given->count > (size_t)command->maximum) {
        char *quoted = fse_quote(given->items[command->maximum]);
        const int status = fse_misuse(command, "unexpected argument %s%s%s", quoted,
                                      command->stray ? ": " : "",
                                      command->stray ? command->stray : "");
        free(quoted);
        return status;
    }
    if (given->count < (size_t)command->minimum)
        return fse_misuse(command, "something is missing: facesearch %s %s", command->name,
                          command->arguments);
    return 0;
}

static int run_parsed(const fse_command *command, fse_common *common, const fse_list *given)
{
    common->console.quiet = common->quiet;
    common->console.verbose = common->verbose;
    fse_console_init(&common->console, common->quiet ? 0 : common->progress, common->pretend);
    if (common->help) {
        fse_help_command(&common->console.out, common->console.width, command);
        return fse_console_finish(&common->console, FSE_EXIT_FOUND);
    }
    const int misuse = check_arguments(command, given);
    if (misuse)
        return misuse;
    const int status = command->run(command, common, given->items, given->count);
    return fse_console_finish(&common->console, fse_interrupted() ? FSE_EXIT_INTERRUPTED : status);
}

static int run_command(const fse_command *command, int argc, char **argv)
{
    fse_list given = {0};
    void *settings = fse_xalloc(1, command->settings_size);
    command->init(settings);
    int status = fse_options_parse(command, argc, argv, settings, &given);
    if (status == 0)
        status = run_parsed(command, settings, &given);
    fse_list_free(&given);
    if (command->clear)
        command->clear(settings);
    free(settings);
    return status;
}

static bool is_help(const char *argument)
{
    return strcmp(argument, "-h") == 0 || strcmp(argument, "--help") == 0;
}

static int run_group(fse_console *console, const fse_command *group, int argc, char **argv)
{
    if (argc > 0 && is_help(argv[0])) {
        fse_help_command(&console->out, console->width, group);
        return fse_console_finish(console, FSE_EXIT_FOUND);
    }
    const fse_command *command = argc > 0 ? find_command(group->subcommands, argv[0]) : NULL;
    if (command)
        return run_command(command, argc - 1, argv + 1);
    if (argc == 0)
        return fse_misuse(group, "it needs a command: %s", group->arguments);
    char *prefix = fse_xformat(" %s", group->name);
    const int status = unknown_command(group->subcommands, prefix, argv[0]);
    free(prefix);
    return status;
}

static int dispatch(fse_console *console, int argc, char **argv)
{
    if (argc == 0) {
        fse_help_program(&(fse_out){.file = stderr}, console->width);
        return FSE_EXIT_USAGE;
    }
    if (is_help(argv[0]))
        return help_for(console, 0, NULL);
    if (strcmp(argv[0], "help") == 0)
        return help_for(console, argc - 1, argv + 1);
    if (strcmp(argv[0], "--version") == 0 || strcmp(argv[0], "-V") == 0) {
        fse_print(&console->out, "facesearch %s\n", fse_version());
        return fse_console_finish(console, FSE_EXIT_FOUND);
    }
    if (argv[0][0] == '-' && argv[0][1])
        return run_command(&fse_command_search, argc, argv);
    const fse_command *command = find_command(fse_commands, argv[0]);
    if (!command)
        return unknown_command(fse_commands, "", argv[0]);
    return command->subcommands ? run_group(console, command, argc - 1, argv + 1)
                                : run_command(command, argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    fse_console console = {0};
    fse_catch_interrupts();
    /* Numbers are written and read with a decimal point, whatever a library does to the locale. */
    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain)
        uselocale(plain);
    fse_console_init(&console, -1, 0);
    if (strcmp(fse_version(), FSE_VERSION) != 0)
        return fse_complain(&console, NULL, "this program is version %s, but its library %s: "
                            "install both from one package", FSE_VERSION, fse_version());
    const int status = dispatch(&console, argc - 1, argv + 1);
    if (plain) {
        uselocale(LC_GLOBAL_LOCALE);
        freelocale(plain);
    }
    return status;
}
