/* SPDX-License-Identifier: Apache-2.0 */
/* Every kernel that this CPU can run, against the obvious. */
#include "search/kernel.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cpu.h"
#include "base/half.h"
#include "search/codes.h"
#include "search/similarity.h"
#include "support/random.h"

enum { MAX_ROWS = 67, MAX_DIM = 1100 };

static const size_t dims[] = {1, 5, 63, 64, 65, 128, 200, 512, 1024, MAX_DIM};

typedef enum pattern { RANDOM, LARGEST, SMALLEST, ALTERNATING, ZERO, PATTERNS } pattern;

static int8_t code_of(pattern p, size_t i, uint64_t *seed)
{
    switch (p) {
    case LARGEST:
        return 127;
    case SMALLEST:
        return -127;
    case ALTERNATING:
        return i % 2 ? 127 : -127;
    case ZERO:
        return 0;
    default:
        return (int8_t)((int)random_below(seed, 255) - 127);
    }
}

static void fill(int8_t *codes, size_t count, size_t stride, size_t dim, pattern p, uint64_t *seed)
{
    memset(codes, 0, count * stride);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < dim; k++)
            codes[i * stride + k] = code_of(p, k, seed);
}

static void check_dots(const fse_kernel *kernel, size_t rows, size_t probes, size_t dim,
                       pattern row_pattern, pattern probe_pattern, uint64_t *seed)
{
    fse_probe_codes p;
    assert_int_equal(fse_probe_codes_init(&p, probes, dim, NULL), FSE_OK);
    fill(p.codes, probes, p.stride, dim, probe_pattern, seed);
    fse_probe_codes_finish(&p);
    int8_t *codes = fse_alloc_aligned(rows, p.stride);
    int32_t *dots = fse_alloc_aligned(rows * p.count, sizeof *dots);
    fill(codes, rows, p.stride, dim, row_pattern, seed);
    kernel->dots(codes, rows, &p, dots);
    for (size_t i = 0; i < rows; i++)
        for (size_t q = 0; q < probes; q++) {
            int32_t sum = 0;
            for (size_t k = 0; k < dim; k++)
                sum += codes[i * p.stride + k] * p.codes[q * p.stride + k];
            if (sum != dots[i * p.count + q])
                fail_msg("%s: %zu rows, %zu probes, dim %zu: row %zu, probe %zu: %d, not %d",
                         kernel->name, rows, probes, dim, i, q, dots[i * p.count + q], sum);
        }
    free(dots);
    free(codes);
    fse_probe_codes_free(&p);
}

static void dots_are_those_of_the_obvious_loop(void **state)
{
    const fse_kernel *kernel = *state;
    static const size_t row_counts[] = {1, 2, 3, 4, 5, 31, 32, 33, 64, MAX_ROWS};
    static const size_t probe_counts[] = {1, 2, 3, 4, 5, 15, 16, 17, 33, 64};
    uint64_t seed = 1;
    for (size_t d = 0; d < sizeof dims / sizeof dims[0]; d++)
        for (size_t r = 0; r < sizeof row_counts / sizeof row_counts[0]; r++)
            check_dots(kernel, row_counts[r], probe_counts[(r + d) % 10], dims[d], RANDOM, RANDOM,
                       &seed);
    for (size_t r = 0; r < 10; r++)
        for (size_t q = 0; q < 10; q++)
            check_dots(kernel, row_counts[r], probe_counts[q], 65, RANDOM, RANDOM, &seed);
}

static void dots_are_right_at_the_extremes(void **state)
{
    uint64_t seed = 2;
    for (pattern row = RANDOM; row < PATTERNS; row++)
        for (pattern probe = RANDOM; probe < PATTERNS; probe++)
            for (size_t d = 0; d < sizeof dims / sizeof dims[0]; d++) {
                check_dots(*state, 35, 1, dims[d], row, probe, &seed);
                check_dots(*state, 35, 6, dims[d], row, probe, &seed);
            }
}

