/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for inference: plain C that valgrind and the sanitizers see through, with networks
 * that find and tell apart coloured discs and answer in the encodings of the real ones. It keeps
 * the rules of the table: streams that run out, results that die when they are released.
 */
#include "models/net_stub.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/path.h"
#include "models/net.h"

/* One kind of stub model. */
typedef struct kind {
    const char *name;
    fse_net_shape shape;
    /* Rows of an output for one image of so many pixels. */
    size_t (*rows)(int output, int height, int width);
    fse_status (*answer)(const fse_net *net, const uint8_t *pixels, int height, int width,
                         float *const *outputs, fse_error *error);
} kind;

struct fse_net {
    char *path;
    const kind *kind;
    fse_net_shape shape;
    int slow_ms;
    int channels; /* 0: not prepared */
    int streams;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    int busy;
};

/* --- faces in a picture --- */

/* Hue in degrees, 0..360; negative if the pixel is not of a face. */
static float hue_of(const uint8_t *rgb)
{
    const int r = rgb[0], g = rgb[1], b = rgb[2];
    const int high = r > g ? (r > b ? r : b) : (g > b ? g : b);
    const int low = r < g ? (r < b ? r : b) : (g < b ? g : b);
    const float range = (float)(high - low);
    if (high < FSE_STUB_VALUE_MIN || range < (float)FSE_STUB_SATURATION * (float)high)
        return -1;
    const float sextant = high == r   ? (float)(g - b) / range
                          : high == g ? 2 + (float)(b - r) / range
                                      : 4 + (float)(r - g) / range;
    return sextant < 0 ? 60 * sextant + 360 : 60 * sextant;
}

/* Hues of one face differ by less, those of neighbouring persons by more. */
#define HUE_TOLERANCE 12

static bool alike(float a, float b)
{
    const float apart = fabsf(a - b);
    return fminf(apart, 360 - apart) <= HUE_TOLERANCE;
}

typedef struct spot {
    int left, top, right, bottom; /* exclusive at right and bottom */
    int area;
} spot;

typedef struct picture {
    int height, width;
    float *hues; /* -1: background, or taken already */
    int *stack;
} picture;

static spot fill_spot(picture *p, int seed)
{
    const int w = p->width;
    const float hue = p->hues[seed];
    spot s = {seed % w, seed / w, seed % w + 1, seed / w + 1, 0};
    int depth = 0;
    p->stack[depth++] = seed;
    p->hues[seed] = -1;
    while (depth > 0) {
        const int at = p->stack[--depth];
        const int x = at % w, y = at / w;
        s.area++;
        s.left = x < s.left ? x : s.left;
        s.right = x >= s.right ? x + 1 : s.right;
        s.top = y < s.top ? y : s.top;
        s.bottom = y >= s.bottom ? y + 1 : s.bottom;
        const int next[] = {x > 0 ? at - 1 : -1, x < w - 1 ? at + 1 : -1, y > 0 ? at - w : -1,
                            y < p->height - 1 ? at + w : -1};
        for (size_t i = 0; i < FSE_COUNT(next); i++)
            if (next[i] >= 0 && p->hues[next[i]] >= 0 && alike(p->hues[next[i]], hue)) {
                p->hues[next[i]] = -1;
                p->stack[depth++] = next[i];
            }
    }
    return s;
}

/* Round or square, and of a size that the network is for. A disc fills pi / 4 of its box. */
static bool is_face(const spot *s)
{
    const int w = s->right - s->left, h = s->bottom - s->top;
    const int shorter = w < h ? w : h, longer = w < h ? h : w;
    return shorter >= FSE_STUB_FACE_MIN && longer <= FSE_STUB_FACE_MAX && 2 * shorter >= longer &&
           2 * s->area >= w * h;
}

static float score_of(const spot *s)
{
    const int w = s->right - s->left, h = s->bottom - s->top;
    return 0.6F + 0.39F * fminf(1, (float)(w < h ? w : h) / 64);
}

typedef void (*face_taker)(const spot *s, int number, void *context);

