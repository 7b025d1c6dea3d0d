/* SPDX-License-Identifier: Apache-2.0 */
/* Measurements of the library on the machine it runs on. */
#ifndef FACESEARCH_BENCH_H
#define FACESEARCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "facesearch/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fill with fse_bench_scan_options_init() first. */
typedef struct fse_bench_scan_options {
    size_t struct_size;         /* set by init */
    uint64_t vectors;           /* how many are searched, 1..2^32; default 1000000 */
    int dim;                    /* numbers of each, 2..4096; default 512 */
    int queries;                /* that go through one pass, 1..4096; default 1 */
    int threads;                /* 1..1024; 0 (default): one for each CPU */
    bool (*cancel)(void *user); /* asked often, from any thread; may be NULL. true: stop */
    void *user;                 /* for cancel */
} fse_bench_scan_options;

FSE_API void fse_bench_scan_options_init(fse_bench_scan_options *options);

/* What was measured: medians over several passes. */
typedef struct fse_bench_scan_report {
    uint64_t vectors;
    int dim, queries, threads;
    double ms_per_query;    /* one pass over all vectors / queries */
    double gb_per_s;        /* 10^9 bytes of 8-bit codes and their bounds that a pass reads */
    double read_gb_per_s;   /* the same bytes just added up, by as many threads, in the same run */
    double bandwidth_share; /* gb_per_s / read_gb_per_s */
    const char *kernel;     /* the CPU's instructions that were used; static */
    bool verified;          /* a query's matches equal those of comparing every vector exactly */
} fse_bench_scan_report;

/*
 * Measure the exact search: the 10 best of random vectors, for queries of which each resembles one
 * vector. The environment variable FACESEARCH_CPU holds the search to older instructions.
 *   options  NULL: the defaults.
 * Memory: 3 bytes a number of a vector. Thread-safe, but threads disturb each other's figures.
 * Errors: FSE_EINVAL (an option, FACESEARCH_CPU), FSE_ELIMIT (more vectors than memory holds),
 * FSE_ECANCELLED, FSE_ENOMEM.
 */
FSE_API fse_status fse_bench_scan(const fse_bench_scan_options *options,
                                  fse_bench_scan_report *report, fse_error *error);

#ifdef __cplusplus
}
#endif
#endif
