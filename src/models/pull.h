/* SPDX-License-Identifier: Apache-2.0 */
/* Installing a pack of the catalogue: download, verify, put in place. */
#ifndef FSE_MODELS_PULL_H
#define FSE_MODELS_PULL_H

#include "facesearch/models.h"
#include "models/manifest.h"

/* fse_pack_pull() for a manifest; its text becomes the pack's pack.json. */
fse_status fse_pull(const fse_manifest *manifest, const char *text, size_t size,
                    const fse_pull_options *options, fse_error *error);

#endif
