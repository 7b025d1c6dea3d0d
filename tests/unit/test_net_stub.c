/* SPDX-License-Identifier: Apache-2.0 */
/* The inference stub: that it finds what stub_photos draws, in the encodings of the families. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "models/net.h"
#include "support/stub_photos.h"

static char folder[] = "/tmp/test_net_stub_XXXXXX";

static fse_net *open_kind(const char *text, int streams)
{
    const fse_net_backend *backend = fse_net_default();
    char path[256];
    snprintf(path, sizeof path, "%s/x.onnx", folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    fse_net *net;
    fse_net_shape shape;
    fse_error error = {0};
    assert_int_equal(backend->open(path, &net, &error), FSE_OK);
    backend->describe(net, &shape);
    const fse_net_input input = {.scale = 1, .channels = (int)shape.input.dims[1]};
    const fse_net_options options = {.streams = streams};
    assert_int_equal(backend->prepare(net, &input, &options, &error), FSE_OK);
    return net;
}

/* Two faces in 320 x 224: person 2 of 40 pixels at (30, 50), person 6 of 110 at (180, 60). */
static fse_image two_faces(void)
{
    fse_image image = stub_background(320, 224);
    stub_face(&image, 2, 30, 50, 40, 0);
    stub_face(&image, 6, 180, 60, 110, 0);
    return image;
}

static const float expected[2][4] = {{30, 50, 70, 90}, {180, 60, 290, 170}};

static void assert_box(const float box[4], const float wanted[4], float tolerance)
{
    for (int i = 0; i < 4; i++)
        if (fabsf(box[i] - wanted[i]) > tolerance)
            fail_msg("side %d: %g instead of %g", i, (double)box[i], (double)wanted[i]);
}

static void scrfd_encodes_distances(void **state)
{
    (void)state;
    const fse_net_backend *backend = fse_net_default();
    fse_net *net = open_kind("facesearch-stub scrfd\n", 1);
    fse_image image = two_faces();
    fse_net_result result;
    assert_int_equal(backend->run(net, image.pixels, 1, 224, 320, &result, NULL), FSE_OK);
    assert_int_equal(result.output_count, 9);
    int found = 0;
    for (int k = 0; k < 3; k++) {
        const int stride = 8 << k;
        const fse_net_output *scores = &result.outputs[k];
        assert_int_equal(scores->rows, 224 / stride * 320 / stride * 2);
        for (size_t i = 0; i < scores->rows; i += 2) { /* the first anchor of a cell */
            if (scores->data[i] < 0.5F)
                continue;
            const float *d = result.outputs[3 + k].data + 4 * i;
            const float x = (float)((int)(i / 2) % (320 / stride) * stride);
            const float y = (float)((int)(i / 2) / (320 / stride) * stride);
            const float s = (float)stride;
            const float box[] = {x - d[0] * s, y - d[1] * s, x + d[2] * s, y + d[3] * s};
            assert_box(box, expected[stride == 32], 1.5F);
            const float *points = result.outputs[6 + k].data + 10 * i;
            assert_true(x + points[0] * s < x + points[2] * s); /* left eye, right eye */
            found++;
        }
    }
    assert_int_equal(found, 2);
    backend->release(net, &result);
    backend->release(net, &result);
    fse_image_free(&image);
    backend->close(&net);
}

static void yunet_encodes_centre_and_log_size(void **state)
{
    (void)state;
    const fse_net_backend *backend = fse_net_default();
    fse_net *net = open_kind("facesearch-stub yunet\n", 1);
    fse_image image = two_faces();
    fse_net_result result;
    assert_int_equal(backend->run(net, image.pixels, 1, 224, 320, &result, NULL), FSE_OK);
    int found = 0;
    for (int k = 0; k < 3; k++) {
        const int stride = 8 << k;
        for (size_t i = 0; i < result.outputs[k].rows; i++) {
            if (result.outputs[k].data[i] * result.outputs[3 + k].data[i] < 0.25F)
                continue;
            const float *d = result.outputs[6 + k].data + 4 * i, s = (float)stride;
            const float x = ((float)((int)i % (320 / stride)) + d[0]) * s;
            const float y = ((float)((int)i / (320 / stride)) + d[1]) * s;
            const float w = expf(d[2]) * s, h = expf(d[3]) * s;
            const float box[] = {x - w / 2, y - h / 2, x + w / 2, y + h / 2};
            assert_box(box, expected[stride == 32], 1.5F);
            found++;
        }
    }
    assert_int_equal(found, 2);
    backend->release(net, &result);
    fse_image_free(&image);
    backend->close(&net);
}

static void ultralight_gives_corners(void **state)
{
    (void)state;
    const fse_net_backend *backend = fse_net_default();
    fse_net *net = open_kind("facesearch-stub ultralight\n", 1);
    fse_image image = stub_background(320, 240);
    stub_face(&image, 2, 30, 50, 40, 0);
    stub_face(&image, 6, 180, 60, 110, 3);
    fse_net_result result;
    fse_error error = {0};
    assert_int_equal(backend->run(net, image.pixels, 1, 224, 320, &result, &error), FSE_EINVAL);
    assert_int_equal(backend->run(net, image.pixels, 1, 240, 320, &result, NULL), FSE_OK);
    assert_int_equal(result.outputs[0].rows, 4420);
    int found = 0;
    for (int i = 0; i < 4420; i++)
        if (result.outputs[0].data[2 * i + 1] > 0.5F) {
            const float *d = result.outputs[1].data + 4 * i;
            const float box[] = {d[0] * 320, d[1] * 240, d[2] * 320, d[3] * 240};
            assert_box(box, expected[found++], 1.5F);
        }
    assert_int_equal(found, 2);
    backend->release(net, &result);
    fse_image_free(&image);
    backend->close(&net);
}

