/* SPDX-License-Identifier: Apache-2.0 */
/* What a search found, and the forms in which it can be told. */
#ifndef FSE_CLI_FINDINGS_H
#define FSE_CLI_FINDINGS_H

#include <stdbool.h>

#include "common.h"

/* A photo with at least one match: members[first .. first + count) are its matches, best first. */
typedef struct fse_matched_photo {
    size_t first, count;
} fse_matched_photo;

typedef struct fse_findings {
    fse_common *common;
    fse_engine_info info;
    const fse_list *targets;
    bool chosen; /* by --include or --exclude: not all below the targets was searched */
    const fse_query_entry *entries;
    size_t entry_count;
    const fse_result *result;
    size_t *members;           /* indexes of result->matches, photo by photo */
    fse_matched_photo *photos; /* in the order of their best matches */
    size_t photo_count;
} fse_findings;

/* Fill members and photos from the result; fse_findings_free() frees them. */
void fse_findings_group(fse_findings *findings);
void fse_findings_free(fse_findings *findings);

/* The best match of a photo. */
const fse_match *fse_best_match(const fse_findings *findings, const fse_matched_photo *photo);

/* Results on standard output. */
void fse_findings_text(const fse_findings *findings);
void fse_findings_json(const fse_findings *findings);
void fse_findings_csv(const fse_findings *findings);
/* Each photo once; nul: each name ends with NUL instead of a line end. */
void fse_findings_paths(const fse_findings *findings, bool nul);

/* A self-contained page. Returns 0 or an exit status, with the failure said. */
int fse_findings_html(const fse_findings *findings, const char *file);

#endif