/* What must be let through is, what must not is not; near the bound either may happen. */
static void check_select(const fse_kernel *kernel, size_t rows, size_t probes, uint64_t *seed)
{
    const size_t width = probes == 1 ? 1 : (probes + 15) / 16 * 16;
    int32_t *dots = calloc(rows * width, sizeof *dots);
    uint32_t *hits = calloc(rows * width, sizeof *hits);
    float *scales = calloc(rows, sizeof *scales);
    float *errors = calloc(rows, sizeof *errors);
    float *factors = calloc(width, sizeof *factors);
    float *bounds = calloc(width, sizeof *bounds);
    for (size_t i = 0; i < rows * width; i++)
        dots[i] = (int32_t)(random_bell(seed) * 400000);
    for (size_t i = 0; i < rows; i++) {
        scales[i] = 0.001f + (float)random_bell(seed) * 0.0003f;
        errors[i] = 0.007f;
    }
    for (size_t i = 0; i < width; i++) {
        factors[i] = 0.001f;
        bounds[i] = i % 7 == 3 || i >= probes ? INFINITY : i % 7 == 5 ? -INFINITY : 0.1f;
    }
    const fse_select select = {.dots = dots, .rows = rows, .probes = width, .scales = scales,
                               .errors = errors, .weight = 1.01f, .factors = factors,
                               .bounds = bounds};
    const size_t count = kernel->select(&select, hits);
    size_t at = 0;
    for (size_t i = 0; i < rows * width; i++) {
        const double value = (double)dots[i] * (double)scales[i / width] *
                                 (double)factors[i % width] + 1.01 * (double)errors[i / width];
        const double bound = (double)bounds[i % width];
        const bool hit = at < count && hits[at] == i;
        assert_false(hit && value < bound - 1e-6);
        assert_false(!hit && value > bound + 1e-6);
        at += hit;
    }
    assert_int_equal(at, count);
    free(dots);
    free(hits);
    free(scales);
    free(errors);
    free(factors);
    free(bounds);
}

static void select_finds_what_reaches_the_bound(void **state)
{
    uint64_t seed = 3;
    static const size_t counts[] = {1, 2, 15, 16, 17, 40};
    for (size_t rows = 1; rows <= 64; rows += rows < 4 ? 1 : 13)
        for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
            check_select(*state, rows, counts[i], &seed);
}

static void scores_are_those_of_the_reference(void **state)
{
    const fse_kernel *kernel = *state;
    uint64_t seed = 4;
    float a[MAX_DIM];
    float b[MAX_DIM];
    uint16_t halves[MAX_DIM];
    for (size_t d = 0; d < sizeof dims / sizeof dims[0]; d++)
        for (int round = 0; round < 50; round++) {
            const size_t dim = dims[d];
            /* One number in eight is tiny: float16 numbers that are subnormal. */
            const double unit = 1 / sqrt((double)dim);
            for (size_t i = 0; i < dim; i++) {
                const double scale = random_below(&seed, 8) ? unit : 1e-6;
                a[i] = fse_half_to_float(fse_half_from_float((float)(random_bell(&seed) * scale)));
                halves[i] = fse_half_from_float((float)(random_bell(&seed) * scale));
            }
            if (round == 0)
                memcpy(b, a, sizeof b), fse_halves_from_floats(a, (int)dim, halves);
            fse_floats_from_halves(halves, (int)dim, b);
            const float score = fse_score_from_sum(kernel->score(a, halves, dim));
            const float wanted = fse_score(a, b, (int)dim);
            assert_memory_equal(&score, &wanted, sizeof score);
        }
}

static void sums_are_right(void **state)
{
    const fse_kernel *kernel = *state;
    uint64_t seed = 5;
    uint64_t *words = fse_alloc_aligned(1024, sizeof *words);
    uint64_t sum = 0;
    for (size_t i = 0; i < 1024; i++)
        sum += words[i] = random_next(&seed);
    assert_true(kernel->sum(words, 1024 * sizeof *words) == sum);
    free(words);
}

