/* SPDX-License-Identifier: Apache-2.0 */
#include "findings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "json.h"
#include "names.h"
#include "table.h"

/* ---- matches by photo ---- */

static int by_path_then_rank(const void *a, const void *b, void *matches)
{
    const size_t left = *(const size_t *)a, right = *(const size_t *)b;
    const fse_match *list = matches;
    const int order = strcmp(list[left].path, list[right].path);
    return order ? order : (left > right) - (left < right);
}

static int by_best_rank(const void *a, const void *b, void *members)
{
    const size_t *list = members;
    const size_t left = list[((const fse_matched_photo *)a)->first];
    const size_t right = list[((const fse_matched_photo *)b)->first];
    return (left > right) - (left < right);
}

void fse_findings_group(fse_findings *findings)
{
    const size_t count = findings->result->match_count;
    const fse_match *matches = findings->result->matches;
    findings->members = fse_xalloc(count, sizeof *findings->members);
    findings->photos = fse_xalloc(count, sizeof *findings->photos);
    findings->photo_count = 0;
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        findings->members[i] = i;
    qsort_r(findings->members, count, sizeof *findings->members, by_path_then_rank,
            (void *)(uintptr_t)matches);
    for (size_t i = 0; i < count; i++) {
        const char *path = matches[findings->members[i]].path;
        if (i == 0 || strcmp(matches[findings->members[i - 1]].path, path) != 0)
            findings->photos[findings->photo_count++] = (fse_matched_photo){.first = i};
        findings->photos[findings->photo_count - 1].count++;
    }
    qsort_r(findings->photos, findings->photo_count, sizeof *findings->photos, by_best_rank,
            findings->members);
}

void fse_findings_free(fse_findings *findings)
{
    free(findings->members);
    free(findings->photos);
    *findings = (fse_findings){0};
}

const fse_match *fse_best_match(const fse_findings *findings, const fse_matched_photo *photo)
{
    return &findings->result->matches[findings->members[photo->first]];
}

/* ---- a table ---- */

static int digits(double value)
{
    return snprintf(NULL, 0, "%.0f", value);
}

void fse_findings_text(const fse_findings *findings)
{
    const fse_result *result = findings->result;
    fse_console *console = &findings->common->console;
    int highest_face = 0;
    float largest = 1;
    for (size_t i = 0; i < result->match_count; i++) {
        highest_face = result->matches[i].face > highest_face ? result->matches[i].face
                                                              : highest_face;
        largest = result->matches[i].size > largest ? result->matches[i].size : largest;
    }
    const fse_column columns[] = {
        {"#", digits((double)result->match_count), true},
        {"score", 7, true},
        {"size", digits((double)largest), true},
        {"face", highest_face > 0 ? digits(highest_face) : 0, true}, /* mostly the only one */
        {"photo", 1, false},
    };
    if (result->match_count > 0)
        fse_table_head(console, 0, columns, 5);
    for (size_t i = 0; i < result->match_count && !console->out.error; i++) {
        const fse_match *match = &result->matches[i];
        char rank[24], score[16], size[16], face[16];
        snprintf(rank, sizeof rank, "%zu", i + 1);
        snprintf(score, sizeof score, "%.4f", (double)match->score);
        snprintf(size, sizeof size, "%.0f", (double)match->size);
        snprintf(face, sizeof face, "%d", match->face);
        char *path = fse_quote(match->path);
        fse_table_row(console, 0, columns, 5,
                      (const char *const[]){rank, score, size, face, path});
        free(path);
    }
}

/* ---- JSON ---- */

static void json_entry(fse_json *json, const fse_query_entry *entry)
{
    fse_json_open(json, NULL, '{');
    fse_json_path(json, "path", entry->path);
    if (entry->face >= 0) {
        fse_json_integer(json, "face", entry->face);
        fse_json_numbers(json, "box", entry->box, 4);
        fse_json_number(json, "score", (double)entry->score);
    } else {
        fse_json_string(json, "error", entry->message ? entry->message : "");
    }
    fse_json_close(json, '}');
}

static void json_match(fse_json *json, const fse_match *match)
{
    json->separator = ",\n  ";
    fse_json_open(json, NULL, '{');
    json->separator = NULL;
    fse_json_path(json, "path", match->path);
    fse_json_integer(json, "face", match->face);
    fse_json_number(json, "score", (double)match->score);
    fse_json_numbers(json, "box", match->box, 4);
    fse_json_number(json, "detection_score", (double)match->detection_score);
    fse_json_number(json, "size", (double)match->size);
    fse_json_null(json, "person");
    fse_json_close(json, '}');
}

void fse_findings_json(const fse_findings *findings)
{
    const fse_result *result = findings->result;
    fse_out *out = &findings->common->console.out;
    fse_json json = {.out = out};
    fse_json_open(&json, NULL, '{');
    fse_json_open(&json, "query", '[');
    for (size_t i = 0; i < findings->entry_count; i++)
        json_entry(&json, &findings->entries[i]);
    fse_json_close(&json, ']');
    fse_json_string(&json, "model", findings->info.model);
    fse_json_string(&json, "contract", findings->info.contract);
    fse_json_number(&json, "threshold", result->threshold);
    fse_json_number(&json, "expected_false_matches", result->expected_false_matches);
    fse_json_open(&json, "searched", '{');
    fse_json_integer(&json, "photos", (int64_t)result->searched.photos);
    fse_json_integer(&json, "faces", (int64_t)result->searched.faces);
    fse_json_integer(&json, "skipped", (int64_t)result->searched.skipped);
    fse_json_close(&json, '}');
    fse_json_open(&json, "matches", '[');
    if (result->match_count)
        fse_put(out, "\n  ");
    for (size_t i = 0; i < result->match_count && !out->error; i++)
        json_match(&json, &result->matches[i]);
    fse_json_close(&json, ']');
    fse_json_close(&json, '}');
    fse_put(out, "\n");
}

/* ---- CSV, paths ---- */

void fse_findings_csv(const fse_findings *findings)
{
    fse_out *out = &findings->common->console.out;
    fse_put(out, "path,face,score,x1,y1,x2,y2,detection_score,size,width,height,date\r\n");
    for (size_t i = 0; i < findings->result->match_count && !out->error; i++) {
        const fse_match *match = &findings->result->matches[i];
        char date[32];
        fse_csv_field(out, true, match->path);
        fse_csv_format(out, "%d", match->face);
        fse_csv_format(out, "%.7g", (double)match->score);
        for (int k = 0; k < 4; k++)
            fse_csv_format(out, "%.7g", (double)match->box[k]);
        fse_csv_format(out, "%.7g", (double)match->detection_score);
        fse_csv_format(out, "%.7g", (double)match->size);
        fse_csv_format(out, "%d", match->width);
        fse_csv_format(out, "%d", match->height);
        fse_csv_field(out, false, fse_time_text(date, sizeof date, match->time));
        fse_csv_end(out);
    }
}

void fse_findings_paths(const fse_findings *findings, bool nul)
{
    fse_console *console = &findings->common->console;
    for (size_t i = 0; i < findings->photo_count && !console->out.error; i++) {
        const char *path = fse_best_match(findings, &findings->photos[i])->path;
        /* A program reads the bytes; a terminal might obey them. */
        char *quoted = console->out_terminal && !nul ? fse_quote(path) : NULL;
        fse_put(&console->out, quoted ? quoted : path);
        fse_write(&console->out, nul ? "" : "\n", 1);
        free(quoted);
    }
}
