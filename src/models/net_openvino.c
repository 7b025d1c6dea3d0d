/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inference by OpenVINO's CPU plugin. The only file that includes its headers, which define plain
 * names such as OK, RGB and BOOLEAN.
 *
 * A network is compiled for static shapes only, one plan a (count, height, width): with dynamic
 * shapes the plugin keeps code and memory for each new size without a limit (openvino#20633).
 * Pixels go in as they are, 8-bit NHWC; conversion, channel order, mean and scale are part of the
 * compiled graph.
 *
 * Each stream computes on one thread, so sums are made in one order and results do not depend on
 * the number of streams. Requests are started on the plan's own stream threads and waited for; run
 * synchronously, two callers may be mapped to the same stream while another is idle.
 */
#include "models/net.h"

#include <openvino/c/openvino.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "base/alloc.h"
#include "models/onnx.h"

/*
 * What plans may take together; the oldest give way. A detector sees a handful of input shapes
 * (views of photos of a few aspects), an embedder one or two. Measured with SCRFD-2.5G: about 15 MB
 * of code and weights a plan, and for each stream 41 bytes a pixel in float32, 26 in bfloat16
 * (docs/models.md). The sum keeps indexing below 600 MB; the number is for networks of one size.
 */
#define PLANS_MAX 16
#define PLANS_BYTES ((size_t)320 << 20)
#define PLAN_BYTES ((size_t)15 << 20)
#define PIXEL_BYTES_F32 41
#define PIXEL_BYTES_BF16 26

/* One infer request; on loan while a result is held. */
typedef struct request {
    struct request *next;
    struct plan *plan;
    ov_infer_request_t *handle;
    int tensor_count;
    ov_tensor_t *tensors[FSE_NET_MAX_OUTPUTS]; /* of the result on loan */
} request;

/* The network compiled for one input shape. */
typedef struct plan {
    struct plan *next;
    int count, height, width;
    ov_compiled_model_t *compiled;
    request *idle;
    int users;     /* runs and results that need it */
    uint64_t used; /* the network's clock when it was last taken */
} plan;

struct fse_net {
    char *path;
    ov_core_t *core;
    ov_model_t *model; /* with its preprocessing, once prepared */
    fse_net_shape shape;
    int channels;
    int streams;
    bool bf16;
    pthread_mutex_t mutex; /* guards what follows */
    pthread_cond_t changed;
    bool compiling; /* the model is being reshaped and compiled by one of the threads */
    int busy;       /* streams in use */
    uint64_t clock;
    plan *plans;
};

/*
 * OpenVINO keeps the text of the last failure in one string for the whole process. Calls share this
 * lock; the failed one is repeated alone, so that the text is its own. (A lock for a global of an
 * outside library; it holds no state of ours.)
 */
static pthread_rwlock_t error_text_lock = PTHREAD_RWLOCK_INITIALIZER;

typedef ov_status_e (*ov_step)(void *context);

/* Write the error report. Its texts are chains of "Exception from file:line"; the last counts. */
static fse_status report(fse_error *error, fse_status status, const char *path, const char *what,
                         ov_status_e code)
{
    const char *text = ov_get_last_err_msg();
    const char *line = text ? text : "";
    size_t length = strlen(line);
    while (length > 0 && strchr("\n ", line[length - 1]))
        length--;
    for (size_t i = 0; i < length; i++)
        if (line[i] == '\n') {
            length -= i + 1;
            line += i + 1;
            i = (size_t)-1;
        }
    if (length > 0)
        fse_fail(error, status, path, "%s: %.*s", what, (int)length, line);
    else
        fse_fail(error, status, path, "%s: %s", what, ov_get_error_info(code));
    if (text)
        ov_free(text);
    return status;
}

static fse_status call(ov_step step, void *context, fse_status failure, const char *path,
                       const char *what, fse_error *error)
{
    pthread_rwlock_rdlock(&error_text_lock);
    ov_status_e code = step(context);
    pthread_rwlock_unlock(&error_text_lock);
    if (code == OK)
        return FSE_OK;
    pthread_rwlock_wrlock(&error_text_lock);
    code = step(context);
    const fse_status status = code == OK ? FSE_OK : report(error, failure, path, what, code);
    pthread_rwlock_unlock(&error_text_lock);
    return status;
}

/* Leave a step at the first call that fails. */
#define OV_TRY(expression)                                                                         \
    do {                                                                                           \
        code = (expression);                                                                       \
        if (code != OK)                                                                            \
            goto cleanup;                                                                          \
    } while (0)

static char version_text[64];
static pthread_once_t version_once = PTHREAD_ONCE_INIT;

static void read_version(void)
{
    ov_version_t version = {0};
    const bool known = ov_get_openvino_version(&version) == OK && version.buildNumber;
    const char *number = known ? version.buildNumber : "(unknown version)";
    const int length = (int)strcspn(number, "-"); /* a build number and a commit follow */
    snprintf(version_text, sizeof version_text, "OpenVINO %.*s", length, number);
    if (known)
        ov_version_free(&version);
}

/* Through pthread_once because OpenVINO gives a copy and the table promises a static text. */
static const char *runtime_version(void)
{
    pthread_once(&version_once, read_version);
    return version_text;
}

/*
 * The instructions by which OpenVINO decides (its property OPTIMIZATION_CAPABILITIES says the same,
 * at the price of loading the plugin). Intel's Software Developer's Manual, CPUID leaf 7: subleaf 0
 * EDX bit 22 is AMX-BF16, subleaf 1 EAX bit 5 is AVX512_BF16. The operating system must keep the
 * registers of AVX-512 (XCR0 bits 5 to 7).
 */
static bool has_bf16(void)
{
#if defined(__x86_64__)
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & 1u << 27)) /* OSXSAVE */
        return false;
    unsigned low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if ((low & 0xe0) != 0xe0)
        return false;
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx))
        return false;
    const bool amx = edx & 1u << 22;
    return amx || (__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax & 1u << 5));