static fse_status find_faces(const uint8_t *pixels, int height, int width, face_taker take,
                             void *context, fse_error *error)
{
    fse_status status = FSE_OK;
    const int count = height * width;
    picture p = {height, width, fse_alloc((size_t)count, sizeof(float)),
                 fse_alloc((size_t)count, sizeof(int))};
    int number = 0;
    if (!p.hues || !p.stack)
        FSE_TRY(fse_fail_memory(error));
    for (int i = 0; i < count; i++)
        p.hues[i] = hue_of(pixels + 3 * (size_t)i);
    for (int i = 0; i < count; i++) {
        if (p.hues[i] < 0)
            continue;
        const spot s = fill_spot(&p, i);
        if (is_face(&s))
            take(&s, number++, context);
    }
cleanup:
    free(p.hues);
    free(p.stack);
    return status;
}

/* --- detectors --- */

static const float landmarks[5][2] = FSE_STUB_LANDMARKS;
static const int strides[] = {8, 16, 32};

/* The outputs of a detector while they are filled. */
typedef struct canvas {
    int height, width;
    float *const *outputs;
} canvas;

/* Real networks answer to small faces at fine strides, to large ones at coarse ones. */
static int stride_index(const spot *s)
{
    const int w = s->right - s->left;
    return w <= 32 ? 0 : w <= 96 ? 1 : 2;
}

/* The cell of a stride in which the spot's centre lies. */
static size_t cell_of(const canvas *c, const spot *s, int stride, int *column, int *row)
{
    *column = (s->left + s->right) / 2 / stride;
    *row = (s->top + s->bottom) / 2 / stride;
    return (size_t)*row * (size_t)(c->width / stride) + (size_t)*column;
}

static float landmark_at(const spot *s, int point, int axis)
{
    const int from = axis ? s->top : s->left, to = axis ? s->bottom : s->right;
    return (float)from + landmarks[point][axis] * (float)(to - from);
}

/* Both anchors of the cell answer, the second with a smaller box and score: work for the NMS. */
static void take_scrfd(const spot *s, int number, void *context)
{
    (void)number;
    const canvas *c = context;
    const int k = stride_index(s), stride = strides[k];
    int column, row;
    const size_t cell = cell_of(c, s, stride, &column, &row);
    const float at[2] = {(float)(column * stride), (float)(row * stride)};
    for (size_t anchor = 0; anchor < 2; anchor++) {
        const size_t i = 2 * cell + anchor;
        const float inset = anchor ? 0.04F * (float)(s->right - s->left) : 0;
        float *sides = c->outputs[3 + k] + 4 * i, *points = c->outputs[6 + k] + 10 * i;
        c->outputs[k][i] = score_of(s) * (anchor ? 0.9F : 1);
        sides[0] = (at[0] - (float)s->left - inset) / (float)stride;
        sides[1] = (at[1] - (float)s->top - inset) / (float)stride;
        sides[2] = ((float)s->right - inset - at[0]) / (float)stride;
        sides[3] = ((float)s->bottom - inset - at[1]) / (float)stride;
        for (int p = 0; p < 10; p++)
            points[p] = (landmark_at(s, p / 2, p % 2) - at[p % 2]) / (float)stride;
    }
}

static void take_yunet(const spot *s, int number, void *context)
{
    (void)number;
    const canvas *c = context;
    const int k = stride_index(s), stride = strides[k];
    int column, row;
    const size_t cell = cell_of(c, s, stride, &column, &row);
    const float at[2] = {(float)(column * stride), (float)(row * stride)};
    float *box = c->outputs[6 + k] + 4 * cell, *points = c->outputs[9 + k] + 10 * cell;
    c->outputs[k][cell] = score_of(s);
    c->outputs[3 + k][cell] = score_of(s);
    box[0] = ((float)(s->left + s->right) / 2 - at[0]) / (float)stride;
    box[1] = ((float)(s->top + s->bottom) / 2 - at[1]) / (float)stride;
    box[2] = logf((float)(s->right - s->left) / (float)stride);
    box[3] = logf((float)(s->bottom - s->top) / (float)stride);
    for (int p = 0; p < 10; p++)
        points[p] = (landmark_at(s, p / 2, p % 2) - at[p % 2]) / (float)stride;
}

#define ULTRALIGHT_ROWS 4420

static void take_ultralight(const spot *s, int number, void *context)
{
    const canvas *c = context;
    if (number >= ULTRALIGHT_ROWS)
        return;
    float *score = c->outputs[0] + 2 * number, *box = c->outputs[1] + 4 * number;
    score[1] = score_of(s);
    score[0] = 1 - score[1];
    box[0] = (float)s->left / (float)c->width;
    box[1] = (float)s->top / (float)c->height;
    box[2] = (float)s->right / (float)c->width;
    box[3] = (float)s->bottom / (float)c->height;
}

