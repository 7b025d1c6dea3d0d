/* SPDX-License-Identifier: Apache-2.0 */
/* Whom to find and what counts as a match: options, and the query that is made of them. */
#ifndef FSE_CLI_QUERY_H
#define FSE_CLI_QUERY_H

#include "common.h"

/* Begins the settings of the commands that search. */
typedef struct fse_query_settings {
    fse_common common;
    fse_list queries;
    int face;
    fse_search_options search;
} fse_query_settings;

extern const fse_option fse_whom_options[];
extern const fse_option fse_match_options[];

void fse_query_settings_init(fse_query_settings *settings);
void fse_query_settings_clear(fse_query_settings *settings);

/* What is wrong with the options; 0, or FSE_EXIT_USAGE with what is wrong said. */
int fse_query_check_usage(const fse_command *command, const fse_query_settings *settings);

/* Query photos that are missing are said before a model is loaded. 0 or an exit status. */
int fse_query_check_files(fse_query_settings *settings);

/*
 * Read the query photos and say which faces are searched for; one without a face is a warning if
 * there are others. Returns 0, or an exit status with the failure said.
 */
int fse_query_read(fse_query_settings *settings, fse_engine *engine, fse_query **query);

#endif
