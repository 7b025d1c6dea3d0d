/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), by OpenSSL. */
#ifndef FSE_BASE_DIGEST_H
#define FSE_BASE_DIGEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define FSE_SHA256_BYTES 32
#define FSE_SHA256_HEX 65 /* with the NUL */

typedef struct fse_digest fse_digest;

fse_status fse_digest_new(fse_digest **digest, fse_error *error);
fse_status fse_digest_add(fse_digest *digest, const void *bytes, size_t size, fse_error *error);
/* Finish; afterwards the digest can only be freed. */
fse_status fse_digest_end(fse_digest *digest, uint8_t sha256[FSE_SHA256_BYTES], fse_error *error);
void fse_digest_free(fse_digest **digest);

fse_status fse_digest_bytes(const void *bytes, size_t size, uint8_t sha256[FSE_SHA256_BYTES],
                            fse_error *error);
/* Of all that a descriptor holds, from its start; its offset does not move. size may be NULL. */
fse_status fse_digest_fd(int fd, const char *path, uint8_t sha256[FSE_SHA256_BYTES], uint64_t *size,
                         fse_error *error);

void fse_digest_hex(const uint8_t sha256[FSE_SHA256_BYTES], char hex[FSE_SHA256_HEX]);

#endif
