/* SPDX-License-Identifier: Apache-2.0 */
/* Search: a query of one person's faces against the gallery of all faces below some folders. */
#ifndef FACESEARCH_SEARCH_H
#define FACESEARCH_SEARCH_H

#include "facesearch/face.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The query: probes, which are faces of one person from one or more photos ---- */

typedef struct fse_query fse_query;

/* Which face of a query photo to search for; or the number of a face, from 0. */
enum {
    FSE_FACE_DEFAULT = -1, /* the only one, else the largest */
    FSE_FACE_LARGEST = -2,
    FSE_FACE_ALL = -3
};

/* What became of one query photo, or of one of its faces when all were asked for. */
typedef struct fse_query_entry {
    const char *path;       /* as given */
    int face;               /* number of the face searched for; -1: none, see message */
    size_t face_count;      /* faces in that photo */
    float box[4];           /* of the face; valid if face >= 0 */
    float score;            /* its detection score */
    const char *message;    /* why there is no face; NULL if there is one */
    fse_status status;      /* FSE_OK if there is one */
} fse_query_entry;

/*
 * An empty query. The engine must outlive it. *query is the caller's, to give to fse_query_free().
 * A query may be used by one thread at a time. Errors: FSE_ENOMEM.
 */
FSE_API fse_status fse_query_new(fse_engine *engine, fse_query **query, fse_error *error);

FSE_API void fse_query_free(fse_query **query);

/*
 * Analyse a photo and add the chosen face (FSE_FACE_* or a number) as a probe. A photo that cannot
 * be read, has no face, or not that many, adds an entry that says so, and its status is returned;
 * the query stays usable. options->is_query is taken as true.
 * Errors: those of fse_analyse_file(), FSE_ENOFACE, FSE_EFACE.
 */
FSE_API fse_status fse_query_add_file(fse_query *query, const char *path, int face,
                                      const fse_analyse_options *options, fse_error *error);

/* The same for an image file's bytes; name stands in for the path. */
FSE_API fse_status fse_query_add_memory(fse_query *query, const char *name, const void *bytes,
                                        size_t size, int face, const fse_analyse_options *options,
                                        fse_error *error);

/* The entries, in the order added; valid until the query changes. */
FSE_API size_t fse_query_entries(const fse_query *query, const fse_query_entry **entries);

/* How many faces the query holds. */
FSE_API size_t fse_query_probes(const fse_query *query);

/* ---- The gallery: all faces below some folders ---- */

typedef struct fse_gallery fse_gallery;

/* Counts of a scan, also while it runs. */
typedef struct fse_scan_counts {
    uint64_t total;   /* candidates: files with an image's signature or a photo's extension */
    uint64_t photos;  /* analysed so far */
    uint64_t faces;   /* found in them */
    uint64_t skipped; /* candidates that could not be analysed */
    uint64_t damaged; /* analysed in part; counted in photos too */
    uint64_t other;   /* files that are no candidates */
} fse_scan_counts;

/*
 * Called after each photo, from any of the scan's threads, but never from two at once. path is the
 * photo just done, reason why it was skipped or NULL; both are valid during the call only.
 * Return true to stop: the scan then ends with FSE_ECANCELLED.
 */
typedef bool (*fse_scan_progress)(void *user, const fse_scan_counts *counts, const char *path,
                                  const char *reason);

/* Fill with fse_scan_options_init() first. */
typedef struct fse_scan_options {
    size_t struct_size; /* set by init */
    fse_analyse_options analyse;
    const char *const *include; /* globs (*, ?, [..]; * crosses no slash, ** does) on the path below
                                   the folder, or on the name if the glob has no slash; a photo must
                                   match one. NULL (default): every photo */
    size_t include_count;
    const char *const *exclude; /* photos and folders matching one of these are left out; a glob
                                   that ends in a slash: folders only */
    size_t exclude_count;
    fse_scan_progress progress; /* may be NULL */
    bool (*cancel)(void *user); /* asked often, from any thread; may be NULL. true: stop */
    void *user;                 /* for progress and cancel */
} fse_scan_options;

FSE_API void fse_scan_options_init(fse_scan_options *options);

/*
 * Whether a glob is one, as fse_gallery_scan() would find out. exclude: it is meant for
 * fse_scan_options.exclude. Errors: FSE_EINVAL (says what is wrong), FSE_ENOMEM. Thread-safe.
 */
FSE_API fse_status fse_glob_check(const char *glob, bool exclude, fse_error *error);

