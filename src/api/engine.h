/* SPDX-License-Identifier: Apache-2.0 */
/* What is behind the public fse_engine. */
#ifndef FSE_API_ENGINE_H
#define FSE_API_ENGINE_H

#include "faces/analyse.h"

struct fse_engine {
    const fse_net_backend *backend;
    fse_pack *pack;
    fse_analyser *analyser;
    int jobs;
};

/* FSE_EINVAL, naming the option, if one is out of its range. */
fse_status fse_analyse_options_check(const fse_analyse_options *options, fse_error *error);

#endif
