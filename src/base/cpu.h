/* SPDX-License-Identifier: Apache-2.0 */
/* What this CPU can do, and how to hide some of it. */
#ifndef FSE_BASE_CPU_H
#define FSE_BASE_CPU_H

#include "base/error.h"

/* Sets of instructions, as the kernels of the search need them; each is complete on its own. */
enum {
    FSE_CPU_AVX2 = 1,       /* with FMA and F16C */
    FSE_CPU_AVXVNNI = 2,    /* with FSE_CPU_AVX2 */
    FSE_CPU_AVX512VNNI = 4, /* AVX-512 F, BW, VL and VNNI, with FSE_CPU_AVX2 */
    FSE_CPU_AMX = 8,        /* AMX-TILE and AMX-INT8, with FSE_CPU_AVX512VNNI */
    FSE_CPU_NEON_DOT = 16   /* the dot product of Armv8.2 */
};

/* What CPU and operating system support. Asks Linux for the use of AMX where there is AMX. */
unsigned fse_cpu_detect(void);

/*
 * The sets that a word of FACESEARCH_CPU leaves: "scalar", "avx2", "avxvnni", "avx512vnni", "amx",
 * "neon" stand for the best that may be used; NULL and "" leave all. FSE_EINVAL: another word.
 */
fse_status fse_cpu_mask(const char *word, unsigned *mask, fse_error *error);

#endif
