/* SPDX-License-Identifier: Apache-2.0 */
/* facesearch forget: removes faces from an index. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "indexing.h"
#include "interrupt.h"
#include "names.h"

typedef struct forget_settings {
    fse_common common;
    const char *file;
    const char *photo, *folder, *face, *model;
    bool everything, yes;
} forget_settings;

#define AT(field) offsetof(forget_settings, field)

static const fse_option what_options[] = {
    {"photo", 0, "PHOTO", &fse_kind_text, AT(photo),
     "a photo's faces; it stays forgotten until the file changes", 0, 0, NULL, "what"},
    {"folder", 0, "FOLDER", &fse_kind_text, AT(folder), "the same for all photos below a folder",
     0, 0, NULL, "what"},
    {"face", 0, "PHOTO:N", &fse_kind_text, AT(face),
     "face N of a photo, by its number in a search or in 'facesearch faces'; it stays forgotten, "
     "also in copies of the photo", 0, 0, NULL, "what"},
    {"model", 0, "NAME", &fse_kind_text, AT(model),
     "all that was made with a model pack, by its name or contract in 'facesearch status'", 0, 0,
     NULL, "what"},
    {"everything", 0, NULL, &fse_kind_flag, AT(everything), "all that the index holds", 0, 0, NULL,
     "what"},
    FSE_OPTIONS_END,
};

static const fse_option other_options[] = {
    {"yes", 0, NULL, &fse_kind_flag, AT(yes), "do not ask", 0, 0, NULL, NULL},
    {"index", 0, "FILE", &fse_kind_text, AT(file),
     "the index's file (default: as for 'facesearch index')", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option_group groups[] = {
    {"What to forget", what_options}, {"Options", other_options}, {"Messages", fse_talk_options},
    {NULL, NULL},
};

static void init(void *settings)
{
    fse_common_init(settings);
}

/* What to forget, as the library takes it. */
typedef struct request {
    fse_forget what;
    char *path; /* for free(); NULL for everything */
    int face;
} request;

/* The number after the last colon of PHOTO:N; false: there is none. */
static bool split_face(const char *text, request *r)
{
    const char *colon = strrchr(text, ':');
    const size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
    if (digits == 0 || digits > 6 || colon[1 + digits] != '\0' || colon == text)
        return false;
    r->face = atoi(colon + 1);
    r->path = fse_xformat("%.*s", (int)(colon - text), text);
    return true;
}

static int read_request(const fse_command *command, const forget_settings *s, request *r)
{
    const struct {
        const char *value;
        fse_forget what;
    } paths[] = {{s->photo, FSE_FORGET_PHOTO}, {s->folder, FSE_FORGET_FOLDER},
                 {s->model, FSE_FORGET_CONTRACT}};
    *r = (request){.what = FSE_FORGET_EVERYTHING};
    if (s->face) {
        r->what = FSE_FORGET_FACE;
        if (!split_face(s->face, r))
            return fse_misuse(command, "--face: expected a photo and the number of a face, such as "
                              "party.jpg:2");
        return 0;
    }
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        if (paths[i].value) {
            r->what = paths[i].what;
            r->path = fse_xstrdup(paths[i].value);
            return 0;
        }
    return s->everything ? 0
                         : fse_misuse(command, "what to forget? Give --photo, --folder, --face, "
                                      "--model or --everything");
}

/* Models have names, the library wants the contract. 0 or an exit status. */
static int resolve_model(forget_settings *s, const fse_indexing *x, request *r)
{
    fse_error error = {0};
    fse_index_report *report = NULL;
    const char *contract = NULL;
    size_t found = 0;
    if (r->what != FSE_FORGET_CONTRACT)
        return 0;
    if (fse_index_status(x->index, NULL, &report, &error) != FSE_OK)
        return fse_complain_error(&s->common.console, &error);
    for (size_t i = 0; i < report->contract_count; i++)
        if (strcmp(report->contracts[i].model, r->path) == 0 ||
            strcmp(report->contracts[i].contract, r->path) == 0) {
            contract = report->contracts[i].contract;
            found++;
        }
    int status = 0;
    if (found == 0)
        status = fse_complain(&s->common.console, r->path, "the index has nothing of this model; "
                              "'facesearch status' shows what it has");
    else if (found > 1)
        status = fse_complain(&s->common.console, r->path, "the index has %zu models of this name: "
                              "give the contract that 'facesearch status --json' shows", found);
    else {
        free(r->path);
        r->path = fse_xstrdup(contract);
    }
    fse_index_report_free(&report);
    return status;
}

static bool confirmed(const forget_settings *s, const char *folder)
{
    const char *const names[] = {s->photo, s->folder, s->face, s->model};
    const char *what = "everything";
    char answer[16] = "";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        what = names[i] ? names[i] : what;
    char *quoted = fse_quote(what), *where = fse_quote(folder);
    fprintf(stderr, "Forget %s in the index of %s? [y/N] ", quoted, where);
    fflush(stderr);
    free(where);
    free(quoted);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y') &&
           !fse_interrupted();
}

static int forget(forget_settings *s, const fse_indexing *x, const request *r)
{
    fse_error error = {0};
    fse_index_counts counts = {.photos = 0};
    char photos[48], faces[48];
    if (fse_index_forget(x->index, r->what, r->path, r->face, &counts, &error) != FSE_OK)
        return fse_indexing_complain(x, &error);
    if (r->what == FSE_FORGET_EVERYTHING)
        fse_note(&s->common.console, "forgot everything; the index is empty");
    else
        fse_note(&s->common.console, "forgot %s%s%s", counts.photos
                     ? fse_count_text(photos, sizeof photos, counts.photos, "photo", "photos") : "",
                 counts.photos ? " with " : "",
                 fse_count_text(faces, sizeof faces, counts.faces, "face", "faces"));
    return FSE_EXIT_FOUND;
}

static int run(const fse_command *command, void *settings, const char *const *arguments,
               size_t count)
{
    (void)count;
    forget_settings *s = settings;
    request r;
    fse_indexing x = {.common = &s->common, .folder = arguments[0], .file = s->file};
    int status = read_request(command, s, &r);
    if (!status && !s->yes && !isatty(STDIN_FILENO))
        status = fse_misuse(command, "nobody is there to ask: --yes forgets without a question");
    if (!status)
        status = fse_indexing_open_existing(&x);
    if (!status)
        status = resolve_model(s, &x, &r);
    if (!status && !s->yes && !confirmed(s, x.folder)) {
        fse_note(&s->common.console, "nothing was forgotten");
        status = FSE_EXIT_NOTHING;
    }
    if (!status)
        status = forget(s, &x, &r);
    fse_indexing_close(&x);
    free(r.path);
    return status;
}

const fse_command fse_command_forget = {
    .name = "forget",
    .summary = "remove faces from a folder's index",
    .arguments = "FOLDER WHAT [options]",
    .about = "Removes faces from the index of FOLDER, so that they cannot be read from its files "
             "any more. The photos themselves stay as they are.",
    .examples = "facesearch forget ~/Pictures --photo ~/Pictures/party.jpg\n"
                "facesearch forget ~/Pictures --face ~/Pictures/party.jpg:2\n"
                "facesearch forget ~/Pictures --everything --yes",
    .groups = groups,
    .settings_size = sizeof(forget_settings),
    .init = init,
    .minimum = 1,
    .maximum = 1,
    .stray = "what to forget goes after --photo, --folder, --face or --model",
    .run = run,
};
