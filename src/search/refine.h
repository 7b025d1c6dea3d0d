/* SPDX-License-Identifier: Apache-2.0 */
/* From rows that may be in the results to results: exact scores, ranks, the best of a photo. */
#ifndef FSE_SEARCH_REFINE_H
#define FSE_SEARCH_REFINE_H

#include "search/scan.h"

/*
 * results hold the rows that may be in them, upwards, each once, and get what fse_scan_rows() says.
 * Errors: FSE_ENOMEM; those of the function that reads rows; FSE_ECORRUPT.
 */
fse_status fse_refine(const fse_rows *rows, const fse_scan_query *queries, size_t count,
                      const fse_kernel *kernel, int threads, fse_scan_result *results,
                      fse_error *error);

#endif
