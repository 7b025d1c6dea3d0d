/* SPDX-License-Identifier: Apache-2.0 */
/* What an index holds, as text and as JSON. */
#ifndef FSE_CLI_REPORT_INDEX_H
#define FSE_CLI_REPORT_INDEX_H

#include "indexing.h"

/* update: the one just made, NULL: none. skipped: list the skipped photos too. */
void fse_index_report_text(fse_common *common, const char *folder, const fse_index_report *report,
                           const fse_indexing *update, bool skipped);
void fse_index_report_json(fse_common *common, const fse_index_report *report,
                           const fse_indexing *update);

/* How many photos the report says could not be read at all. */
size_t fse_index_report_unread(const fse_index_report *report);

#endif
