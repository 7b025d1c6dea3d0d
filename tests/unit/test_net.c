/* SPDX-License-Identifier: Apache-2.0 */
/* Inference by OpenVINO with the default pack (scripts/setup gets it). */
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

#include "base/alloc.h"
#include "base/path.h"
#include "models/net.h"
#include "models/pack.h"

enum { SIDE = 112, CROP = SIDE * SIDE * 3, CROPS = 8 };

static fse_pack *pack;
static uint8_t *crops;

/* Smooth random pictures: sums of a few gradients, from a fixed seed. */
static void fill_crops(void)
{
    uint32_t seed = 12345;
    for (int i = 0; i < CROPS; i++)
        for (int channel = 0; channel < 3; channel++) {
            seed = seed * 1664525 + 1013904223;
            const int fx = (int)(seed >> 8 & 3) + 1, fy = (int)(seed >> 12 & 3) + 1;
            for (int p = 0; p < SIDE * SIDE; p++) {
                const int wave = (p % SIDE * fx + p / SIDE * fy + (int)(seed >> 20)) % 256;
                crops[i * CROP + 3 * p + channel] =
                    (uint8_t)(wave < 128 ? 2 * wave : 510 - 2 * wave);
            }
        }
}

static fse_net *open_model(fse_role role, const fse_net_input *input, int streams, bool bf16)
{
    const fse_net_backend *backend = fse_net_default();
    const fse_model *model = &pack->models[role];
    const fse_net_options options = {.streams = streams, .bf16 = bf16};
    fse_net *net;
    fse_error error = {0};
    if (backend->open(model->path, &net, &error) != FSE_OK ||
        backend->prepare(net, input ? input : &model->input, &options, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return net;
}

/* --- batches and streams --- */

typedef struct part {
    fse_net *net;
    int first, step, batch;
    float *out;
    fse_status status;
} part;

static void *embed_part(void *argument)
{
    part *p = argument;
    const fse_net_backend *backend = fse_net_default();
    for (int i = p->first; i < CROPS && p->status == FSE_OK; i += p->step) {
        fse_net_result result;
        p->status = backend->run(p->net, crops + i * CROP, p->batch, SIDE, SIDE, &result, NULL);
        if (p->status == FSE_OK)
            memcpy(p->out + i * pack->dim, result.outputs[0].data,
                   (size_t)(p->batch * pack->dim) * sizeof(float));
        backend->release(p->net, &result);
    }
    return NULL;
}

/* Embed all crops on so many threads; one more than streams, so that they have to wait. */
static void embed_all(int streams, int batch, bool bf16, float *out)
{
    fse_net *net = open_model(FSE_ROLE_EMBEDDER, NULL, streams, bf16);
    const int threads = streams + 1;
    pthread_t handles[5];
    part parts[5];
    for (int i = 0; i < threads; i++) {
        parts[i] = (part){net, i * batch, threads * batch, batch, out, FSE_OK};
        assert_int_equal(pthread_create(&handles[i], NULL, embed_part, &parts[i]), 0);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(handles[i], NULL);
        assert_int_equal(parts[i].status, FSE_OK);
    }
    fse_net_default()->close(&net);
}

static void batches_and_streams_change_no_bit(void **state)
{
    (void)state;
    const size_t count = (size_t)(CROPS * pack->dim);
    float *reference = fse_alloc(count, sizeof(float)), *out = fse_alloc(count, sizeof(float));
    embed_all(1, 1, false, reference);
    for (int streams = 1; streams <= 4; streams *= 2)
        for (int batch = 1; batch <= 8; batch *= streams == 2 ? 2 : 8) {
            embed_all(streams, batch, false, out);
            assert_memory_equal(out, reference, count * sizeof(float));
        }
    if (fse_net_default()->has_bf16()) {
        embed_all(1, 1, true, out);
        assert_memory_not_equal(out, reference, count * sizeof(float));
        embed_all(2, 4, true, reference);
        assert_memory_equal(out, reference, count * sizeof(float));
    }
    free(reference);
    free(out);
}

/* --- preprocessing --- */

static void run_one(const fse_net_input *input, const uint8_t *pixels, float *out)
{
    fse_net *net = open_model(FSE_ROLE_EMBEDDER, input, 1, false);
    fse_net_result result;
    assert_int_equal(fse_net_default()->run(net, pixels, 1, SIDE, SIDE, &result, NULL), FSE_OK);
    assert_int_equal(result.outputs[0].rows, 1);
    assert_int_equal(result.outputs[0].columns, pack->dim);
    memcpy(out, result.outputs[0].data, (size_t)pack->dim * sizeof(float));
    fse_net_default()->release(net, &result);
    fse_net_default()->close(&net);
}

/* The largest difference of two embeddings, as a part of the first one's length. */
static double difference(const float *a, const float *b)
{
    double square = 0, most = 0;
    for (int i = 0; i < pack->dim; i++) {
        square += (double)a[i] * (double)a[i];
        most = fmax(most, fabs((double)a[i] - (double)b[i]));
    }
    return most / sqrt(square);
}

/*
 * Changing the pixels by hand or by the preprocessing comes to the same, but for rounding: OpenVINO
 * works the preprocessing into the weights of the first convolution.
 */
static void preprocessing_is_what_it_says(void **state)
{
    (void)state;
    float *a = fse_alloc((size_t)pack->dim, sizeof(float));
    float *b = fse_alloc((size_t)pack->dim, sizeof(float));
    uint8_t *changed = malloc(CROP);
    fse_net_input rgb = {.mean = 127, .scale = 128, .channels = 3}, bgr = rgb;
    bgr.bgr = true;
    for (int i = 0; i < CROP; i++)
        changed[i] = crops[i - i % 3 + 2 - i % 3];
    run_one(&rgb, crops, a);
    run_one(&bgr, changed, b);
    assert_true(difference(a, b) < 1e-5);
    run_one(&bgr, crops, b);
    assert_true(difference(a, b) > 1e-2);
    /* Half the contrast, shifted by 64. */
    for (int i = 0; i < CROP; i++)
        crops[i] &= 0xfe;
    for (int i = 0; i < CROP; i++)
        changed[i] = (uint8_t)(crops[i] / 2 + 64);
    run_one(&(fse_net_input){.mean = 128, .scale = 128, .channels = 3}, crops, a);
    run_one(&(fse_net_input){.mean = 128, .scale = 64, .channels = 3}, changed, b);
    assert_true(difference(a, b) < 1e-5);
    fill_crops();
    free(changed);
    free(a);
    free(b);
}

/* --- shapes --- */

enum { SHAPES = 18 };

/* One thread's runs of all shapes, beginning at one of them. */
typedef struct tour {
    fse_net *net;
    int first;
    float ends[SHAPES][2]; /* first and last number of each answer */
} tour;

static void *make_tour(void *argument)
{
    tour *t = argument;
    const fse_net_backend *backend = fse_net_default();
    for (int i = 0; i < SHAPES; i++) {
        const int count = (t->first + i) % SHAPES + 1;
        fse_net_result result;
        if (backend->run(t->net, crops, count, 64, 64, &result, NULL) != FSE_OK)
            continue;
        const fse_net_output *out = &result.outputs[0];
        if (out->rows == (size_t)count && out->columns == 136) {
            t->ends[count - 1][0] = out->data[0];
            t->ends[count - 1][1] = out->data[136 * count - 1];
        }
        backend->release(t->net, &result);
        backend->release(t->net, &result); /* released already: nothing happens */
    }
    return NULL;
}

/* More shapes than are kept, from several threads at once; a batch of any size is a shape. */
static void shapes_come_and_go(void **state)
{
    (void)state;
    if (!pack->models[FSE_ROLE_LANDMARKS].file)
        skip();
    fse_net *net = open_model(FSE_ROLE_LANDMARKS, NULL, 2, false);
    tour alone = {.net = net}, tours[2];
    pthread_t threads[2];
    make_tour(&alone);
    for (int i = 0; i < SHAPES; i++)
        assert_true(alone.ends[i][0] != 0 && alone.ends[i][1] != 0);
    for (int i = 0; i < 2; i++) {
        tours[i] = (tour){.net = net, .first = 7 * i};
        assert_int_equal(pthread_create(&threads[i], NULL, make_tour, &tours[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_memory_equal(tours[i].ends, alone.ends, sizeof alone.ends);
    }
    fse_net_default()->close(&net);
    fse_net_default()->close(&net);
}

/* Two results at once, on two streams, do not share their memory. */
static void results_live_until_released(void **state)
{
    (void)state;
    const fse_net_backend *backend = fse_net_default();
    fse_net *net = open_model(FSE_ROLE_EMBEDDER, NULL, 2, false);
    fse_net_result a, b;
    assert_int_equal(backend->run(net, crops, 1, SIDE, SIDE, &a, NULL), FSE_OK);
    const float before = a.outputs[0].data[0];
    assert_int_equal(backend->run(net, crops + CROP, 1, SIDE, SIDE, &b, NULL), FSE_OK);
    assert_ptr_not_equal(a.outputs[0].data, b.outputs[0].data);
    assert_true(a.outputs[0].data[0] == before);
    backend->release(net, &a);
    backend->release(net, &b);
    backend->close(&net);
}

/* --- what does not work --- */

static void mistakes_are_reported(void **state)
{
    (void)state;
    const fse_net_backend *backend = fse_net_default();
    const fse_model *model = &pack->models[FSE_ROLE_EMBEDDER];
    const fse_net_options options = {.streams = 1};
    const fse_net_input grey = {.scale = 1, .channels = 1};
    fse_net *net;
    fse_net_result result;
    fse_error error = {0};
    assert_int_equal(backend->open(model->path, &net, &error), FSE_OK);
    assert_int_equal(backend->run(net, crops, 1, SIDE, SIDE, &result, &error), FSE_EINVAL);
    assert_non_null(strstr(error.message, "before it is prepared"));
    assert_int_equal(backend->prepare(net, &grey, &options, &error), FSE_EMODEL);
    assert_non_null(strstr(error.message, "1 channels, but it has 3"));
    assert_int_equal(backend->prepare(net, &model->input, &options, &error), FSE_OK);
    assert_int_equal(backend->run(net, crops, 1, 64, 64, &result, &error), FSE_EINVAL);
    assert_non_null(strstr(error.message, "takes 112 x 112"));
    assert_string_equal(error.subject, model->path);
    assert_int_equal(backend->run(net, crops, 1, SIDE, SIDE, &result, &error), FSE_OK);
    backend->release(net, &result);
    backend->close(&net);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    const fse_net_backend *backend = fse_net_default();
    char path[] = "/tmp/test_net_XXXXXX.onnx";
    fse_net *net;
    fse_error error = {0};
    const int fd = mkstemps(path, 5);
    assert_true(fd >= 0);
    /* A whole model of one node, of a kind that does not exist: the check passes, OpenVINO not. */
    static const char unknown_node[] = {0x08, 7,    0x3a, 13,   0x0a, 6,   0x12, 1, 'y',  0x22, 1,
                                        'X',  0x62, 3,    0x0a, 1,    'y', 0x42, 2, 0x10, 13};
    fse_net_facts facts;
    assert_int_equal(write(fd, unknown_node, sizeof unknown_node), sizeof unknown_node);
    close(fd);
    assert_int_equal(backend->check(path, &facts, &error), FSE_OK);
    assert_int_equal(backend->open(path, &net, &error), FSE_EMODEL);
    assert_null(net);
    assert_string_equal(error.subject, path);
    assert_non_null(strstr(error.message, "OpenVINO cannot read the network: "));
    print_message("%s\n", error.message);
    assert_int_equal(backend->open(path, &net, NULL), FSE_EMODEL);
    unlink(path);
}

static void the_runtime_has_a_version(void **state)
{
    (void)state;
    const char *version = fse_net_default()->version();
    print_message("%s, bfloat16: %s\n", version, fse_net_default()->has_bf16() ? "yes" : "no");
    assert_int_equal(strncmp(version, "OpenVINO 20", 11), 0);
    assert_ptr_equal(version, fse_net_default()->version());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(batches_and_streams_change_no_bit),
        cmocka_unit_test(preprocessing_is_what_it_says),
        cmocka_unit_test(shapes_come_and_go),
        cmocka_unit_test(results_live_until_released),
        cmocka_unit_test(mistakes_are_reported),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(the_runtime_has_a_version),
    };
    const char *models = getenv("FACESEARCH_MODELS_PATH");
    char *folder = fse_path_join(models ? models : "models", "faceplugin");
    fse_error error = {0};
    if (!fse_path_is_folder(folder)) {
        printf("skipped: the default pack is not in %s\n", folder);
        free(folder);
        return 77;
    }
    if (fse_pack_read(fse_net_default(), folder, &pack, &error) != FSE_OK) {
        printf("%s: %s\n", error.subject, error.message);
        return 1;
    }
    crops = malloc((size_t)CROPS * CROP);
    fill_crops();
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(crops);
    fse_pack_free(&pack);
    free(folder);
    return failed;
}
