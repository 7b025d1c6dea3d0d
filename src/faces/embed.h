/* SPDX-License-Identifier: Apache-2.0 */
/* Aligned crop -> canonical embedding. */
#ifndef FSE_FACES_EMBED_H
#define FSE_FACES_EMBED_H

#include "image/image.h"
#include "models/net.h"

/*
 * Run the embedder on one aligned crop. embedding: dim numbers, unit length, then each rounded to
 * float16; norm: the length before. FSE_EFACE if the network's answer is zero or not finite.
 */
fse_status fse_embed(const fse_net_backend *backend, fse_net *net, const fse_image *crop, int dim,
                     float *embedding, float *norm, fse_error *error);

/* Normalise a vector and round it to float16, in place; its length before. false: zero or not finite. */
bool fse_canonical(float *vector, int dim, float *norm);

#endif
