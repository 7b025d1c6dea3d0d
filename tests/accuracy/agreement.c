/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Agreement with the InsightFace Python package on the same photos with the same models, at float32:
 * its landmarks through our alignment and embedder; its way of looking at a photo (--detect-size
 * 640); and our way. Prints the figures and fails if they are below the goals.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/thread.h"
#include "facesearch/facesearch.h"
#include "faces/align.h"
#include "faces/detection.h"
#include "faces/embed.h"
#include "image/decode.h"
#include "image/resample.h"
#include "models/pack.h"
#include "support/reference.h"

#define SKIPPED 77
#define SETS 2

static const char *const sets[SETS] = {"lfw-dev", "pairs"};

/* What was seen of one face of the reference. */
typedef struct seen_face {
    float size;
    float given;      /* cosine with its landmarks given; NaN: the photo has a profile */
    float letterbox;  /* cosine at detect size 640; NaN: not found */
    float views;      /* cosine with default views; NaN: not found */
} seen_face;

typedef struct job {
    const reference_set *reference;
    const char *folder;
    const fse_net_backend *backend;
    fse_net *embedder;
    fse_engine *engine;
    seen_face **seen;      /* of each photo */
    size_t *extra_boxed;   /* faces that the letterbox finds and the reference does not */
    size_t *extra_views;
} job;

static const fse_face *best_match(const fse_photo *photo, const float box[4])
{
    const fse_face *best = NULL;
    float overlap = 0.5F;
    for (size_t i = 0; i < photo->face_count; i++)
        if (fse_iou(photo->faces[i].box, box) >= overlap) {
            overlap = fse_iou(photo->faces[i].box, box);
            best = &photo->faces[i];
        }
    return best;
}

static size_t extras(const fse_photo *photo, const reference_photo *reference)
{
    size_t count = 0;
    for (size_t i = 0; i < photo->face_count; i++) {
        bool known = false;
        for (size_t j = 0; j < reference->face_count; j++)
            known = known || fse_iou(photo->faces[i].box, reference->faces[j].box) >= 0.5F;
        count += !known;
    }
    return count;
}

static fse_status given_landmarks(const job *j, const char *path, const reference_photo *photo,
                                  seen_face *seen, fse_error *error)
{
    fse_status status;
    int fd = -1;
    uint64_t size;
    fse_decoded decoded = {.format = NULL};
    fse_image crop = {.pixels = NULL};
    const fse_decode_options options = {.max_bytes = 1U << 30, .max_pixels = 1U << 30};
    FSE_TRY(fse_open_regular(path, &fd, &size, error));
    FSE_TRY(fse_decode(fd, path, &options, &decoded, error));
    FSE_TRY(fse_image_new(FSE_CROP, FSE_CROP, 3, &crop, error));
    for (size_t i = 0; i < photo->face_count; i++) {
        fse_similarity2 transform;
        float embedding[REFERENCE_MAX_DIM], norm;
        double m[6];
        seen[i].given = NAN;
        if (decoded.has_profile)
            continue;
        fse_align(photo->faces[i].landmarks, &transform);
        fse_align_inverse(&transform, m);
        fse_warp(&decoded.image, m, &crop);
        FSE_TRY(fse_embed(j->backend, j->embedder, &crop, j->reference->dim, embedding, &norm,
                          error));
        seen[i].given = fse_similarity(embedding, photo->faces[i].embedding, j->reference->dim);
    }
cleanup:
    fse_image_free(&crop);
    fse_image_free(&decoded.image);
    if (fd >= 0)
        close(fd);
    return status;
}

static fse_status analysed(const job *j, const char *path, int detect_size,
                           const reference_photo *reference, float *cosines, size_t stride,
                           size_t *extra, fse_error *error)
{
    fse_photo *photo = NULL;
    fse_analyse_options options;
    fse_analyse_options_init(&options);
    options.detect_size = detect_size;
    const fse_status status = fse_analyse_file(j->engine, path, &options, &photo, error);
    if (status != FSE_OK)
        return status;
    for (size_t i = 0; i < reference->face_count; i++) {
        const fse_face *face = best_match(photo, reference->faces[i].box);
        cosines[i * stride] = face && face->embedding
                                  ? fse_similarity(face->embedding, reference->faces[i].embedding,
                                                   photo->dim)
                                  : NAN;
    }
    *extra = extras(photo, reference);
    fse_photo_free(&photo);
    return status;
}

static fse_status one_photo(void *context, int thread, size_t index, fse_error *error)
{
    (void)thread;
    const job *j = context;
    fse_status status;
    const reference_photo *photo = &j->reference->photos[index];
    seen_face *seen = j->seen[index] = calloc(photo->face_count + 1, sizeof *seen);
    const size_t stride = sizeof *seen / sizeof(float);
    char *path = fse_path_join(j->folder, photo->path);
    for (size_t i = 0; i < photo->face_count; i++)
        seen[i].size = fminf(photo->faces[i].box[2] - photo->faces[i].box[0],
                             photo->faces[i].box[3] - photo->faces[i].box[1]);
    FSE_TRY(given_landmarks(j, path, photo, seen, error));
    FSE_TRY(analysed(j, path, 640, photo, &seen[0].letterbox, stride, &j->extra_boxed[index],
                     error));
    FSE_TRY(analysed(j, path, 0, photo, &seen[0].views, stride, &j->extra_views[index], error));
cleanup:
    free(path);
    return status;
}

typedef struct figures {
    size_t photos, faces, with_profile, large, large_found, boxed_found, extra_boxed, extra_views;
    float worst_given, worst_boxed;
    size_t boxed_low;
    float *views; /* cosines of the faces of 50 pixels and more that were found */
} figures;

