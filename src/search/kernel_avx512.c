/* SPDX-License-Identifier: Apache-2.0 */
/* Kernels for x86 with 512-bit registers: AVX-512 VNNI, and AMX for several probes at once. */
#if defined(__x86_64__)

#include <immintrin.h>

#include "base/cpu.h"
#include "search/kernel_select.h"

#define TARGET_512 __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512vnni")))
#define TARGET_AMX \
    __attribute__((target("avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512vnni,amx-tile,amx-int8")))

/* Ahead of the row that is read, in bytes: 8 rows of 512, so that memory is never waited for. */
#define PREFETCH_DISTANCE 4096

TARGET_512 static inline __m512i load(const int8_t *codes)
{
    return _mm512_load_si512((const void *)codes);
}

/* See kernel_avx2.c for the bias that VPDPBUSD asks for. */
TARGET_512 static inline __m512i load_biased(const int8_t *codes)
{
    return _mm512_xor_si512(load(codes), _mm512_set1_epi8(-128));
}

/* The sums of four registers of sixteen integers each. */
TARGET_512 static inline __m128i sum_each(__m512i a, __m512i b, __m512i c, __m512i d)
{
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    const __m512i all =
        _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    const __m256i half =
        _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

TARGET_512 static inline void add4(__m512i sums[4], const __m512i rows[4], const int8_t *probe)
{
    const __m512i codes = load(probe);
    sums[0] = _mm512_dpbusd_epi32(sums[0], rows[0], codes);
    sums[1] = _mm512_dpbusd_epi32(sums[1], rows[1], codes);
    sums[2] = _mm512_dpbusd_epi32(sums[2], rows[2], codes);
    sums[3] = _mm512_dpbusd_epi32(sums[3], rows[3], codes);
}

TARGET_512 static inline void load4(__m512i rows[4], const int8_t *codes, size_t stride)
{
    rows[0] = load_biased(codes);
    rows[1] = load_biased(codes + stride);
    rows[2] = load_biased(codes + 2 * stride);
    rows[3] = load_biased(codes + 3 * stride);
}

/* Four rows by four probes: sixteen sums, four rows and a probe stay in the 32 registers. */
TARGET_512 static void tile(const int8_t *rows, const fse_probe_codes *probes, size_t probe,
                            int32_t *dots)
{
    const size_t stride = probes->stride;
    const int8_t *codes = probes->codes + probe * stride;
    const __m512i zero = _mm512_setzero_si512();
    __m512i a[4] = {zero, zero, zero, zero}, b[4] = {zero, zero, zero, zero};
    __m512i c[4] = {zero, zero, zero, zero}, d[4] = {zero, zero, zero, zero};
    for (size_t i = 0; i < stride; i += 64) {
        __m512i r[4];
        load4(r, rows + i, stride);
        add4(a, r, codes + i);
        add4(b, r, codes + stride + i);
        add4(c, r, codes + 2 * stride + i);
        add4(d, r, codes + 3 * stride + i);
    }
    const __m128i offsets =
        _mm_loadu_si128((const __m128i *)(const void *)(probes->offsets + probe));
    for (size_t k = 0; k < 4; k++)
        _mm_storeu_si128((__m128i *)(void *)(dots + k * probes->count + probe),
                         _mm_sub_epi32(sum_each(a[k], b[k], c[k], d[k]), offsets));
}

/* Four rows by one probe. */
TARGET_512 static __m128i column(const int8_t *rows, const int8_t *codes, size_t stride)
{
    const __m512i zero = _mm512_setzero_si512();
    __m512i sums[4] = {zero, zero, zero, zero};
    for (size_t i = 0; i < stride; i += 64) {
        __m512i r[4];
        load4(r, rows + i, stride);
        add4(sums, r, codes + i);
        for (size_t k = 0; k < 4; k++)
            _mm_prefetch((const char *)rows + 4 * i + 64 * k + PREFETCH_DISTANCE, _MM_HINT_T0);
    }
    return sum_each(sums[0], sums[1], sums[2], sums[3]);
}

TARGET_512 static int32_t dot(const int8_t *row, const int8_t *codes, size_t stride)
{
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < stride; i += 64)
        sum = _mm512_dpbusd_epi32(sum, load_biased(row + i), load(codes + i));
    return _mm512_reduce_add_epi32(sum);
}

