/* SPDX-License-Identifier: Apache-2.0 */
/*
 * With the real networks: an embedding has the same bits whatever else is in the batch, however many
 * streams there are, and however many threads ask. Needs the default pack and the sample photos.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/path.h"
#include "base/thread.h"
#include "facesearch/facesearch.h"
#include "faces/align.h"
#include "image/cut.h"
#include "image/decode.h"
#include "image/image.h"
#include "models/pack.h"

enum { crops = 8, crop_bytes = FSE_CROP * FSE_CROP * 3 };

static const char *const photos[] = {"obama.jpg", "obama2.jpg", "biden.jpg", "obama_partial_face.jpg"};
enum { photo_count = sizeof photos / sizeof photos[0] };

/* To free(); NULL: skip, and say so. */
static char *sample(const char *name)
{
    const char *folder = getenv("FACESEARCH_SAMPLES");
    char *path = folder ? fse_path_join(folder, name) : NULL;
    if (path && access(path, R_OK) == 0)
        return path;
    free(path);
    print_message("skipped: no sample photos (make setup)\n");
    return NULL;
}

static char *default_pack(void)
{
    char *folder = NULL;
    fse_error error = {.status = FSE_OK};
    if (fse_pack_find("faceplugin", &folder, &error) != FSE_OK)
        print_message("skipped: no pack faceplugin (make setup)\n");
    return folder;
}

/* Crops of a real photo at different places and angles; what they show does not matter. */
static bool make_crops(uint8_t *pixels)
{
    char *path = sample("obama.jpg");
    if (!path)
        return false;
    const fse_decode_options options = {.max_bytes = 1U << 30, .max_pixels = 1U << 30};
    fse_decoded photo = {.format = NULL};
    const int fd = open(path, O_RDONLY);
    assert_int_equal(fse_decode_init(NULL), FSE_OK);
    assert_int_equal(fse_decode(fd, path, &options, &photo, NULL), FSE_OK);
    for (int i = 0; i < crops; i++) {
        fse_image crop = {FSE_CROP, FSE_CROP, 3, pixels + (size_t)i * crop_bytes};
        const double m[6] = {1 + 0.4 * i, 0.1 * i, 20 * i, -0.1 * i, 1 + 0.4 * i, 10 * i};
        assert_int_equal(fse_cut(&photo.image, m, &crop, NULL), FSE_OK);
    }
    close(fd);
    fse_image_free(&photo.image);
    free(path);
    return true;
}

/* Embed the crops in batches on a network with so many streams. */
static void embed(const fse_model *model, int dim, int streams, int batch, const uint8_t *pixels,
                  float *embeddings)
{
    const fse_net_backend *backend = fse_net_default();
    const fse_net_options options = {.streams = streams};
    fse_net *net = NULL;
    assert_int_equal(backend->open(model->path, &net, NULL), FSE_OK);
    assert_int_equal(backend->prepare(net, &model->input, &options, NULL), FSE_OK);
    for (int i = 0; i < crops; i += batch) {
        fse_net_result result = {.output_count = 0};
        assert_int_equal(backend->run(net, pixels + (size_t)i * crop_bytes, batch, FSE_CROP, FSE_CROP,
                                      &result, NULL), FSE_OK);
        memcpy(embeddings + (size_t)i * (size_t)dim, result.outputs[0].data,
               (size_t)batch * (size_t)dim * sizeof(float));
        backend->release(net, &result);
    }
    backend->close(&net);
}

static void batches_and_streams_change_no_bit(void **state)
{
    (void)state;
    fse_pack *pack = NULL;
    uint8_t *pixels = malloc((size_t)crops * crop_bytes);
    char *folder = default_pack();
    if (!folder || !make_crops(pixels)) {
        free(folder);
        free(pixels);
        skip();
    }
    assert_int_equal(fse_pack_read(fse_net_default(), folder, &pack, NULL), FSE_OK);
    const size_t bytes = (size_t)crops * (size_t)pack->dim * sizeof(float);
    float *one = malloc(bytes), *other = malloc(bytes);
    embed(&pack->models[FSE_ROLE_EMBEDDER], pack->dim, 1, 1, pixels, one);
    for (int streams = 1; streams <= 4; streams *= 2)
        for (int batch = 1; batch <= crops; batch *= 2) {
            embed(&pack->models[FSE_ROLE_EMBEDDER], pack->dim, streams, batch, pixels, other);
            assert_memory_equal(one, other, bytes);
        }
    free(one);
    free(other);
    free(pixels);
    free(folder);
    fse_pack_free(&pack);
}

typedef struct job {
    fse_engine *engine;
    char *paths[photo_count];
    fse_photo *photos[photo_count * 4];
} job;

static fse_status analyse_one(void *context, int thread, size_t index, fse_error *error)
{
    (void)thread;
    job *j = context;
    return fse_analyse_file(j->engine, j->paths[index % photo_count], NULL, &j->photos[index], error);
}

static void analyse_all(const char *folder, int jobs, fse_precision precision, job *j)
{
    fse_engine_options options;
    fse_engine_options_init(&options);
    options.jobs = jobs;
    options.precision = precision;
    assert_int_equal(fse_engine_open(folder, &options, &j->engine, NULL), FSE_OK);
    assert_int_equal(fse_parallel_for(jobs, photo_count * 4, analyse_one, fse_decode_thread_end, j,
                                      NULL), FSE_OK);
    fse_engine_close(&j->engine);
}

static void assert_same_faces(const fse_photo *a, const fse_photo *b)
{
    assert_int_equal(a->face_count, b->face_count);
    for (size_t i = 0; i < a->face_count; i++) {
        assert_memory_equal(a->faces[i].box, b->faces[i].box, sizeof a->faces[i].box);
        assert_memory_equal(a->faces[i].landmarks, b->faces[i].landmarks,
                            sizeof a->faces[i].landmarks);
        assert_true(a->faces[i].score == b->faces[i].score);
        assert_memory_equal(a->faces[i].embedding, b->faces[i].embedding,
                            (size_t)a->dim * sizeof(float));
    }
}

static void check_threads(fse_precision precision)
{
    char *folder = default_pack();
    job one = {.engine = NULL}, several = {.engine = NULL};
    bool there = folder != NULL;
    for (int i = 0; i < photo_count; i++) {
        one.paths[i] = several.paths[i] = sample(photos[i]);
        there = there && one.paths[i];
    }
    if (!there) {
        free(folder);
        skip();
    }
    analyse_all(folder, 1, precision, &one);
    analyse_all(folder, 5, precision, &several);
    for (int i = 0; i < photo_count * 4; i++) {
        assert_true(one.photos[i]->face_count > 0);
        assert_same_faces(one.photos[i % photo_count], several.photos[i]);
    }
    for (int i = 0; i < photo_count * 4; i++) {
        fse_photo_free(&one.photos[i]);
        fse_photo_free(&several.photos[i]);
    }
    for (int i = 0; i < photo_count; i++)
        free(one.paths[i]);
    free(folder);
}

static void threads_change_no_bit(void **state)
{
    (void)state;
    check_threads(FSE_PRECISION_F32);
    check_threads(FSE_PRECISION_AUTO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_and_streams_change_no_bit),
        cmocka_unit_test(threads_change_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
