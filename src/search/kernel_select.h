/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of select(), which each kernel compiles for its own CPU: a first look at 16 places, in
 * loops of a constant length that compilers turn into vectors, and a second one at each place only
 * where the first found something, which is rare.
 */
#ifndef FSE_SEARCH_KERNEL_SELECT_H
#define FSE_SEARCH_KERNEL_SELECT_H

#include "search/kernel.h"

#define FSE_INLINE static inline __attribute__((always_inline))

FSE_INLINE size_t select_one_probe(const fse_select *s, uint32_t *hits)
{
    const float factor = s->factors[0];
    const float bound = s->bounds[0];
    size_t count = 0;
    size_t row = 0;
    for (; row + 16 <= s->rows; row += 16) {
        int any = 0;
        for (size_t i = 0; i < 16; i++)
            any |= (float)s->dots[row + i] * (s->scales[row + i] * factor) +
                       s->weight * s->errors[row + i] >= bound;
        for (size_t i = 0; any && i < 16; i++)
            if ((float)s->dots[row + i] * (s->scales[row + i] * factor) +
                    s->weight * s->errors[row + i] >= bound)
                hits[count++] = (uint32_t)(row + i);
    }
    for (; row < s->rows; row++)
        if ((float)s->dots[row] * (s->scales[row] * factor) + s->weight * s->errors[row] >= bound)
            hits[count++] = (uint32_t)row;
    return count;
}

FSE_INLINE size_t select_many_probes(const fse_select *s, uint32_t *hits)
{
    size_t count = 0;
    for (size_t row = 0; row < s->rows; row++) {
        const float scale = s->scales[row];
        const float slack = s->weight * s->errors[row];
        for (size_t probe = 0; probe < s->probes; probe += FSE_PROBE_TILE) {
            const int32_t *dots = s->dots + row * s->probes + probe;
            const float *factors = s->factors + probe;
            const float *bounds = s->bounds + probe;
            int any = 0;
            for (size_t i = 0; i < FSE_PROBE_TILE; i++)
                any |= (float)dots[i] * (scale * factors[i]) + slack >= bounds[i];
            for (size_t i = 0; any && i < FSE_PROBE_TILE; i++)
                if ((float)dots[i] * (scale * factors[i]) + slack >= bounds[i])
                    hits[count++] = (uint32_t)(row * s->probes + probe + i);
        }
    }
    return count;
}

FSE_INLINE size_t select_body(const fse_select *s, uint32_t *hits)
{
    return s->probes == 1 ? select_one_probe(s, hits) : select_many_probes(s, hits);
}

#endif
