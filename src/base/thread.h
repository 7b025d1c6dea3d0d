/* SPDX-License-Identifier: Apache-2.0 */
/* Threads: how many to use, and a loop spread over several. */
#ifndef FSE_BASE_THREAD_H
#define FSE_BASE_THREAD_H

#include <stddef.h>

#include "base/error.h"

/* CPUs that this process may run on, at least 1. */
int fse_cpu_count(void);

/*
 * One step of a loop. thread is 0..threads-1, index 0..count-1. A status other than FSE_OK ends the
 * loop: steps under way are finished, no other is begun.
 */
typedef fse_status (*fse_loop_step)(void *context, int thread, size_t index, fse_error *error);

/*
 * Run step for every index, each once, on up to threads threads, the calling one among them; in
 * any order across threads, upwards within one. Where fewer threads can be had, on those.
 * leave, if not NULL, is called at the end of each thread that was started here.
 * Returns FSE_OK or the status, with error, of the failed step with the lowest index.
 */
fse_status fse_parallel_for(int threads, size_t count, fse_loop_step step, void (*leave)(void),
                            void *context, fse_error *error);

#endif
