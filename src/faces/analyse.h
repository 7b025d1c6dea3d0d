/* SPDX-License-Identifier: Apache-2.0 */
/* Photo -> faces: decode, views, detect, landmarks, align, embed, quality. */
#ifndef FSE_FACES_ANALYSE_H
#define FSE_FACES_ANALYSE_H

#include "facesearch/face.h"
#include "models/pack.h"

/* The networks of a pack, ready to run. Shared by threads. */
typedef struct fse_analyser fse_analyser;

/* The pack must outlive the analyser. jobs: photos analysed at once, at least 1. */
fse_status fse_analyser_open(const fse_net_backend *backend, const fse_pack *pack,
                             fse_precision precision, int jobs, fse_analyser **analyser,
                             fse_error *error);

void fse_analyser_close(fse_analyser **analyser);

/*
 * "f32", "bf16" or "bf16 detector, f32 embedder": what a precision comes to on this CPU. Static; NULL
 * for a number that is none.
 */
const char *fse_precision_text(const fse_net_backend *backend, fse_precision precision);

/* The same of an analyser. */
const char *fse_analyser_precision(const fse_analyser *analyser);

/*
 * Analyse the image in a regular file's descriptor, which stays the caller's. name is for error
 * reports. sha256: the file's digest where the caller knows it, else NULL. *photo is one allocation,
 * for free(); see fse_analyse_file() for the rest.
 */
fse_status fse_analyse(fse_analyser *analyser, int fd, const char *name, const uint8_t *sha256,
                       const fse_analyse_options *options, fse_photo **photo, fse_error *error);

/* Whether a failure of fse_analyse() is the photo's own, so that others can still be analysed. */
bool fse_is_photo_failure(fse_status status);

#endif