#else
    return false;
#endif
}

/* --- opening --- */

static ov_status_e open_step(void *context)
{
    fse_net *net = context;
    ov_status_e code = OK;
    if (!net->core)
        OV_TRY(ov_core_create(&net->core));
    OV_TRY(ov_core_read_model(net->core, net->path, NULL, &net->model));
cleanup:
    return code;
}

/* The name and shape of a port, which is freed. */
static ov_status_e describe_port(ov_output_const_port_t *port, fse_tensor *tensor)
{
    ov_status_e code;
    char *name = NULL;
    ov_partial_shape_t shape = {0};
    OV_TRY(ov_port_get_partial_shape(port, &shape));
    const int64_t rank = shape.rank.min == shape.rank.max ? shape.rank.min : 0;
    tensor->rank = rank > FSE_NET_MAX_RANK ? FSE_NET_MAX_RANK + 1 : (int)rank;
    for (int i = 0; i < tensor->rank && i < FSE_NET_MAX_RANK; i++)
        tensor->dims[i] = shape.dims[i].min == shape.dims[i].max ? shape.dims[i].min : -1;
    /* A tensor without a name is legal. */
    if (ov_port_get_any_name(port, &name) == OK && name)
        snprintf(tensor->name, sizeof tensor->name, "%.*s", (int)sizeof tensor->name - 1, name);
cleanup:
    ov_free(name);
    ov_partial_shape_free(&shape);
    ov_output_const_port_free(port);
    return code;
}

static ov_status_e describe_step(void *context)
{
    fse_net *net = context;
    fse_net_shape *shape = &net->shape;
    *shape = (fse_net_shape){0};
    ov_status_e code;
    size_t inputs, outputs;
    ov_output_const_port_t *port;
    OV_TRY(ov_model_inputs_size(net->model, &inputs));
    OV_TRY(ov_model_outputs_size(net->model, &outputs));
    shape->input_count = (int)inputs;
    shape->output_count = (int)outputs;
    if (inputs > 0) {
        OV_TRY(ov_model_const_input_by_index(net->model, 0, &port));
        OV_TRY(describe_port(port, &shape->input));
    }
    for (size_t i = 0; i < outputs && i < FSE_NET_MAX_OUTPUTS; i++) {
        OV_TRY(ov_model_const_output_by_index(net->model, i, &port));
        OV_TRY(describe_port(port, &shape->outputs[i]));
    }
cleanup:
    return code;
}

