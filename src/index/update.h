/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bring a store in line with its folder: hash what is new or changed, analyse the contents that are
 * new, commit in batches, let go of what is gone.
 */
#ifndef FSE_INDEX_UPDATE_H
#define FSE_INDEX_UPDATE_H

#include "facesearch/index.h"
#include "faces/analyse.h"
#include "store/store.h"

/* What analyses photos. */
typedef struct fse_update_means {
    fse_analyser *analyser;
    const char *precision, *runtime; /* as fse_engine_info says */
} fse_update_means;

typedef struct fse_update {
    fse_store *store;            /* the caller is its writer */
    const char *folder;          /* what the store covers */
    const char *below;           /* the part of it to update; "" for all */
    const fse_store_contract *contract; /* known to the store */
    const fse_update_options *options;  /* its engine and models are not looked at */
    const char *precision; /* that photos must have been analysed with; NULL: any */
    /* Asked when the first photo needs it, by one thread at a time. user is options->user's like. */
    fse_status (*means)(void *user, fse_update_means *means, fse_error *error);
    void *user;
} fse_update;

/* Versions of facesearch and of its decoder, as kept with every refusal. Static. */
const char *fse_update_software(void);

/* counts is filled as far as it got, also on failure. What was committed stays. */
fse_status fse_update_run(const fse_update *update, fse_update_counts *counts, fse_error *error);

/* Names of settings in the store. */
#define FSE_SETTING_DEVICE "device"   /* that the folder was on at the last update */
#define FSE_SETTING_OTHER "other"     /* files that were no photos */
#define FSE_SETTING_UPDATED "updated" /* when the last update ended, seconds since 1970 */

#endif
