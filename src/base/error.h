/* SPDX-License-Identifier: Apache-2.0 */
/* The one error idiom: a function returns an fse_status and fills the caller's fse_error. */
#ifndef FSE_BASE_ERROR_H
#define FSE_BASE_ERROR_H

#include "facesearch/error.h"

#define FSE_PRINTF(text, first) __attribute__((format(printf, text, first)))

/*
 * Go to the function's one cleanup label if a call fails. The function declares `fse_status status`
 * and returns it there.
 */
#define FSE_TRY(call)                                                                              \
    do {                                                                                           \
        status = (call);                                                                           \
        if (status != FSE_OK)                                                                      \
            goto cleanup;                                                                          \
    } while (0)

/* Go to the cleanup label with a new error: FSE_THROW(error, FSE_EIO, path, "cannot read: %s", ..). */
#define FSE_THROW(...)                                                                             \
    do {                                                                                           \
        status = fse_fail(__VA_ARGS__);                                                            \
        goto cleanup;                                                                              \
    } while (0)

/* Write an error report and return its status. error may be NULL, subject too (no subject). */
fse_status fse_fail(fse_error *error, fse_status status, const char *subject, const char *format,
                    ...) FSE_PRINTF(4, 5);

/* The same for a failed system call: status and words are those of errnum. what: "cannot open". */
fse_status fse_fail_errno(fse_error *error, int errnum, const char *subject, const char *what);

/* Out of memory. */
fse_status fse_fail_memory(fse_error *error);

#endif
