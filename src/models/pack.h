/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Model packs: which files of a folder are the detector, the landmark model and the embedder, how
 * each wants its pixels, and what the embeddings mean.
 */
#ifndef FSE_MODELS_PACK_H
#define FSE_MODELS_PACK_H

#include "base/digest.h"
#include "models/net.h"

typedef enum fse_role {
    FSE_ROLE_DETECTOR,
    FSE_ROLE_LANDMARKS,
    FSE_ROLE_EMBEDDER,
    FSE_ROLES
} fse_role;

/* Detector families; see src/faces/ for how each is decoded. */
typedef enum fse_family { FSE_FAMILY_SCRFD, FSE_FAMILY_YUNET, FSE_FAMILY_ULTRALIGHT } fse_family;

typedef struct fse_model {
    char *file;                    /* name below the folder; NULL: the pack has no such model */
    char *path;                    /* folder and name */
    char sha256[FSE_SHA256_HEX];   /* of the file as it is; with external data: over the digests of
                                    all its files (pack.c) */
    char expected[FSE_SHA256_HEX]; /* what the manifest says; "" if nothing is known */
    uint64_t bytes;
    fse_net_input input;
    fse_net_shape shape;
} fse_model;

#define FSE_CALIBRATION_POINTS 8

/* FMR -> cosine, FMR falling, cosine rising. count 0: not calibrated. */
typedef struct fse_calibration {
    int count;
    double fmr[FSE_CALIBRATION_POINTS];
    double cosine[FSE_CALIBRATION_POINTS];
} fse_calibration;

typedef struct fse_pack {
    char *name;
    char *folder;
    char *license; /* "" if not known */
    fse_family family;
    int dim;
    fse_model models[FSE_ROLES];
    fse_calibration calibration;
    char contract[FSE_SHA256_HEX];
} fse_pack;

/*
 * Which preprocessing made the embeddings: part of the contract. Raise it with every change that
 * moves embeddings of the same file (views, alignment, resampling, rounding).
 */
#define FSE_PREPROCESSING_VERSION 1

/*
 * Read what a pack folder holds: by its pack.json, else by the inputs and outputs of its *.onnx
 * files. Every file is hashed, checked against the manifest, and opened with the backend to learn
 * its shape.
 * On success *pack is for fse_pack_free(). Errors: FSE_EMODEL, FSE_EDIGEST, FSE_EIO, FSE_ENOMEM.
 */
fse_status fse_pack_read(const fse_net_backend *backend, const char *folder, fse_pack **pack,
                         fse_error *error);

/*
 * The same into a zeroed pack that may be half filled on failure: for a report. The models whose
 * sha256 is set were read; the pack is for fse_pack_free() in any case.
 */
fse_status fse_pack_load(const fse_net_backend *backend, const char *folder, fse_pack *pack,
                         fse_error *error);

void fse_pack_free(fse_pack **pack);

const char *fse_family_name(fse_family family);

/* Cosine at a false match rate, and the inverse; as for fse_engine_threshold() and _fmr(). */
double fse_calibration_threshold(const fse_calibration *calibration, double fmr);
double fse_calibration_fmr(const fse_calibration *calibration, double cosine);

#endif
