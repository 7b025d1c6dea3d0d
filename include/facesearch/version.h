/* SPDX-License-Identifier: Apache-2.0 */
/* The version, as a compile-time constant and as the linked library states it. */
#ifndef FACESEARCH_VERSION_H
#define FACESEARCH_VERSION_H

#include "facesearch/error.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FSE_VERSION_MAJOR 0
#define FSE_VERSION_MINOR 1
#define FSE_VERSION_PATCH 0
#define FSE_VERSION "0.1.0"

/* The version of the library that is linked, such as "0.1.0". Static. Thread-safe. */
FSE_API const char *fse_version(void);

#ifdef __cplusplus
}
#endif
#endif
