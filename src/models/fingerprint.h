/* SPDX-License-Identifier: Apache-2.0 */
/* Telling a pack folder apart without opening its networks. */
#ifndef FSE_MODELS_FINGERPRINT_H
#define FSE_MODELS_FINGERPRINT_H

#include "base/digest.h"

/*
 * A digest over the names and contents of a folder's pack.json and *.onnx files and the version of
 * the preprocessing: two folders with the same one make the same pack, of the same contract. (Another
 * fingerprint may still be the same contract.) Errors: FSE_EMODEL, FSE_EIO, FSE_EACCES, FSE_ENOMEM.
 */
fse_status fse_pack_fingerprint(const char *folder, char hex[FSE_SHA256_HEX], fse_error *error);

#endif