static void codes_keep_their_promise(void **state)
{
    (void)state;
    uint64_t seed = 6;
    float x[MAX_DIM];
    int8_t codes[MAX_DIM + FSE_ROW_ALIGN];
    for (int round = 0; round < 400; round++) {
        const size_t dim = dims[(size_t)round % (sizeof dims / sizeof dims[0])];
        double squares = 0;
        for (size_t i = 0; i < dim; i++) {
            x[i] = round % 5 == 0 && i > 0 ? 0 : (float)random_bell(&seed);
            squares += (double)x[i] * (double)x[i];
        }
        const double length = sqrt(squares) > 0 ? sqrt(squares) : 1;
        for (size_t i = 0; i < dim; i++)
            x[i] = fse_half_to_float(fse_half_from_float((float)((double)x[i] / length)));
        assert_true(fse_is_embedding(x, dim));
        memset(codes, 1, sizeof codes);
        const fse_coding coding = fse_encode(x, dim, codes);
        long double error = 0;
        for (size_t i = 0; i < dim; i++) {
            const long double e = (long double)x[i] - (long double)coding.scale * codes[i];
            assert_true(codes[i] >= -127);
            error += e * e;
        }
        assert_true(sqrtl(error) <= (long double)coding.error);
        assert_true((long double)coding.error <= sqrtl(error) * 1.000001L + 1e-40L);
        for (size_t i = dim; i < fse_row_stride(dim); i++)
            assert_int_equal(codes[i], 0);
    }
    x[0] = NAN;
    assert_false(fse_is_embedding(x, 64));
    x[0] = 1.01f;
    assert_false(fse_is_embedding(x, 1));
}

static void the_environment_chooses(void **state)
{
    (void)state;
    const char *old = getenv("FACESEARCH_CPU");
    char *kept = old ? strdup(old) : NULL;
    const fse_kernel *kernel = NULL;
    setenv("FACESEARCH_CPU", "scalar", 1);
    assert_int_equal(fse_kernel_choose(&kernel, NULL), FSE_OK);
    assert_string_equal(kernel->name, "scalar");
    setenv("FACESEARCH_CPU", "warp", 1);
    assert_int_equal(fse_kernel_choose(&kernel, NULL), FSE_EINVAL);
    const unsigned features = fse_cpu_detect();
    for (size_t i = 0; fse_kernels()[i]; i++) {
        const fse_kernel *k = fse_kernels()[i];
        if ((k->needs & features) != k->needs)
            continue;
        setenv("FACESEARCH_CPU", k->name, 1);
        assert_int_equal(fse_kernel_choose(&kernel, NULL), FSE_OK);
        assert_ptr_equal(kernel, k);
    }
    unsetenv("FACESEARCH_CPU");
    assert_int_equal(fse_kernel_choose(&kernel, NULL), FSE_OK);
    if (kept)
        setenv("FACESEARCH_CPU", kept, 1);
    free(kept);
}

int main(void)
{
    const struct CMUnitTest once[] = {
        cmocka_unit_test(codes_keep_their_promise),
        cmocka_unit_test(the_environment_chooses),
    };
    int failed = cmocka_run_group_tests(once, NULL, NULL);
    const unsigned features = fse_cpu_detect();
    for (size_t i = 0; fse_kernels()[i]; i++) {
        const fse_kernel *kernel = fse_kernels()[i];
        if ((kernel->needs & features) != kernel->needs) {
            print_message("skipped: this CPU has no %s\n", kernel->name);
            continue;
        }
        print_message("kernel %s\n", kernel->name);
        void *data = (void *)(uintptr_t)kernel;
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_prestate(dots_are_those_of_the_obvious_loop, data),
            cmocka_unit_test_prestate(dots_are_right_at_the_extremes, data),
            cmocka_unit_test_prestate(select_finds_what_reaches_the_bound, data),
            cmocka_unit_test_prestate(scores_are_those_of_the_reference, data),
            cmocka_unit_test_prestate(sums_are_right, data),
        };
        failed += cmocka_run_group_tests(tests, NULL, NULL);
    }
    return failed;
}
