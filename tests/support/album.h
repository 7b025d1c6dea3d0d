/* SPDX-License-Identifier: Apache-2.0 */
/* All photos below a folder, analysed on all CPUs. */
#ifndef FSE_TESTS_ALBUM_H
#define FSE_TESTS_ALBUM_H

#include "facesearch/facesearch.h"

typedef struct photo_album {
    size_t count;
    char **paths;       /* below the folder, in the order of their bytes */
    fse_photo **photos; /* NULL: could not be analysed */
} photo_album;

/* Photos are the files named *.jpg and *.jpeg. options may be NULL. */
fse_status album_read(fse_engine *engine, const char *folder, const fse_analyse_options *options,
                      photo_album *album, fse_error *error);
void album_free(photo_album *album);

/* Number of the photo with this path, or -1. */
long album_find(const photo_album *album, const char *path);

/* The face nearest the photo's centre, or NULL. */
const fse_face *main_face(const fse_photo *photo);

#endif
