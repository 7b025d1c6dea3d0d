/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels for x86 with 256-bit registers: AVX2, and AVX-VNNI, which differ in one step. */
#if defined(__x86_64__)

#include <immintrin.h>

#include "base/cpu.h"
#include "base/half.h"
#include "search/kernel_select.h"

#define TARGET_AVX2 __attribute__((target("avx2,fma,f16c")))
#define TARGET_VNNI __attribute__((target("avx2,fma,f16c,avxvnni")))

/* Ahead of the row that is read, in bytes: 8 rows of 512, so that memory is never waited for. */
#define PREFETCH_DISTANCE 4096

TARGET_AVX2 static inline __m256i load(const int8_t *codes)
{
    return _mm256_load_si256((const __m256i *)(const void *)codes);
}

/* The sums of four registers of eight integers each. */
TARGET_AVX2 static inline __m128i sum_each(__m256i a, __m256i b, __m256i c, __m256i d)
{
    const __m256i sums = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    return _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
}

TARGET_AVX2 static inline void store(int32_t *dots, __m128i sums)
{
    _mm_storeu_si128((__m128i *)(void *)dots, sums);
}

/*
 * |row| * sign(probe, row) is row * probe. Pairs of products add up to at most 2 * 127 * 127 =
 * 32258, so the 16-bit sums of VPMADDUBSW never saturate; -128 would, and no code is.
 */
TARGET_AVX2 static inline __m256i add_avx2(__m256i sum, __m256i row, __m256i size, __m256i probe)
{
    const __m256i pairs = _mm256_maddubs_epi16(size, _mm256_sign_epi8(probe, row));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

TARGET_AVX2 static void row_avx2(const int8_t *row, const fse_probe_codes *probes, size_t probe,
                                 int32_t *dots)
{
    const size_t stride = probes->stride;
    const int8_t *codes = probes->codes + probe * stride;
    __m256i a = _mm256_setzero_si256();
    __m256i b = a, c = a, d = a;
    for (size_t i = 0; i < stride; i += 32) {
        const __m256i r = load(row + i);
        const __m256i size = _mm256_abs_epi8(r);
        a = add_avx2(a, r, size, load(codes + i));
        b = add_avx2(b, r, size, load(codes + stride + i));
        c = add_avx2(c, r, size, load(codes + 2 * stride + i));
        d = add_avx2(d, r, size, load(codes + 3 * stride + i));
    }
    store(dots + probe, sum_each(a, b, c, d));
}

TARGET_AVX2 static int32_t dot_avx2(const int8_t *row, const int8_t *codes, size_t stride)
{
    __m256i a = _mm256_setzero_si256();
    __m256i b = a;
    for (size_t i = 0; i < stride; i += 64) {
        const __m256i r = load(row + i);
        const __m256i s = load(row + i + 32);
        a = add_avx2(a, r, _mm256_abs_epi8(r), load(codes + i));
        b = add_avx2(b, s, _mm256_abs_epi8(s), load(codes + i + 32));
        _mm_prefetch((const char *)row + i + PREFETCH_DISTANCE, _MM_HINT_T0);
    }
    const __m256i zero = _mm256_setzero_si256();
    return _mm_cvtsi128_si32(sum_each(_mm256_add_epi32(a, b), zero, zero, zero));
}

TARGET_AVX2 static void dots_avx2(const int8_t *rows, size_t count, const fse_probe_codes *probes,
                                  int32_t *dots)
{
    for (size_t i = 0; i < count; i++, rows += probes->stride, dots += probes->count) {
        if (probes->count == 1)
            dots[0] = dot_avx2(rows, probes->codes, probes->stride);
        else
            for (size_t probe = 0; probe < probes->used; probe += 4)
                row_avx2(rows, probes, probe, dots);
    }
}

TARGET_AVX2 static size_t select_avx2(const fse_select *select, uint32_t *hits)
{
    return select_body(select, hits);
}

/* Exact in any order, and with fused steps too, since the products are exact: see fse_score(). */
TARGET_AVX2 static double score_avx2(const float *probe, const uint16_t *row, size_t dim)
{
    __m256d low = _mm256_setzero_pd();
    __m256d high = low;
    size_t i = 0;
    for (; i + 8 <= dim; i += 8) {
        const __m256 p = _mm256_loadu_ps(probe + i);
        const __m256 r = _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)(row + i)));
        low = _mm256_fmadd_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(p)),
                              _mm256_cvtps_pd(_mm256_castps256_ps128(r)), low);
        high = _mm256_fmadd_pd(_mm256_cvtps_pd(_mm256_extractf128_ps(p, 1)),
                               _mm256_cvtps_pd(_mm256_extractf128_ps(r, 1)), high);
    }
    double sums[4];
    _mm256_storeu_pd(sums, _mm256_add_pd(low, high));
    double sum = sums[0] + sums[1] + sums[2] + sums[3];
    for (; i < dim; i++)
        sum += (double)probe[i] * (double)fse_half_to_float(row[i]);
    return sum;
}

