/* SPDX-License-Identifier: Apache-2.0 */
/* Model packs: the catalogue, where packs are looked for, download and verification. */
#ifndef FACESEARCH_MODELS_H
#define FACESEARCH_MODELS_H

#include <stdbool.h>
#include <stdint.h>

#include "facesearch/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One pack of the built-in catalogue. The strings are static. */
typedef struct fse_catalogue_entry {
    const char *name;
    const char *summary;       /* one line: the networks in it */
    const char *license;       /* name of the licence, or what is known of it */
    const char *license_notes; /* what it allows, as far as is known; "" if nothing to add */
    const char *source;        /* address of the project that publishes it */
    bool needs_acceptance;     /* the licence has to be accepted before a download */
    uint64_t download_bytes;   /* of its model files where there is no download; 0: not known */
    int dim;
} fse_catalogue_entry;

/* The catalogue, in the order to show it; the first is the default pack. Static. Thread-safe. */
FSE_API size_t fse_catalogue(const fse_catalogue_entry **entries);

/*
 * Where a pack is: a name with a slash is a folder; any other is looked up in the folders of the
 * environment's FACESEARCH_MODELS_PATH (separated by colons), the user's data folder
 * ($XDG_DATA_HOME or ~/.local/share, then facesearch/models), share/facesearch/models beside the
 * program's prefix, and models beside the program.
 *   name  NULL: the environment's FACESEARCH_MODELS, else the default pack.
 *   path  receives the folder, to give to free(); NULL on failure.
 * Errors: FSE_EMODEL (not found; the message lists the folders looked in), FSE_ENOMEM.
 */
FSE_API fse_status fse_pack_find(const char *name, char **path, fse_error *error);

/* Progress of a download; called from the calling thread. Return true to stop (FSE_ECANCELLED). */
typedef bool (*fse_pull_progress)(void *user, const char *file, uint64_t done, uint64_t total);

/* Fill with fse_pull_options_init() first. */
typedef struct fse_pull_options {
    size_t struct_size;  /* set by init */
    bool accept_license; /* default false: FSE_ELICENSE if the pack asks for acceptance */
    const char *folder;  /* where to install packs; NULL (default): the user's data folder */
    const char *base;    /* NULL (default): the addresses of the catalogue. Else a base address that
                            replaces scheme, host and folder of each (a mirror); HTTPS, or HTTP to
                            loopback */
    fse_pull_progress progress; /* may be NULL */
    void *user;
} fse_pull_options;

FSE_API void fse_pull_options_init(fse_pull_options *options);

/*
 * Download a pack of the catalogue, verify each file's SHA-256 and install it: complete or not at
 * all. A broken download is resumed by the next call. Only HTTPS, redirects too; plain HTTP only to
 * loopback. Nothing is downloaded if the pack is installed and whole.
 * Errors: FSE_EINVAL (no such pack; the message lists them), FSE_ELICENSE, FSE_ENETWORK,
 * FSE_EDIGEST, FSE_EMODEL (an archive without the files), FSE_EIO, FSE_EACCES, FSE_ECANCELLED,
 * FSE_ENOMEM.
 */
FSE_API fse_status fse_pack_pull(const char *name, const fse_pull_options *options,
                                 fse_error *error);

/* One file of an installed pack. */
typedef struct fse_pack_file {
    char name[256];
    char role[32];      /* "detector", "landmarks" or "embedder" */
    char sha256[65];    /* hex, of the file as it is */
    uint64_t bytes;
    bool expected_known; /* whether a manifest states the file's digest */
    bool ok;             /* the digest is the expected one; true if none is known */
} fse_pack_file;

/* What is known of an installed pack. */
typedef struct fse_pack_report {
    char name[128];
    char detector[32];  /* family */
    char license[128];
    char contract[65];
    int dim;
    bool calibrated;
    size_t file_count;
    fse_pack_file files[4];
} fse_pack_report;

/*
 * Check an installed pack (a name or a folder, as for fse_pack_find()): every file is there, has
 * the stated digest, and loads as the kind of network that it should be. report is filled as far
 * as it got, also on failure. Errors: FSE_EMODEL, FSE_EDIGEST, FSE_ENOMEM.
 */
FSE_API fse_status fse_pack_verify(const char *name, fse_pack_report *report, fse_error *error);

#ifdef __cplusplus
}
#endif
#endif