static void close_net(fse_net **net);

static fse_status open_net(const char *path, fse_net **net, fse_error *error)
{
    fse_status status;
    *net = NULL;
    fse_net *made = fse_alloc(1, sizeof *made);
    if (!made)
        return fse_fail_memory(error);
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->changed, NULL);
    made->path = fse_strdup(path);
    if (!made->path)
        FSE_TRY(fse_fail_memory(error));
    FSE_TRY(call(open_step, made, FSE_EMODEL, path, "OpenVINO cannot read the network", error));
    FSE_TRY(
        call(describe_step, made, FSE_EMODEL, path, "OpenVINO cannot describe the network", error));
    *net = made;
    made = NULL;
cleanup:
    close_net(&made);
    return status;
}

static void describe_net(const fse_net *net, fse_net_shape *shape)
{
    *shape = net->shape;
}

/* --- preprocessing --- */

typedef struct prepare_context {
    fse_net *net;
    const fse_net_input *input;
} prepare_context;

static ov_status_e add_steps(ov_preprocess_preprocess_steps_t *steps, const fse_net_input *input)
{
    ov_status_e code;
    OV_TRY(ov_preprocess_preprocess_steps_convert_element_type(steps, F32));
    if (input->bgr)
        OV_TRY(ov_preprocess_preprocess_steps_reverse_channels(steps));
    OV_TRY(ov_preprocess_preprocess_steps_mean(steps, input->mean));
    OV_TRY(ov_preprocess_preprocess_steps_scale(steps, input->scale));
cleanup:
    return code;
}

static ov_status_e prepare_step(void *context)
{
    const prepare_context *c = context;
    ov_status_e code;
    ov_preprocess_prepostprocessor_t *all = NULL;
    ov_preprocess_input_info_t *info = NULL;
    ov_preprocess_input_tensor_info_t *tensor = NULL;
    ov_preprocess_preprocess_steps_t *steps = NULL;
    ov_preprocess_input_model_info_t *inside = NULL;
    ov_layout_t *nhwc = NULL, *nchw = NULL;
    ov_model_t *built = NULL;
    OV_TRY(ov_layout_create("NHWC", &nhwc));
    OV_TRY(ov_layout_create("NCHW", &nchw));
    OV_TRY(ov_preprocess_prepostprocessor_create(c->net->model, &all));
    OV_TRY(ov_preprocess_prepostprocessor_get_input_info_by_index(all, 0, &info));
    OV_TRY(ov_preprocess_input_info_get_tensor_info(info, &tensor));
    OV_TRY(ov_preprocess_input_tensor_info_set_element_type(tensor, U8));
    OV_TRY(ov_preprocess_input_tensor_info_set_layout(tensor, nhwc));
    OV_TRY(ov_preprocess_input_info_get_preprocess_steps(info, &steps));
    OV_TRY(add_steps(steps, c->input));
    OV_TRY(ov_preprocess_input_info_get_model_info(info, &inside));
    OV_TRY(ov_preprocess_input_model_info_set_layout(inside, nchw));
    OV_TRY(ov_preprocess_prepostprocessor_build(all, &built));
    ov_model_free(c->net->model);
    c->net->model = built;
cleanup:
    ov_preprocess_input_model_info_free(inside);
    ov_preprocess_preprocess_steps_free(steps);
    ov_preprocess_input_tensor_info_free(tensor);
    ov_preprocess_input_info_free(info);
    ov_preprocess_prepostprocessor_free(all);
    ov_layout_free(nchw);
    ov_layout_free(nhwc);
    return code;
}

static fse_status prepare_net(fse_net *net, const fse_net_input *input,
                              const fse_net_options *options, fse_error *error)
{
    const fse_tensor *tensor = &net->shape.input;
    if (net->channels != 0 || options->streams < 1)
        return fse_fail(error, FSE_EINVAL, net->path,
                        net->channels ? "the network is prepared already" : "no streams to run on");
    if (net->shape.input_count != 1 || tensor->rank != 4)
        return fse_fail(error, FSE_EMODEL, net->path,
                        "expected one input of four dimensions (N, C, H, W), but it has %d inputs, "
                        "the first of %d dimensions",
                        net->shape.input_count, tensor->rank);
    if (tensor->dims[1] != -1 && tensor->dims[1] != input->channels)
        return fse_fail(error, FSE_EMODEL, net->path,
                        "expected an input of %d channels, but it has %lld", input->channels,
                        (long long)tensor->dims[1]);
    prepare_context context = {net, input};
    const fse_status status = call(prepare_step, &context, FSE_EINFERENCE, net->path,
                                   "OpenVINO cannot add the preprocessing", error);
    if (status != FSE_OK)
        return status;
    net->channels = input->channels;
    net->streams = options->streams;
    net->bf16 = options->bf16;
    return FSE_OK;
}

