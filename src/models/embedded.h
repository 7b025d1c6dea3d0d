/* SPDX-License-Identifier: Apache-2.0 */
/* The files of packs/, as the build puts them into the library (cmake/embed.cmake). */
#ifndef FSE_MODELS_EMBEDDED_H
#define FSE_MODELS_EMBEDDED_H

#include <stddef.h>

struct fse_embedded_file {
    const char *name; /* without a folder */
    const char *data; /* followed by a NUL */
    size_t size;
};

extern const struct fse_embedded_file fse_embedded_packs[];
extern const size_t fse_embedded_packs_count;

#endif
