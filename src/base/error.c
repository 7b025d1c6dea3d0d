/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    fse_status status;
    const char *text;
} status_texts[] = {
    {FSE_OK, "no error"},
    {FSE_EINVAL, "invalid argument"},
    {FSE_ENOMEM, "out of memory"},
    {FSE_EIO, "input/output error"},
    {FSE_ENOENT, "not found"},
    {FSE_EACCES, "permission denied"},
    {FSE_ECORRUPT, "damaged"},
    {FSE_ELOCKED, "in use"},
    {FSE_EFULL, "no space left"},
    {FSE_ESTORE, "unusable store"},
    {FSE_EIMAGE, "not a readable image"},
    {FSE_ELIMIT, "over a limit"},
    {FSE_EMODEL, "unusable model"},
    {FSE_EINFERENCE, "inference failed"},
    {FSE_ENOFACE, "no face"},
    {FSE_EFACE, "unusable face"},
    {FSE_ENETWORK, "download failed"},
    {FSE_EDIGEST, "wrong digest"},
    {FSE_ELICENSE, "licence not accepted"},
    {FSE_ECANCELLED, "cancelled"},
    {FSE_EINTERNAL, "internal error"},
};

static const struct {
    int errnum;
    fse_status status;
} errno_statuses[] = {
    {ENOENT, FSE_ENOENT}, {ENOTDIR, FSE_ENOENT}, {EACCES, FSE_EACCES},
    {EPERM, FSE_EACCES},  {EROFS, FSE_EACCES},   {ENOMEM, FSE_ENOMEM},
    {ENOSPC, FSE_EFULL},  {EDQUOT, FSE_EFULL},   {EFBIG, FSE_EFULL},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *fse_status_text(fse_status status)
{
    for (size_t i = 0; i < COUNT(status_texts); i++)
        if (status_texts[i].status == status)
            return status_texts[i].text;
    return "unknown status";
}

static void copy_text(char *to, size_t size, const char *from)
{
    const size_t length = strnlen(from, size - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

fse_status fse_fail(fse_error *error, fse_status status, const char *subject, const char *format,
                    ...)
{
    if (!error)
        return status;
    /* The subject or an argument may point into the old report. */
    fse_error report = {.status = status};
    va_list args;
    va_start(args, format);
    vsnprintf(report.message, sizeof report.message, format, args);
    va_end(args);
    copy_text(report.subject, sizeof report.subject, subject ? subject : "");
    *error = report;
    return status;
}

static fse_status errno_status(int errnum)
{
    for (size_t i = 0; i < COUNT(errno_statuses); i++)
        if (errno_statuses[i].errnum == errnum)
            return errno_statuses[i].status;
    return FSE_EIO;
}

fse_status fse_fail_errno(fse_error *error, int errnum, const char *subject, const char *what)
{
    char words[128];
    /* strerror() is not thread-safe before glibc 2.32 and elsewhere. */
#if defined(__GLIBC__) && defined(_GNU_SOURCE)
    const char *text = strerror_r(errnum, words, sizeof words);
#else
    const char *text = strerror_r(errnum, words, sizeof words) == 0 ? words : "unknown error";
#endif
    return fse_fail(error, errno_status(errnum), subject, "%s: %s", what, text);
}

fse_status fse_fail_memory(fse_error *error)
{
    return fse_fail(error, FSE_ENOMEM, NULL, "out of memory");
}
