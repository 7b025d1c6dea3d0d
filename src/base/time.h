/* SPDX-License-Identifier: Apache-2.0 */
/* Times of files: nanoseconds since 1970, as they are kept and compared, and back to seconds. */
#ifndef FSE_BASE_TIME_H
#define FSE_BASE_TIME_H

#include <stdint.h>
#include <time.h>

/* Never overflows: times before 1678 and after 2262 become those years. */
int64_t fse_nanoseconds(struct timespec time);

/* Rounded down, also before 1970. */
int64_t fse_whole_seconds(int64_t nanoseconds);

#endif