/* --- compiling --- */

static void free_request(request *r)
{
    if (!r)
        return;
    for (int i = 0; i < r->tensor_count; i++)
        ov_tensor_free(r->tensors[i]);
    ov_infer_request_free(r->handle);
    free(r);
}

static void free_plan(plan *p)
{
    if (!p)
        return;
    while (p->idle) {
        request *const r = p->idle;
        p->idle = r->next;
        free_request(r);
    }
    ov_compiled_model_free(p->compiled);
    free(p);
}

typedef struct compile_context {
    fse_net *net;
    plan *plan;
} compile_context;

/* The one model is reshaped for each plan; compiling takes a copy of it that shares weights. */
static ov_status_e compile_step(void *context)
{
    const compile_context *c = context;
    const fse_net *net = c->net;
    plan *p = c->plan;
    char streams[16];
    snprintf(streams, sizeof streams, "%d", net->streams);
    /* Pinning would put the streams of two networks on the same cores. */
    const ov_property_t properties[] = {{"NUM_STREAMS", streams},
                                        {"INFERENCE_NUM_THREADS", streams},
                                        {"INFERENCE_PRECISION_HINT", net->bf16 ? "bf16" : "f32"},
                                        {"ENABLE_CPU_PINNING", "NO"}};
    int64_t dims[] = {p->count, p->height, p->width, net->channels};
    ov_partial_shape_t shape = {0};
    ov_status_e code;
    OV_TRY(ov_partial_shape_create_static(4, dims, &shape));
    OV_TRY(ov_model_reshape_single_input(net->model, shape));
    OV_TRY(ov_core_compile_model_props(net->core, net->model, "CPU", FSE_COUNT(properties),
                                       properties, &p->compiled));
cleanup:
    ov_partial_shape_free(&shape);
    return code;
}

static fse_status compile_plan(fse_net *net, int count, int height, int width, plan **made,
                               fse_error *error)
{
    fse_status status;
    char what[96];
    plan *p = fse_alloc(1, sizeof *p);
    if (!p)
        return fse_fail_memory(error);
    *p = (plan){.count = count, .height = height, .width = width};
    compile_context context = {net, p};
    snprintf(what, sizeof what, "OpenVINO cannot compile the network for %d x %d x %d pixels",
             count, height, width);
    FSE_TRY(call(compile_step, &context, FSE_EINFERENCE, net->path, what, error));
    *made = p;
    p = NULL;
cleanup:
    free_plan(p);
    return status;
}

static plan *find_plan(const fse_net *net, int count, int height, int width)
{
    for (plan *p = net->plans; p; p = p->next)
        if (p->count == count && p->height == height && p->width == width)
            return p;
    return NULL;
}

/* About what a plan takes in memory. */
static size_t plan_bytes(const fse_net *net, int count, int height, int width)
{
    const size_t pixels = (size_t)count * (size_t)height * (size_t)width;
    const size_t each = net->bf16 ? PIXEL_BYTES_BF16 : PIXEL_BYTES_F32;
    return PLAN_BYTES + pixels * (size_t)net->streams * each;
}

/* The idle plan that was not used for the longest time. */
static plan **find_oldest(fse_net *net)
{
    plan **oldest = NULL;
    for (plan **p = &net->plans; *p; p = &(*p)->next)
        if ((*p)->users == 0 && (!oldest || (*p)->used < (*oldest)->used))
            oldest = p;
    return oldest;
}

