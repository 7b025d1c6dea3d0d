/* SPDX-License-Identifier: Apache-2.0 */
/* Downloading one file over HTTPS, by libcurl. */
#ifndef FSE_MODELS_FETCH_H
#define FSE_MODELS_FETCH_H

#include "facesearch/models.h"
#include "models/manifest.h"

/* Whether an address may be asked at all: HTTPS, or plain HTTP to this machine. Else FSE_EINVAL. */
fse_status fse_fetch_check(const char *url, fse_error *error);

/*
 * Fetch `url` into the file behind fd, which may hold the beginning of it from an earlier, broken
 * download; then its bytes must be download->bytes and have download->sha256. name is for progress
 * and reports. On FSE_ENETWORK and FSE_ECANCELLED what was received stays in the file, for the next
 * call; on FSE_EDIGEST the file is empty.
 */
fse_status fse_fetch(const char *url, const fse_download *download, const char *name, int fd,
                     const fse_pull_options *options, fse_error *error);

#endif
