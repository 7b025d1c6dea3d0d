/* SPDX-License-Identifier: Apache-2.0 */
/* The three families' decoding, against the formulas of their papers written out slowly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "base/alloc.h"
#include "faces/detector.h"

enum { width = 96, height = 64 };

static float random_unit(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return (float)(*state >> 8) / (1 << 24);
}

typedef struct answer {
    fse_net_shape shape;
    fse_net_result result;
    float *data[FSE_NET_MAX_OUTPUTS];
} answer;

static float *add_output(answer *a, const char *name, size_t rows, size_t columns, uint32_t *seed)
{
    const int n = a->result.output_count++;
    a->shape.output_count = a->result.output_count;
    snprintf(a->shape.outputs[n].name, sizeof a->shape.outputs[n].name, "%s", name);
    a->data[n] = fse_alloc(rows * columns, sizeof(float));
    for (size_t i = 0; i < rows * columns; i++)
        a->data[n][i] = columns == 1 ? random_unit(seed) : 4 * random_unit(seed) - 2;
    a->result.outputs[n] = (fse_net_output){a->data[n], rows, columns};
    return a->data[n];
}

static void free_answer(answer *a)
{
    for (int i = 0; i < a->result.output_count; i++)
        free(a->data[i]);
}

static void assert_close(float a, float b)
{
    assert_true(fabsf(a - b) <= 1e-3F);
}

static void scrfd_is_distances_from_anchors(void **state)
{
    (void)state;
    static const int strides[] = {8, 16, 32};
    uint32_t seed = 1;
    answer a = {.result = {.output_count = 0}};
    float *score[3], *box[3], *points[3];
    for (int s = 0; s < 3; s++)
        score[s] = add_output(&a, "446", (size_t)(2 * width * height / strides[s] / strides[s]), 1, &seed);
    for (int s = 0; s < 3; s++)
        box[s] = add_output(&a, "449", (size_t)(2 * width * height / strides[s] / strides[s]), 4, &seed);
    for (int s = 0; s < 3; s++)
        points[s] = add_output(&a, "452", (size_t)(2 * width * height / strides[s] / strides[s]), 10, &seed);
    fse_detections found = {.items = NULL};
    assert_int_equal(fse_scrfd_decode(&a.shape, &a.result, width, height, 0.6F, &found, NULL), FSE_OK);
    size_t n = 0;
    for (int s = 0; s < 3; s++)
        for (int y = 0; y < height; y += strides[s])
            for (int x = 0; x < width; x += strides[s])
                for (int anchor = 0; anchor < 2; anchor++) {
                    const int i = ((y / strides[s]) * (width / strides[s]) + x / strides[s]) * 2 + anchor;
                    if (score[s][i] < 0.6F)
                        continue;
                    const fse_detection *d = &found.items[n++];
                    const float stride = (float)strides[s];
                    assert_true(d->score == score[s][i]);
                    assert_close(d->box[0], (float)x - stride * box[s][4 * i]);
                    assert_close(d->box[1], (float)y - stride * box[s][4 * i + 1]);
                    assert_close(d->box[2], (float)x + stride * box[s][4 * i + 2]);
                    assert_close(d->box[3], (float)y + stride * box[s][4 * i + 3]);
                    assert_close(d->landmarks[4][1], (float)y + stride * points[s][10 * i + 9]);
                }
    assert_int_equal(found.count, n);
    assert_true(n > 20);
    /* A network of another kind is refused. */
    a.result.outputs[8].columns = 9;
    assert_int_equal(fse_scrfd_decode(&a.shape, &a.result, width, height, 0.6F, &found, NULL), FSE_EMODEL);
    fse_detections_free(&found);
    free_answer(&a);
}

