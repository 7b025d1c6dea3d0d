/* SPDX-License-Identifier: Apache-2.0 */
/* facesearch search: query photos in, matches out. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "findings.h"
#include "galleries.h"
#include "indexing.h"
#include "outputs.h"
#include "query.h"

typedef enum form { FORM_TEXT, FORM_JSON, FORM_CSV, FORM_PATHS } form;

typedef struct search_settings {
    fse_query_settings query;
    fse_where where;
    int form;
    bool nul;
    fse_outputs outputs;
} search_settings;

/* ---- options ---- */

#define AT(field) offsetof(search_settings, field)

static const fse_option target_options[] = {
    {"target", 't', "FOLDER", &fse_kind_list, AT(where.targets),
     "folder to search, with all below it; may be given several times", 0, 0, NULL, NULL},
    {"include", 0, "GLOB", &fse_kind_include, AT(where.include),
     "only photos that match: *.jpg, or with a slash 2024/**; may be given several times", 0, 0,
     NULL, NULL},
    {"exclude", 0, "GLOB", &fse_kind_exclude, AT(where.exclude),
     "leave out photos and folders that match; may be given several times", 0, 0, NULL, NULL},
    {"index", 0, "FILE", &fse_kind_text, AT(where.index),
     "keep the index in FILE (default: $FACESEARCH_INDEX, else FOLDER/.facesearch/index.db or that "
     "of a folder above, else in your data folder)", 0, 0, NULL, NULL},
    {"no-update", 0, NULL, &fse_kind_flag, AT(where.no_update),
     "search what the index has, without a look for what is new", 0, 0, NULL, NULL},
    {"no-index", 0, NULL, &fse_kind_flag, AT(where.no_index),
     "keep nothing on disk: every photo is analysed anew", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option limit_options[] = {
    {"top", 0, "N", &fse_kind_size, AT(query.search.top),
     "at most the N best matches (default: all)", 1, 1e15, NULL, NULL},
    {"best-per-photo", 0, NULL, &fse_kind_flag, AT(query.search.best_per_photo),
     "only the best match of each photo", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option output_options[] = {
    {"json", 0, NULL, &fse_kind_set, AT(form), "one JSON object", FORM_JSON, 0, NULL, "form"},
    {"csv", 0, NULL, &fse_kind_set, AT(form), "comma-separated values with a header line",
     FORM_CSV, 0, NULL, "form"},
    {"paths", 0, NULL, &fse_kind_set, AT(form), "the photos' paths, one a line", FORM_PATHS, 0,
     NULL, "form"},
    {"null", '0', NULL, &fse_kind_flag, AT(nul),
     "paths that end with a NUL byte instead, for xargs -0", 0, 0, NULL, NULL},
    {"html", 0, "FILE", &fse_kind_text, AT(outputs.html),
     "also write a page with the faces and their photos, one file to keep or send", 0, 0, NULL,
     NULL},
    {"annotate", 0, "FOLDER", &fse_kind_text, AT(outputs.annotate),
     "also put copies there, as JPEG, with boxes and scores drawn", 0, 0, NULL, NULL},
    {"copy", 0, "FOLDER", &fse_kind_text, AT(outputs.copy),
     "also copy the photos found there", 0, 0, NULL, NULL},
    {"link", 0, "FOLDER", &fse_kind_text, AT(outputs.link),
     "also put symbolic links to the photos found there", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option_group groups[] = {
    {"Whom to find", fse_whom_options}, {"Where", target_options},
    {"What counts as a match", fse_match_options}, {"How many", limit_options},
    {"Output (default: a table)", output_options},
    {"How", fse_model_options}, {"Messages", fse_talk_options}, {NULL, NULL},
};

static void init(void *settings)
{
    search_settings *s = settings;
    fse_query_settings_init(&s->query);
}

static void clear(void *settings)
{
    search_settings *s = settings;
    fse_query_settings_clear(&s->query);
    fse_list_free(&s->where.targets);
    fse_list_free(&s->where.include);
    fse_list_free(&s->where.exclude);
}

/* ---- what is wrong before anything is read ---- */

static int check_usage(const fse_command *command, search_settings *s)
{
    const fse_where *where = &s->where;
    const int wrong = fse_query_check_usage(command, &s->query);
    if (wrong)
        return wrong;
    if (where->targets.count == 0)
        return fse_misuse(command, "where to look? Give a folder with -t FOLDER");
    if (where->no_index && (where->index || where->no_update))
        return fse_misuse(command, "--no-index and --%s exclude each other",
                          where->index ? "index" : "no-update");
    if (s->nul && (s->form == FORM_JSON || s->form == FORM_CSV))
        return fse_misuse(command, "--null goes with --paths, not with --%s",
                          s->form == FORM_JSON ? "json" : "csv");
    if (s->nul)
        s->form = FORM_PATHS;
    return fse_outputs_check(&s->outputs, command, &where->targets);
}

/* Missing files and folders are said before a model is loaded. */
static int check_inputs(search_settings *s)
{
    const fse_list *targets = &s->where.targets;
    fse_console *console = &s->query.common.console;
    struct stat info;
    int status = fse_query_check_files(&s->query);
    for (size_t i = 0; i < targets->count; i++) {
        const char *path = targets->items[i];
        if (stat(path, &info) != 0)
            status = fse_complain(console, path, "cannot open the folder to search: %s",
                                  strerror(errno));
        else if (!S_ISDIR(info.st_mode))
            status = fse_complain(console, path, "not a folder: -t takes folders; 'facesearch "
                                  "compare' compares two photos");
        else if (faccessat(AT_FDCWD, path, R_OK | X_OK, AT_EACCESS) != 0)
            status = fse_complain(console, path, "cannot open the folder to search: %s",
                                  strerror(errno));
    }
    return status;
}

/* ---- the result ---- */

static void tell_threshold(const search_settings *s, const fse_findings *findings)
{
    const double threshold = findings->result->threshold;
    const double expected = findings->result->expected_false_matches;
    fse_console *console = &findings->common->console;
    if (!isnan(expected))
        fse_note(console, "threshold %.3f, about %.*g false matches expected", threshold,
                 expected >= 10 ? 2 : 1, expected);
    else
        fse_note(console, "threshold %.3f", threshold);
    if (isnan(expected) && isnan(s->query.search.threshold))
        fse_warn(console, NULL, "no calibration is known for the embedder of '%s', so how many "
                 "false matches to expect cannot be told: check them, and set --threshold",
                 findings->info.model);
}

static void tell_summary(const fse_findings *findings, double seconds)
{
    const fse_result *result = findings->result;
    const fse_scan_counts *searched = &result->searched;
    fse_console *console = &findings->common->console;
    char matches[48], in[48], photos[48], faces[48], skipped[48] = "";
    if (searched->photos + searched->skipped == 0) {
        fse_note(console, "no photos in %s%s%s", findings->targets->items[0],
                 findings->targets->count > 1 ? " and the other folders" : "",
                 findings->chosen ? " that --include and --exclude leave" : "");
        return;
    }
    if (searched->skipped)
        snprintf(skipped, sizeof skipped, ", skipped %llu", (unsigned long long)searched->skipped);
    char *found = findings->photo_count == 0
                      ? fse_xstrdup("no match")
                      : fse_xformat("%s in %s",
                                    fse_count_text(matches, sizeof matches, result->match_count,
                                                   "match", "matches"),
                                    fse_count_text(in, sizeof in, findings->photo_count, "photo",
                                                   "photos"));
    fse_note(console, "%s; searched %s with %s in %.1f s%s", found,
             fse_count_text(photos, sizeof photos, searched->photos, "photo", "photos"),
             fse_count_text(faces, sizeof faces, searched->faces, "face", "faces"), seconds,
             skipped);
    free(found);
}

static int write_results(search_settings *s, const fse_findings *findings)
{
    switch ((form)s->form) {
    case FORM_JSON:
        fse_findings_json(findings);
        break;
    case FORM_CSV:
        fse_findings_csv(findings);
        break;
    case FORM_PATHS:
        fse_findings_paths(findings, s->nul);
        break;
    case FORM_TEXT:
        fse_findings_text(findings);
        break;
    }
    fse_out_flush(&s->query.common.console.out);
    return fse_outputs_write(&s->outputs, findings);
}

static int exit_status(const fse_result *result, int outputs)
{
    if (outputs == FSE_EXIT_FAILED || outputs == FSE_EXIT_INTERRUPTED)
        return outputs;
    if (result->searched.skipped > 0 || outputs == FSE_EXIT_SKIPPED)
        return FSE_EXIT_SKIPPED;
    return result->match_count > 0 ? FSE_EXIT_FOUND : FSE_EXIT_NOTHING;
}

static int search(search_settings *s, fse_engine *engine, const fse_query *query,
                  const fse_gallery *gallery, double start)
{
    fse_error error = {0};
    fse_result *result = NULL;
    if (fse_gallery_search(gallery, query, &s->query.search, &result, &error) != FSE_OK)
        return fse_complain_error(&s->query.common.console, &error);
    fse_findings findings = {.common = &s->query.common, .info = fse_engine_describe(engine),
                             .targets = &s->where.targets,
                             .chosen = s->where.include.count + s->where.exclude.count > 0,
                             .result = result};
    findings.entry_count = fse_query_entries(query, &findings.entries);
    fse_findings_group(&findings);
    const double seconds = fse_seconds() - start;
    const int outputs = write_results(s, &findings);
    tell_summary(&findings, seconds);
    if (result->searched.faces > 0)
        tell_threshold(s, &findings);
    const int status = exit_status(result, outputs);
    fse_findings_free(&findings);
    fse_result_free(&result);
    return status;
}

static int run(const fse_command *command, void *settings, const char *const *arguments,
               size_t count)
{
    (void)arguments, (void)count;
    search_settings *s = settings;
    fse_engine *engine = NULL;
    fse_query *query = NULL;
    fse_gallery *gallery = NULL;
    int status = check_usage(command, s);
    if (!status)
        status = check_inputs(s);
    if (!status)
        status = fse_open_engine(&s->query.common, &engine);
    const double start = fse_seconds();
    if (!status)
        status = fse_query_read(&s->query, engine, &query);
    if (!status)
        status = fse_gallery_of(&s->query.common, &s->where, engine, &gallery);
    if (!status) {
        const fse_skipped *skipped;
        const size_t skipped_count = fse_gallery_skipped(gallery, &skipped);
        fse_tell_skipped(&s->query.common, skipped, skipped_count);
        status = search(s, engine, query, gallery, start);
    }
    fse_gallery_free(&gallery);
    fse_query_free(&query);
    fse_engine_close(&engine);
    return status;
}

const fse_command fse_command_search = {
    .name = "search",
    .summary = "find every photo below a folder that shows the person in a photo",
    .arguments = "-q PHOTO... -t FOLDER... [options]",
    .about = "Finds every photo below FOLDER that shows the person in PHOTO, and lists them with "
             "the most similar face first. Scores are cosine similarities, -1 to 1.\n"
             "The faces of FOLDER are kept in an index, so that each photo is analysed once; what "
             "is new or changed is indexed first.",
    .examples = "facesearch -q ann.jpg -t ~/Pictures\n"
                "facesearch -q ann1.jpg -q ann2.jpg -t ~/Pictures --html ann.html\n"
                "facesearch -q party.jpg --face 2 -t ~/Pictures --since 2023 --until 2024-06\n"
                "facesearch -q ann.jpg -t ~/Pictures --paths -0 | xargs -0 ls -l\n"
                "facesearch -q ann.jpg -t ~/Pictures --fmr 1e-5 --copy ann-photos",
    .groups = groups,
    .settings_size = sizeof(search_settings),
    .init = init,
    .clear = clear,
    .stray = "query photos go after -q, folders after -t",
    .run = run,
};
