/* SPDX-License-Identifier: Apache-2.0 */
#include "report_index.h"

#include <stdio.h>
#include <stdlib.h>

#include "json.h"
#include "names.h"

size_t fse_index_report_unread(const fse_index_report *report)
{
    size_t count = 0;
    for (size_t i = 0; i < report->skipped_count; i++)
        count += !report->skipped[i].damaged;
    return count;
}

/* ---- text ---- */

/* A line of the report; text is freed. */
static void line(fse_common *common, const char *name, char *text)
{
    fse_print(&common->console.out, "%-9s %s\n", name, text);
    free(text);
}

static char *bytes_text(uint64_t bytes)
{
    return bytes < 1000000 ? fse_xformat("%.0f kB", (double)bytes / 1e3)
                           : fse_xformat("%.1f MB", (double)bytes / 1e6);
}

static char *profile_text(const fse_index_contract *contract)
{
    if (contract->counts.photos == 0)
        return fse_xstrdup("");
    char *look = contract->detect_size ? fse_xformat("--detect-size %d", contract->detect_size)
                                       : fse_xformat("--min-face %d", contract->min_face);
    char *text = fse_xformat(", %s, %s, %s", look, contract->precision, contract->runtime);
    free(look);
    return text;
}

static void contract_lines(fse_common *common, const fse_index_report *report)
{
    for (size_t i = 0; i < report->contract_count; i++) {
        const fse_index_contract *c = &report->contracts[i];
        char photos[48], faces[48];
        char *profile = profile_text(c);
        fse_text name = {0};
        fse_add_safe(&name, c->model);
        line(common, "model",
             fse_xformat("%s: %s with %s%s", name.data,
                         fse_count_text(photos, sizeof photos, c->counts.photos, "photo", "photos"),
                         fse_count_text(faces, sizeof faces, c->counts.faces, "face", "faces"),
                         profile));
        if (c->counts.pending > 0)
            line(common, "",
                 fse_xformat("%s not analysed with it yet",
                             fse_count_text(photos, sizeof photos, c->counts.pending, "photo",
                                            "photos")));
        free(name.data);
        free(profile);
    }
}

static void skipped_lines(fse_common *common, const fse_index_report *report)
{
    for (size_t i = 0; i < report->skipped_count && !common->console.out.error; i++) {
        const fse_skipped *skipped = &report->skipped[i];
        char *path = fse_quote(skipped->path);
        fse_text reason = {0};
        fse_add_safe(&reason, skipped->reason);
        fse_print(&common->console.out, "  %s: %s\n", path, reason.data ? reason.data : "");
        free(reason.data);
        free(path);
    }
}

static void update_line(fse_common *common, const fse_index_report *report,
                        const fse_indexing *update)
{
    char when[32];
    if (update) {
        char *news = fse_indexing_news(update);
        line(common, "update", fse_xformat("%s, in %.1f s", news, update->seconds));
        free(news);
    } else if (report->updating) {
        line(common, "updated", fse_xstrdup("another process is at it now"));
    } else {
        line(common, "updated",
             report->updated == FSE_NO_TIME
                 ? fse_xstrdup("never to the end")
                 : fse_xformat("%s UTC", fse_time_text(when, sizeof when, report->updated)));
    }
}

void fse_index_report_text(fse_common *common, const char *folder, const fse_index_report *report,
                           const fse_indexing *update, bool skipped)
{
    char *name = fse_index_name(folder, report->location);
    char *quoted = fse_quote(name), *covered = fse_quote(report->folder);
    char *size = bytes_text(report->bytes);
    char other[64], unread[48];
    const size_t unread_count = fse_index_report_unread(report);
    line(common, "index", fse_xformat("%s, %s", quoted, size));
    line(common, "covers", fse_xstrdup(covered));
    update_line(common, report, update);
    contract_lines(common, report);
    if (report->current && report->current->counts.other > 0)
        line(common, "other",
             fse_xstrdup(fse_count_text(other, sizeof other, report->current->counts.other,
                                        "file that is no photo", "files that are no photos")));
    if (report->skipped_count > 0)
        line(common, "skipped",
             fse_xformat("%s%s", fse_count_text(unread, sizeof unread, unread_count, "photo",
                                                "photos"),
                         report->skipped_count > unread_count ? "; others are damaged" : ""));
    if (skipped)
        skipped_lines(common, report);
    free(size);
    free(covered);
    free(quoted);
    free(name);
}

