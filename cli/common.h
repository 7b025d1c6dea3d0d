/* SPDX-License-Identifier: Apache-2.0 */
/* Settings that several commands share, the tables of their options, and what they stand for. */
#ifndef FSE_CLI_COMMON_H
#define FSE_CLI_COMMON_H

#include "console.h"
#include "facesearch/facesearch.h"
#include "options.h"

/* First member of every command's settings. */
struct fse_common {
    bool help;
    bool quiet, verbose;
    int progress;        /* 1, 0, -1: if standard error is a terminal */
    int pretend;         /* hidden: columns of a pretended terminal; 0 */
    fse_console console; /* made from the above when the options are read */
    const char *models;
    fse_engine_options engine;
    fse_analyse_options analyse;
};

/* Fill all fields with their defaults. */
void fse_common_init(fse_common *common);

/* The options of the shared settings, for the commands' groups. */
extern const fse_option fse_model_options[];
extern const fse_option fse_talk_options[];

/* For the name column of fse_option tables: how an option's line ends. */
#define FSE_OPTIONS_END {.name = NULL}

/* Open the engine that the settings ask for. Returns 0 or an exit status, with the failure said. */
int fse_open_engine(fse_common *common, fse_engine **engine);

/*
 * All of standard input, at most max bytes, for free(). Returns 0, or an exit status with the
 * failure said.
 */
int fse_read_stdin(fse_common *common, uint64_t max, char **data, size_t *size);

/* Analyse a photo; "-" is standard input. *status and error are those of fse_analyse_file(). */
fse_status fse_load_photo(fse_engine *engine, fse_common *common, const char *path,
                          fse_photo **photo, fse_error *error);

/* "1 photo", "2 photos": into text, which is returned. */
const char *fse_count_text(char *text, size_t size, uint64_t count, const char *one,
                           const char *many);

/* Seconds on a clock that is never set. */
double fse_seconds(void);

/* A photo's date as 2024-05-06T07:08:09; "" if it has none. */
const char *fse_time_text(char *text, size_t size, int64_t time);

#endif
