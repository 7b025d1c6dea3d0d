/* SPDX-License-Identifier: Apache-2.0 */
/* IEEE 754 binary16 numbers. */
#ifndef FSE_BASE_HALF_H
#define FSE_BASE_HALF_H

#include <stdint.h>

/* Rounded to nearest, ties to even; overflow gives infinity. */
uint16_t fse_half_from_float(float value);

/* Exact. */
float fse_half_to_float(uint16_t half);

#endif