/* Take out plans, oldest first, to make room for another of so many bytes. A list of them. */
static plan *make_room(fse_net *net, size_t needed)
{
    int kept = 0;
    plan *taken = NULL;
    for (const plan *p = net->plans; p; p = p->next) {
        needed += plan_bytes(net, p->count, p->height, p->width);
        kept++;
    }
    plan **oldest;
    while ((needed > PLANS_BYTES || kept >= PLANS_MAX) && (oldest = find_oldest(net))) {
        plan *const p = *oldest;
        *oldest = p->next;
        p->next = taken;
        taken = p;
        needed -= plan_bytes(net, p->count, p->height, p->width);
        kept--;
    }
    return taken;
}

static void free_plans(plan *list)
{
    while (list) {
        plan *const p = list;
        list = p->next;
        free_plan(p);
    }
}

/* Compile without the lock, which is held on entry and exit. */
static fse_status add_plan(fse_net *net, int count, int height, int width, fse_error *error)
{
    plan *made = NULL;
    net->compiling = true;
    plan *const old = make_room(net, plan_bytes(net, count, height, width));
    pthread_mutex_unlock(&net->mutex);
    free_plans(old);
    const fse_status status = compile_plan(net, count, height, width, &made, error);
    pthread_mutex_lock(&net->mutex);
    net->compiling = false;
    if (made) {
        made->next = net->plans;
        net->plans = made;
    }
    pthread_cond_broadcast(&net->changed);
    return status;
}

/* --- running --- */

/* Wait for a stream, and for the plan, which this thread compiles if no other does. */
static fse_status take_plan(fse_net *net, int count, int height, int width, plan **taken,
                            request **idle, fse_error *error)
{
    fse_status status = FSE_OK;
    plan *p;
    pthread_mutex_lock(&net->mutex);
    while (net->busy == net->streams)
        pthread_cond_wait(&net->changed, &net->mutex);
    net->busy++;
    while (!(p = find_plan(net, count, height, width))) {
        if (net->compiling)
            pthread_cond_wait(&net->changed, &net->mutex);
        else
            FSE_TRY(add_plan(net, count, height, width, error));
    }
    p->users++;
    p->used = ++net->clock;
    *taken = p;
    *idle = p->idle;
    if (p->idle)
        p->idle = p->idle->next;
cleanup:
    if (status != FSE_OK) {
        net->busy--;
        pthread_cond_broadcast(&net->changed);
    }
    pthread_mutex_unlock(&net->mutex);
    return status;
}

/* Give a stream back, and the request for the next run; NULL if it failed. */
static void give_back(fse_net *net, plan *p, request *r)
{
    pthread_mutex_lock(&net->mutex);
    if (r) {
        r->next = p->idle;
        p->idle = r;
    }
    p->users--;
    net->busy--;
    pthread_cond_broadcast(&net->changed);
    pthread_mutex_unlock(&net->mutex);
}

static ov_status_e infer(request *r, const fse_net *net, const uint8_t *pixels)
{
    ov_status_e code;
    ov_shape_t shape = {0};
    ov_tensor_t *input = NULL;
    const plan *p = r->plan;
    const int64_t dims[] = {p->count, p->height, p->width, net->channels};
    OV_TRY(ov_shape_create(4, dims, &shape));
    /* Only read, although the parameter is not const; set anew before each inference. */
    OV_TRY(ov_tensor_create_from_host_ptr(U8, shape, (void *)(uintptr_t)pixels, &input));
    OV_TRY(ov_infer_request_set_input_tensor_by_index(r->handle, 0, input));
    OV_TRY(ov_infer_request_start_async(r->handle));
    OV_TRY(ov_infer_request_wait(r->handle));
cleanup:
    ov_tensor_free(input);
    ov_shape_free(&shape);
    return code;
}

static ov_status_e read_output(ov_tensor_t *tensor, fse_net_output *output)
{
    ov_status_e code;
    ov_element_type_e type;
    ov_shape_t shape = {0};
    void *data;
    OV_TRY(ov_tensor_get_element_type(tensor, &type));
    OV_TRY(type == F32 ? OK : PARAMETER_MISMATCH);
    OV_TRY(ov_tensor_get_shape(tensor, &shape));
    OV_TRY(ov_tensor_data(tensor, &data));
    *output = (fse_net_output){.data = data, .rows = 1, .columns = 1};
    for (int64_t i = 0; i < shape.rank; i++)
        *(i == shape.rank - 1 ? &output->columns : &output->rows) *= (size_t)shape.dims[i];
cleanup:
    ov_shape_free(&shape);
    return code;
}

