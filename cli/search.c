/* SPDX-License-Identifier: Apache-2.0 */
/* facesearch search: query photos in, matches out. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "findings.h"
#include "folders.h"
#include "interrupt.h"
#include "names.h"
#include "outputs.h"
#include "progress.h"

typedef enum form { FORM_TEXT, FORM_JSON, FORM_CSV, FORM_PATHS } form;

typedef struct search_settings {
    fse_common common;
    fse_list queries, targets, include, exclude;
    fse_search_options search;
    int face;
    int form;
    bool nul, no_index;
    fse_outputs outputs;
} search_settings;

/* ---- options ---- */

#define AT(field) offsetof(search_settings, field)

static const fse_choice combines[] = {
    {"best", FSE_COMBINE_BEST}, {"mean", FSE_COMBINE_MEAN}, {NULL, 0}};

/* Both how finely to look and what to keep; the field is the whole of the settings. */
static const char *min_face_parse(const fse_option *option, const char *value, void *field,
                                  char *expected, size_t size)
{
    search_settings *s = field;
    const char *wrong =
        fse_kind_integer.parse(option, value, &s->search.min_face, expected, size);
    if (!wrong)
        s->common.analyse.min_face = s->search.min_face;
    return wrong;
}

static void min_face_show(const fse_option *option, const void *field, char *text, size_t size)
{
    const search_settings *s = field;
    (void)option;
    snprintf(text, size, "%d are looked for, and smaller ones kept if found",
             s->common.analyse.min_face);
}

static const fse_value_kind kind_min_face = {min_face_parse, min_face_show};

static const fse_option query_options[] = {
    {"query", 'q', "PHOTO", &fse_kind_list, AT(queries),
     "photo of the person to find, - for standard input; several are one person in several photos",
     0, 0, NULL, NULL},
    {"face", 0, "FACE", &fse_kind_face, AT(face),
     "which face of a query photo: its number as 'facesearch faces' shows it, all, or largest "
     "(default: the only one, else the largest)", 0, 0, NULL, NULL},
    {"combine", 0, "HOW", &fse_kind_choice, AT(search.combine),
     "how several query faces count: best, by the most similar; mean, by their average", 0, 0,
     combines, NULL},
    FSE_OPTIONS_END,
};

