/* SPDX-License-Identifier: Apache-2.0 */
/* Help, from the same tables as the options. */
#ifndef FSE_CLI_HELP_H
#define FSE_CLI_HELP_H

#include "command.h"
#include "out.h"

/* The program's help: its commands. */
void fse_help_program(fse_out *out, int width);

/* A command's help: usage, options by group with their defaults, examples. */
void fse_help_command(fse_out *out, int width, const fse_command *command);

#endif
