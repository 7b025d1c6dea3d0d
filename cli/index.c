/* SPDX-License-Identifier: Apache-2.0 */
/* facesearch index: brings a folder's index up to date. */
#include "interrupt.h"
#include "report_index.h"

typedef struct index_settings {
    fse_common common;
    const char *file;
    bool json, prune, no_wait;
} index_settings;

#define AT(field) offsetof(index_settings, field)

static const fse_option index_options[] = {
    {"index", 0, "FILE", &fse_kind_text, AT(file),
     "keep the index in FILE (default: $FACESEARCH_INDEX, else FOLDER/.facesearch/index.db or that "
     "of a folder above, else in your data folder)", 0, 0, NULL, NULL},
    {"min-face", 0, "PX", &fse_kind_integer, AT(common.analyse.min_face),
     "look finely enough for faces of PX pixels, 8 to 4096; smaller ones are kept if found", 8,
     4096, NULL, NULL},
    {"prune", 0, NULL, &fse_kind_flag, AT(prune),
     "what is gone leaves the index even if the folder is empty, lies on another device than "
     "before, or lost more than half its photos, as when a disk is missing", 0, 0, NULL, NULL},
    {"no-wait", 0, NULL, &fse_kind_flag, AT(no_wait),
     "fail if another process is updating the index, instead of waiting for it", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option form_options[] = {
    {"json", 0, NULL, &fse_kind_flag, AT(json), "one JSON object", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option_group groups[] = {
    {"The index", index_options}, {"Output (default: text)", form_options},
    {"How", fse_model_options}, {"Messages", fse_talk_options}, {NULL, NULL},
};

static void init(void *settings)
{
    fse_common_init(settings);
}

/* What the index holds now, and the exit status. */
static int report(index_settings *s, const fse_indexing *x)
{
    fse_error error = {0};
    fse_index_report *report = NULL;
    if (fse_index_status(x->index, NULL, &report, &error) != FSE_OK)
        return fse_complain_error(&s->common.console, &error);
    fse_tell_skipped(&s->common, report->skipped, report->skipped_count);
    fse_indexing_tell_kept(x);
    if (s->json)
        fse_index_report_json(&s->common, report, x);
    else
        fse_index_report_text(&s->common, x->folder, report, x, false);
    const bool skipped = fse_index_report_unread(report) > 0;
    fse_index_report_free(&report);
    if (skipped)
        return FSE_EXIT_SKIPPED;
    return x->counts.candidates > 0 ? FSE_EXIT_FOUND : FSE_EXIT_NOTHING;
}

static int run(const fse_command *command, void *settings, const char *const *arguments,
               size_t count)
{
    (void)command, (void)count;
    index_settings *s = settings;
    fse_engine *engine = NULL;
    fse_error error = {0};
    fse_indexing x = {.common = &s->common, .folder = arguments[0], .file = s->file,
                      .engine = &engine, .wait = !s->no_wait, .prune = s->prune};
    int status;
    if (fse_indexing_open(&x, true, &error) != FSE_OK)
        status = fse_complain_error(&s->common.console, &error);
    else if (fse_indexing_update(&x, &error) != FSE_OK)
        status = fse_indexing_complain(&x, &error);
    else
        status = report(s, &x);
    fse_indexing_close(&x);
    fse_engine_close(&engine);
    return status;
}

const fse_command fse_command_index = {
    .name = "index",
    .summary = "analyse a folder's photos, so that searches need not",
    .arguments = "FOLDER [options]",
    .about = "Brings the index of FOLDER up to date: each photo is analysed once, however often it "
             "is searched, copied or moved. A search does the same first. Interrupted at any "
             "moment, the next run goes on from there.\n"
             "With another model pack the photos are analysed again, and the index keeps the faces "
             "of both.",
    .examples = "facesearch index ~/Pictures\n"
                "facesearch index /mnt/photos --index ~/photos.db\n"
                "facesearch index ~/Pictures --min-face 30 --json",
    .groups = groups,
    .settings_size = sizeof(index_settings),
    .init = init,
    .minimum = 1,
    .maximum = 1,
    .stray = "one folder at a time",
    .run = run,
};
