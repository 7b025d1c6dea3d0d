/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "interrupt.h"
#include "names.h"

/* ---- options ---- */

#define AT(field) offsetof(fse_query_settings, field)

static const fse_choice combines[] = {
    {"best", FSE_COMBINE_BEST}, {"mean", FSE_COMBINE_MEAN}, {NULL, 0}};

/* Both how finely to look and what to keep; the field is the whole of the settings. */
static const char *min_face_parse(const fse_option *option, const char *value, void *field,
                                  char *expected, size_t size)
{
    fse_query_settings *s = field;
    const char *wrong =
        fse_kind_integer.parse(option, value, &s->search.min_face, expected, size);
    if (!wrong)
        s->common.analyse.min_face = s->search.min_face;
    return wrong;
}

static void min_face_show(const fse_option *option, const void *field, char *text, size_t size)
{
    const fse_query_settings *s = field;
    (void)option;
    snprintf(text, size, "%d are looked for, and smaller ones kept if found",
             s->common.analyse.min_face);
}

static const fse_value_kind kind_min_face = {min_face_parse, min_face_show};

const fse_option fse_whom_options[] = {
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

const fse_option fse_match_options[] = {
    {"threshold", 0, "COS", &fse_kind_number, AT(search.threshold),
     "cosine similarity from which a face matches, -1 to 1 (default: by --fmr)", -1, 1, NULL,
     "threshold"},
    {"fmr", 0, "RATE", &fse_kind_rate, AT(search.fmr),
     "the same as a false match rate: 1e-4 lets one in ten thousand strangers through (default: "
     "about one false match among all faces, at most 1e-3 and at least 1e-5)", 0, 0, NULL,
     "threshold"},
    {"min-face", 0, "PX", &kind_min_face, 0,
     "only faces of at least PX pixels, 8 to 4096", 8, 4096, NULL, NULL},
    {"since", 0, "DATE", &fse_kind_since, AT(search.since),
     "only photos taken (EXIF, else the file's date) at DATE or later: 2024, 2024-05, 2024-05-06 "
     "or 2024-05-06T07:08", 0, 0, NULL, NULL},
    {"until", 0, "DATE", &fse_kind_until, AT(search.until),
     "only photos taken at DATE or earlier; the whole of it counts: 2024 ends with 31 December", 0,
     0, NULL, NULL},
    {"exclude-query", 0, NULL, &fse_kind_flag, AT(search.exclude_query),
     "leave out the query photos themselves and their copies", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

void fse_query_settings_init(fse_query_settings *s)
{
    fse_common_init(&s->common);
    fse_search_options_init(&s->search);
    s->face = FSE_FACE_DEFAULT;
}

void fse_query_settings_clear(fse_query_settings *s)
{
    fse_list_free(&s->queries);
}

/* ---- what is wrong before anything is read ---- */

int fse_query_check_usage(const fse_command *command, const fse_query_settings *s)
{
    size_t inputs = 0;
    if (s->queries.count == 0)
        return fse_misuse(command, "whom to find? Give a photo with -q PHOTO");
    for (size_t i = 0; i < s->queries.count; i++)
        inputs += strcmp(s->queries.items[i], "-") == 0;
    if (inputs > 1)
        return fse_misuse(command, "-q - can be given once: there is one standard input");
    if (s->search.since != FSE_NO_TIME && s->search.until != FSE_NO_TIME &&
        s->search.since >= s->search.until)
        return fse_misuse(command, "--since is after --until: no photo can be between");
    return 0;
}

int fse_query_check_files(fse_query_settings *s)
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
    return status;
}

/* ---- reading it ---- */

static fse_status add_query(fse_query_settings *s, fse_query *query, const char *path,
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

static int read_queries(fse_query_settings *s, fse_query *query)
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

static void describe_entry(fse_query_settings *s, const fse_query_entry *entry)
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
static int describe_query(fse_query_settings *s, const fse_query *query)
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

int fse_query_read(fse_query_settings *s, fse_engine *engine, fse_query **query)
{
    fse_error error = {0};
    if (fse_query_new(engine, query, &error) != FSE_OK)
        return fse_complain_error(&s->common.console, &error);
    const int status = read_queries(s, *query);
    return status ? status : describe_query(s, *query);
}
