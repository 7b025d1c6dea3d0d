/* SPDX-License-Identifier: Apache-2.0 */
/* A first look at an ONNX file, before the inference runtime sees it. */
#ifndef FSE_MODELS_ONNX_H
#define FSE_MODELS_ONNX_H

#include "base/error.h"

/*
 * Walk the file as protocol buffers: it must be a whole ModelProto with a graph. External data must
 * lie in the model's own folder: an absolute path, "..", or a link that leaves it is refused.
 * *external: NULL, or the names of external data files, each NUL-terminated, ended by an empty one,
 * to free(). Errors: FSE_EMODEL (says what is wrong), FSE_EIO, FSE_ENOMEM.
 */
fse_status fse_onnx_check(const char *path, char **external, fse_error *error);

#endif
