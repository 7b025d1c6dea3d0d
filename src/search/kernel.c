/* SPDX-License-Identifier: Apache-2.0 */
#include "search/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/half.h"
#include "search/kernel_select.h"

/* ---- The scalar kernel: what the others have to equal ---- */

static void dots_scalar(const int8_t *rows, size_t count, const fse_probe_codes *probes,
                        int32_t *dots)
{
    for (size_t row = 0; row < count; row++, rows += probes->stride)
        for (size_t probe = 0; probe < probes->used; probe++) {
            const int8_t *codes = probes->codes + probe * probes->stride;
            int32_t sum = 0;
            for (size_t i = 0; i < probes->stride; i++)
                sum += rows[i] * codes[i];
            dots[row * probes->count + probe] = sum;
        }
}

static size_t select_scalar(const fse_select *select, uint32_t *hits)
{
    return select_body(select, hits);
}

/* Exact in any order: see fse_score(). */
static double score_scalar(const float *probe, const uint16_t *row, size_t dim)
{
    double sum = 0;
    for (size_t i = 0; i < dim; i++)
        sum += (double)probe[i] * (double)fse_half_to_float(row[i]);
    return sum;
}

static uint64_t sum_scalar(const void *bytes, size_t size)
{
    const uint64_t *words = bytes;
    uint64_t sums[4] = {0};
    for (size_t i = 0; i < size / sizeof *words; i += 4)
        for (size_t k = 0; k < 4; k++)
            sums[k] += words[i + k];
    return sums[0] + sums[1] + sums[2] + sums[3];
}

const fse_kernel fse_kernel_scalar = {.name = "scalar",
                                      .needs = 0,
                                      .dots = dots_scalar,
                                      .select = select_scalar,
                                      .score = score_scalar,
                                      .sum = sum_scalar};

/* ---- Which kernel ---- */

static const fse_kernel *const kernels[] = {
    &fse_kernel_scalar,
#if defined(__x86_64__)
    &fse_kernel_avx2,   &fse_kernel_avxvnni, &fse_kernel_avx512vnni, &fse_kernel_amx,
#elif defined(__aarch64__)
    &fse_kernel_neon,
#endif
    NULL,
};

const fse_kernel *const *fse_kernels(void)
{
    return kernels;
}

fse_status fse_kernel_choose(const fse_kernel **kernel, fse_error *error)
{
    unsigned mask;
    *kernel = &fse_kernel_scalar;
    const fse_status status = fse_cpu_mask(getenv("FACESEARCH_CPU"), &mask, error);
    if (status != FSE_OK)
        return status;
    const unsigned features = fse_cpu_detect() & mask;
    for (size_t i = 0; kernels[i]; i++)
        if ((kernels[i]->needs & features) == kernels[i]->needs)
            *kernel = kernels[i];
    return FSE_OK;
}

/* ---- Probes ---- */

size_t fse_row_stride(size_t dim)
{
    return (dim + FSE_ROW_ALIGN - 1) / FSE_ROW_ALIGN * FSE_ROW_ALIGN;
}

void *fse_alloc_aligned(size_t count, size_t size)
{
    if (count > (SIZE_MAX - FSE_ROW_ALIGN) / size)
        return NULL;
    const size_t bytes = fse_row_stride(count > 0 ? count * size : 1);
    void *memory = aligned_alloc(FSE_ROW_ALIGN, bytes);
    return memory ? memset(memory, 0, bytes) : NULL;
}

fse_status fse_probe_codes_init(fse_probe_codes *probes, size_t used, size_t dim, fse_error *error)
{
    const size_t tiles = (used + FSE_PROBE_TILE - 1) / FSE_PROBE_TILE;
    *probes = (fse_probe_codes){.used = used,
                                .count = used == 1 ? 1 : tiles * FSE_PROBE_TILE,
                                .stride = fse_row_stride(dim)};
    const size_t room = tiles * FSE_PROBE_TILE;
    probes->codes = fse_alloc_aligned(room, probes->stride);
    probes->tiles = fse_alloc_aligned(room, probes->stride);
    probes->offsets = fse_alloc_aligned(room, sizeof *probes->offsets);
    if (probes->codes && probes->tiles && probes->offsets)
        return FSE_OK;
    fse_probe_codes_free(probes);
    return fse_fail_memory(error);
}

void fse_probe_codes_free(fse_probe_codes *probes)
{
    free(probes->codes);
    free(probes->tiles);
    free(probes->offsets);
    *probes = (fse_probe_codes){.used = 0};
}

/*
 * The layout of B in TDPBSSD (Intel SDM, volume 2): of 16 probes, for each 64 codes a block of 16
 * lines, and a line has 4 neighbouring codes of each probe.
 */
static void pack_tiles(fse_probe_codes *p)
{
    for (size_t probe = 0; probe < p->count; probe++)
        for (size_t i = 0; i < p->stride; i++) {
            const size_t tile = probe / 16 * 16 * p->stride + i / 64 * 1024;
            p->tiles[tile + i % 64 / 4 * 64 + probe % 16 * 4 + i % 4] = p->codes[probe * p->stride + i];
        }
}

void fse_probe_codes_finish(fse_probe_codes *probes)
{
    for (size_t probe = 0; probe < probes->count; probe++) {
        int32_t sum = 0;
        for (size_t i = 0; i < probes->stride; i++)
            sum += probes->codes[probe * probes->stride + i];
        probes->offsets[probe] = 128 * sum;
    }
    pack_tiles(probes);
}