static const fse_option target_options[] = {
    {"target", 't', "FOLDER", &fse_kind_list, AT(targets),
     "folder to search, with all below it; may be given several times", 0, 0, NULL, NULL},
    {"include", 0, "GLOB", &fse_kind_list, AT(include),
     "only photos that match: *.jpg, or with a slash 2024/**; may be given several times", 0, 0,
     NULL, NULL},
    {"exclude", 0, "GLOB", &fse_kind_list, AT(exclude),
     "leave out photos and folders that match; may be given several times", 0, 0, NULL, NULL},
    {"since", 0, "DATE", &fse_kind_since, AT(search.since),
     "only photos taken (EXIF, else the file's date) at DATE or later: 2024, 2024-05, 2024-05-06 "
     "or 2024-05-06T07:08", 0, 0, NULL, NULL},
    {"until", 0, "DATE", &fse_kind_until, AT(search.until),
     "only photos taken at DATE or earlier; the whole of it counts: 2024 ends with 31 December", 0,
     0, NULL, NULL},
    {"no-index", 0, NULL, &fse_kind_flag, AT(no_index),
     "keep nothing on disk (this version never does)", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option match_options[] = {
    {"threshold", 0, "COS", &fse_kind_number, AT(search.threshold),
     "cosine similarity from which a face matches, -1 to 1 (default: by --fmr)", -1, 1, NULL,
     "threshold"},
    {"fmr", 0, "RATE", &fse_kind_rate, AT(search.fmr),
     "the same as a false match rate: 1e-4 lets one in ten thousand strangers through (default: "
     "about one false match among all faces, at most 1e-3 and at least 1e-5)", 0, 0, NULL,
     "threshold"},
    {"top", 0, "N", &fse_kind_size, AT(search.top),
     "at most the N best matches (default: all)", 1, 1e15, NULL, NULL},
    {"min-face", 0, "PX", &kind_min_face, 0,
     "only faces of at least PX pixels, 8 to 4096", 8, 4096, NULL, NULL},
    {"best-per-photo", 0, NULL, &fse_kind_flag, AT(search.best_per_photo),
     "only the best match of each photo", 0, 0, NULL, NULL},
    {"exclude-query", 0, NULL, &fse_kind_flag, AT(search.exclude_query),
     "leave out the query photos themselves and their copies", 0, 0, NULL, NULL},
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
    {"Whom to find", query_options}, {"Where", target_options},
    {"What counts as a match", match_options}, {"Output (default: a table)", output_options},
    {"How", fse_model_options}, {"Messages", fse_talk_options}, {NULL, NULL},
};

static void init(void *settings)
{
    search_settings *s = settings;
    fse_common_init(&s->common);
    fse_search_options_init(&s->search);
    s->face = FSE_FACE_DEFAULT;
}

static void clear(void *settings)
{
    search_settings *s = settings;
    fse_list_free(&s->queries);
    fse_list_free(&s->targets);
    fse_list_free(&s->include);
    fse_list_free(&s->exclude);
}

/* ---- what is wrong before anything is read ---- */

static int check_usage(const fse_command *command, search_settings *s)
{
    size_t inputs = 0;
    if (s->queries.count == 0)
        return fse_misuse(command, "whom to find? Give a photo with -q PHOTO");
    if (s->targets.count == 0)
        return fse_misuse(command, "where to look? Give a folder with -t FOLDER");
    for (size_t i = 0; i < s->queries.count; i++)
        inputs += strcmp(s->queries.items[i], "-") == 0;
    if (inputs > 1)
        return fse_misuse(command, "-q - can be given once: there is one standard input");
    if (s->nul && (s->form == FORM_JSON || s->form == FORM_CSV))
        return fse_misuse(command, "--null goes with --paths, not with --%s",
                          s->form == FORM_JSON ? "json" : "csv");
    if (s->nul)
        s->form = FORM_PATHS;
    if (s->search.since != FSE_NO_TIME && s->search.until != FSE_NO_TIME &&
        s->search.since >= s->search.until)
        return fse_misuse(command, "--since is after --until: no photo can be between");
    return fse_outputs_check(&s->outputs, command, &s->targets);
}

/* Missing files and folders are said before a model is loaded. */
static int check_inputs(search_settings *s)
{
    fse_console *console = &s->common.console;
    struct stat info;
    int status = 0;
    for (size_t i = 0; i < s->queries.count; i++) {
        const char *path = s->queries.items[i];
        if (strcmp(path, "-") == 0)
            continue;
        if (stat(path, &info) != 0)
            status = fse_complain(console, path, "cannot open the query photo: %s",
                                  strerror(errno));
        else if (S_ISDIR(info.st_mode))
            status = fse_complain(console, path,
                                  "the query is a folder: give -q each photo of the person");
    }
    for (size_t i = 0; i < s->targets.count; i++) {
        const char *path = s->targets.items[i];
        if (stat(path, &info) != 0)
            status = fse_complain(console, path, "cannot open the folder to search: %s",
                                  strerror(errno));
        else if (!S_ISDIR(info.st_mode))
            status = fse_complain(console, path, "not a folder: -t takes folders; 'facesearch "
                                  "compare' compares two photos");
    }
    return status;
}

/* ---- the query ---- */

static fse_status add_query(search_settings *s, fse_query *query, const char *path,
                            fse_error *error)
{
    if (strcmp(path, "-") != 0)
        return fse_query_add_file(query, path, s->face, &s->common.analyse, error);
    char *data = NULL;
    size_t size = 0;
    if (fse_read_stdin(&s->common, s->common.analyse.max_bytes, &data, &size) != 0) {
        *error = (fse_error){.status = FSE_EIO, .subject = "standard input",
                             .message = "no query could be read"};
        return FSE_EIO;
    }
    const fse_status status =
        fse_query_add_memory(query, path, data, size, s->face, &s->common.analyse, error);
    free(data);
    return status;
}

/* Whether a query photo is merely of no use beside others. */
static bool only_unusable(fse_status status)
{
    return status == FSE_OK || status == FSE_ENOFACE || status == FSE_EFACE ||
           status == FSE_EIMAGE || status == FSE_ELIMIT;
}

static int read_queries(search_settings *s, fse_query *query)
{
    for (size_t i = 0; i < s->queries.count; i++) {
        fse_error error = {0};
        const fse_status status = add_query(s, query, s->queries.items[i], &error);
        if (fse_interrupted())
            error.status = FSE_ECANCELLED;
        if (fse_interrupted() || !only_unusable(status))
            return fse_complain_error(&s->common.console, &error);
    }
    return 0;
}

static void describe_entry(search_settings *s, const fse_query_entry *entry)
{
    fse_console *console = &s->common.console;
    char *name = fse_quote(strcmp(entry->path, "-") == 0 ? "standard input" : entry->path);
    if (entry->face_count == 1)
        fse_note(console, "%s: 1 face", name);
    else if (s->face == FSE_FACE_DEFAULT)
        fse_note(console, "%s: %zu faces, searching for the largest (face %d); --face N for "
                 "another, 'facesearch faces' shows them", name, entry->face_count, entry->face);
    else
        fse_note(console, "%s: %zu faces, searching for face %d", name, entry->face_count,
                 entry->face);
    free(name);
}

/* Say which faces are searched for; a query without one is a warning if there are others. */
static int describe_query(search_settings *s, const fse_query *query)
{
    const fse_query_entry *entries;
    const size_t count = fse_query_entries(query, &entries);
    const size_t probes = fse_query_probes(query);
    fse_console *console = &s->common.console;
    for (size_t i = 0; i < count; i++) {
        const char *path = strcmp(entries[i].path, "-") == 0 ? "standard input" : entries[i].path;
        if (entries[i].face >= 0)
            describe_entry(s, &entries[i]);
        else if (probes > 0)
            fse_warn(console, path, "not searched for: %s", entries[i].message);
        else
            fse_complain(console, path, "%s%s", entries[i].message,
                         entries[i].status == FSE_ENOFACE && entries[i].face_count == 0
                             ? ": give a photo that shows the face larger, or more from the front"
                             : "");
    }
    if (probes > 0)
        return 0;
    return count == 1 ? FSE_EXIT_FAILED
                      : fse_complain(console, NULL, "no query photo has a face to search for");
}

/* ---- the scan ---- */

static bool on_photo(void *user, const fse_scan_counts *counts, const char *path,
                     const char *reason)
{
    (void)path, (void)reason;
    fse_progress_draw(user, NULL, counts->photos + counts->skipped, counts->total);
    return fse_interrupted();
}

static bool is_cancelled(void *user)
{
    (void)user;
    return fse_interrupted();
}

static int scan(search_settings *s, fse_engine *engine, fse_gallery **gallery)
{
    fse_error error = {0};
    fse_progress progress = {.console = &s->common.console, .unit = "photos", .scale = 1};
    fse_scan_options options;
    fse_scan_options_init(&options);
    options.analyse = s->common.analyse;
    options.include = s->include.items;
    options.include_count = s->include.count;
    options.exclude = s->exclude.items;
    options.exclude_count = s->exclude.count;
    options.progress = on_photo;
    options.cancel = is_cancelled;
    options.user = &progress;
    const fse_status status = fse_gallery_scan(engine, s->targets.items, s->targets.count,
                                               &options, gallery, &error);
    fse_clear_line(&s->common.console);
    return status == FSE_OK ? 0 : fse_complain_error(&s->common.console, &error);
}

#define SHOWN_SKIPPED 5 /* more reasons would hide the result; -v shows all */

static void tell_skipped(search_settings *s, const fse_gallery *gallery)
{
    const fse_skipped *skipped;
    fse_console *console = &s->common.console;
    const size_t count = fse_gallery_skipped(gallery, &skipped);
    /* "1 more" would take as long a line as the one it stands for. */
    const size_t shown = s->common.verbose || count <= SHOWN_SKIPPED + 1 ? count : SHOWN_SKIPPED;
    for (size_t i = 0; i < shown; i++)
        fse_warn(console, skipped[i].path, "%s%s", skipped[i].damaged ? "" : "skipped: ",
                 skipped[i].reason);
    if (count > shown)
        fse_warn(console, NULL, "%zu more files were skipped or are damaged; -v shows them all",
                 count - shown);
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
    if (isnan(expected) && isnan(s->search.threshold))
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
        fse_note(console, "no photos in %s%s", findings->targets->items[0],
                 findings->targets->count > 1 ? " and the other folders" : "");
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
    fse_out_flush(&s->common.console.out);
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
    if (fse_gallery_search(gallery, query, &s->search, &result, &error) != FSE_OK)
        return fse_complain_error(&s->common.console, &error);
    fse_findings findings = {.common = &s->common, .info = fse_engine_describe(engine),
                             .targets = &s->targets, .result = result};
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
    fse_error error = {0};
    fse_engine *engine = NULL;
    fse_query *query = NULL;
    fse_gallery *gallery = NULL;
    int status = check_usage(command, s);
    if (!status)
        status = check_inputs(s);
    if (!status)
        status = fse_open_engine(&s->common, &engine);
    const double start = fse_seconds();
    if (!status && fse_query_new(engine, &query, &error) != FSE_OK)
        status = fse_complain_error(&s->common.console, &error);
    if (!status)
        status = read_queries(s, query);
    if (!status)
        status = describe_query(s, query);
    if (!status)
        status = scan(s, engine, &gallery);
    if (!status) {
        tell_skipped(s, gallery);
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
             "the most similar face first. Scores are cosine similarities, -1 to 1.",
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