static void landmarks_follow_the_disc(void **state)
{
    (void)state;
    const fse_net_backend *backend = fse_net_default();
    fse_net *net = open_kind("facesearch-stub landmarks\n", 1);
    fse_image image = stub_background(64, 64);
    stub_face(&image, 2, 12, 10, 44, 0);
    uint8_t grey[64 * 64];
    for (int i = 0; i < 64 * 64; i++) {
        const uint8_t *p = image.pixels + 3 * i;
        grey[i] = (uint8_t)((299 * p[0] + 587 * p[1] + 114 * p[2]) / 1000);
    }
    fse_net_result result;
    assert_int_equal(backend->run(net, grey, 1, 64, 64, &result, NULL), FSE_OK);
    assert_int_equal(result.outputs[0].columns, 136);
    const float wanted[5][2] = FSE_STUB_LANDMARKS;
    const float *nose = result.outputs[0].data + 2 * 30;
    assert_true(fabsf(nose[0] * 64 - (12 + 44 * wanted[2][0])) < 1.5F);
    assert_true(fabsf(nose[1] * 64 - (10 + 44 * wanted[2][1])) < 1.5F);
    backend->release(net, &result);
    fse_image_free(&image);
    backend->close(&net);
}

/* The aligned crop of a face: see FSE_STUB_LANDMARKS. */
static void embed(fse_net *net, double person, unsigned look, float *vector)
{
    const fse_net_backend *backend = fse_net_default();
    fse_image image = stub_background(112, 112);
    stub_face(&image, person, 16, 30, 80, look);
    fse_net_result result;
    assert_int_equal(backend->run(net, image.pixels, 1, 112, 112, &result, NULL), FSE_OK);
    assert_int_equal(result.outputs[0].rows * result.outputs[0].columns, 128);
    memcpy(vector, result.outputs[0].data, 128 * sizeof *vector);
    backend->release(net, &result);
    fse_image_free(&image);
}

static double cosine(const float *a, const float *b)
{
    double ab = 0, aa = 0, bb = 0;
    for (int i = 0; i < 128; i++) {
        ab += (double)a[i] * b[i];
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
    }
    return ab / sqrt(aa * bb);
}

static void embedder_tells_persons_apart(void **state)
{
    (void)state;
    enum { looks = 6 };
    fse_net *net = open_kind("facesearch-stub embedder 128\n", 1);
    static float vectors[11][looks][128];
    for (int person = 0; person < 11; person++)
        for (unsigned look = 0; look < looks; look++)
            embed(net, person, look, vectors[person][look]);
    double least = 1, most = -1, sum = 0;
    int count = 0;
    for (int a = 0; a < 11 * looks; a++)
        for (int b = 0; b < a; b++) {
            const double c = cosine(vectors[a / looks][a % looks], vectors[b / looks][b % looks]);
            if (a / looks == b / looks) {
                least = fmin(least, c);
                sum += c;
                count++;
            } else {
                most = fmax(most, c);
            }
        }
    print_message("one person: %.3f, at least %.3f; two persons: at most %.3f\n", sum / count,
                  least, most);
    assert_true(least >= 0.6);
    assert_true(most <= 0.35);
    float between[128], nobody[128];
    embed(net, 3.5, 0, between);
    assert_true(fabs(cosine(between, vectors[3][0]) - cosine(between, vectors[4][0])) < 0.15);
    assert_true(cosine(between, vectors[3][0]) > 0.5);
    embed(net, FSE_STUB_NOBODY, 1, nobody);
    for (int i = 0; i < 128; i++)
        assert_true(nobody[i] == 0);
    fse_net_default()->close(&net);
}

typedef struct runner {
    fse_net *net;
    const uint8_t *pixels;
    float sum;
} runner;

static void *run_many(void *argument)
{
    runner *r = argument;
    const fse_net_backend *backend = fse_net_default();
    for (int i = 0; i < 20; i++) {
        fse_net_result result;
        if (backend->run(r->net, r->pixels, 1, 64, 64, &result, NULL) != FSE_OK)
            return NULL;
        r->sum = result.outputs[0].data[0];
        backend->release(r->net, &result);
    }
    return NULL;
}

static void streams_are_shared_by_more_threads(void **state)
{
    (void)state;
    fse_net *net = open_kind("facesearch-stub scrfd slow 1\n", 2);
    fse_image image = stub_background(64, 64);
    runner runners[4];
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) {
        runners[i] = (runner){net, image.pixels, -1};
        assert_int_equal(pthread_create(&threads[i], NULL, run_many, &runners[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        assert_true(runners[i].sum == 0);
    }
    fse_image_free(&image);
    fse_net_default()->close(&net);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    char path[256];
    fse_net_facts facts;
    fse_error error = {0};
    snprintf(path, sizeof path, "%s/other.onnx", folder);
    FILE *file = fopen(path, "w");
    fputs("facesearch-stub nose\n", file);
    fclose(file);
    assert_int_equal(fse_net_default()->check(path, &facts, &error), FSE_EMODEL);
    assert_string_equal(error.subject, path);
    unlink(path);
    assert_int_equal(fse_net_default()->check(path, &facts, &error), FSE_ENOENT);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char path[256];
    snprintf(path, sizeof path, "%s/x.onnx", folder);
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scrfd_encodes_distances),
        cmocka_unit_test(yunet_encodes_centre_and_log_size),
        cmocka_unit_test(ultralight_gives_corners),
        cmocka_unit_test(landmarks_follow_the_disc),
        cmocka_unit_test(embedder_tells_persons_apart),
        cmocka_unit_test(streams_are_shared_by_more_threads),
        cmocka_unit_test(other_files_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
