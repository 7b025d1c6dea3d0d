/* SPDX-License-Identifier: Apache-2.0 */
/* facesearch status: what an index holds. */
#include "report_index.h"

typedef struct status_settings {
    fse_common common;
    const char *file;
    bool json;
} status_settings;

#define AT(field) offsetof(status_settings, field)

static const fse_option status_options[] = {
    {"index", 0, "FILE", &fse_kind_text, AT(file),
     "the index's file (default: as for 'facesearch index')", 0, 0, NULL, NULL},
    {"json", 0, NULL, &fse_kind_flag, AT(json), "one JSON object", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option_group groups[] = {
    {"Options", status_options}, {"Messages", fse_talk_options}, {NULL, NULL}};

static void init(void *settings)
{
    fse_common_init(settings);
}

static int run(const fse_command *command, void *settings, const char *const *arguments,
               size_t count)
{
    (void)command, (void)count;
    status_settings *s = settings;
    fse_error error = {0};
    fse_index_report *report = NULL;
    fse_indexing x = {.common = &s->common, .folder = arguments[0], .file = s->file};
    int status = FSE_EXIT_FOUND;
    const int failed = fse_indexing_open_existing(&x);
    if (failed)
        status = failed;
    else if (fse_index_status(x.index, NULL, &report, &error) != FSE_OK)
        status = fse_complain_error(&s->common.console, &error);
    else if (s->json)
        fse_index_report_json(&s->common, report, NULL);
    else
        fse_index_report_text(&s->common, x.folder, report, NULL, true);
    fse_index_report_free(&report);
    fse_indexing_close(&x);
    return status;
}

const fse_command fse_command_status = {
    .name = "status",
    .summary = "what a folder's index holds, and which photos were skipped",
    .arguments = "FOLDER [options]",
    .about = "Says where the index of FOLDER is, what it holds, with which models it was made, and "
             "which photos were skipped, with the reasons. It looks at no photo.",
    .groups = groups,
    .settings_size = sizeof(status_settings),
    .init = init,
    .minimum = 1,
    .maximum = 1,
    .run = run,
};
