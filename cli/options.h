/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options by tables. A table's lines are both the parser and the help: the name, where the value
 * goes in the command's settings, how it is read, and what it is for. Defaults shown in the help
 * are read from the settings as the command's own initialiser leaves them.
 */
#ifndef FSE_CLI_OPTIONS_H
#define FSE_CLI_OPTIONS_H

#include <stddef.h>

#include "command.h"
#include "memory.h"

typedef struct fse_option fse_option;

/* A kind of value: one for each type of field. */
typedef struct fse_value_kind {
    /* Read a value into its field; NULL, or what would be right: "a number from 0 to 1". */
    const char *(*parse)(const fse_option *option, const char *value, void *field,
                         char *expected, size_t size);
    /* The field's value for the help; "" if there is nothing to show. NULL: never shown. */
    void (*show)(const fse_option *option, const void *field, char *text, size_t size);
} fse_value_kind;

/* One of the words that an option takes. Ends with a NULL name. */
typedef struct fse_choice {
    const char *name;
    int value;
} fse_choice;

struct fse_option {
    const char *name;     /* without "--" */
    char letter;          /* short form, or 0 */
    const char *argument; /* what its value is called; NULL: it takes none */
    const fse_value_kind *kind;
    size_t offset;        /* of the field in the command's settings */
    const char *help;     /* NULL: a hidden option */
    double minimum, maximum;   /* of a number; minimum is what a flag sets */
    const fse_choice *choices; /* of a word */
    const char *excludes;      /* options with the same text here cannot be given together */
};

/* Kinds. Flags take the option's `minimum` as what they set. */
extern const fse_value_kind fse_kind_flag;    /* bool: set to true */
extern const fse_value_kind fse_kind_set;     /* int: set to minimum */
extern const fse_value_kind fse_kind_text;    /* const char *; not empty */
extern const fse_value_kind fse_kind_list;    /* fse_list: each value is added; not empty */
extern const fse_value_kind fse_kind_include; /* the same, for globs that choose photos */
extern const fse_value_kind fse_kind_exclude; /* and that leave out photos and folders */
extern const fse_value_kind fse_kind_integer; /* int, minimum..maximum */
extern const fse_value_kind fse_kind_size;    /* size_t, minimum..maximum */
extern const fse_value_kind fse_kind_number;  /* double, minimum..maximum inclusive */
extern const fse_value_kind fse_kind_rate;    /* double, between 0 and 1, both exclusive */
extern const fse_value_kind fse_kind_choice;  /* an int-sized enum, by choices */
extern const fse_value_kind fse_kind_face;    /* int: FSE_FACE_* or a number from 0 */
extern const fse_value_kind fse_kind_since;   /* int64_t: the first second of a date */
extern const fse_value_kind fse_kind_until;   /* int64_t: the second after a date or period */

/* A heading of the help and the options under it, which end with a NULL name. */
typedef struct fse_option_group {
    const char *title;
    const fse_option *options;
} fse_option_group;

/*
 * Read a command's arguments into its settings. Other arguments go to positional.
 * On wrong usage says what is wrong and returns FSE_EXIT_USAGE, else 0.
 */
int fse_options_parse(const fse_command *command, int argc, char **argv, void *settings,
                      fse_list *positional);

/* Say what is wrong and where help is. Returns FSE_EXIT_USAGE. */
int fse_misuse(const fse_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The legal word nearest to a mistyped one (by edit distance), or NULL if none is near. */
const char *fse_nearest(const char *word, const char *const *legal, size_t count);

/*
 * The period that a date names: 2024, 2024-05, 2024-05-06, 2024-05-06T07:08 or 2024-05-06T07:08:09
 * (or a space for the T), as seconds since 1970 in the clock of the photos: first, and the
 * one after the last. false: no such date.
 */
bool fse_parse_period(const char *text, int64_t *first, int64_t *end);

#endif
