/* SPDX-License-Identifier: Apache-2.0 */
/* What kind of network it is, by its inputs and outputs alone. */
#ifndef FSE_MODELS_CLASSIFY_H
#define FSE_MODELS_CLASSIFY_H

#include "models/pack.h"

/* One kind of network that facesearch knows. */
typedef struct fse_kind {
    const char *words;   /* "an SCRFD face detector" */
    fse_role role;       /* FSE_ROLES: of no use here, but worth a message */
    fse_family family;   /* of detectors */
    fse_net_input input; /* how networks of this kind want their pixels, unless stated otherwise */
    bool (*fits)(const fse_net_shape *shape);
} fse_kind;

/* The first kind that fits; NULL: another kind of network. Static. */
const fse_kind *fse_classify(const fse_net_shape *shape);

/* The kind that a role and, for a detector, a family stand for. Static. */
const fse_kind *fse_kind_of(fse_role role, fse_family family);

/* Numbers in an embedding, from an embedder's outputs. */
int fse_embedding_dim(const fse_net_shape *shape);

/* Inputs and outputs in words: "3x112x112 -> 1x512", cut to fit. */
void fse_shape_words(const fse_net_shape *shape, char *words, size_t size);

#define FSE_DIM_MIN 64
#define FSE_DIM_MAX 2048

const char *fse_role_name(fse_role role);

#endif
