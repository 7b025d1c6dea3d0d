/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

const fse_command *const fse_commands[] = {
    &fse_command_search, &fse_command_index, &fse_command_faces,  &fse_command_compare,
    &fse_command_status, &fse_command_why,   &fse_command_forget, &fse_command_models,
    &fse_command_bench,  NULL,
};
