/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "names.h"
#include "status.h"

/* ---- near misses ---- */

#define MAX_WORD 40

/* Edits from a to b: insert, delete, replace, swap neighbours (Damerau 1964, one swap a place). */
static size_t edit_distance(const char *a, const char *b)
{
    size_t rows[3][MAX_WORD + 1];
    const size_t m = strlen(a), n = strlen(b);
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t *const row = rows[i % 3];
        const size_t *const above = rows[(i + 2) % 3];
        const size_t *const above2 = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t best = above[j - 1] + (a[i - 1] != b[j - 1]);
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                above2[j - 2] + 1 < best)
                best = above2[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[m % 3][n];
}

const char *fse_nearest(const char *word, const char *const *legal, size_t count)
{
    const size_t length = strlen(word);
    if (length == 0 || length > MAX_WORD)
        return NULL;
    const char *nearest = NULL;
    size_t best = length / 3 + 2; /* a third of the letters wrong is no near miss any more */
    for (size_t i = 0; i < count; i++) {
        if (strlen(legal[i]) > MAX_WORD)
            continue;
        const bool begins = length >= 3 && strncmp(legal[i], word, length) == 0;
        const size_t distance = begins ? 1 : edit_distance(word, legal[i]);
        if (distance < best && distance < length) {
            best = distance;
            nearest = legal[i];
        }
    }
    return nearest;
}

/* ---- wrong usage ---- */

int fse_misuse(const fse_command *command, const char *format, ...)
{
    char *message = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&message, format, args) < 0)
        message = NULL;
    va_end(args);
    fse_text line = {0};
    fse_add_safe(&line, message ? message : "out of memory");
    fprintf(stderr, "facesearch %s: %s\nSee 'facesearch %s --help'.\n", command->name, line.data,
            command->name);
    free(line.data);
    free(message);
    return FSE_EXIT_USAGE;
}

/* ---- looking up ---- */

#define FOR_EACH_OPTION(group, option, command)                                                    \
    for (const fse_option_group *group = (command)->groups; group->title; group++)                 \
        for (const fse_option *option = group->options; option->name; option++)

static const fse_option *find_name(const fse_command *command, const char *name, size_t length)
{
    FOR_EACH_OPTION(group, option, command)
    if (strlen(option->name) == length && strncmp(option->name, name, length) == 0)
        return option;
    return NULL;
}

static const fse_option *find_letter(const fse_command *command, char letter)
{
    FOR_EACH_OPTION(group, option, command)
    if (option->letter == letter)
        return option;
    return NULL;
}

static int unknown_option(const fse_command *command, const char *shown, const char *name)
{
    const char *names[64];
    size_t count = 0;
    fse_text legal = {0};
    FOR_EACH_OPTION(group, option, command)
    if (option->help && count < sizeof names / sizeof names[0]) {
        fse_text_string(&legal, count ? " --" : "--");
        fse_text_string(&legal, option->name);
        names[count++] = option->name;
    }
    const char *near = name ? fse_nearest(name, names, count) : NULL;
    char *quoted = fse_quote(shown);
    const int status =
        near ? fse_misuse(command, "unknown option %s (did you mean --%s?); it takes %s", quoted,
                          near, legal.data)
             : fse_misuse(command, "unknown option %s; it takes %s; a file of that name goes behind --",
                          quoted, legal.data);
    free(quoted);
    free(legal.data);
    return status;
}

/* ---- parsing ---- */

#define MAX_EXCLUSIVE 8

typedef struct parser {
    const fse_command *command;
    void *settings;
    int argc;
    char **argv;
    int next; /* the argument to look at next */
    const fse_option *exclusive[MAX_EXCLUSIVE]; /* given so far */
    size_t exclusive_count;
} parser;

/* Refuse an option beside one that it excludes. */
static int check_exclusive(parser *p, const fse_option *option)
{
    if (!option->excludes)
        return 0;
    for (size_t i = 0; i < p->exclusive_count; i++) {
        const fse_option *other = p->exclusive[i];
        if (other == option)
            return 0;
        if (strcmp(other->excludes, option->excludes) == 0 && other->kind == option->kind &&
            other->offset == option->offset && other->minimum == option->minimum)
            return 0; /* another name of the same */
        if (strcmp(other->excludes, option->excludes) == 0)
            return fse_misuse(p->command, "--%s and --%s exclude each other", other->name,
                              option->name);
    }
    if (p->exclusive_count < MAX_EXCLUSIVE)
        p->exclusive[p->exclusive_count++] = option;
    return 0;
}

static int set_value(parser *p, const fse_option *option, const char *value)
{
    char expected[256];
    const int status = check_exclusive(p, option);
    if (status)
        return status;
    void *field = (char *)p->settings + option->offset;
    const char *wrong = option->kind->parse(option, value, field, expected, sizeof expected);
    if (!wrong)
        return 0;
    char *quoted = fse_quote(value);
    const int misuse =
        fse_misuse(p->command, "--%s: expected %s, not %s", option->name, wrong,
                   value[0] ? quoted : "nothing");
    free(quoted);
    return misuse;
}

/* The argument after an option, which must not be an option of the command itself. */
static int separate_value(parser *p, const fse_option *option)
{
    const char *value = p->next < p->argc ? p->argv[p->next] : NULL;
    if (!value || strcmp(value, "--") == 0 ||
        (strncmp(value, "--", 2) == 0 && find_name(p->command, value + 2, strlen(value + 2))))
        return fse_misuse(p->command, "--%s needs a value: --%s %s", option->name, option->name,
                          option->argument);
    p->next++;
    return set_value(p, option, value);
}

static int parse_long(parser *p, const char *argument)
{
    const char *name = argument + 2;
    const size_t length = strcspn(name, "=");
    const fse_option *option = find_name(p->command, name, length);
    if (!option) {
        char *word = fse_xformat("%.*s", (int)length, name);
        char *shown = fse_xformat("--%s", word);
        const int status = unknown_option(p->command, shown, word);
        free(shown);
        free(word);
        return status;
    }
    if (name[length] == '=' && !option->argument)
        return fse_misuse(p->command, "--%s takes no value", option->name);
    if (name[length] == '=')
        return set_value(p, option, name + length + 1);
    return option->argument ? separate_value(p, option) : set_value(p, option, "");
}

/* One or several letters, the last of which may have its value in the rest or as the next argument. */
static int parse_letters(parser *p, const char *argument)
{
    for (const char *letter = argument + 1; *letter; letter++) {
        const fse_option *option = find_letter(p->command, *letter);
        if (!option) {
            const char shown[] = {'-', *letter, '\0'};
            return unknown_option(p->command, shown, NULL);
        }
        if (option->argument)
            return letter[1] ? set_value(p, option, letter + 1) : separate_value(p, option);
        const int status = set_value(p, option, "");
        if (status)
            return status;
    }
    return 0;
}

int fse_options_parse(const fse_command *command, int argc, char **argv, void *settings,
                      fse_list *positional)
{
    parser p = {.command = command, .settings = settings, .argc = argc, .argv = argv};
    const fse_common *common = settings;
    bool options = true;
    while (p.next < argc && !common->help) {
        const char *argument = argv[p.next++];
        int status = 0;
        if (options && strcmp(argument, "--") == 0)
            options = false;
        else if (options && strncmp(argument, "--", 2) == 0)
            status = parse_long(&p, argument);
        else if (options && argument[0] == '-' && argument[1])
            status = parse_letters(&p, argument);
        else
            fse_list_add(positional, argument);
        if (status)
            return status;
    }
    return 0;
}
