/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cpu.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

#if defined(__x86_64__)

/* Bits of CPUID and XCR0: Intel Software Developer's Manual, volume 2 (CPUID), volume 1 (13.3). */
enum {
    LEAF1_ECX_FMA = 1 << 12,
    LEAF1_ECX_OSXSAVE = 1 << 27,
    LEAF1_ECX_AVX = 1 << 28,
    LEAF1_ECX_F16C = 1 << 29,
    LEAF7_EBX_AVX2 = 1 << 5,
    LEAF7_EBX_AVX512F = 1 << 16,
    LEAF7_EBX_AVX512BW = 1 << 30,
    LEAF7_ECX_AVX512VNNI = 1 << 11,
    LEAF7_EDX_AMX_TILE = 1 << 24,
    LEAF7_EDX_AMX_INT8 = 1 << 25,
    LEAF7_1_EAX_AVXVNNI = 1 << 4,
    XCR0_AVX = 0x6,    /* SSE and AVX registers */
    XCR0_AVX512 = 0xe6, /* with mask registers and all of ZMM */
    XCR0_AMX = 0x60000  /* tile configuration and tile data */
};
#define LEAF7_EBX_AVX512VL (1u << 31)

/* Which registers the operating system saves; only where OSXSAVE is set. */
static uint64_t read_xcr0(void)
{
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

/* Linux gives a process the tile registers when it asks (Documentation/arch/x86/xstate.rst). */
static bool may_use_tiles(void)
{
    enum { ARCH_REQ_XCOMP_PERM = 0x1023, XFEATURE_XTILEDATA = 18 };
    return syscall(SYS_arch_prctl, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA) == 0;
}

static bool has(uint64_t bits, uint64_t wanted)
{
    return (bits & wanted) == wanted;
}

unsigned fse_cpu_detect(void)
{
    unsigned eax, ebx, ecx, edx, top;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) ||
        !has(ecx, LEAF1_ECX_FMA | LEAF1_ECX_OSXSAVE | LEAF1_ECX_AVX | LEAF1_ECX_F16C))
        return 0;
    const uint64_t xcr0 = read_xcr0();
    if (!has(xcr0, XCR0_AVX) || !__get_cpuid_count(7, 0, &top, &ebx, &ecx, &edx) ||
        !has(ebx, LEAF7_EBX_AVX2))
        return 0;
    unsigned features = FSE_CPU_AVX2;
    unsigned eax1 = 0, ebx1, ecx1, edx1;
    if (top >= 1 && __get_cpuid_count(7, 1, &eax1, &ebx1, &ecx1, &edx1) &&
        has(eax1, LEAF7_1_EAX_AVXVNNI))
        features |= FSE_CPU_AVXVNNI;
    if (!has(xcr0, XCR0_AVX512) || !has(ecx, LEAF7_ECX_AVX512VNNI) ||
        !has(ebx, LEAF7_EBX_AVX512F | LEAF7_EBX_AVX512BW | LEAF7_EBX_AVX512VL))
        return features;
    features |= FSE_CPU_AVX512VNNI;
    if (has(xcr0, XCR0_AMX) && has(edx, LEAF7_EDX_AMX_TILE | LEAF7_EDX_AMX_INT8) &&
        may_use_tiles())
        features |= FSE_CPU_AMX;
    return features;
}

#elif defined(__aarch64__) && defined(__linux__)

unsigned fse_cpu_detect(void)
{
    enum { HWCAP_DOT_PRODUCT = 1 << 20 }; /* HWCAP_ASIMDDP of asm/hwcap.h */
    return getauxval(AT_HWCAP) & HWCAP_DOT_PRODUCT ? FSE_CPU_NEON_DOT : 0;
}

#elif defined(__aarch64__) && defined(__APPLE__)

unsigned fse_cpu_detect(void)
{
    return FSE_CPU_NEON_DOT; /* every Apple silicon Mac has it */
}

#else

unsigned fse_cpu_detect(void)
{
    return 0;
}

#endif

static const struct {
    const char *word;
    unsigned mask;
} masks[] = {
    {"scalar", 0},
    {"avx2", FSE_CPU_AVX2},
    {"avxvnni", FSE_CPU_AVX2 | FSE_CPU_AVXVNNI},
    {"avx512vnni", FSE_CPU_AVX2 | FSE_CPU_AVX512VNNI},
    {"amx", FSE_CPU_AVX2 | FSE_CPU_AVX512VNNI | FSE_CPU_AMX},
    {"neon", FSE_CPU_NEON_DOT},
};

fse_status fse_cpu_mask(const char *word, unsigned *mask, fse_error *error)
{
    *mask = ~0u;
    if (!word || !*word)
        return FSE_OK;
    char known[128] = "";
    for (size_t i = 0; i < FSE_COUNT(masks); i++) {
        if (strcmp(word, masks[i].word) == 0) {
            *mask = masks[i].mask;
            return FSE_OK;
        }
        const size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", masks[i].word);
    }
    return fse_fail(error, FSE_EINVAL, "FACESEARCH_CPU", "expected one of %s, got \"%.40s\"",
                    known, word);
}