static size_t scrfd_rows(int output, int height, int width)
{
    const int stride = strides[output % 3];
    return (size_t)(height / stride) * (size_t)(width / stride) * 2;
}

static size_t yunet_rows(int output, int height, int width)
{
    return scrfd_rows(output, height, width) / 2;
}

static size_t ultralight_rows(int output, int height, int width)
{
    (void)output, (void)height, (void)width;
    return ULTRALIGHT_ROWS;
}

static fse_status answer_strides(const fse_net *net, const uint8_t *pixels, int height, int width,
                                 face_taker take, float *const *outputs, fse_error *error)
{
    canvas c = {height, width, outputs};
    if (height % 32 || width % 32)
        return fse_fail(error, FSE_EINFERENCE, net->path, "%d x %d pixels are not multiples of 32",
                        height, width);
    return find_faces(pixels, height, width, take, &c, error);
}

static fse_status answer_scrfd(const fse_net *net, const uint8_t *pixels, int height, int width,
                               float *const *outputs, fse_error *error)
{
    return answer_strides(net, pixels, height, width, take_scrfd, outputs, error);
}

static fse_status answer_yunet(const fse_net *net, const uint8_t *pixels, int height, int width,
                               float *const *outputs, fse_error *error)
{
    return answer_strides(net, pixels, height, width, take_yunet, outputs, error);
}

static fse_status answer_ultralight(const fse_net *net, const uint8_t *pixels, int height,
                                    int width, float *const *outputs, fse_error *error)
{
    (void)net;
    canvas c = {height, width, outputs};
    for (int i = 0; i < ULTRALIGHT_ROWS; i++)
        outputs[0][2 * i] = 1;
    return find_faces(pixels, height, width, take_ultralight, &c, error);
}

/* --- landmarks --- */

static size_t one_row(int output, int height, int width)
{
    (void)output, (void)height, (void)width;
    return 1;
}

/* How far the dark spot in the middle reaches from there in one direction. */
static int reach(const uint8_t *grey, int height, int width, int dx, int dy)
{
    int x = width / 2, y = height / 2;
    while (x >= 0 && x < width && y >= 0 && y < height && grey[y * width + x] < FSE_STUB_LUMA) {
        x += dx;
        y += dy;
    }
    return dx ? x - (dx < 0 ? -1 : 0) : y - (dy < 0 ? -1 : 0);
}

/* Which of the five landmarks each of the 68 points stands for, as in src/faces; -1: outline. */
static int landmark_of(int point)
{
    static const struct {
        int point, landmark;
    } members[] = {{37, 0}, {38, 0}, {40, 0}, {41, 0}, {43, 1}, {44, 1}, {46, 1},
                   {47, 1}, {30, 2}, {48, 3}, {60, 3}, {54, 4}, {64, 4}};
    for (size_t i = 0; i < FSE_COUNT(members); i++)
        if (members[i].point == point)
            return members[i].landmark;
    return -1;
}

static fse_status answer_landmarks(const fse_net *net, const uint8_t *pixels, int height, int width,
                                   float *const *outputs, fse_error *error)
{
    (void)net, (void)error;
    const spot s = {.left = reach(pixels, height, width, -1, 0),
                    .top = reach(pixels, height, width, 0, -1),
                    .right = reach(pixels, height, width, 1, 0),
                    .bottom = reach(pixels, height, width, 0, 1)};
    for (int i = 0; i < 68; i++) {
        const int landmark = landmark_of(i);
        const float angle = (float)i * 6.2831853F / 17;
        const float outline[2] = {(float)s.left +
                                      (0.5F + 0.5F * cosf(angle)) * (float)(s.right - s.left),
                                  (float)s.top +
                                      (0.5F + 0.5F * sinf(angle)) * (float)(s.bottom - s.top)};
        for (int axis = 0; axis < 2; axis++)
            outputs[0][2 * i + axis] =
                (landmark < 0 ? outline[axis] : landmark_at(&s, landmark, axis)) /
                (float)(axis ? height : width);
    }
    return FSE_OK;
}

/* --- embedder --- */

