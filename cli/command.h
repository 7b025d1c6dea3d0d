/* SPDX-License-Identifier: Apache-2.0 */
/* What a command of the program is. */
#ifndef FSE_CLI_COMMAND_H
#define FSE_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fse_option_group;
typedef struct fse_common fse_common;

typedef struct fse_command fse_command;

struct fse_command {
    const char *name;      /* as typed: "search", "models pull" */
    const char *summary;   /* one line */
    const char *arguments; /* what follows the name in the usage line */
    const char *about;     /* paragraphs for the help, each a line; NULL: the summary */
    const char *examples;  /* lines for the help; NULL */
    const struct fse_option_group *groups; /* ends with a NULL title; NULL: it has subcommands */
    size_t settings_size;  /* its settings begin with fse_common */
    void (*init)(void *settings);
    void (*clear)(void *settings); /* NULL: nothing to free */
    int minimum, maximum;  /* how many other arguments it takes; maximum -1: any number */
    const char *stray;     /* hint for an argument too many; NULL */
    int (*run)(const fse_command *command, void *settings, const char *const *arguments,
               size_t count);
    const fse_command *const *subcommands; /* ends with NULL; NULL: none */
};

extern const fse_command fse_command_search;
extern const fse_command fse_command_index;
extern const fse_command fse_command_faces;
extern const fse_command fse_command_compare;
extern const fse_command fse_command_status;
extern const fse_command fse_command_why;
extern const fse_command fse_command_forget;
extern const fse_command fse_command_models;
extern const fse_command fse_command_bench;

/* All of them, in the order of the help; ends with NULL. */
extern const fse_command *const fse_commands[];

#endif