/* ---- JSON ---- */

static void json_skipped(fse_json *json, const fse_index_report *report)
{
    fse_json_open(json, "skipped_files", '[');
    for (size_t i = 0; i < report->skipped_count && !json->out->error; i++) {
        const fse_skipped *skipped = &report->skipped[i];
        fse_json_open(json, NULL, '{');
        fse_json_path(json, "path", skipped->path);
        fse_json_string(json, "reason", skipped->reason);
        if (skipped->damaged)
            fse_json_bool(json, "damaged", true);
        fse_json_close(json, '}');
    }
    fse_json_close(json, ']');
}

/* What an update counted; null in a report that is not of one. */
static void json_news(fse_json *json, const fse_indexing *update)
{
    static const char *const names[] = {"new", "changed", "renamed", "removed"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!update) {
            fse_json_null(json, names[i]);
            continue;
        }
        const fse_update_counts *c = &update->counts;
        const uint64_t values[] = {c->added - c->renamed, c->changed, c->renamed, c->removed};
        fse_json_integer(json, names[i], (int64_t)values[i]);
    }
    if (update)
        fse_json_integer(json, "kept", (int64_t)update->counts.kept);
    if (update)
        fse_json_number(json, "seconds", update->seconds);
    else
        fse_json_null(json, "seconds");
}

static void json_models(fse_json *json, const fse_index_report *report)
{
    fse_json_open(json, "models", '[');
    for (size_t i = 0; i < report->contract_count; i++) {
        const fse_index_contract *c = &report->contracts[i];
        fse_json_open(json, NULL, '{');
        fse_json_string(json, "model", c->model);
        fse_json_string(json, "contract", c->contract);
        fse_json_integer(json, "dim", c->dim);
        fse_json_integer(json, "photos", (int64_t)c->counts.photos);
        fse_json_integer(json, "faces", (int64_t)c->counts.faces);
        fse_json_integer(json, "pending", (int64_t)c->counts.pending);
        fse_json_integer(json, "min_face", c->min_face);
        fse_json_integer(json, "detect_size", c->detect_size);
        fse_json_string(json, "precision", c->precision);
        fse_json_string(json, "runtime", c->runtime);
        fse_json_close(json, '}');
    }
    fse_json_close(json, ']');
}

void fse_index_report_json(fse_common *common, const fse_index_report *report,
                           const fse_indexing *update)
{
    static const fse_index_counts none = {.photos = 0};
    const fse_index_counts *counts = report->current ? &report->current->counts : &none;
    char updated[32];
    fse_json json = {.out = &common->console.out};
    fse_json_open(&json, NULL, '{');
    fse_json_integer(&json, "photos", (int64_t)counts->photos);
    fse_json_integer(&json, "faces", (int64_t)counts->faces);
    fse_json_integer(&json, "skipped", (int64_t)fse_index_report_unread(report));
    json_skipped(&json, report);
    fse_json_integer(&json, "other", (int64_t)counts->other);
    fse_json_integer(&json, "pending", (int64_t)counts->pending);
    json_news(&json, update);
    fse_json_integer(&json, "bytes", (int64_t)report->bytes);
    if (report->current) {
        fse_json_string(&json, "model", report->current->model);
        fse_json_string(&json, "contract", report->current->contract);
    } else {
        fse_json_null(&json, "model");
        fse_json_null(&json, "contract");
    }
    fse_json_path(&json, "folder", report->folder);
    fse_json_path(&json, "index", report->location);
    if (report->updated == FSE_NO_TIME)
        fse_json_null(&json, "updated");
    else
        fse_json_string(&json, "updated",
                        fse_time_text(updated, sizeof updated, report->updated));
    fse_json_bool(&json, "updating", report->updating);
    json_models(&json, report);
    fse_json_close(&json, '}');
    fse_put(json.out, "\n");
}