TARGET_512 static void dots_512(const int8_t *rows, size_t count, const fse_probe_codes *probes,
                                int32_t *dots)
{
    const size_t stride = probes->stride;
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        if (probes->count == 1)
            _mm_storeu_si128((__m128i *)(void *)(dots + i),
                             _mm_sub_epi32(column(rows + i * stride, probes->codes, stride),
                                           _mm_set1_epi32(probes->offsets[0])));
        else
            for (size_t probe = 0; probe < probes->used; probe += 4)
                tile(rows + i * stride, probes, probe, dots + i * probes->count);
    }
    for (; i < count; i++)
        for (size_t probe = 0; probe < probes->used; probe++)
            dots[i * probes->count + probe] =
                dot(rows + i * stride, probes->codes + probe * stride, stride) -
                probes->offsets[probe];
}

/* As select_many_probes(), with the sixteen comparisons in one mask. */
TARGET_512 static size_t select_512(const fse_select *s, uint32_t *hits)
{
    if (s->probes == 1)
        return select_one_probe(s, hits);
    size_t count = 0;
    for (size_t row = 0; row < s->rows; row++) {
        const __m512 scale = _mm512_set1_ps(s->scales[row]);
        const __m512 slack = _mm512_set1_ps(s->weight * s->errors[row]);
        for (size_t probe = 0; probe < s->probes; probe += FSE_PROBE_TILE) {
            const size_t at = row * s->probes + probe;
            const __m512 dots = _mm512_cvtepi32_ps(_mm512_loadu_si512(s->dots + at));
            const __m512 factors = _mm512_mul_ps(scale, _mm512_loadu_ps(s->factors + probe));
            const __m512 upper = _mm512_fmadd_ps(dots, factors, slack);
            unsigned reached =
                _mm512_cmp_ps_mask(upper, _mm512_loadu_ps(s->bounds + probe), _CMP_GE_OQ);
            for (; reached; reached &= reached - 1)
                hits[count++] = (uint32_t)(at + (size_t)__builtin_ctz(reached));
        }
    }
    return count;
}

/* Exact in any order, and with fused steps too, since the products are exact: see fse_score(). */
TARGET_512 static double score_512(const float *probe, const uint16_t *row, size_t dim)
{
    __m512d sum = _mm512_setzero_pd();
    for (size_t i = 0; i < dim; i += 8) {
        const __mmask8 mask = (__mmask8)(dim - i >= 8 ? 0xff : (1u << (dim - i)) - 1);
        const __m256 p = _mm256_maskz_loadu_ps(mask, probe + i);
        const __m256 r = _mm256_cvtph_ps(_mm_maskz_loadu_epi16(mask, row + i));
        sum = _mm512_fmadd_pd(_mm512_cvtps_pd(p), _mm512_cvtps_pd(r), sum);
    }
    return _mm512_reduce_add_pd(sum);
}

TARGET_512 static uint64_t sum_512(const void *bytes, size_t size)
{
    const int8_t *at = bytes;
    __m512i a = _mm512_setzero_si512();
    __m512i b = a, c = a, d = a;
    for (size_t i = 0; i < size; i += 256) {
        for (size_t k = 0; k < 4; k++)
            _mm_prefetch((const char *)at + i + 64 * k + PREFETCH_DISTANCE, _MM_HINT_T0);
        a = _mm512_add_epi64(a, load(at + i));
        b = _mm512_add_epi64(b, load(at + i + 64));
        c = _mm512_add_epi64(c, load(at + i + 128));
        d = _mm512_add_epi64(d, load(at + i + 192));
    }
    uint64_t words[8];
    _mm512_storeu_si512(words, _mm512_add_epi64(_mm512_add_epi64(a, b), _mm512_add_epi64(c, d)));
    uint64_t sum = 0;
    for (size_t i = 0; i < 8; i++)
        sum += words[i];
    return sum;
}

const fse_kernel fse_kernel_avx512vnni = {.name = "avx512vnni",
                                          .needs = FSE_CPU_AVX2 | FSE_CPU_AVX512VNNI,
                                          .dots = dots_512,
                                          .select = select_512,
                                          .score = score_512,
                                          .sum = sum_512};

/* ---- AMX ---- */

/* TILECFG (Intel SDM, volume 1, 18.2): palette 1, all eight tiles 16 rows of 64 bytes. */
typedef struct tile_config {
    uint8_t palette, start_row, reserved[14];
    uint16_t row_bytes[16];
    uint8_t rows[16];
} tile_config;

/* Filled in at compile time: gcc 12 does not see that LDTILECFG reads all of its operand. */
static const tile_config all_tiles = {.palette = 1,
                                      .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
                                      .rows = {16, 16, 16, 16, 16, 16, 16, 16}};

