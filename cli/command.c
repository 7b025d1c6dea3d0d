/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

const fse_command *const fse_commands[] = {
    &fse_command_search, &fse_command_faces, &fse_command_compare,
    &fse_command_models, &fse_command_bench, NULL,
};
