/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inference behind a small table: open, describe, run, release, close. OpenVINO fills it in the
 * program; a stub fills it where tests, fuzzers and sanitizers need to see every instruction.
 *
 * A network is immutable and shared; run() may be called from several threads at once, each call on
 * one stream and one thread of its own, so that results do not depend on how many there are.
 */
#ifndef FSE_MODELS_NET_H
#define FSE_MODELS_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define FSE_NET_MAX_RANK 5
#define FSE_NET_MAX_OUTPUTS 16

/* A network's input or output as its file declares it. */
typedef struct fse_tensor {
    char name[64];
    int rank;
    int64_t dims[FSE_NET_MAX_RANK]; /* -1: any */
} fse_tensor;

typedef struct fse_net_shape {
    int input_count;  /* of the file; only networks with one input can be run */
    fse_tensor input; /* the first: N, C, H, W */
    int output_count;
    fse_tensor outputs[FSE_NET_MAX_OUTPUTS]; /* the first so many */
} fse_net_shape;

/* How 8-bit pixels become the network's numbers: (value - mean) / scale, in the channel order. */
typedef struct fse_net_input {
    float mean, scale;
    bool bgr;     /* the network wants BGR; images are RGB */
    int channels; /* 3 or 1 */
} fse_net_input;

typedef struct fse_net_options {
    int streams; /* inferences that may run at once, each on one thread; at least 1 */
    bool bf16;   /* may compute in bfloat16, where the CPU has instructions for it; else float32 */
} fse_net_options;

/* One output of one run: rows x columns numbers, columns being the last dimension. */
typedef struct fse_net_output {
    const float *data;
    size_t rows, columns;
} fse_net_output;

typedef struct fse_net_result {
    int output_count;
    fse_net_output outputs[FSE_NET_MAX_OUTPUTS]; /* in the order of fse_net_shape.outputs */
    void *lease;                                 /* the backend's; gives the outputs their life */
} fse_net_result;

/* What a look at a file tells, without the runtime. */
typedef struct fse_net_facts {
    char *external;  /* NULL, or the names of the files beside it that hold its data, each
                        NUL-terminated, ended by an empty one; to free() */
    bool normalises; /* the graph begins with a subtraction and a multiplication: it wants 0..255 */
} fse_net_facts;

typedef struct fse_net fse_net;

typedef struct fse_net_backend {
    const char *name;

    /* Name and version of the runtime, static. */
    const char *(*version)(void);

    /* Whether bf16 would be honoured on this CPU. */
    bool (*has_bf16)(void);

    /* Whether a file may be opened at all: see fse_onnx_check(). */
    fse_status (*check)(const char *path, fse_net_facts *facts, fse_error *error);

    /*
     * Read a network from a file that was checked. FSE_EMODEL: the runtime cannot read it.
     * *net is for close().
     */
    fse_status (*open)(const char *path, fse_net **net, fse_error *error);

    void (*describe)(const fse_net *net, fse_net_shape *shape);

    /* Fix how it is run. Once, after open and before the first run. */
    fse_status (*prepare)(fse_net *net, const fse_net_input *input, const fse_net_options *options,
                          fse_error *error);

    /*
     * Run on `count` images of height x width x channels pixels, one after the other. The network
     * is compiled at the first run of a (count, height, width); compiled ones are kept, a limited
     * number of them. result is for release(), soon: it holds a stream, and a run waits until one
     * is free. count > 1 is for networks whose outputs have the batch as their first dimension.
     * FSE_EINVAL: the network takes another height or width. Thread-safe.
     */
    fse_status (*run)(fse_net *net, const uint8_t *pixels, int count, int height, int width,
                      fse_net_result *result, fse_error *error);

    /* Give the stream back; the outputs are gone. A zeroed or released result does nothing. */
    void (*release)(fse_net *net, fse_net_result *result);

    /* NULL and *net == NULL do nothing. No run may be under way, no result held. */
    void (*close)(fse_net **net);
} fse_net_backend;

/* The backend that is linked in: net_openvino.c or net_stub.c. */
const fse_net_backend *fse_net_default(void);

#endif