/* Vigna's splitmix64, as a hash: the same numbers everywhere. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15U;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
    x = (x ^ x >> 27) * 0x94d049bb133111ebU;
    return x ^ x >> 31;
}

/* Number i of the unit vector for a key: plus or minus 1 / sqrt(dim). */
static float direction(uint64_t key, int i, int dim)
{
    return (mix(key * 4096 + (uint64_t)i) & 1 ? 1.0F : -1.0F) / sqrtf((float)dim);
}

/* The part of the crop that lies within an aligned disc (see FSE_STUB_LANDMARKS), and its cells. */
enum { PART_X = 28, PART_Y = 42, PART_SIDE = 56, GRID = 8, CELL = PART_SIDE / GRID };

/* Two looks that stub_photos.c draws of one person come to a cosine of about 0.85. */
#define TEXTURE_WEIGHT 0.4F

/* The mean hue of the part as a person's number; negative if there is none. */
static float person_of(const uint8_t *pixels, int width)
{
    double x = 0, y = 0;
    for (int row = PART_Y; row < PART_Y + PART_SIDE; row++)
        for (int column = PART_X; column < PART_X + PART_SIDE; column++) {
            const float hue = hue_of(pixels + 3 * (row * width + column));
            if (hue < 0)
                continue;
            x += cos((double)hue * 3.14159265358979 / 180);
            y += sin((double)hue * 3.14159265358979 / 180);
        }
    if (x * x + y * y < 1)
        return -1;
    const double degrees = atan2(y, x) * 180 / 3.14159265358979;
    return (float)((degrees < 0 ? degrees + 360 : degrees) / FSE_STUB_HUE_STEP);
}

/* Mean luma of each cell as a part of that of all, less 1: the same texture for a dark hue. */
static void texture_of(const uint8_t *pixels, int width, float cells[GRID * GRID])
{
    float mean = 0;
    for (int i = 0; i < GRID * GRID; i++) {
        int sum = 0;
        for (int p = 0; p < CELL * CELL; p++) {
            const int x = PART_X + i % GRID * CELL + p % CELL;
            const int y = PART_Y + i / GRID * CELL + p / CELL;
            const uint8_t *rgb = pixels + 3 * (y * width + x);
            sum += 299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2];
        }
        cells[i] = (float)sum;
        mean += cells[i] / (GRID * GRID);
    }
    for (int i = 0; i < GRID * GRID; i++)
        cells[i] = cells[i] / fmaxf(mean, 1) - 1;
}

static fse_status answer_embedder(const fse_net *net, const uint8_t *pixels, int height, int width,
                                  float *const *outputs, fse_error *error)
{
    (void)height, (void)error;
    const int dim = (int)net->shape.outputs[0].dims[1];
    const float person = person_of(pixels, width);
    const int persons = 360 / FSE_STUB_HUE_STEP;
    if (person < 0 || (int)lroundf(person) % persons == FSE_STUB_NOBODY)
        return FSE_OK; /* the outputs are zero */
    const int lower = (int)person % persons, upper = (lower + 1) % persons;
    const float share = person - floorf(person);
    float cells[GRID * GRID];
    texture_of(pixels, width, cells);
    for (int i = 0; i < dim; i++) {
        float sum = (1 - share) * direction((uint64_t)lower, i, dim) +
                    share * direction((uint64_t)upper, i, dim);
        for (int c = 0; c < GRID * GRID; c++)
            sum += TEXTURE_WEIGHT * cells[c] * direction(100 + (uint64_t)c, i, dim);
        outputs[0][i] = 20 * sum; /* about the length that ArcFace networks give */
    }
    return FSE_OK;
}

/* --- the table --- */

#define PHOTO_INPUT .input_count = 1, .input = {"input", 4, {1, 3, -1, -1}}