/*
 * Analyse every photo below the folders, on all of the engine's jobs, and keep the faces in memory.
 * Left out below them: hidden files and folders, "@eaDir", folders with a ".nomedia" file. Links to
 * files are followed, links to folders are not. A photo reached by two of the folders is scanned
 * once, below the first of them; copies and links within a folder are photos of their own.
 * A photo that cannot be analysed is skipped with its reason and stops nothing.
 *   folders  count of them, as given by the user; paths of matches start with them.
 *   options  NULL: the defaults.
 * On success *gallery is the caller's, to give to fse_gallery_free(); on failure it is NULL. The
 * engine must outlive it.
 * Memory: about 2 bytes a number of an embedding, 100 bytes a face, and the paths.
 * Errors: FSE_ENOENT and FSE_EACCES (a folder), FSE_EINVAL (an option, a glob), FSE_ECANCELLED,
 * FSE_EINFERENCE, FSE_ENOMEM.
 */
FSE_API fse_status fse_gallery_scan(fse_engine *engine, const char *const *folders, size_t count,
                                    const fse_scan_options *options, fse_gallery **gallery,
                                    fse_error *error);

FSE_API void fse_gallery_free(fse_gallery **gallery);

FSE_API fse_scan_counts fse_gallery_counts(const fse_gallery *gallery);

/* A photo that was skipped or is damaged, in the order of the paths. */
typedef struct fse_skipped {
    const char *path;
    const char *reason;
    bool damaged; /* true: the part that could be read was searched */
} fse_skipped;

/* The skipped and damaged photos; valid as long as the gallery. */
FSE_API size_t fse_gallery_skipped(const fse_gallery *gallery, const fse_skipped **skipped);

/* ---- The search ---- */

typedef enum fse_combine {
    FSE_COMBINE_BEST = 0, /* a face's score is its best over the probes */
    FSE_COMBINE_MEAN = 1  /* the probes are averaged, normalised and rounded first */
} fse_combine;

/* Fill with fse_search_options_init() first. */
typedef struct fse_search_options {
    size_t struct_size;  /* set by init */
    double threshold;    /* cosine, -1..1, inclusive, so that a score as printed with 7 significant
                            digits reaches itself; NaN (default): from fmr */
    double fmr;          /* 0 < fmr < 1; NaN (default): about one false match in the gallery */
    size_t top;          /* at most so many matches; 0 (default): all */
    int min_face;        /* leave out smaller faces, pixels; 0 (default): none */
    bool best_per_photo; /* default false. true: only the best match of a photo */
    bool exclude_query;  /* default false. true: leave out photos whose bytes are a query photo's */
    int64_t since;       /* photo's date (EXIF, else the file's time), seconds since 1970, inclusive;
                            FSE_NO_TIME (default): no bound */
    int64_t until;       /* exclusive */
    fse_combine combine; /* default FSE_COMBINE_BEST */
} fse_search_options;

FSE_API void fse_search_options_init(fse_search_options *options);

/* One face that matches. */
typedef struct fse_match {
    const char *path;      /* folder as given, joined with the path below it */
    int face;              /* its number in that photo */
    float score;           /* raw cosine, -1..1 */
    float box[4];
    float detection_score;
    float size;
    int width, height;     /* of the photo */
    int64_t time;          /* photo's date as for since and until */
} fse_match;

/* What a search found. Freed by fse_result_free(); independent of gallery and query. */
typedef struct fse_result {
    double threshold;              /* the one used */
    double expected_false_matches; /* at that threshold, in this gallery; NaN: not calibrated */
    fse_scan_counts searched;
    size_t match_count;
    const fse_match *matches; /* score down, then bytes of the path below its folder, then face */
} fse_result;

/*
 * Find the gallery's faces that match the query. Exact: every face is compared.
 *   options  NULL: the defaults.
 * On success *result is the caller's, to give to fse_result_free(); on failure it is NULL.
 * The gallery may be searched by several threads at once.
 * Errors: FSE_EINVAL (query and gallery of different engines; an option out of its range; fmr
 * without a calibration), FSE_ENOFACE (a query without probes), FSE_EFACE (mean of the probes is zero), FSE_ENOMEM.
 */
FSE_API fse_status fse_gallery_search(const fse_gallery *gallery, const fse_query *query,
                                      const fse_search_options *options, fse_result **result,
                                      fse_error *error);

FSE_API void fse_result_free(fse_result **result);

#ifdef __cplusplus
}
#endif
#endif
