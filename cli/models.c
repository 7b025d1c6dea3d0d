/* SPDX-License-Identifier: Apache-2.0 */
/* facesearch models: the packs of networks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "interrupt.h"
#include "json.h"
#include "names.h"
#include "progress.h"
#include "table.h"

typedef struct models_settings {
    fse_common common;
    bool json, accept;
    const char *folder, *from;
} models_settings;

#define AT(field) offsetof(models_settings, field)

static void init(void *settings)
{
    fse_common_init(settings);
}

/* ---- list ---- */

static const fse_option form_options[] = {
    {"json", 0, NULL, &fse_kind_flag, AT(json), "JSON", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option_group list_groups[] = {
    {"Output (default: a table)", form_options}, {"Messages", fse_talk_options}, {NULL, NULL}};

static void list_json(fse_console *console, const fse_catalogue_entry *entries, size_t count)
{
    fse_json json = {.out = &console->out};
    fse_json_open(&json, NULL, '{');
    fse_json_open(&json, "packs", '[');
    for (size_t i = 0; i < count; i++) {
        char *path = NULL;
        fse_pack_find(entries[i].name, &path, NULL);
        fse_json_open(&json, NULL, '{');
        fse_json_string(&json, "name", entries[i].name);
        fse_json_bool(&json, "default", i == 0);
        if (path)
            fse_json_path(&json, "installed", path);
        else
            fse_json_null(&json, "installed");
        fse_json_string(&json, "summary", entries[i].summary);
        fse_json_integer(&json, "dim", entries[i].dim);
        fse_json_string(&json, "license", entries[i].license);
        fse_json_string(&json, "license_notes", entries[i].license_notes);
        fse_json_bool(&json, "needs_acceptance", entries[i].needs_acceptance);
        fse_json_integer(&json, "download_bytes", (int64_t)entries[i].download_bytes);
        fse_json_string(&json, "source", entries[i].source);
        fse_json_close(&json, '}');
        free(path);
    }
    fse_json_close(&json, ']');
    fse_json_close(&json, '}');
    fse_put(json.out, "\n");
}

static int longest(const fse_catalogue_entry *entries, size_t count, bool license)
{
    size_t most = 1;
    for (size_t i = 0; i < count; i++) {
        const size_t length = strlen(license ? entries[i].license : entries[i].name);
        most = length > most ? length : most;
    }
    return (int)most;
}

static void list_table(fse_console *console, const fse_catalogue_entry *entries, size_t count)
{
    const fse_column columns[] = {
        {"pack", longest(entries, count, false), false},
        {"installed", 3, false},
        {"MB", 5, true},
        {"numbers", 3, true},
        {"licence", longest(entries, count, true), false},
        {"models", 1, false},
    };
    fse_table_head(console, 0, columns, 6);
    for (size_t i = 0; i < count; i++) {
        char *path = NULL;
        char size[24] = "?", dim[16];
        fse_pack_find(entries[i].name, &path, NULL);
        if (entries[i].download_bytes)
            snprintf(size, sizeof size, "%.1f", 1e-6 * (double)entries[i].download_bytes);
        snprintf(dim, sizeof dim, "%d", entries[i].dim);
        fse_table_row(console, 0, columns, 6,
                      (const char *const[]){entries[i].name, path ? "yes" : "no", size, dim,
                                            entries[i].license, entries[i].summary});
        free(path);
    }
}

static int run_list(const fse_command *command, void *settings, const char *const *arguments,
                    size_t count)
{
    (void)command, (void)arguments, (void)count;
    models_settings *s = settings;
    const fse_catalogue_entry *entries;
    const size_t packs = fse_catalogue(&entries);
    if (s->json) {
        list_json(&s->common.console, entries, packs);
        return FSE_EXIT_FOUND;
    }
    list_table(&s->common.console, entries, packs);
    if (packs > 0)
        fse_note(&s->common.console, "%s is the default; MB is the size of the download, numbers "
                 "that of an embedding", entries[0].name);
    return FSE_EXIT_FOUND;
}

static const fse_command list = {
    .name = "models list",
    .summary = "the packs that can be had, and which are installed",
    .arguments = "[options]",
    .groups = list_groups,
    .settings_size = sizeof(models_settings),
    .init = init,
    .run = run_list,
};

/* ---- pull ---- */

static const fse_option pull_options[] = {
    {"accept-license", 0, NULL, &fse_kind_flag, AT(accept),
     "accept the licence of a pack that asks for it, without a question", 0, 0, NULL, NULL},
    {"folder", 0, "FOLDER", &fse_kind_text, AT(folder),
     "install below FOLDER instead of the user's data folder", 0, 0, NULL, NULL},
    {"from", 0, "ADDRESS", &fse_kind_text, AT(from),
     "download from a mirror at this base address; HTTPS, or HTTP to this machine", 0, 0, NULL,
     NULL},
    FSE_OPTIONS_END,
};

static const fse_option_group pull_groups[] = {
    {"Download", pull_options}, {"Messages", fse_talk_options}, {NULL, NULL}};

static const fse_catalogue_entry *find_entry(const char *name)
{
    const fse_catalogue_entry *entries;
    const size_t count = fse_catalogue(&entries);
    for (size_t i = 0; i < count; i++)
        if (strcmp(entries[i].name, name) == 0)
            return &entries[i];
    return NULL;
}

static bool on_progress(void *user, const char *file, uint64_t done, uint64_t total)
{
    fse_progress_draw(user, file, done, total);
    return fse_interrupted();
}

static void show_license(fse_console *console, const fse_catalogue_entry *entry)
{
    fse_complain(console, entry->name, "its licence has to be accepted: %s", entry->license);
    if (entry->license_notes[0])
        fse_complain(console, NULL, "%s", entry->license_notes);
    fse_complain(console, NULL, "see %s", entry->source);
}

/* Whether the person at the terminal says yes; nobody is asked where there is no terminal. */
static bool ask(fse_console *console)
{
    char answer[16] = "";
    if (!isatty(STDIN_FILENO) || !console->err_terminal)
        return false;
    fputs("Do you accept it? [y/N] ", stderr);
    fflush(stderr);
    return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int pull(models_settings *s, const char *name)
{
    fse_console *console = &s->common.console;
    fse_error error = {0};
    fse_progress progress = {.console = console, .unit = "MB", .scale = 1e-6};
    fse_pull_options options;
    fse_pull_options_init(&options);
    options.accept_license = s->accept;
    options.folder = s->folder;
    options.base = s->from;
    options.progress = on_progress;
    options.user = &progress;
    fse_status status = fse_pack_pull(name, &options, &error);
    const fse_catalogue_entry *entry = find_entry(name);
    if (status == FSE_ELICENSE && entry) {
        show_license(console, entry);
        if (!ask(console))
            return fse_complain(console, NULL, "not downloaded; 'facesearch models pull "
                                "--accept-license %s' accepts the licence", name);
        options.accept_license = true;
        status = fse_pack_pull(name, &options, &error);
    }
    fse_clear_line(console);
    if (status != FSE_OK)
        return fse_complain_error(console, &error);
    fse_note(console, "%s: installed", name);
    return 0;
}

static int run_pull(const fse_command *command, void *settings, const char *const *arguments,
                    size_t count)
{
    const fse_catalogue_entry *entries;
    const size_t packs = fse_catalogue(&entries);
    for (size_t i = 0; i < count; i++) {
        const char *names[32];
        fse_text legal = {0};
        size_t known = 0;
        for (; known < packs && known < sizeof names / sizeof names[0]; known++) {
            names[known] = entries[known].name;
            fse_text_string(&legal, known ? ", " : "");
            fse_text_string(&legal, names[known]);
        }
        const char *near = fse_nearest(arguments[i], names, known);
        const int status =
            find_entry(arguments[i])
                ? 0
                : fse_misuse(command, "there is no pack '%s'%s%s%s; there are %s", arguments[i],
                             near ? " (did you mean " : "", near ? near : "", near ? "?)" : "",
                             legal.data ? legal.data : "none");
        free(legal.data);
        if (status)
            return status;
    }
    for (size_t i = 0; i < count; i++) {
        const int status = pull(settings, arguments[i]);
        if (status)
            return status;
    }
    return FSE_EXIT_FOUND;
}

static const fse_command pull_command = {
    .name = "models pull",
    .summary = "download a pack, check it, and install it",
    .arguments = "PACK... [options]",
    .about = "Downloads a pack over HTTPS, verifies the SHA-256 of each file, and installs it. A "
             "broken download is resumed by the next one. Nothing else in facesearch connects to "
             "the network.",
    .examples = "facesearch models pull opencv\n"
                "facesearch models pull buffalo_l --accept-license",
    .groups = pull_groups,
    .settings_size = sizeof(models_settings),
    .init = init,
    .minimum = 1,
    .maximum = -1,
    .run = run_pull,
};

/* ---- verify ---- */

static const fse_option_group verify_groups[] = {
    {"Output (default: a table)", form_options}, {"Messages", fse_talk_options}, {NULL, NULL}};

static void verify_json(fse_console *console, const char *name, const fse_pack_report *report,
                        bool ok, const fse_error *error)
{
    fse_json json = {.out = &console->out};
    fse_json_open(&json, NULL, '{');
    fse_json_string(&json, "name", report->name[0] ? report->name : name);
    fse_json_bool(&json, "ok", ok);
    if (!ok)
        fse_json_string(&json, "error", error->message);
    fse_json_string(&json, "detector", report->detector);
    fse_json_integer(&json, "dim", report->dim);
    fse_json_string(&json, "contract", report->contract);
    fse_json_string(&json, "license", report->license);
    fse_json_bool(&json, "calibrated", report->calibrated);
    fse_json_open(&json, "files", '[');
    for (size_t i = 0; i < report->file_count; i++) {
        const fse_pack_file *file = &report->files[i];
        fse_json_open(&json, NULL, '{');
        fse_json_path(&json, "name", file->name);
        fse_json_string(&json, "role", file->role);
        fse_json_string(&json, "sha256", file->sha256);
        fse_json_integer(&json, "bytes", (int64_t)file->bytes);
        fse_json_bool(&json, "expected_known", file->expected_known);
        fse_json_bool(&json, "ok", file->ok);
        fse_json_close(&json, '}');
    }
    fse_json_close(&json, ']');
    fse_json_close(&json, '}');
    fse_put(json.out, "\n");
}

static void verify_table(fse_console *console, const fse_pack_report *report)
{
    static const fse_column columns[] = {
        {"role", 9, false}, {"digest", 12, false}, {"SHA-256", 64, false}, {"file", 1, false}};
    char *name = fse_quote(report->name);
    fse_print(&console->out, "%s%s%s", fse_bold(console), name, fse_plain(console));
    if (report->detector[0] && report->dim > 0)
        fse_print(&console->out, "  detector %s, embeddings of %d numbers, %s", report->detector,
                  report->dim, report->calibrated ? "calibrated" : "not calibrated");
    fse_put(&console->out, "\n");
    free(name);
    if (report->file_count > 0)
        fse_table_head(console, 2, columns, 4);
    for (size_t i = 0; i < report->file_count; i++) {
        const fse_pack_file *file = &report->files[i];
        const char *verdict = !file->expected_known ? "not known" : file->ok ? "right" : "WRONG";
        char *quoted = fse_quote(file->name);
        fse_table_row(console, 2, columns, 4,
                      (const char *const[]){file->role, verdict, file->sha256, quoted});
        free(quoted);
    }
}

static int verify(models_settings *s, const char *name)
{
    fse_console *console = &s->common.console;
    fse_error error = {0};
    fse_pack_report *report = fse_xalloc(1, sizeof *report);
    const bool ok = fse_pack_verify(name, report, &error) == FSE_OK;
    if (s->json)
        verify_json(console, name, report, ok, &error);
    else if (report->file_count > 0)
        verify_table(console, report);
    free(report);
    if (!ok)
        return fse_complain_error(console, &error);
    fse_out_flush(&console->out);
    fse_note(console, "%s: in order", name ? name : "the default pack");
    return 0;
}

static int run_verify(const fse_command *command, void *settings, const char *const *arguments,
                      size_t count)
{
    (void)command;
    int status = count == 0 ? verify(settings, NULL) : 0;
    for (size_t i = 0; i < count && !fse_interrupted(); i++) {
        const int one = verify(settings, arguments[i]);
        status = one ? one : status;
    }
    return status;
}

static const fse_command verify_command = {
    .name = "models verify",
    .summary = "check that an installed pack is whole and loads",
    .arguments = "[PACK...] [options]",
    .about = "Checks every file of a pack: that it is there, has the stated SHA-256, and loads as "
             "the kind of network that it should be. PACK is a name, or a folder if it has a "
             "slash; without one, the default pack is checked.",
    .examples = "facesearch models verify\n"
                "facesearch models verify ~/.insightface/models/buffalo_l",
    .groups = verify_groups,
    .settings_size = sizeof(models_settings),
    .init = init,
    .maximum = -1,
    .run = run_verify,
};

static const fse_command *const subcommands[] = {&list, &pull_command, &verify_command, NULL};

const fse_command fse_command_models = {
    .name = "models",
    .summary = "list, download and check model packs",
    .arguments = "list|pull|verify ...",
    .subcommands = subcommands,
};
