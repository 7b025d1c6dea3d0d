/* SPDX-License-Identifier: Apache-2.0 */
#include "models/classify.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"

/* One input of N, C, H, W; height and width fixed to these or free. */
static bool takes(const fse_net_shape *shape, int64_t channels, int64_t height, int64_t width)
{
    const fse_tensor *input = &shape->input;
    return shape->input_count == 1 && input->rank == 4 && input->dims[1] == channels &&
           (input->dims[2] == height || input->dims[2] == -1) &&
           (input->dims[3] == width || input->dims[3] == -1);
}

static bool takes_photos(const fse_net_shape *shape)
{
    const fse_tensor *input = &shape->input;
    return shape->input_count == 1 && input->rank == 4 && input->dims[1] == 3;
}

static int64_t last_dim(const fse_tensor *tensor)
{
    const int rank = tensor->rank;
    return rank >= 1 && rank <= FSE_NET_MAX_RANK ? tensor->dims[rank - 1] : 0;
}

/* How many outputs have rows of so many numbers. */
static int count_outputs(const fse_net_shape *shape, int64_t columns)
{
    int count = 0;
    for (int i = 0; i < shape->output_count && i < FSE_NET_MAX_OUTPUTS; i++)
        count += last_dim(&shape->outputs[i]) == columns;
    return count;
}

/* Three strides of scores, distances to the box, and landmarks. */
static bool is_scrfd(const fse_net_shape *shape)
{
    return takes_photos(shape) && shape->output_count == 9 && count_outputs(shape, 1) == 3 &&
           count_outputs(shape, 4) == 3 && count_outputs(shape, 10) == 3;
}

static bool is_scrfd_bare(const fse_net_shape *shape)
{
    return takes_photos(shape) && shape->output_count == 6 && count_outputs(shape, 1) == 3 &&
           count_outputs(shape, 4) == 3;
}

/* Three strides of class, objectness, box and landmarks. */
static bool is_yunet(const fse_net_shape *shape)
{
    return takes_photos(shape) && shape->output_count == 12 && count_outputs(shape, 1) == 6 &&
           count_outputs(shape, 4) == 3 && count_outputs(shape, 10) == 3;
}

/* 4420 rows: three anchors a cell at stride 8, two at 16 and 32, three at 64 (RFB-320). */
static bool is_ultralight(const fse_net_shape *shape)
{
    const fse_tensor *outputs = shape->outputs;
    return takes(shape, 3, 240, 320) && shape->output_count == 2 && outputs[0].rank == 3 &&
           outputs[1].rank == 3 && outputs[0].dims[1] == 4420 && outputs[1].dims[1] == 4420 &&
           count_outputs(shape, 2) == 1 && count_outputs(shape, 4) == 1;
}

/* 68 points of x and y. */
static bool is_landmarks(const fse_net_shape *shape)
{
    return takes(shape, 1, 64, 64) && shape->output_count == 1 && count_outputs(shape, 136) == 1;
}

int fse_embedding_dim(const fse_net_shape *shape)
{
    const int64_t dim = last_dim(&shape->outputs[0]);
    return dim < FSE_DIM_MIN || dim > FSE_DIM_MAX ? 0 : (int)dim;
}

static bool is_embedder(const fse_net_shape *shape)
{
    return takes(shape, 3, 112, 112) && shape->output_count == 1 && shape->outputs[0].rank == 2 &&
           fse_embedding_dim(shape) != 0;
}

/*
 * Preprocessing: SCRFD and ArcFace as in InsightFace (python-package, model_zoo/scrfd.py and
 * arcface_onnx.py); YuNet as in OpenCV's FaceDetectorYN; RFB-320 as in its project's demos
 * (Ultra-Light-Fast-Generic-Face-Detector-1MB); the 68-point model as in its npm package.
 */
static const fse_kind kinds[] = {
    {"an SCRFD face detector",
     FSE_ROLE_DETECTOR,
     FSE_FAMILY_SCRFD,
     {.mean = 127.5f, .scale = 128, .channels = 3},
     is_scrfd},
    {"a YuNet face detector",
     FSE_ROLE_DETECTOR,
     FSE_FAMILY_YUNET,
     {.mean = 0, .scale = 1, .bgr = true, .channels = 3},
     is_yunet},
    {"an RFB-320 face detector",
     FSE_ROLE_DETECTOR,
     FSE_FAMILY_ULTRALIGHT,
     {.mean = 127, .scale = 128, .channels = 3},
     is_ultralight},
    {"a 68-point landmark model",
     FSE_ROLE_LANDMARKS,
     FSE_FAMILY_ULTRALIGHT,
     {.mean = 0, .scale = 256, .channels = 1},
     is_landmarks},
    {"a face embedder",
     FSE_ROLE_EMBEDDER,
     FSE_FAMILY_SCRFD,
     {.mean = 127.5f, .scale = 127.5f, .channels = 3},
     is_embedder},
    {"an SCRFD face detector without landmarks",
     FSE_ROLES,
     FSE_FAMILY_SCRFD,
     {.mean = 127.5f, .scale = 128, .channels = 3},
     is_scrfd_bare},
};

const fse_kind *fse_classify(const fse_net_shape *shape)
{
    for (size_t i = 0; i < FSE_COUNT(kinds); i++)
        if (kinds[i].fits(shape))
            return &kinds[i];
    return NULL;
}

const fse_kind *fse_kind_of(fse_role role, fse_family family)
{
    for (size_t i = 0; i < FSE_COUNT(kinds); i++)
        if (kinds[i].role == role && (role != FSE_ROLE_DETECTOR || kinds[i].family == family))
            return &kinds[i];
    return NULL;
}

const char *fse_role_name(fse_role role)
{
    static const char *const names[FSE_ROLES] = {"detector", "landmarks", "embedder"};
    return names[role];
}

const char *fse_family_name(fse_family family)
{
    static const char *const names[] = {"scrfd", "yunet", "ultralight"};
    return names[family];
}

/* snprintf() at the end of a text, cut to fit. */
FSE_PRINTF(3, 4) static void append(char **at, size_t *left, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const int length = vsnprintf(*at, *left, format, args);
    va_end(args);
    const size_t used = length < 0 ? 0 : (size_t)length < *left ? (size_t)length : *left - 1;
    *at += used;
    *left -= used;
}

static void append_tensor(char **at, size_t *left, const fse_tensor *tensor)
{
    for (int i = 0; i < tensor->rank && i < FSE_NET_MAX_RANK; i++) {
        if (tensor->dims[i] == -1)
            append(at, left, "%s?", i ? "x" : "");
        else
            append(at, left, "%s%lld", i ? "x" : "", (long long)tensor->dims[i]);
    }
}

void fse_shape_words(const fse_net_shape *shape, char *words, size_t size)
{
    words[0] = '\0';
    append_tensor(&words, &size, &shape->input);
    if (shape->input_count > 1)
        append(&words, &size, " and %d more", shape->input_count - 1);
    append(&words, &size, " -> ");
    append_tensor(&words, &size, &shape->outputs[0]);
    if (shape->output_count > 1)
        append(&words, &size, " and %d more", shape->output_count - 1);
}
