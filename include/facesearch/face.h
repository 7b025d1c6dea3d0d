/* SPDX-License-Identifier: Apache-2.0 */
/* Photos and their faces: open a model pack as an engine, analyse images, compare faces. */
#ifndef FACESEARCH_FACE_H
#define FACESEARCH_FACE_H

#include <stdbool.h>
#include <stdint.h>

#include "facesearch/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An opened model pack with its inference streams. Opening takes 0.1 to 1 s; open one and share it:
 * every function that takes one may be called from several threads at once.
 */
typedef struct fse_engine fse_engine;

/* In which floating-point format the networks compute. */
typedef enum fse_precision {
    FSE_PRECISION_AUTO = 0, /* bfloat16 for the detector where the CPU has it, else float32 */
    FSE_PRECISION_F32 = 1,
    FSE_PRECISION_BF16 = 2 /* also for the embedder: moves embeddings by up to 0.0026 in cosine */
} fse_precision;

/* How to open an engine. Fill with fse_engine_options_init() first. */
typedef struct fse_engine_options {
    size_t struct_size;      /* set by init: sizeof(fse_engine_options) */
    fse_precision precision; /* default FSE_PRECISION_AUTO */
    int jobs;                /* photos worked on at once, 1..256; 0 (default): one for each CPU */
} fse_engine_options;

FSE_API void fse_engine_options_init(fse_engine_options *options);

/*
 * Open a model pack.
 *   models   a name is looked up as fse_pack_find() does; with a slash in it, a folder of ONNX
 *            files; NULL: the environment's FACESEARCH_MODELS, else "faceplugin".
 *   options  NULL: the defaults.
 * On success *engine is the caller's, to give to fse_engine_close(); on failure it is NULL.
 * Errors: FSE_EMODEL (missing, damaged, not a face pack), FSE_EDIGEST, FSE_EINFERENCE, FSE_ENOMEM.
 */
FSE_API fse_status fse_engine_open(const char *models, const fse_engine_options *options,
                                   fse_engine **engine, fse_error *error);

/* Close and set *engine to NULL. No other call may still use it. NULL and *engine == NULL do nothing. */
FSE_API void fse_engine_close(fse_engine **engine);

/* What an engine is made of. The strings live as long as the engine. */
typedef struct fse_engine_info {
    const char *model;     /* the pack's name */
    const char *contract;  /* 64 hex digits: the identity of the embedding space */
    const char *detector;  /* "scrfd", "yunet" or "ultralight" */
    const char *runtime;   /* name and version of the inference runtime */
    const char *precision; /* "f32", "bf16" or "bf16 detector, f32 embedder" */
    int dim;               /* numbers in an embedding */
    int jobs;              /* photos worked on at once */
    bool calibrated;       /* whether fse_engine_threshold() has a table to go by */
} fse_engine_info;

FSE_API fse_engine_info fse_engine_describe(const fse_engine *engine);

/*
 * The cosine at which unrelated people match with probability fmr (false match rate, ISO/IEC
 * 19795-1), from the embedder's calibration, linear in log(fmr), extrapolated at its ends.
 * fmr: 0 < fmr < 1. NaN if the embedder has no calibration. Thread-safe.
 */
FSE_API double fse_engine_threshold(const fse_engine *engine, double fmr);

/* The inverse: the false match rate to expect at a cosine, in 0..1; NaN without a calibration. */
FSE_API double fse_engine_fmr(const fse_engine *engine, double threshold);

/*
 * The default threshold of a search: the cosine for about one false match, that is for the FMR
 * 1 / (faces * probes) kept between 1e-3 and 1e-5. Without a calibration: 0.5.
 */
FSE_API double fse_engine_default_threshold(const fse_engine *engine, uint64_t faces,
                                            uint64_t probes);

/* How good a face is for recognition. Measured on the aligned 112 x 112 crop and the landmarks. */
typedef struct fse_quality {
    float sharpness;  /* variance of the Laplacian of the crop's luma; higher is sharper */
    float yaw;        /* degrees, -90..90; positive: the face looks to the viewer's right */
    float pitch;      /* degrees, -90..90; positive: the face looks up */
    float brightness; /* mean luma of the crop, 0..255 */
    float norm;       /* length of the embedding before normalisation; low: not much of a face */
} fse_quality;