static void add_figures(const job *j, figures *f)
{
    for (size_t p = 0; p < j->reference->photo_count; p++) {
        f->photos++;
        f->extra_boxed += j->extra_boxed[p];
        f->extra_views += j->extra_views[p];
        for (size_t i = 0; i < j->reference->photos[p].face_count; i++) {
            const seen_face *s = &j->seen[p][i];
            f->faces++;
            f->with_profile += isnan(s->given) ? 1 : 0;
            f->worst_given = fminf(f->worst_given, s->given);
            f->boxed_found += isnan(s->letterbox) ? 0 : 1;
            if (!isnan(s->given)) { /* another conversion of colours is not ours to judge */
                f->worst_boxed = fminf(f->worst_boxed, s->letterbox);
                f->boxed_low += !(s->letterbox >= 0.999F);
                if (!(s->letterbox >= 0.999F) || s->given < 0.9995F)
                    printf("  %s face %zu of %.0f px: given %.5f, letterbox %.5f\n",
                           j->reference->photos[p].path, i, (double)s->size, (double)s->given,
                           (double)s->letterbox);
            }
            if (s->size < 50)
                continue;
            f->large++;
            if (!isnan(s->views))
                f->views[f->large_found++] = s->views;
        }
    }
}

static int up(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static int goal(const char *what, bool met)
{
    printf("%-4s %s\n", met ? "ok" : "FAIL", what);
    return met ? 0 : 1;
}

static int report(figures *f)
{
    char line[200];
    int failed = 0;
    qsort(f->views, f->large_found, sizeof *f->views, up);
    const double median = f->large_found ? (double)f->views[f->large_found / 2] : 0;
    const double share = 100.0 * (double)f->large_found / (double)f->large;
    printf("%zu photos, %zu faces, %zu of them in photos with a colour profile\n", f->photos,
           f->faces, f->with_profile);
    snprintf(line, sizeof line, "landmarks given: least cosine %.5f (goal 0.9995)",
             (double)f->worst_given);
    failed += goal(line, f->worst_given >= 0.9995F);
    snprintf(line, sizeof line,
             "detect size 640: %zu found, %zu others, %zu below 0.999, least %.5f", f->boxed_found,
             f->extra_boxed, f->boxed_low, (double)f->worst_boxed);
    failed += goal(line, f->boxed_found == f->faces && f->boxed_low == 0);
    snprintf(line, sizeof line,
             "default views: %zu of %zu faces of 50 px and more (%.2f %%, goal 98), %zu others, "
             "median cosine %.5f (goal 0.985)",
             f->large_found, f->large, share, f->extra_views, median);
    failed += goal(line, share >= 98 && median >= 0.985);
    return failed;
}

static fse_status run_set(const char *set, job *j, figures *f, fse_error *error)
{
    reference_set reference;
    char below[64];
    snprintf(below, sizeof below, "reference/%s.jsonl", set);
    char *file = shared_path(below);
    snprintf(below, sizeof below, "photos/%s", set);
    char *folder = shared_path(below);
    if (!file || !folder || !reference_read(file, &reference))
        return fse_fail(error, FSE_ENOENT, set, "no such reference");
    j->reference = &reference;
    j->folder = folder;
    j->seen = calloc(reference.photo_count, sizeof *j->seen);
    j->extra_boxed = calloc(reference.photo_count, sizeof *j->extra_boxed);
    j->extra_views = calloc(reference.photo_count, sizeof *j->extra_views);
    const fse_status status = fse_parallel_for(fse_cpu_count(), reference.photo_count, one_photo,
                                               fse_decode_thread_end, j, error);
    if (status == FSE_OK)
        add_figures(j, f);
    for (size_t i = 0; i < reference.photo_count; i++)
        free(j->seen[i]);
    free(j->seen);
    free(j->extra_boxed);
    free(j->extra_views);
    reference_free(&reference);
    free(file);
    free(folder);
    return status;
}

static fse_status run(const char *models, figures *f, fse_error *error)
{
    fse_status status;
    fse_pack *pack = NULL;
    job j = {.backend = fse_net_default()};
    fse_engine_options options;
    fse_engine_options_init(&options);
    options.precision = FSE_PRECISION_F32;
    FSE_TRY(fse_engine_open(models, &options, &j.engine, error));
    FSE_TRY(fse_pack_read(j.backend, models, &pack, error));
    const fse_model *embedder = &pack->models[FSE_ROLE_EMBEDDER];
    const fse_net_options streams = {.streams = fse_cpu_count()};
    FSE_TRY(j.backend->open(embedder->path, &j.embedder, error));
    FSE_TRY(j.backend->prepare(j.embedder, &embedder->input, &streams, error));
    for (int i = 0; i < SETS; i++)
        FSE_TRY(run_set(sets[i], &j, f, error));
cleanup:
    j.backend->close(&j.embedder);
    fse_pack_free(&pack);
    fse_engine_close(&j.engine);
    return status;
}

int main(void)
{
    char *models = shared_path("models/insightface-lite");
    if (!models) {
        printf("skipped: FACESEARCH_SHARED names no folder with models/insightface-lite\n");
        return SKIPPED;
    }
    fse_error error = {.status = FSE_OK};
    figures f = {.worst_given = 1, .worst_boxed = 1, .views = calloc(100000, sizeof(float))};
    const fse_status status = run(models, &f, &error);
    if (status != FSE_OK)
        printf("FAIL %s: %s\n", error.subject, error.message);
    const int failed = status != FSE_OK ? 1 : report(&f);
    free(f.views);
    free(models);
    return failed ? 1 : 0;
}
