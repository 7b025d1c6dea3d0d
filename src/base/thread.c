/* SPDX-License-Identifier: Apache-2.0 */
#include "base/thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/alloc.h"

int fse_cpu_count(void)
{
    cpu_set_t set;
    const int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count < 1 ? 1 : count;
}

typedef struct loop {
    fse_loop_step step;
    void (*leave)(void);
    void *context;
    size_t count;
    atomic_size_t next;
    atomic_bool stop;
    pthread_mutex_t mutex; /* guards what follows */
    size_t failed_index;
    fse_status status;
    fse_error *error;
} loop;

typedef struct loop_thread {
    loop *loop;
    int number;
    pthread_t handle;
} loop_thread;

static void note_failure(loop *l, size_t index, fse_status status, const fse_error *error)
{
    atomic_store(&l->stop, true);
    pthread_mutex_lock(&l->mutex);
    if (l->status == FSE_OK || index < l->failed_index) {
        l->status = status;
        l->failed_index = index;
        if (l->error)
            *l->error = *error;
    }
    pthread_mutex_unlock(&l->mutex);
}

static void run_steps(loop *l, int thread)
{
    while (!atomic_load(&l->stop)) {
        const size_t index = atomic_fetch_add(&l->next, 1);
        if (index >= l->count)
            return;
        fse_error error = {.status = FSE_OK};
        const fse_status status = l->step(l->context, thread, index, &error);
        if (status != FSE_OK)
            note_failure(l, index, status, &error);
    }
}

static void *thread_main(void *argument)
{
    loop_thread *thread = argument;
    run_steps(thread->loop, thread->number);
    if (thread->loop->leave)
        thread->loop->leave();
    return NULL;
}

fse_status fse_parallel_for(int threads, size_t count, fse_loop_step step, void (*leave)(void),
                            void *context, fse_error *error)
{
    loop l = {.step = step, .leave = leave, .context = context, .count = count, .error = error};
    const size_t wanted = threads < 1 ? 1 : (size_t)threads < count ? (size_t)threads : count;
    loop_thread *started = wanted > 1 ? fse_alloc(wanted, sizeof *started) : NULL;
    size_t running = 0;
    pthread_mutex_init(&l.mutex, NULL);
    /* No memory or no thread to be had: the calling thread does all the work. */
    for (size_t i = 1; started && i < wanted; i++) {
        loop_thread *thread = &started[running];
        *thread = (loop_thread){.loop = &l, .number = (int)running + 1};
        if (pthread_create(&thread->handle, NULL, thread_main, thread) != 0)
            break;
        running++;
    }
    run_steps(&l, 0);
    for (size_t i = 0; i < running; i++)
        pthread_join(started[i].handle, NULL);
    pthread_mutex_destroy(&l.mutex);
    free(started);
    return l.status;
}
