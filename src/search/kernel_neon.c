/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel for 64-bit Arm with the dot product of Armv8.2. */
#if defined(__aarch64__)

#include <arm_neon.h>

#include "base/cpu.h"
#include "base/half.h"
#include "search/kernel_select.h"

#if defined(__clang__)
#define TARGET __attribute__((target("dotprod")))
#else
#define TARGET __attribute__((target("arch=armv8.2-a+dotprod")))
#endif

/* Ahead of the row that is read, in bytes: 8 rows of 512. */
#define PREFETCH_DISTANCE 4096

TARGET static inline int32x4_t sum_each(int32x4_t a, int32x4_t b, int32x4_t c, int32x4_t d)
{
    return vpaddq_s32(vpaddq_s32(a, b), vpaddq_s32(c, d));
}

TARGET static inline void add4(int32x4_t sums[4], const int8x16_t rows[4], const int8_t *probe)
{
    const int8x16_t codes = vld1q_s8(probe);
    sums[0] = vdotq_s32(sums[0], rows[0], codes);
    sums[1] = vdotq_s32(sums[1], rows[1], codes);
    sums[2] = vdotq_s32(sums[2], rows[2], codes);
    sums[3] = vdotq_s32(sums[3], rows[3], codes);
}

TARGET static inline void load4(int8x16_t rows[4], const int8_t *codes, size_t stride)
{
    rows[0] = vld1q_s8(codes);
    rows[1] = vld1q_s8(codes + stride);
    rows[2] = vld1q_s8(codes + 2 * stride);
    rows[3] = vld1q_s8(codes + 3 * stride);
}

/* Four rows by four probes: sixteen sums, four rows and a probe stay in the 32 registers. */
TARGET static void tile(const int8_t *rows, const fse_probe_codes *probes, size_t probe,
                        int32_t *dots)
{
    const size_t stride = probes->stride;
    const int8_t *codes = probes->codes + probe * stride;
    const int32x4_t zero = vdupq_n_s32(0);
    int32x4_t a[4] = {zero, zero, zero, zero}, b[4] = {zero, zero, zero, zero};
    int32x4_t c[4] = {zero, zero, zero, zero}, d[4] = {zero, zero, zero, zero};
    for (size_t i = 0; i < stride; i += 16) {
        int8x16_t r[4];
        load4(r, rows + i, stride);
        add4(a, r, codes + i);
        add4(b, r, codes + stride + i);
        add4(c, r, codes + 2 * stride + i);
        add4(d, r, codes + 3 * stride + i);
    }
    for (size_t k = 0; k < 4; k++)
        vst1q_s32(dots + k * probes->count + probe, sum_each(a[k], b[k], c[k], d[k]));
}

/* Four rows by one probe. */
TARGET static int32x4_t column(const int8_t *rows, const int8_t *codes, size_t stride)
{
    const int32x4_t zero = vdupq_n_s32(0);
    int32x4_t sums[4] = {zero, zero, zero, zero};
    for (size_t i = 0; i < stride; i += 16) {
        int8x16_t r[4];
        load4(r, rows + i, stride);
        add4(sums, r, codes + i);
        __builtin_prefetch(rows + 4 * i + PREFETCH_DISTANCE);
    }
    return sum_each(sums[0], sums[1], sums[2], sums[3]);
}

TARGET static int32_t dot(const int8_t *row, const int8_t *codes, size_t stride)
{
    int32x4_t sum = vdupq_n_s32(0);
    for (size_t i = 0; i < stride; i += 16)
        sum = vdotq_s32(sum, vld1q_s8(row + i), vld1q_s8(codes + i));
    return vaddvq_s32(sum);
}

TARGET static void dots_neon(const int8_t *rows, size_t count, const fse_probe_codes *probes,
                             int32_t *dots)
{
    const size_t stride = probes->stride;
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        if (probes->count == 1)
            vst1q_s32(dots + i, column(rows + i * stride, probes->codes, stride));
        else
            for (size_t probe = 0; probe < probes->used; probe += 4)
                tile(rows + i * stride, probes, probe, dots + i * probes->count);
    }
    for (; i < count; i++)
        for (size_t probe = 0; probe < probes->used; probe++)
            dots[i * probes->count + probe] =
                dot(rows + i * stride, probes->codes + probe * stride, stride);
}

static size_t select_neon(const fse_select *select, uint32_t *hits)
{
    return select_body(select, hits);
}

/* Exact in any order, and with fused steps too, since the products are exact: see fse_score(). */
static double score_neon(const float *probe, const uint16_t *row, size_t dim)
{
    float64x2_t low = vdupq_n_f64(0);
    float64x2_t high = low;
    size_t i = 0;
    for (; i + 4 <= dim; i += 4) {
        const float32x4_t p = vld1q_f32(probe + i);
        const float32x4_t r = vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(row + i)));
        low = vfmaq_f64(low, vcvt_f64_f32(vget_low_f32(p)), vcvt_f64_f32(vget_low_f32(r)));
        high = vfmaq_f64(high, vcvt_high_f64_f32(p), vcvt_high_f64_f32(r));
    }
    double sum = vaddvq_f64(vaddq_f64(low, high));
    for (; i < dim; i++)
        sum += (double)probe[i] * (double)fse_half_to_float(row[i]);
    return sum;
}

static uint64_t sum_neon(const void *bytes, size_t size)
{
    const uint64_t *words = bytes;
    uint64x2_t a = vdupq_n_u64(0);
    uint64x2_t b = a, c = a, d = a;
    for (size_t i = 0; i < size / sizeof *words; i += 8) {
        a = vaddq_u64(a, vld1q_u64(words + i));
        b = vaddq_u64(b, vld1q_u64(words + i + 2));
        c = vaddq_u64(c, vld1q_u64(words + i + 4));
        d = vaddq_u64(d, vld1q_u64(words + i + 6));
    }
    return vaddvq_u64(vaddq_u64(vaddq_u64(a, b), vaddq_u64(c, d)));
}

const fse_kernel fse_kernel_neon = {.name = "neon",
                                    .needs = FSE_CPU_NEON_DOT,
                                    .dots = dots_neon,
                                    .select = select_neon,
                                    .score = score_neon,
                                    .sum = sum_neon};

#else
typedef int fse_no_kernel_here; /* ISO C wants a declaration */
#endif
