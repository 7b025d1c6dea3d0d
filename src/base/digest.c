/* SPDX-License-Identifier: Apache-2.0 */
#include "base/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"

struct fse_digest {
    EVP_MD_CTX *context;
};

static fse_status failed(fse_error *error)
{
    return fse_fail(error, FSE_EINTERNAL, NULL, "the cryptographic library has no SHA-256");
}

fse_status fse_digest_new(fse_digest **digest, fse_error *error)
{
    fse_status status = FSE_OK;
    *digest = NULL;
    fse_digest *made = fse_alloc(1, sizeof *made);
    if (!made)
        return fse_fail_memory(error);
    made->context = EVP_MD_CTX_new();
    if (!made->context)
        FSE_THROW(error, FSE_ENOMEM, NULL, "out of memory");
    if (EVP_DigestInit_ex(made->context, EVP_sha256(), NULL) != 1)
        FSE_TRY(failed(error));
    *digest = made;
    made = NULL;
cleanup:
    fse_digest_free(&made);
    return status;
}

void fse_digest_free(fse_digest **digest)
{
    if (!digest || !*digest)
        return;
    EVP_MD_CTX_free((*digest)->context);
    free(*digest);
    *digest = NULL;
}

fse_status fse_digest_add(fse_digest *digest, const void *bytes, size_t size, fse_error *error)
{
    return EVP_DigestUpdate(digest->context, bytes, size) == 1 ? FSE_OK : failed(error);
}

fse_status fse_digest_end(fse_digest *digest, uint8_t sha256[FSE_SHA256_BYTES], fse_error *error)
{
    return EVP_DigestFinal_ex(digest->context, sha256, NULL) == 1 ? FSE_OK : failed(error);
}

fse_status fse_digest_bytes(const void *bytes, size_t size, uint8_t sha256[FSE_SHA256_BYTES],
                            fse_error *error)
{
    return EVP_Digest(bytes, size, sha256, NULL, EVP_sha256(), NULL) == 1 ? FSE_OK : failed(error);
}

/* Large enough that the system calls cost nothing beside the hashing. */
#define CHUNK ((size_t)1 << 17)

fse_status fse_digest_fd(int fd, const char *path, uint8_t sha256[FSE_SHA256_BYTES], uint64_t *size,
                         fse_error *error)
{
    fse_status status = FSE_OK;
    fse_digest *digest = NULL;
    uint64_t offset = 0;
    char *chunk = malloc(CHUNK);
    if (!chunk)
        FSE_TRY(fse_fail_memory(error));
    FSE_TRY(fse_digest_new(&digest, error));
    for (;;) {
        const ssize_t got = pread(fd, chunk, CHUNK, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            FSE_TRY(fse_fail_errno(error, errno, path, "cannot read"));
        if (got == 0)
            break;
        FSE_TRY(fse_digest_add(digest, chunk, (size_t)got, error));
        offset += (uint64_t)got;
    }
    FSE_TRY(fse_digest_end(digest, sha256, error));
    if (size)
        *size = offset;
cleanup:
    fse_digest_free(&digest);
    free(chunk);
    return status;
}

void fse_digest_hex(const uint8_t sha256[FSE_SHA256_BYTES], char hex[FSE_SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < FSE_SHA256_BYTES; i++) {
        hex[2 * i] = digits[sha256[i] >> 4];
        hex[2 * i + 1] = digits[sha256[i] & 15];
    }
    hex[FSE_SHA256_HEX - 1] = '\0';
}