static void yunet_is_centres_and_sizes(void **state)
{
    (void)state;
    static const int strides[] = {8, 16, 32};
    static const char *const kinds[] = {"cls", "obj", "bbox", "kps"};
    static const size_t columns[] = {1, 1, 4, 10};
    uint32_t seed = 2;
    answer a = {.result = {.output_count = 0}};
    float *out[4][3];
    for (int k = 0; k < 4; k++)
        for (int s = 0; s < 3; s++) {
            char name[16];
            snprintf(name, sizeof name, "%s_%d", kinds[k], strides[s]);
            out[k][s] = add_output(&a, name, (size_t)(width * height / strides[s] / strides[s]),
                                   columns[k], &seed);
        }
    fse_detections found = {.items = NULL};
    assert_int_equal(fse_yunet_decode(&a.shape, &a.result, width, height, 0.5F, &found, NULL), FSE_OK);
    size_t n = 0;
    for (int s = 0; s < 3; s++)
        for (int i = 0; i < width * height / strides[s] / strides[s]; i++) {
            const float score = sqrtf(out[0][s][i] * out[1][s][i]), stride = (float)strides[s];
            if (score < 0.5F)
                continue;
            const float column = (float)(i % (width / strides[s])), row = (float)(i / (width / strides[s]));
            const float *b = out[2][s] + 4 * i, *p = out[3][s] + 10 * i;
            const fse_detection *d = &found.items[n++];
            assert_close(d->score, score);
            assert_close((d->box[0] + d->box[2]) / 2, (column + b[0]) * stride);
            assert_close((d->box[1] + d->box[3]) / 2, (row + b[1]) * stride);
            assert_close(d->box[2] - d->box[0], expf(b[2]) * stride);
            assert_close(d->box[3] - d->box[1], expf(b[3]) * stride);
            assert_close(d->landmarks[0][0], (column + p[0]) * stride);
            assert_close(d->landmarks[3][1], (row + p[7]) * stride);
        }
    assert_int_equal(found.count, n);
    assert_true(n > 20);
    a.shape.outputs[5].name[0] = 'x';
    assert_int_equal(fse_yunet_decode(&a.shape, &a.result, width, height, 0.5F, &found, NULL), FSE_EMODEL);
    fse_detections_free(&found);
    free_answer(&a);
}

static void ultralight_is_corners_of_the_input(void **state)
{
    (void)state;
    uint32_t seed = 3;
    answer a = {.result = {.output_count = 0}};
    float *boxes = add_output(&a, "boxes", 500, 4, &seed);
    float *scores = add_output(&a, "scores", 500, 2, &seed);
    fse_detections found = {.items = NULL};
    assert_int_equal(fse_ultralight_decode(&a.shape, &a.result, 320, 240, 0.7F, &found, NULL), FSE_OK);
    size_t n = 0;
    for (int i = 0; i < 500; i++)
        if (scores[2 * i + 1] >= 0.7F) {
            assert_close(found.items[n].box[0], boxes[4 * i] * 320);
            assert_close(found.items[n].box[3], boxes[4 * i + 3] * 240);
            assert_true(found.items[n++].score == scores[2 * i + 1]);
        }
    assert_int_equal(found.count, n);
    assert_true(n > 20);
    a.result.outputs[0].rows = 499;
    assert_int_equal(fse_ultralight_decode(&a.shape, &a.result, 320, 240, 0.7F, &found, NULL), FSE_EMODEL);
    fse_detections_free(&found);
    free_answer(&a);
}

static void scores_that_are_no_numbers_are_no_faces(void **state)
{
    (void)state;
    float scores[4] = {0, NAN, 1, INFINITY}, boxes[8] = {0, 0, 1, 1, NAN, 0, INFINITY, 1};
    const fse_net_shape shape = {.output_count = 2};
    const fse_net_result result = {.output_count = 2, .outputs = {{scores, 2, 2}, {boxes, 2, 4}}};
    fse_detections found = {.items = NULL};
    assert_int_equal(fse_ultralight_decode(&shape, &result, 320, 240, 0.7F, &found, NULL), FSE_OK);
    assert_int_equal(found.count, 0);
    fse_detections_free(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scrfd_is_distances_from_anchors),
        cmocka_unit_test(yunet_is_centres_and_sizes),
        cmocka_unit_test(ultralight_is_corners_of_the_input),
        cmocka_unit_test(scores_that_are_no_numbers_are_no_faces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
