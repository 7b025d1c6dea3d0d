/* SPDX-License-Identifier: Apache-2.0 */
/* facesearch index: brings a folder's index up to date. */
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "report_index.h"

typedef struct index_settings {
    fse_common common;
    const char *file;
    bool json, prune, no_wait, watch;
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
    {"watch", 0, NULL, &fse_kind_flag, AT(watch),
     "go on until interrupted: what changes in the folder is indexed when it was quiet for a second",
     0, 0, NULL, NULL},
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

/* ---- watching ---- */

/* Programs write a photo in several steps, and copy many at once; but do not put it off for ever. */
#define QUIET_MS 1000
#define MOST_MS 30000

static bool is_cancelled(void *user)
{
    (void)user;
    return fse_interrupted();
}

/* The watch comes before the first update. The index's own files are no news. */
static int open_watch(index_settings *s, const fse_indexing *x, fse_watch **watch)
{
    fse_error error = {0};
    fse_index_report *report = NULL;
    fse_status status = fse_index_status(x->index, NULL, &report, &error);
    if (status == FSE_OK) {
        const char *slash = strrchr(report->location, '/');
        status = fse_watch_open(x->folder, slash ? slash + 1 : report->location, watch, &error);
    }
    fse_index_report_free(&report);
    return status == FSE_OK ? 0 : fse_complain_error(&s->common.console, &error);
}

static int tell_update(index_settings *s, const fse_indexing *x)
{
    if (x->counts.done + x->counts.removed == 0 && !s->common.verbose)
        return 0;
    if (s->json) {
        const int status = report(s, x);
        fse_out_flush(&s->common.console.out);
        return status;
    }
    char *news = fse_indexing_news(x);
    fse_note(&s->common.console, "index: %s", news);
    free(news);
    fse_indexing_tell_kept(x);
    return 0;
}

/* Returns when interrupted, or when it cannot go on. */
static int keep_watching(index_settings *s, fse_indexing *x, fse_watch *watch)
{
    fse_console *console = &s->common.console;
    fse_error error = {0};
    fse_note(console, "watching for changes until interrupted");
    fse_out_flush(&console->out);
    while (fse_watch_wait(watch, QUIET_MS, MOST_MS, is_cancelled, NULL, &error) == FSE_OK) {
        if (fse_indexing_update(x, &error) != FSE_OK)
            return fse_indexing_complain(x, &error);
        if (tell_update(s, x) == FSE_EXIT_FAILED)
            return FSE_EXIT_FAILED;
    }
    if (!fse_interrupted())
        return fse_complain_error(console, &error);
    fse_note(console, "stopped watching");
    return FSE_EXIT_INTERRUPTED;
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
    fse_watch *watch = NULL;
    int status = 0;
    if (fse_indexing_open(&x, true, &error) != FSE_OK)
        status = fse_complain_error(&s->common.console, &error);
    if (!status && s->watch)
        status = open_watch(s, &x, &watch);
    if (!status && fse_indexing_update(&x, &error) != FSE_OK)
        status = fse_indexing_complain(&x, &error);
    else if (!status)
        status = report(s, &x);
    if (watch && status != FSE_EXIT_FAILED && status != FSE_EXIT_INTERRUPTED)
        status = keep_watching(s, &x, watch);
    fse_watch_close(&watch);
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
                "facesearch index ~/Pictures --min-face 30 --json\n"
                "facesearch index ~/Pictures --watch",
    .groups = groups,
    .settings_size = sizeof(index_settings),
    .init = init,
    .minimum = 1,
    .maximum = 1,
    .stray = "one folder at a time",
    .run = run,
};