static ov_status_e read_outputs(request *r, int count, fse_net_result *result)
{
    ov_status_e code = OK;
    for (int i = 0; i < count; i++) {
        ov_tensor_t *tensor = NULL;
        OV_TRY(ov_infer_request_get_output_tensor_by_index(r->handle, (size_t)i, &tensor));
        r->tensors[r->tensor_count++] = tensor;
        OV_TRY(read_output(tensor, &result->outputs[i]));
    }
    result->output_count = count;
cleanup:
    return code;
}

static fse_status new_request(plan *p, request **made, fse_error *error)
{
    request *const r = fse_alloc(1, sizeof *r);
    if (!r)
        return fse_fail_memory(error);
    r->plan = p;
    if (ov_compiled_model_create_infer_request(p->compiled, &r->handle) != OK) {
        free(r);
        return fse_fail(error, FSE_EINFERENCE, NULL, "OpenVINO cannot create an infer request");
    }
    *made = r;
    return FSE_OK;
}

static fse_status check_run(const fse_net *net, int count, int height, int width, fse_error *error)
{
    const int64_t *dims = net->shape.input.dims;
    if (net->channels == 0 || count < 1 || height < 1 || width < 1)
        return fse_fail(error, FSE_EINVAL, net->path, "cannot run on %d x %d x %d pixels%s", count,
                        height, width, net->channels ? "" : " before it is prepared");
    if ((dims[2] != -1 && dims[2] != height) || (dims[3] != -1 && dims[3] != width))
        return fse_fail(error, FSE_EINVAL, net->path,
                        "the network takes %lld x %lld pixels (height x width), not %d x %d",
                        (long long)dims[2], (long long)dims[3], height, width);
    return FSE_OK;
}

static fse_status run_net(fse_net *net, const uint8_t *pixels, int count, int height, int width,
                          fse_net_result *result, fse_error *error)
{
    fse_status status;
    plan *p = NULL;
    request *r = NULL;
    *result = (fse_net_result){0};
    FSE_TRY(check_run(net, count, height, width, error));
    FSE_TRY(take_plan(net, count, height, width, &p, &r, error));
    if (!r)
        FSE_TRY(new_request(p, &r, error));
    const int outputs = net->shape.output_count < FSE_NET_MAX_OUTPUTS ? net->shape.output_count
                                                                      : FSE_NET_MAX_OUTPUTS;
    ov_status_e code = infer(r, net, pixels);
    if (code == OK)
        code = read_outputs(r, outputs, result);
    /* No text beside the code: inferences run without the lock on OpenVINO's one error text. */
    if (code != OK)
        FSE_THROW(error, FSE_EINFERENCE, net->path, "OpenVINO failed to run the network: %s",
                  ov_get_error_info(code));
    result->lease = r;
    return FSE_OK;
cleanup:
    free_request(r);
    if (p)
        give_back(net, p, NULL);
    *result = (fse_net_result){0};
    return status;
}

static void release_result(fse_net *net, fse_net_result *result)
{
    request *const r = result->lease;
    if (r) {
        while (r->tensor_count > 0)
            ov_tensor_free(r->tensors[--r->tensor_count]);
        give_back(net, r->plan, r);
    }
    *result = (fse_net_result){0};
}

static void close_net(fse_net **net)
{
    if (!net || !*net)
        return;
    fse_net *const n = *net;
    free_plans(n->plans);
    ov_model_free(n->model);
    ov_core_free(n->core);
    pthread_cond_destroy(&n->changed);
    pthread_mutex_destroy(&n->mutex);
    free(n->path);
    free(n);
    *net = NULL;
}

const fse_net_backend *fse_net_default(void)
{
    static const fse_net_backend backend = {
        .name = "OpenVINO",
        .version = runtime_version,
        .has_bf16 = has_bf16,
        .check = fse_onnx_check,
        .open = open_net,
        .describe = describe_net,
        .prepare = prepare_net,
        .run = run_net,
        .release = release_result,
        .close = close_net,
    };
    return &backend;
}
