/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files to pixels: the one function through which every image enters. It takes a descriptor and
 * plain options and gives pixels or a reason, and shares no state, so that it can run in a process
 * of its own.
 */
#ifndef FSE_IMAGE_DECODE_H
#define FSE_IMAGE_DECODE_H

#include "image/image.h"

typedef struct fse_decode_options {
    uint64_t max_bytes;  /* of the file */
    uint64_t max_pixels; /* of the full-size photo */
    int max_side;        /* 0: full size. Else the photo may be decoded smaller (JPEG, by 2, 4 or
                            8), its longer side not below this; it is never enlarged, and nothing
                            finer than the codec's own steps is done */
    bool header_only;    /* only the fields below the pixels; image stays empty */
} fse_decode_options;

typedef struct fse_decoded {
    fse_image image;             /* upright, sRGB, 3 channels */
    int full_width, full_height; /* upright size of the photo in the file */
    int shrink;                  /* 1, 2, 4 or 8. Pixel x of image covers the full-size columns from
                                    offset_x + x * shrink on, shrink of them; rows likewise. Less
                                    than shrink columns and rows are left over at the edges, so
                                    image.width / full_width is not the scale */
    int offset_x, offset_y;      /* 0 to shrink - 1; not 0 only where EXIF turns the photo */
    bool damaged;                /* the codec complained; pixels may be missing (grey) */
    bool has_profile;            /* an ICC profile was there and was converted to sRGB */
    const char *format;          /* as fse_photo.format */
    int64_t taken;               /* as fse_photo.taken */
} fse_decoded;

/*
 * Decode the image in a regular file's descriptor, which is read from its start and stays the
 * caller's. name is for error reports only. On success decoded->image is for fse_image_free().
 * Errors: FSE_EIMAGE (empty, not an image, a format that is not supported, too broken), FSE_ELIMIT,
 * FSE_EIO, FSE_ENOMEM. Thread-safe after fse_decode_init().
 */
fse_status fse_decode(int fd, const char *name, const fse_decode_options *options,
                      fse_decoded *decoded, fse_error *error);

/* Set up the codecs, once a process, also when called again or from several threads at once. */
fse_status fse_decode_init(fse_error *error);

/* Release what the codecs keep for the calling thread, at the end of each thread that decodes. */
void fse_decode_thread_end(void);

/*
 * The format of a file by its first bytes (at least 32 of them, if it has so many): one of the
 * supported formats; "camera RAW" and others that are recognised but not supported, with
 * *supported false; NULL: no image.
 */
const char *fse_sniff(const uint8_t *bytes, size_t size, bool *supported);

/* Whether a file name ends like a photo's: jpg, jpeg, heic, cr2, and so on, in any letter case. */
bool fse_has_photo_extension(const char *name);

/*
 * An anonymous file that holds these bytes, for fse_decode(). *fd is the caller's to close.
 */
fse_status fse_memory_file(const void *bytes, size_t size, int *fd, fse_error *error);

#endif
