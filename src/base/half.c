/* SPDX-License-Identifier: Apache-2.0 */
#include "base/half.h"

#include <string.h>

/* Portable on purpose: embeddings are rounded once, so speed does not matter here. */

uint16_t fse_half_from_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    const uint32_t magnitude = bits & 0x7fffffff;
    if (magnitude > 0x7f800000) /* NaN */
        return sign | 0x7e00;
    if (magnitude >= 0x477ff000) /* 65520 and more round to infinity */
        return sign | 0x7c00;
    uint32_t mantissa;
    int shift;
    uint32_t base;
    if (magnitude >= 0x38800000) { /* 2^-14: a normal half */
        mantissa = magnitude & 0x7fffff;
        shift = 13;
        base = ((magnitude >> 23) - 112) << 10;
    } else {
        const int exponent = (int)(magnitude >> 23);
        shift = 126 - exponent;
        if (shift > 25)
            return sign;
        mantissa = (magnitude & 0x7fffff) | 0x800000;
        base = 0;
    }
    const uint32_t kept = mantissa >> shift;
    const uint32_t rest = mantissa & ((1u << shift) - 1);
    const uint32_t half = 1u << (shift - 1);
    const uint32_t up = rest > half || (rest == half && (kept & 1));
    return (uint16_t)(sign | (base + kept + up)); /* a carry runs into the exponent, as it should */
}

float fse_half_to_float(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    const uint32_t exponent = half >> 10 & 31;
    const uint32_t mantissa = half & 0x3ff;
    uint32_t bits;
    if (exponent == 31) {
        bits = sign | 0x7f800000 | mantissa << 13;
    } else if (exponent != 0) {
        bits = sign | (exponent + 112) << 23 | mantissa << 13;
    } else {
        const float magnitude = (float)mantissa * 0x1p-24f;
        memcpy(&bits, &magnitude, sizeof bits);
        bits |= sign;
    }
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
