/* SPDX-License-Identifier: Apache-2.0 */
/* What another program found in a folder of photos: one JSON object a line, as `faces --json` gives. */
#ifndef FSE_TESTS_REFERENCE_H
#define FSE_TESTS_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#define REFERENCE_MAX_DIM 512

typedef struct reference_face {
    float box[4];
    float score;
    float landmarks[10];
    float embedding[REFERENCE_MAX_DIM];
} reference_face;

typedef struct reference_photo {
    char *path; /* below the folder of the photos */
    size_t face_count;
    reference_face *faces;
} reference_photo;

typedef struct reference_set {
    size_t photo_count;
    reference_photo *photos;
    int dim;
} reference_set;

/* false: the file cannot be read or is malformed. */
bool reference_read(const char *path, reference_set *reference);
void reference_free(reference_set *reference);

/* FACESEARCH_SHARED joined with a path, to free(); NULL where there is no such file or folder. */
char *shared_path(const char *below);

#endif
