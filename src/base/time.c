/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#define PER_SECOND 1000000000

int64_t fse_nanoseconds(struct timespec time)
{
    /* A file's time may be any number. */
    const int64_t limit = INT64_MAX / PER_SECOND - 1;
    const int64_t seconds = time.tv_sec > limit ? limit : time.tv_sec < -limit ? -limit : time.tv_sec;
    return seconds * PER_SECOND + time.tv_nsec;
}

int64_t fse_whole_seconds(int64_t nanoseconds)
{
    return nanoseconds / PER_SECOND - (nanoseconds % PER_SECOND < 0);
}
