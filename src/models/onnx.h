/* SPDX-License-Identifier: Apache-2.0 */
/* A first look at an ONNX file, before the inference runtime sees it. */
#ifndef FSE_MODELS_ONNX_H
#define FSE_MODELS_ONNX_H

#include "models/net.h"

/*
 * Walk the file as protocol buffers: it must be a whole ModelProto with a graph. External data must
 * lie in the model's own folder: an absolute path, "..", or a link that leaves it is refused.
 * facts->external is to free(). Errors: FSE_EMODEL (says what is wrong), FSE_EIO, FSE_ENOENT,
 * FSE_EACCES, FSE_ENOMEM.
 */
fse_status fse_onnx_check(const char *path, fse_net_facts *facts, fse_error *error);

#endif
