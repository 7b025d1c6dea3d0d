/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a pack's files out of an archive (zip, or tar with gzip), by libarchive. */
#ifndef FSE_MODELS_UNPACK_H
#define FSE_MODELS_UNPACK_H

#include "models/manifest.h"

/*
 * Take the models of the manifest out of the archive behind fd into an existing folder, each with
 * its stated size and digest. Only plain files with the models' own names are taken, from whatever
 * relative folder in the archive; its paths are never used. An existing file is not written over.
 * Errors: FSE_EMODEL (not such an archive), FSE_EDIGEST, FSE_EIO, FSE_ENOMEM.
 */
fse_status fse_unpack(int fd, const char *name, const fse_manifest *manifest, const char *folder,
                      fse_error *error);

#endif
