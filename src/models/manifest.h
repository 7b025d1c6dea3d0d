/* SPDX-License-Identifier: Apache-2.0 */
/* pack.json and the manifests of the catalogue, as docs/models.md describes them. */
#ifndef FSE_MODELS_MANIFEST_H
#define FSE_MODELS_MANIFEST_H

#include "models/pack.h"

/* The version of the format that is read and written. */
#define FSE_MANIFEST_FORMAT 1

/* What is stated of one model. */
typedef struct fse_manifest_model {
    char *file;                  /* name below the pack's folder; NULL: no such model */
    char sha256[FSE_SHA256_HEX]; /* "": not stated */
    uint64_t bytes;              /* 0: not stated */
    fse_net_input input;         /* stated, or usual for its kind */
    int dim;                     /* of an embedder; 0: not stated */
    fse_calibration calibration; /* of an embedder */
} fse_manifest_model;

/* One address to get files from. */
typedef struct fse_download {
    char *url;
    char *file; /* the model that the address gives; NULL: an archive with models of the pack */
    char sha256[FSE_SHA256_HEX];
    uint64_t bytes;
} fse_download;

#define FSE_DOWNLOADS_MAX 8

/* Texts are "" where nothing is stated. */
typedef struct fse_manifest {
    char *name, *summary, *license, *license_notes, *source;
    char *obtain; /* what to type to get the files, where no download is stated */
    int format;
    int position; /* in the catalogue */
    bool needs_acceptance;
    fse_family family;
    fse_manifest_model models[FSE_ROLES];
    int download_count;
    fse_download downloads[FSE_DOWNLOADS_MAX];
} fse_manifest;

/* A model that is known by its digest, without a pack. */
typedef struct fse_known {
    fse_role role;
    fse_manifest_model model;
} fse_known;

/*
 * Read a manifest. subject is for error reports. Everything is checked; a field that is not known
 * is an error, for it may be a slip of the pen. On success *manifest is for fse_manifest_free().
 * Errors: FSE_EMODEL (names the field), FSE_ENOMEM.
 */
fse_status fse_manifest_parse(const char *text, size_t size, const char *subject,
                              fse_manifest **manifest, fse_error *error);

void fse_manifest_free(fse_manifest **manifest);

/* Read packs/known.json: {"format", "models": [..]}. *known is for free(). */
fse_status fse_known_parse(const char *text, size_t size, const char *subject, fse_known **known,
                           size_t *count, fse_error *error);

#endif
