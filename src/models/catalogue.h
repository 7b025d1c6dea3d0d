/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue of model packs that is built into the library: packs/ of the source. */
#ifndef FSE_MODELS_CATALOGUE_H
#define FSE_MODELS_CATALOGUE_H

#include "facesearch/models.h"
#include "models/manifest.h"

/* The manifest of a pack of the catalogue; NULL: there is none. Static. Thread-safe. */
const fse_manifest *fse_catalogue_find(const char *name);

/* The text of the same manifest, for pack.json. */
void fse_catalogue_text(const char *name, const char **text, size_t *size);

/* What is known of a model file by its digest, from any pack; NULL: nothing. Static. */
const fse_manifest_model *fse_catalogue_model(fse_role role, const char *sha256);

#endif