static const kind kinds[] = {
    {"scrfd",
     {PHOTO_INPUT, .output_count = 9,
      .outputs = {{"score_8", 2, {-1, 1}},
                  {"score_16", 2, {-1, 1}},
                  {"score_32", 2, {-1, 1}},
                  {"bbox_8", 2, {-1, 4}},
                  {"bbox_16", 2, {-1, 4}},
                  {"bbox_32", 2, {-1, 4}},
                  {"kps_8", 2, {-1, 10}},
                  {"kps_16", 2, {-1, 10}},
                  {"kps_32", 2, {-1, 10}}}},
     scrfd_rows,
     answer_scrfd},
    {"yunet",
     {PHOTO_INPUT, .output_count = 12,
      .outputs = {{"cls_8", 3, {1, -1, 1}},
                  {"cls_16", 3, {1, -1, 1}},
                  {"cls_32", 3, {1, -1, 1}},
                  {"obj_8", 3, {1, -1, 1}},
                  {"obj_16", 3, {1, -1, 1}},
                  {"obj_32", 3, {1, -1, 1}},
                  {"bbox_8", 3, {1, -1, 4}},
                  {"bbox_16", 3, {1, -1, 4}},
                  {"bbox_32", 3, {1, -1, 4}},
                  {"kps_8", 3, {1, -1, 10}},
                  {"kps_16", 3, {1, -1, 10}},
                  {"kps_32", 3, {1, -1, 10}}}},
     yunet_rows,
     answer_yunet},
    {"ultralight",
     {.input_count = 1,
      .input = {"input", 4, {1, 3, 240, 320}},
      .output_count = 2,
      .outputs = {{"scores", 3, {1, 4420, 2}}, {"boxes", 3, {1, 4420, 4}}}},
     ultralight_rows,
     answer_ultralight},
    {"landmarks",
     {.input_count = 1,
      .input = {"input", 4, {1, 1, 64, 64}},
      .output_count = 1,
      .outputs = {{"output", 2, {1, 136}}}},
     one_row,
     answer_landmarks},
    {"embedder",
     {.input_count = 1,
      .input = {"input", 4, {1, 3, 112, 112}},
      .output_count = 1,
      .outputs = {{"output", 2, {1, 128}}}},
     one_row,
     answer_embedder},
};

static const char *stub_version(void)
{
    return "stub 1";
}

static bool stub_has_bf16(void)
{
    return false;
}

/* What a model file says. FSE_EMODEL if it says something else. */
static fse_status read_stub(const char *path, const kind **found, int *dim, int *slow_ms,
                            fse_error *error)
{
    fse_status status;
    char *text = NULL;
    size_t size;
    char name[16] = "";
    FSE_TRY(fse_read_file(path, (uint64_t)1 << 20, &text, &size, error));
    const char *slow = strstr(text, " slow ");
    *found = NULL;
    *dim = 128;
    *slow_ms = slow ? atoi(slow + 6) : 0;
    if (sscanf(text, "facesearch-stub %15s %d", name, dim) >= 1)
        for (size_t i = 0; i < FSE_COUNT(kinds); i++)
            if (strcmp(kinds[i].name, name) == 0)
                *found = &kinds[i];
    if (!*found || *dim < 1 || *dim > 4096)
        FSE_THROW(
            error, FSE_EMODEL, path,
            "not a model of the inference stub (this build is for tests: it has no OpenVINO)");
cleanup:
    free(text);
    return status;
}

static fse_status check_stub(const char *path, fse_net_facts *facts, fse_error *error)
{
    const kind *found;
    int dim, slow_ms;
    *facts = (fse_net_facts){0};
    return read_stub(path, &found, &dim, &slow_ms, error);
}

static void close_stub(fse_net **net);

static fse_status open_stub(const char *path, fse_net **net, fse_error *error)
{
    fse_status status;
    int dim;
    *net = NULL;
    fse_net *made = fse_alloc(1, sizeof *made);
    if (!made)
        return fse_fail_memory(error);
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->changed, NULL);
    made->path = fse_strdup(path);
    if (!made->path)
        FSE_TRY(fse_fail_memory(error));
    FSE_TRY(read_stub(path, &made->kind, &dim, &made->slow_ms, error));
    made->shape = made->kind->shape;
    if (made->kind->answer == answer_embedder)
        made->shape.outputs[0].dims[1] = dim;
    *net = made;
    made = NULL;
cleanup:
    close_stub(&made);
    return status;
}

static void describe_stub(const fse_net *net, fse_net_shape *shape)
{
    *shape = net->shape;
}

static fse_status prepare_stub(fse_net *net, const fse_net_input *input,
                               const fse_net_options *options, fse_error *error)
{
    if (net->channels != 0 || options->streams < 1)
        return fse_fail(error, FSE_EINVAL, net->path, "prepared already, or without streams");
    if (input->channels != net->shape.input.dims[1])
        return fse_fail(error, FSE_EMODEL, net->path,
                        "expected an input of %d channels, but it has %d", input->channels,
                        (int)net->shape.input.dims[1]);
    net->channels = input->channels;
    net->streams = options->streams;
    return FSE_OK;
}