TARGET_AVX2 static uint64_t sum_avx2(const void *bytes, size_t size)
{
    const int8_t *at = bytes;
    __m256i sums[4] = {_mm256_setzero_si256(), _mm256_setzero_si256(), _mm256_setzero_si256(),
                       _mm256_setzero_si256()};
    for (size_t i = 0; i < size; i += 128) {
        _mm_prefetch((const char *)at + i + PREFETCH_DISTANCE, _MM_HINT_T0);
        _mm_prefetch((const char *)at + i + 64 + PREFETCH_DISTANCE, _MM_HINT_T0);
        for (size_t k = 0; k < 4; k++)
            sums[k] = _mm256_add_epi64(sums[k], load(at + i + 32 * k));
    }
    uint64_t words[4];
    _mm256_storeu_si256((__m256i *)(void *)words,
                        _mm256_add_epi64(_mm256_add_epi64(sums[0], sums[1]),
                                         _mm256_add_epi64(sums[2], sums[3])));
    return words[0] + words[1] + words[2] + words[3];
}

const fse_kernel fse_kernel_avx2 = {.name = "avx2",
                                    .needs = FSE_CPU_AVX2,
                                    .dots = dots_avx2,
                                    .select = select_avx2,
                                    .score = score_avx2,
                                    .sum = sum_avx2};

/* ---- AVX-VNNI ---- */

/*
 * VPDPBUSD multiplies bytes without sign by bytes with one. Flipping a row's top bits adds 128 to
 * its codes, and so 128 times the sum of the probe's codes to the result: probes->offsets.
 */
TARGET_VNNI static inline __m256i add_vnni(__m256i sum, __m256i row, const int8_t *probe)
{
    return _mm256_dpbusd_avx_epi32(sum, row, load(probe));
}

TARGET_VNNI static inline __m256i load_biased(const int8_t *codes)
{
    return _mm256_xor_si256(load(codes), _mm256_set1_epi8(-128));
}

/* Two rows by four probes: eight sums, two rows and a probe stay in the 16 registers. */
TARGET_VNNI static void tile_vnni(const int8_t *rows, const fse_probe_codes *probes, size_t probe,
                                  int32_t *dots)
{
    const size_t stride = probes->stride;
    const int8_t *codes = probes->codes + probe * stride;
    const __m256i zero = _mm256_setzero_si256();
    __m256i a0 = zero, a1 = zero, a2 = zero, a3 = zero, b0 = zero, b1 = zero, b2 = zero, b3 = zero;
    for (size_t i = 0; i < stride; i += 32) {
        const __m256i a = load_biased(rows + i);
        const __m256i b = load_biased(rows + stride + i);
        a0 = add_vnni(a0, a, codes + i);
        b0 = add_vnni(b0, b, codes + i);
        a1 = add_vnni(a1, a, codes + stride + i);
        b1 = add_vnni(b1, b, codes + stride + i);
        a2 = add_vnni(a2, a, codes + 2 * stride + i);
        b2 = add_vnni(b2, b, codes + 2 * stride + i);
        a3 = add_vnni(a3, a, codes + 3 * stride + i);
        b3 = add_vnni(b3, b, codes + 3 * stride + i);
    }
    const __m128i offsets =
        _mm_loadu_si128((const __m128i *)(const void *)(probes->offsets + probe));
    store(dots + probe, _mm_sub_epi32(sum_each(a0, a1, a2, a3), offsets));
    store(dots + probes->count + probe, _mm_sub_epi32(sum_each(b0, b1, b2, b3), offsets));
}

TARGET_VNNI static int32_t dot_vnni(const int8_t *row, const int8_t *codes, size_t stride)
{
    __m256i a = _mm256_setzero_si256();
    __m256i b = a;
    for (size_t i = 0; i < stride; i += 64) {
        a = add_vnni(a, load_biased(row + i), codes + i);
        b = add_vnni(b, load_biased(row + i + 32), codes + i + 32);
        _mm_prefetch((const char *)row + i + PREFETCH_DISTANCE, _MM_HINT_T0);
    }
    const __m256i zero = _mm256_setzero_si256();
    return _mm_cvtsi128_si32(sum_each(_mm256_add_epi32(a, b), zero, zero, zero));
}

TARGET_VNNI static void dots_vnni(const int8_t *rows, size_t count, const fse_probe_codes *probes,
                                  int32_t *dots)
{
    const size_t stride = probes->stride;
    size_t i = 0;
    if (probes->count > 1)
        for (; i + 2 <= count; i += 2)
            for (size_t probe = 0; probe < probes->used; probe += 4)
                tile_vnni(rows + i * stride, probes, probe, dots + i * probes->count);
    for (; i < count; i++)
        for (size_t probe = 0; probe < probes->used; probe++)
            dots[i * probes->count + probe] =
                dot_vnni(rows + i * stride, probes->codes + probe * stride, stride) -
                probes->offsets[probe];
}

const fse_kernel fse_kernel_avxvnni = {.name = "avxvnni",
                                       .needs = FSE_CPU_AVX2 | FSE_CPU_AVXVNNI,
                                       .dots = dots_vnni,
                                       .select = select_avx2,
                                       .score = score_avx2,
                                       .sum = sum_avx2};

#else
typedef int fse_no_kernel_here; /* ISO C wants a declaration */
#endif
