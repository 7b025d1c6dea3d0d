/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/thread.h"

#define STEPS 5000
#define THREADS 8

typedef struct record {
    atomic_int visits[STEPS];
    /* One writer each: the thread of that number. */
    size_t last[THREADS]; /* index of the thread's step before, plus one */
    int out_of_order[THREADS];
    atomic_int wrong_thread;
    int threads;
    size_t fail_at[2];
    atomic_size_t begun;
} record;

static atomic_int left; /* leave() has no context */

static void leave(void)
{
    atomic_fetch_add(&left, 1);
}

static fse_status visit(void *context, int thread, size_t index, fse_error *error)
{
    record *r = context;
    (void)error;
    if (thread < 0 || thread >= r->threads) {
        atomic_fetch_add(&r->wrong_thread, 1);
        return FSE_OK;
    }
    r->out_of_order[thread] += index + 1 <= r->last[thread];
    r->last[thread] = index + 1;
    atomic_fetch_add(&r->visits[index], 1);
    return FSE_OK;
}

static void every_step_runs_once(void **state)
{
    (void)state;
    static const int threads[] = {-1, 0, 1, 2, 3, THREADS};
    static const size_t counts[] = {0, 1, 2, 7, STEPS};
    for (size_t i = 0; i < FSE_COUNT(threads); i++) {
        for (size_t j = 0; j < FSE_COUNT(counts); j++) {
            record r = {.threads = threads[i] < 1 ? 1 : threads[i]};
            atomic_store(&left, 0);
            assert_int_equal(fse_parallel_for(threads[i], counts[j], visit, leave, &r, NULL),
                             FSE_OK);
            for (size_t index = 0; index < STEPS; index++)
                assert_int_equal(atomic_load(&r.visits[index]), index < counts[j]);
            assert_int_equal(atomic_load(&r.wrong_thread), 0);
            for (int thread = 0; thread < THREADS; thread++)
                assert_int_equal(r.out_of_order[thread], 0);
            /* The calling thread does not leave. */
            assert_true(atomic_load(&left) <= (r.threads - 1));
            if (counts[j] >= (size_t)r.threads)
                assert_int_equal(atomic_load(&left), r.threads - 1);
        }
    }
}

static fse_status fail_twice(void *context, int thread, size_t index, fse_error *error)
{
    record *r = context;
    (void)thread;
    atomic_fetch_add(&r->begun, 1);
    if (index == r->fail_at[0] || index == r->fail_at[1])
        return fse_fail(error, FSE_EIMAGE, NULL, "step %zu", index);
    return FSE_OK;
}

static void the_first_failure_ends_a_single_thread(void **state)
{
    (void)state;
    record r = {.fail_at = {10, 11}};
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_parallel_for(1, STEPS, fail_twice, NULL, &r, &error), FSE_EIMAGE);
    assert_string_equal(error.message, "step 10");
    assert_int_equal(atomic_load(&r.begun), 11);
    assert_int_equal(fse_parallel_for(1, STEPS, fail_twice, NULL, &r, NULL), FSE_EIMAGE);
}

typedef struct meeting {
    pthread_barrier_t barrier;
} meeting;

/* Both steps are under way at once, and the later index fails first as often as not. */
static fse_status fail_together(void *context, int thread, size_t index, fse_error *error)
{
    meeting *m = context;
    (void)thread;
    pthread_barrier_wait(&m->barrier);
    for (size_t i = 0; i < (index == 0 ? 20u : 0u); i++)
        sched_yield();
    return fse_fail(error, index == 0 ? FSE_EIO : FSE_EMODEL, NULL, "step %zu", index);
}

static void of_two_failures_the_lower_index_is_told(void **state)
{
    (void)state;
    for (int round = 0; round < 200; round++) {
        meeting m;
        pthread_barrier_init(&m.barrier, NULL, 2);
        fse_error error = {.status = FSE_OK};
        assert_int_equal(fse_parallel_for(2, 2, fail_together, NULL, &m, &error), FSE_EIO);
        assert_string_equal(error.message, "step 0");
        assert_int_equal(error.status, FSE_EIO);
        pthread_barrier_destroy(&m.barrier);
    }
}

static void a_failure_stops_the_other_threads(void **state)
{
    (void)state;
    record r = {.fail_at = {0, 0}};
    fse_error error = {.status = FSE_OK};
    /* So many steps that running them all would take minutes. */
    assert_int_equal(fse_parallel_for(4, SIZE_MAX / 2, fail_twice, NULL, &r, &error), FSE_EIMAGE);
    assert_string_equal(error.message, "step 0");
}

static void the_cpus_are_those_allowed(void **state)
{
    (void)state;
    cpu_set_t before, one;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    assert_int_equal(fse_cpu_count(), CPU_COUNT(&before));
    CPU_ZERO(&one);
    for (size_t cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &before))
            CPU_SET(cpu, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    assert_int_equal(fse_cpu_count(), 1);
    assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_runs_once),
        cmocka_unit_test(the_first_failure_ends_a_single_thread),
        cmocka_unit_test(of_two_failures_the_lower_index_is_told),
        cmocka_unit_test(a_failure_stops_the_other_threads),
        cmocka_unit_test(the_cpus_are_those_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
