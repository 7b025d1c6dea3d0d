/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inner loops of the scan, once for each kind of CPU. All kernels give the same integers and
 * the same exact scores; which rows select() lets through may differ, within the bound that the
 * scan adds (scan.c), so results never do.
 */
#ifndef FSE_SEARCH_KERNEL_H
#define FSE_SEARCH_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Rows are padded with zeros to a multiple of this: one register of AVX-512, one cache line. */
#define FSE_ROW_ALIGN 64

/* Where there is more than one probe, their number is padded to a multiple of this. */
#define FSE_PROBE_TILE 16

/* Probes as the kernels take them; made by fse_probe_codes_init(). */
typedef struct fse_probe_codes {
    size_t used;      /* probes */
    size_t count;     /* with padding: 1, or a multiple of FSE_PROBE_TILE; padding is all zero */
    size_t stride;    /* bytes from probe to probe and from row to row, multiple of FSE_ROW_ALIGN */
    int8_t *codes;    /* count x stride, aligned to FSE_ROW_ALIGN, each in -127..127 */
    int32_t *offsets; /* 128 times the sum of a probe's codes */
    int8_t *tiles;    /* the codes of 16 probes at a time, as AMX takes them */
} fse_probe_codes;

/* What select() goes by. */
typedef struct fse_select {
    const int32_t *dots; /* rows x probes */
    size_t rows, probes; /* probes: 1 or a multiple of FSE_PROBE_TILE */
    const float *scales; /* a row each */
    const float *errors; /* a row each */
    float weight;
    const float *factors; /* a probe each */
    const float *bounds;  /* a probe each */
} fse_select;

typedef struct fse_kernel {
    const char *name;
    unsigned needs; /* FSE_CPU_*: all of them */
    /*
     * Integer dot products of count rows with all probes: dots[row * probes->count + probe]. Rows
     * hold codes in -127..127 and are aligned to FSE_ROW_ALIGN. dots of padding are left as is.
     */
    void (*dots)(const int8_t *rows, size_t count, const fse_probe_codes *probes, int32_t *dots);
    /*
     * The places in dots where dot * (scale * factor) + weight * error >= bound, upwards; returns
     * how many. hits has room for all.
     */
    size_t (*select)(const fse_select *select, uint32_t *hits);
    /* The exact dot product of two canonical embeddings, one of them as float16. */
    double (*score)(const float *probe, const uint16_t *row, size_t dim);
    /* Read bytes, a multiple of 256, as fast as memory gives them: for measuring. */
    uint64_t (*sum)(const void *bytes, size_t size);
} fse_kernel;

/* All kernels of this build, the plainest first, up to NULL. Check a kernel's needs before use. */
const fse_kernel *const *fse_kernels(void);

/*
 * The best kernel for this CPU that the environment variable FACESEARCH_CPU allows; see
 * fse_cpu_mask(). FSE_EINVAL: the variable makes no sense.
 */
fse_status fse_kernel_choose(const fse_kernel **kernel, fse_error *error);

/*
 * Room for probes with all codes zero: fill codes[i * stride + ..], then call
 * fse_probe_codes_finish(). Free with fse_probe_codes_free(), also after a failure.
 */
fse_status fse_probe_codes_init(fse_probe_codes *probes, size_t used, size_t dim, fse_error *error);
void fse_probe_codes_finish(fse_probe_codes *probes);
void fse_probe_codes_free(fse_probe_codes *probes);

/* Bytes of a row of dim codes. */
size_t fse_row_stride(size_t dim);

/* count elements of size bytes, zeroed, aligned to FSE_ROW_ALIGN; to free(). NULL: no memory. */
void *fse_alloc_aligned(size_t count, size_t size);

/* The kernels by name; those of the x86 and of Arm are there on such CPUs only. */
extern const fse_kernel fse_kernel_scalar;
extern const fse_kernel fse_kernel_avx2;
extern const fse_kernel fse_kernel_avxvnni;
extern const fse_kernel fse_kernel_avx512vnni;
extern const fse_kernel fse_kernel_amx;
extern const fse_kernel fse_kernel_neon;

#endif
