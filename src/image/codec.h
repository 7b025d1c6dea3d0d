/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder that use libvips share; nobody else includes it. */
#ifndef FSE_IMAGE_CODEC_H
#define FSE_IMAGE_CODEC_H

#include <pthread.h>
#include <vips/vips.h>

#include "image/decode.h"

/* What became of reading a descriptor. */
typedef struct fse_read_state {
    int64_t position;
    bool met_end; /* a codec asked for bytes beyond the end */
    int errnum;   /* of the last read that failed; 0: none did */
} fse_read_state;

/*
 * A descriptor that a codec reads through fse_source_open(), also from libvips's own threads.
 * Initialise with FSE_READER(fd), end with fse_reader_close(). The descriptor stays the caller's.
 */
typedef struct fse_reader {
    int fd;
    pthread_mutex_t mutex; /* of the state */
    fse_read_state state;
} fse_reader;

#define FSE_READER(descriptor) {.fd = (descriptor), .mutex = PTHREAD_MUTEX_INITIALIZER}

fse_read_state fse_reader_state(fse_reader *reader);

/* When all sources over it are gone: after the last read, whichever thread did it. */
void fse_reader_close(fse_reader *reader);

/*
 * A libvips source over a reader, which must outlive it; for g_object_unref(). NULL: no memory.
 * The descriptor is read by position, never mapped: a file that shrinks meanwhile would else raise
 * SIGBUS, and the offset of the caller's descriptor stays where it is.
 */
VipsSource *fse_source_open(fse_reader *reader);

/*
 * The pipeline from whatever a loader gives to sRGB, 8 bits, 3 bands. *converted: an ICC profile
 * was there and is applied. The image is for g_object_unref(); NULL where libvips refuses it.
 */
VipsImage *fse_to_srgb(VipsImage *image, bool *converted);

/* Whether an ICC profile describes sRGB itself, so that nothing is to convert. */
bool fse_profile_is_srgb(const uint8_t *bytes, size_t size);

/* The number of scans of a JPEG, counted no further than limit + 1. */
int fse_jpeg_scans(int fd, int limit);

/* Turn an image by an EXIF orientation (1..8) so that it is upright. Replaces its pixels. */
fse_status fse_orient(fse_image *image, int orientation, fse_error *error);

#endif
