/* SPDX-License-Identifier: Apache-2.0 */
#include "support/fake_analyse.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/half.h"
#include "base/path.h"

#define MAX_FACES 64

typedef struct fake_photo {
    fse_photo photo;
    fse_face faces[MAX_FACES];
    float embeddings[MAX_FACES][FAKE_DIM];
} fake_photo;

fse_status __wrap_fse_analyse(fse_analyser *analyser, int fd, const char *name,
                              const uint8_t *sha256, const fse_analyse_options *options,
                              fse_photo **photo, fse_error *error);
fse_status __wrap_fse_analyse_file(fse_engine *engine, const char *path,
                                   const fse_analyse_options *options, fse_photo **photo,
                                   fse_error *error);
fse_status __wrap_fse_analyse_memory(fse_engine *engine, const void *bytes, size_t size,
                                     const fse_analyse_options *options, fse_photo **photo,
                                     fse_error *error);
fse_engine_info __wrap_fse_engine_describe(const fse_engine *engine);
double __wrap_fse_engine_threshold(const fse_engine *engine, double fmr);
double __wrap_fse_engine_fmr(const fse_engine *engine, double threshold);
double __wrap_fse_engine_default_threshold(const fse_engine *engine, uint64_t faces,
                                           uint64_t probes);

void fake_embedding(const float values[FAKE_DIM], float canonical[FAKE_DIM])
{
    double squares = 0;
    for (int i = 0; i < FAKE_DIM; i++)
        squares += (double)values[i] * (double)values[i];
    for (int i = 0; i < FAKE_DIM; i++)
        canonical[i] = fse_half_to_float(
            fse_half_from_float((float)((double)values[i] / sqrt(squares))));
}

static void add_face(fake_photo *p, const char *line, bool usable)
{
    fse_face *face = &p->faces[p->photo.face_count];
    float *to = p->embeddings[p->photo.face_count++];
    float v[FAKE_DIM] = {0};
    const int got = sscanf(line, "%f %f %f %f %f %f %f %f %f %f", &face->score, &face->size, &v[0],
                           &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]);
    if (got < (usable ? 2 + FAKE_DIM : 2) || p->photo.face_count >= MAX_FACES)
        abort();
    face->box[0] = (float)p->photo.face_count;
    face->box[2] = face->box[3] = face->size + face->box[0];
    face->status = usable ? FSE_OK : FSE_EFACE;
    face->embedding = usable ? to : NULL;
    if (usable)
        fake_embedding(v, to);
}

static fse_status parse_line(fake_photo *p, char *line, const char *name, fse_error *error)
{
    char *value = line + strcspn(line, " ");
    if (strncmp(line, "face ", 5) == 0)
        add_face(p, value, true);
    else if (strncmp(line, "bad ", 4) == 0)
        add_face(p, value, false);
    else if (strncmp(line, "taken ", 6) == 0)
        p->photo.taken = strtoll(value, NULL, 10);
    else if (strcmp(line, "damaged") == 0)
        p->photo.damaged = true;
    else if (strncmp(line, "fail ", 5) == 0) {
        char *words;
        const long status = strtol(value, &words, 10);
        return fse_fail(error, (fse_status)status, name, "%s", words + 1);
    }
    return FSE_OK;
}

static fse_status parse(char *text, const char *name, fse_photo **photo, fse_error *error)
{
    fse_status status = FSE_OK;
    fake_photo *p = calloc(1, sizeof *p);
    if (!p)
        abort();
    p->photo = (fse_photo){
        .width = 640, .height = 480, .format = "jpeg", .taken = FSE_NO_TIME, .dim = FAKE_DIM};
    p->photo.faces = p->faces;
    FSE_TRY(fse_digest_bytes(text, strlen(text), p->photo.sha256, error));
    char *rest;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        FSE_TRY(parse_line(p, line, name, error));
    *photo = &p->photo;
    p = NULL;
cleanup:
    free(p);
    return status;
}

fse_status __wrap_fse_analyse(fse_analyser *analyser, int fd, const char *name,
                              const uint8_t *sha256, const fse_analyse_options *options,
                              fse_photo **photo, fse_error *error)
{
    (void)analyser;
    (void)sha256;
    (void)options;
    char text[8192];
    *photo = NULL;
    const ssize_t size = pread(fd, text, sizeof text - 1, 0);
    if (size < 0)
        abort();
    text[size] = '\0';
    return parse(text, name, photo, error);
}

fse_status __wrap_fse_analyse_file(fse_engine *engine, const char *path,
                                   const fse_analyse_options *options, fse_photo **photo,
                                   fse_error *error)
{
    int fd;
    uint64_t size;
    *photo = NULL;
    fse_status status = fse_open_regular(path, &fd, &size, error);
    if (status != FSE_OK)
        return status;
    status = __wrap_fse_analyse(engine->analyser, fd, path, NULL, options, photo, error);
    close(fd);
    return status;
}

fse_status __wrap_fse_analyse_memory(fse_engine *engine, const void *bytes, size_t size,
                                     const fse_analyse_options *options, fse_photo **photo,
                                     fse_error *error)
{
    (void)engine;
    /* The query asks for the second try at a photo without a face; the fake has none. */
    char text[8192];
    if (!options->is_query || size >= sizeof text)
        abort();
    memcpy(text, bytes, size);
    text[size] = '\0';
    *photo = NULL;
    return parse(text, "", photo, error);
}

fse_engine_info __wrap_fse_engine_describe(const fse_engine *engine)
{
    return (fse_engine_info){.dim = FAKE_DIM, .jobs = engine->jobs};
}

/* A calibration with simple numbers: FMR 10^-n at cosine n / 10. An engine without jobs has none. */
double __wrap_fse_engine_threshold(const fse_engine *engine, double fmr)
{
    return engine->jobs > 0 ? -log10(fmr) / 10 : (double)NAN;
}

double __wrap_fse_engine_fmr(const fse_engine *engine, double threshold)
{
    return engine->jobs > 0 ? pow(10, -10 * threshold) : (double)NAN;
}

double __wrap_fse_engine_default_threshold(const fse_engine *engine, uint64_t faces,
                                           uint64_t probes)
{
    return engine->jobs > 0 ? log10((double)(faces * probes)) / 10 : 0.5;
}
