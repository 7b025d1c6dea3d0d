/* SPDX-License-Identifier: Apache-2.0 */
/* Status codes and error reports: how every function of facesearch says what went wrong. */
#ifndef FACESEARCH_ERROR_H
#define FACESEARCH_ERROR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define FSE_API __attribute__((visibility("default")))
#else
#define FSE_API
#endif

/* What a call came to. The numbers are stable: new ones go into the gaps, none is renumbered. */
typedef enum fse_status {
    FSE_OK = 0,
    FSE_EINVAL = 10,     /* an argument breaks the function's contract; nothing was done */
    FSE_ENOMEM = 20,     /* out of memory */
    FSE_EIO = 30,        /* the operating system failed to read, write or lock */
    FSE_ENOENT = 31,     /* a file or folder does not exist */
    FSE_EACCES = 32,     /* it exists, but may not be read or written */
    FSE_ECORRUPT = 35,   /* a stored file is damaged */
    FSE_ELOCKED = 36,    /* another process holds it; trying again later may help */
    FSE_EFULL = 37,      /* no space is left where it is stored */
    FSE_ESTORE = 38,     /* not a store of facesearch, or one of another version */
    FSE_EIMAGE = 40,     /* a file is not an image that can be decoded */
    FSE_ELIMIT = 41,     /* an input is larger than the limits allow */
    FSE_EMODEL = 50,     /* a model file or pack is missing, damaged, or another kind of network */
    FSE_EINFERENCE = 51, /* the inference runtime failed */
    FSE_ENOFACE = 60,    /* no face where one was needed */
    FSE_EFACE = 61,      /* a face gave no usable embedding (zero or not finite) */
    FSE_ENETWORK = 70,   /* a download failed; trying again may help */
    FSE_EDIGEST = 71,    /* a file does not have the SHA-256 that was expected */
    FSE_ELICENSE = 72,   /* a licence has to be accepted first */
    FSE_ECANCELLED = 80, /* the caller's cancel callback asked to stop */
    FSE_EINTERNAL = 90   /* a defect of facesearch: please report it */
} fse_status;

/*
 * Why a call failed. The caller owns it, usually on the stack; every function that takes one accepts
 * NULL. It is written on failure only, so a zeroed one still reads FSE_OK after a success.
 * Strings are NUL-terminated, cut to fit, and may hold any bytes that a file name may hold.
 */
typedef struct fse_error {
    fse_status status;
    char message[512];  /* what was expected, what came, what to do; without the subject's name */
    char subject[1024]; /* the file, folder, model or option it is about; "" if there is none */
} fse_error;

/*
 * The name of a status, such as "not found"; "unknown status" for any other number.
 * The string is static. Thread-safe.
 */
FSE_API const char *fse_status_text(fse_status status);

#ifdef __cplusplus
}
#endif
#endif
