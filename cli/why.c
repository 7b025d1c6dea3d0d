/* SPDX-License-Identifier: Apache-2.0 */
/* facesearch why: why a photo is or is not in a result. */
#include <stdlib.h>
#include <sys/stat.h>

#include "indexing.h"
#include "json.h"
#include "names.h"
#include "query.h"

typedef struct why_settings {
    fse_query_settings query;
    const char *file;
    bool json;
} why_settings;

#define AT(field) offsetof(why_settings, field)

static const fse_option why_options[] = {
    {"index", 0, "FILE", &fse_kind_text, AT(file),
     "the index's file (default: as for 'facesearch index')", 0, 0, NULL, NULL},
    {"json", 0, NULL, &fse_kind_flag, AT(json), "one JSON object", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option_group groups[] = {
    {"Whom to find", fse_whom_options}, {"What counts as a match", fse_match_options},
    {"Options", why_options}, {"How", fse_model_options}, {"Messages", fse_talk_options},
    {NULL, NULL},
};

static void init(void *settings)
{
    why_settings *s = settings;
    fse_query_settings_init(&s->query);
}

static void clear(void *settings)
{
    why_settings *s = settings;
    fse_query_settings_clear(&s->query);
}

/* The answers' names in JSON. */
static const char *const names[] = {
    [FSE_WHY_FOUND] = "found",
    [FSE_WHY_NO_FILE] = "no file",
    [FSE_WHY_NO_CANDIDATE] = "not a candidate",
    [FSE_WHY_NOT_INDEXED] = "not indexed",
    [FSE_WHY_UNREADABLE] = "unreadable",
    [FSE_WHY_NO_FACE] = "no face",
    [FSE_WHY_TOO_SMALL] = "too small",
    [FSE_WHY_BELOW] = "below the threshold",
    [FSE_WHY_FILTERED] = "filtered",
    [FSE_WHY_REMOVED] = "removed",
};

static void print_json(why_settings *s, const char *photo, const fse_explanation *e)
{
    fse_json json = {.out = &s->query.common.console.out};
    fse_json_open(&json, NULL, '{');
    fse_json_path(&json, "path", photo);
    fse_json_string(&json, "why", (size_t)e->why < sizeof names / sizeof names[0] ? names[e->why]
                                                                                  : "unknown");
    fse_json_string(&json, "text", e->text);
    if (e->face >= 0)
        fse_json_integer(&json, "face", e->face);
    else
        fse_json_null(&json, "face");
    fse_json_number(&json, "score", (double)e->score);
    fse_json_number(&json, "threshold", e->threshold);
    fse_json_close(&json, '}');
    fse_put(json.out, "\n");
}

static void print_text(why_settings *s, const char *photo, const fse_explanation *e)
{
    char *quoted = fse_quote(photo);
    fse_text text = {0};
    fse_add_safe(&text, e->text);
    fse_print(&s->query.common.console.out, "%s: %s\n", quoted, text.data ? text.data : "");
    free(text.data);
    free(quoted);
}

/* The photo as given; or, if only that is there, below the folder. For free(). */
static char *find_photo(const char *folder, const char *photo)
{
    struct stat info;
    if (photo[0] != '/' && lstat(photo, &info) != 0) {
        char *below = fse_xformat("%s/%s", folder, photo);
        if (lstat(below, &info) == 0)
            return below;
        free(below);
    }
    return fse_xstrdup(photo);
}

static int explain(why_settings *s, const fse_indexing *x, const fse_query *query,
                   const char *photo)
{
    fse_error error = {0};
    fse_explanation explanation;
    if (fse_index_why(x->index, photo, query, &s->query.search, &explanation, &error) != FSE_OK)
        return fse_complain_error(&s->query.common.console, &error);
    if (s->json)
        print_json(s, photo, &explanation);
    else
        print_text(s, photo, &explanation);
    return explanation.why == FSE_WHY_FOUND ? FSE_EXIT_FOUND : FSE_EXIT_NOTHING;
}

static int run(const fse_command *command, void *settings, const char *const *arguments,
               size_t count)
{
    (void)count;
    why_settings *s = settings;
    fse_common *common = &s->query.common;
    fse_engine *engine = NULL;
    fse_query *query = NULL;
    fse_indexing x = {.common = common, .folder = arguments[0], .file = s->file};
    char *photo = find_photo(arguments[0], arguments[1]);
    int status = fse_query_check_usage(command, &s->query);
    if (!status)
        status = fse_query_check_files(&s->query);
    if (!status)
        status = fse_indexing_open_existing(&x);
    if (!status)
        status = fse_open_engine(common, &engine);
    if (!status)
        status = fse_query_read(&s->query, engine, &query);
    if (!status)
        status = explain(s, &x, query, photo);
    fse_query_free(&query);
    fse_indexing_close(&x);
    fse_engine_close(&engine);
    free(photo);
    return status;
}

const fse_command fse_command_why = {
    .name = "why",
    .summary = "why a photo is or is not in a result",
    .arguments = "FOLDER PHOTO -q PHOTO... [options]",
    .about = "Says why PHOTO, which lies below FOLDER, is or is not found by a search of FOLDER's "
             "index: it is no photo, not indexed, not readable, shows no face, only small ones, or "
             "none that is similar enough, or it is filtered out. Nothing is indexed. The exit "
             "status is 0 if it is found, and 1 if not.",
    .examples = "facesearch why ~/Pictures ~/Pictures/party.jpg -q ann.jpg\n"
                "facesearch why ~/Pictures party.jpg -q ann.jpg --fmr 1e-5 --json",
    .groups = groups,
    .settings_size = sizeof(why_settings),
    .init = init,
    .clear = clear,
    .minimum = 2,
    .maximum = 2,
    .stray = "a folder and a photo; query photos go after -q",
    .run = run,
};