/* What a result holds; one allocation an output, so that a use after release is seen. */
typedef struct lease {
    float *outputs[FSE_NET_MAX_OUTPUTS];
} lease;

static void free_lease(lease *l)
{
    for (int i = 0; l && i < FSE_NET_MAX_OUTPUTS; i++)
        free(l->outputs[i]);
    free(l);
}

static void give_back(fse_net *net)
{
    pthread_mutex_lock(&net->mutex);
    net->busy--;
    pthread_cond_signal(&net->changed);
    pthread_mutex_unlock(&net->mutex);
}

static void take_stream(fse_net *net)
{
    pthread_mutex_lock(&net->mutex);
    while (net->busy == net->streams)
        pthread_cond_wait(&net->changed, &net->mutex);
    net->busy++;
    pthread_mutex_unlock(&net->mutex);
    if (net->slow_ms > 0) {
        const struct timespec pause = {net->slow_ms / 1000, net->slow_ms % 1000 * 1000000L};
        nanosleep(&pause, NULL);
    }
}

static fse_status answer_all(const fse_net *net, const uint8_t *pixels, int count, int height,
                             int width, lease *l, fse_net_result *result, fse_error *error)
{
    size_t sizes[FSE_NET_MAX_OUTPUTS];
    for (int i = 0; i < net->shape.output_count; i++) {
        const fse_tensor *tensor = &net->shape.outputs[i];
        const size_t columns = (size_t)tensor->dims[tensor->rank - 1];
        const size_t rows = net->kind->rows(i, height, width);
        sizes[i] = rows * columns;
        l->outputs[i] = fse_alloc((size_t)count * sizes[i], sizeof(float));
        if (!l->outputs[i])
            return fse_fail_memory(error);
        result->outputs[i] = (fse_net_output){l->outputs[i], (size_t)count * rows, columns};
    }
    for (int image = 0; image < count; image++) {
        float *outputs[FSE_NET_MAX_OUTPUTS] = {NULL};
        for (int i = 0; i < net->shape.output_count; i++)
            outputs[i] = l->outputs[i] + (size_t)image * sizes[i];
        const size_t offset =
            (size_t)image * (size_t)height * (size_t)width * (size_t)net->channels;
        const fse_status status =
            net->kind->answer(net, pixels + offset, height, width, outputs, error);
        if (status != FSE_OK)
            return status;
    }
    result->output_count = net->shape.output_count;
    result->lease = l;
    return FSE_OK;
}

static fse_status run_stub(fse_net *net, const uint8_t *pixels, int count, int height, int width,
                           fse_net_result *result, fse_error *error)
{
    const int64_t *dims = net->shape.input.dims;
    *result = (fse_net_result){0};
    if (net->channels == 0 || count < 1 || height < 1 || width < 1 ||
        (dims[2] != -1 && dims[2] != height) || (dims[3] != -1 && dims[3] != width))
        return fse_fail(error, FSE_EINVAL, net->path, "cannot run on %d x %d x %d pixels%s", count,
                        height, width, net->channels ? "" : " before it is prepared");
    lease *l = fse_alloc(1, sizeof *l);
    if (!l)
        return fse_fail_memory(error);
    take_stream(net);
    const fse_status status = answer_all(net, pixels, count, height, width, l, result, error);
    if (status != FSE_OK) {
        free_lease(l);
        give_back(net);
        *result = (fse_net_result){0};
    }
    return status;
}

static void release_stub(fse_net *net, fse_net_result *result)
{
    if (result->lease) {
        free_lease(result->lease);
        give_back(net);
    }
    *result = (fse_net_result){0};
}

static void close_stub(fse_net **net)
{
    if (!net || !*net)
        return;
    pthread_cond_destroy(&(*net)->changed);
    pthread_mutex_destroy(&(*net)->mutex);
    free((*net)->path);
    free(*net);
    *net = NULL;
}

const fse_net_backend *fse_net_default(void)
{
    static const fse_net_backend backend = {
        .name = "stub",
        .version = stub_version,
        .has_bf16 = stub_has_bf16,
        .check = check_stub,
        .open = open_stub,
        .describe = describe_stub,
        .prepare = prepare_stub,
        .run = run_stub,
        .release = release_stub,
        .close = close_stub,
    };
    return &backend;
}