/* Fewer probes than this are as fast without tiles: memory is what takes the time. */
#define AMX_MIN_PROBES 3

/*
 * Tile loads do not start the hardware's prefetchers. So the next rows are fetched on the way, some
 * lines with each step: all at once would fill the line buffers and stop the tiles.
 */
TARGET_AMX static inline const int8_t *prefetch_lines(const int8_t *ahead, size_t lines)
{
    for (size_t i = 0; i < lines; i++, ahead += 64)
        _mm_prefetch((const char *)ahead, _MM_HINT_T1);
    return ahead;
}

/*
 * 32 rows by 32 probes: tiles 0 to 3 are sums, 4 and 5 rows, 6 and 7 probes. Fetches `lines` lines
 * from `ahead` on with each of stride / 64 steps, and returns where it stopped.
 */
TARGET_AMX static const int8_t *block_32(const int8_t *rows, const fse_probe_codes *probes,
                                         size_t probe, int32_t *dots, const int8_t *ahead,
                                         size_t lines)
{
    const size_t stride = probes->stride;
    const int8_t *left = probes->tiles + probe * stride;
    const int8_t *right = left + 16 * stride;
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (size_t i = 0; i < stride; i += 64) {
        _tile_loadd(4, rows + i, stride);
        _tile_loadd(6, left + 16 * i, 64);
        _tile_dpbssd(0, 4, 6);
        _tile_loadd(7, right + 16 * i, 64);
        _tile_dpbssd(1, 4, 7);
        _tile_loadd(5, rows + 16 * stride + i, stride);
        _tile_dpbssd(2, 5, 6);
        _tile_dpbssd(3, 5, 7);
        ahead = prefetch_lines(ahead, lines);
    }
    int32_t *out = dots + probe;
    const size_t line = probes->count * sizeof *dots;
    _tile_stored(0, out, line);
    _tile_stored(1, out + 16, line);
    _tile_stored(2, out + 16 * probes->count, line);
    _tile_stored(3, out + 16 * probes->count + 16, line);
    return ahead;
}

/* The same with 16 probes. */
TARGET_AMX static void block_16(const int8_t *rows, const fse_probe_codes *probes, size_t probe,
                                int32_t *dots, const int8_t *ahead, size_t lines)
{
    const size_t stride = probes->stride;
    const int8_t *left = probes->tiles + probe * stride;
    _tile_zero(0);
    _tile_zero(2);
    for (size_t i = 0; i < stride; i += 64) {
        _tile_loadd(4, rows + i, stride);
        _tile_loadd(5, rows + 16 * stride + i, stride);
        _tile_loadd(6, left + 16 * i, 64);
        _tile_dpbssd(0, 4, 6);
        _tile_dpbssd(2, 5, 6);
        ahead = prefetch_lines(ahead, lines);
    }
    int32_t *out = dots + probe;
    const size_t line = probes->count * sizeof *dots;
    _tile_stored(0, out, line);
    _tile_stored(2, out + 16 * probes->count, line);
}

TARGET_AMX static void dots_amx(const int8_t *rows, size_t count, const fse_probe_codes *probes,
                                int32_t *dots)
{
    size_t i = 0;
    if (probes->used >= AMX_MIN_PROBES && count >= 32) {
        /* The next 32 rows have 32 lines for each step of a block; the blocks share them. */
        const size_t lines = 32 / ((probes->count + 31) / 32);
        _tile_loadconfig(&all_tiles);
        for (; i + 32 <= count; i += 32) {
            const int8_t *at = rows + i * probes->stride;
            int32_t *out = dots + i * probes->count;
            size_t probe = 0;
            const int8_t *ahead = at + 32 * probes->stride;
            for (; probe + 32 <= probes->count; probe += 32)
                ahead = block_32(at, probes, probe, out, ahead, lines);
            if (probe < probes->count)
                block_16(at, probes, probe, out, ahead, lines);
        }
        _tile_release();
    }
    dots_512(rows + i * probes->stride, count - i, probes, dots + i * probes->count);
}

const fse_kernel fse_kernel_amx = {.name = "amx",
                                   .needs = FSE_CPU_AVX2 | FSE_CPU_AVX512VNNI | FSE_CPU_AMX,
                                   .dots = dots_amx,
                                   .select = select_512,
                                   .score = score_512,
                                   .sum = sum_512};

#else
typedef int fse_no_kernel_here; /* ISO C wants a declaration */
#endif