/* One face of one photo. Coordinates are pixels of the upright full-size photo; see fse_photo. */
typedef struct fse_face {
    float box[4];          /* x1, y1, x2, y2; may run past the photo's edges */
    float landmarks[5][2]; /* left eye, right eye, nose tip, left and right mouth corner, as seen */
    float score;           /* the detector's, 0..1 */
    float size;            /* shorter side of the box */
    fse_quality quality;
    fse_status status;      /* FSE_OK, or FSE_EFACE: the embedding is unusable and NULL */
    const float *embedding; /* dim numbers: the canonical embedding (unit length, then rounded to
                               float16 precision); owned by the photo */
} fse_face;

#define FSE_NO_TIME INT64_MIN

/*
 * An analysed photo. Faces are in the order of their numbers: detection score down.
 * Read-only; made by fse_analyse_file() and fse_analyse_memory(), freed by fse_photo_free().
 */
typedef struct fse_photo {
    int width, height;     /* pixels of the upright photo (EXIF orientation applied) */
    bool damaged;          /* the file is broken; the faces are from the part that could be read */
    const char *format;    /* "jpeg", "png", "webp", "heif", "tiff", "gif" or "jxl"; static */
    int64_t taken;         /* EXIF date, as seconds since 1970 in the camera's clock; or FSE_NO_TIME */
    uint8_t sha256[32];    /* of the file's bytes */
    int dim;               /* numbers in each embedding */
    size_t face_count;
    const fse_face *faces; /* face_count of them; NULL if there are none */
} fse_photo;

/* How to look at a photo. Fill with fse_analyse_options_init() first. */
typedef struct fse_analyse_options {
    size_t struct_size; /* set by init */
    int min_face;       /* pixels of the full-size photo: faces of this size must be found;
                           8..4096, default 50. Smaller ones that are found are returned too */
    int detect_size;    /* 0 (default): look at several sizes. 64..4096: one letterbox of that many
                           pixels a side, upscaling allowed, as the InsightFace package does */
    bool is_query;      /* default false. true: where nothing is found, try again with a border
                           around the photo, enlarged if it is small */
    uint64_t max_bytes;  /* refuse larger files; default 512 MiB */
    uint64_t max_pixels; /* refuse larger photos; default 500 million */
} fse_analyse_options;

FSE_API void fse_analyse_options_init(fse_analyse_options *options);

/*
 * Find and embed all faces of a photo.
 *   path     a regular file; its content decides the format, never its name.
 *   options  NULL: the defaults.
 * A photo without a face is a success with face_count 0.
 * On success *photo is the caller's, to give to fse_photo_free(); on failure it is NULL.
 * Errors: FSE_ENOENT, FSE_EACCES, FSE_EIO, FSE_EIMAGE, FSE_ELIMIT, FSE_EINFERENCE, FSE_ENOMEM.
 */
FSE_API fse_status fse_analyse_file(fse_engine *engine, const char *path,
                                    const fse_analyse_options *options, fse_photo **photo,
                                    fse_error *error);

/* The same for an image file's bytes in memory, which are only read, and only during the call. */
FSE_API fse_status fse_analyse_memory(fse_engine *engine, const void *bytes, size_t size,
                                      const fse_analyse_options *options, fse_photo **photo,
                                      fse_error *error);

/* Free and set *photo to NULL. NULL and *photo == NULL do nothing. */
FSE_API void fse_photo_free(fse_photo **photo);

/* The number of the face with the largest size, the lowest number of several; -1 if there is none. */
FSE_API int fse_photo_largest_face(const fse_photo *photo);

/*
 * Cosine similarity of two canonical embeddings of dim numbers each, in -1..1: their exact dot
 * product, rounded once to float32, so the same on every machine. Thread-safe.
 */
FSE_API float fse_similarity(const float *a, const float *b, int dim);

#ifdef __cplusplus
}
#endif
#endif
