/* SPDX-License-Identifier: Apache-2.0 */
/* Random numbers that are the same everywhere: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). */
#ifndef FSE_TESTS_RANDOM_H
#define FSE_TESTS_RANDOM_H

#include <stdint.h>

static inline uint64_t random_next(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* 0..below - 1 */
static inline uint64_t random_below(uint64_t *seed, uint64_t below)
{
    return random_next(seed) % below;
}

/* -1..1, more often near 0: the mean of three. */
static inline double random_bell(uint64_t *seed)
{
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += (double)(random_next(seed) >> 11) / 4503599627370496.0 - 1;
    return sum / 3;
}

#endif
