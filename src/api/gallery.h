/* SPDX-License-Identifier: Apache-2.0 */
/* What is behind the public fse_gallery. */
#ifndef FSE_API_GALLERY_H
#define FSE_API_GALLERY_H

#include "api/engine.h"
#include "base/arena.h"
#include "facesearch/search.h"
#include "index/glob.h"

#define FSE_DAMAGED_REASON "damaged: only the part that could be read was searched"

/* A face that can be compared. */
typedef struct fse_gallery_face {
    float box[4];
    float score; /* the detector's */
    float size;
    uint32_t number; /* in its photo */
} fse_gallery_face;

typedef struct fse_gallery_photo {
    const char *path;   /* folder and path below it */
    const char *below;  /* the path below its folder: the end of path */
    const char *reason; /* why it was skipped, or that it is damaged; NULL: neither */
    size_t folder;      /* which of the folders it lies in */
    bool damaged;
    int width, height;
    int64_t time; /* EXIF, else the file's; seconds since 1970 */
    uint8_t sha256[FSE_SHA256_BYTES];
    size_t face_count;
    fse_gallery_face *faces; /* by number */
    uint16_t *embeddings;    /* face_count times dim float16 numbers; in the faces' allocation */
} fse_gallery_photo;

struct fse_gallery {
    const fse_engine *engine;
    int dim;
    fse_arena text;            /* paths and reasons */
    fse_gallery_photo *photos; /* all candidates, by path below the folder, then by folder */
    size_t photo_count, photo_capacity;
    fse_skipped *skipped;
    size_t skipped_count;
    fse_scan_counts counts;
    uint64_t usable_faces; /* those that can be compared */
};

/* The globs of a scan's options; NULL where there are none. Both are for fse_globs_free(), always. */
fse_status fse_scan_globs(const fse_scan_options *options, fse_globs **include,
                          fse_globs **exclude, fse_error *error);

/* Put the photos in their order: by path below the folder, then by folder. */
void fse_gallery_sort(fse_gallery *gallery);

/* List the photos that have a reason, for fse_gallery_skipped(). Once, when all is counted. */
fse_status fse_gallery_list_skipped(fse_gallery *gallery, fse_error *error);

#endif
