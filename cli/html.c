/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The page of a search: one file that needs nothing else. A photo is embedded once, reduced, with
 * the faces outlined over it; it is written photo by photo, so memory does not grow with the result.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "findings.h"
#include "interrupt.h"
#include "names.h"
#include "template.h"

/* A page of this size (about 30 MB at most) still opens on a telephone and fits a mail server. */
#define MAX_PHOTOS 100  /* shown whole; of more, the best ones */
#define MAX_CARDS 1000  /* shown at all */
#define PHOTO_SIDE 1280 /* pixels of the longer side: fills a screen */
#define PHOTO_QUALITY 80
#define CROP_SIDE 160
#define CROP_MARGIN 1.3f /* head and shoulders rather than eyes and mouth */

/* What the fields of the templates are filled from. */
typedef struct page {
    const fse_findings *findings;
    const char *nonce;
    size_t *missing; /* counts photos that could not be read any more */
} page;

typedef struct card {
    const page *page;
    size_t number; /* of the photo, best first */
    const fse_matched_photo *photo;
    fse_picture *picture;
    const fse_match *match; /* the current one, in face.html and box.html */
} card;

typedef struct probe {
    const fse_query_entry *entry;
    fse_picture *picture;
    fse_console *console;
} probe;

static void put_jpeg(fse_out *out, fse_bytes *jpeg)
{
    char *text = fse_base64(jpeg->data, jpeg->size);
    fse_put(out, "data:image/jpeg;base64,");
    fse_put(out, text);
    free(text);
    fse_bytes_free(jpeg);
}

static void put_name(fse_out *out, const char *path)
{
    char *name = fse_quote(path);
    fse_put_html(out, name);
    free(name);
}

/* ---- a query face: query.html ---- */

static void probe_crop(fse_out *out, const void *context)
{
    const probe *p = context;
    fse_bytes jpeg = {0};
    if (p->picture &&
        fse_picture_crop(p->picture, p->entry->box, CROP_MARGIN, CROP_SIDE, &jpeg, NULL) == FSE_OK)
        put_jpeg(out, &jpeg);
}

static void probe_path(fse_out *out, const void *context)
{
    const probe *p = context;
    put_name(out, strcmp(p->entry->path, "-") == 0 ? "standard input" : p->entry->path);
}

static void probe_note(fse_out *out, const void *context)
{
    const probe *p = context;
    if (p->entry->face < 0)
        fse_put_html(out, p->entry->message ? p->entry->message : "no face");
    else if (p->entry->face_count > 1)
        fse_print(out, "face %d of %zu", p->entry->face, p->entry->face_count);
}

static const fse_field probe_fields[] = {
    {"crop", probe_crop}, {"path", probe_path}, {"note", probe_note}, {NULL, NULL}};

static void page_queries(fse_out *out, const void *context)
{
    const page *p = context;
    for (size_t i = 0; i < p->findings->entry_count; i++) {
        probe one = {.entry = &p->findings->entries[i]};
        /* Standard input is gone; its face is then described without a picture. */
        if (one.entry->face >= 0 && strcmp(one.entry->path, "-") != 0)
            fse_picture_open_file(one.entry->path, 0, &one.picture, NULL);
        fse_render(out, one.picture ? "query.html" : "query_text.html", probe_fields, &one);
        fse_picture_free(&one.picture);
    }
}

/* ---- a face of a photo: face.html, box.html ---- */

static void face_crop(fse_out *out, const void *context)
{
    const card *c = context;
    fse_bytes jpeg = {0};
    if (fse_picture_crop(c->picture, c->match->box, CROP_MARGIN, CROP_SIDE, &jpeg, NULL) == FSE_OK)
        put_jpeg(out, &jpeg);
}

static void face_score(fse_out *out, const void *context)
{
    fse_print(out, "%.4f", (double)((const card *)context)->match->score);
}

static void face_number(fse_out *out, const void *context)
{
    fse_print(out, "%d", ((const card *)context)->match->face);
}

static void face_size(fse_out *out, const void *context)
{
    fse_print(out, "%.0f", (double)((const card *)context)->match->size);
}

static void box_x(fse_out *out, const void *context)
{
    fse_print(out, "%.1f", (double)((const card *)context)->match->box[0]);
}

static void box_y(fse_out *out, const void *context)
{
    fse_print(out, "%.1f", (double)((const card *)context)->match->box[1]);
}

static void box_width(fse_out *out, const void *context)
{
    const float *box = ((const card *)context)->match->box;
    fse_print(out, "%.1f", (double)(box[2] - box[0]));
}

static void box_height(fse_out *out, const void *context)
{
    const float *box = ((const card *)context)->match->box;
    fse_print(out, "%.1f", (double)(box[3] - box[1]));
}

static const fse_field face_fields[] = {
    {"crop", face_crop}, {"score", face_score}, {"face", face_number}, {"size", face_size},
    {"x", box_x},        {"y", box_y},          {"width", box_width},  {"height", box_height},
    {NULL, NULL}};

/* ---- a photo: photo.html, photo_text.html ---- */

static void each_match(fse_out *out, const card *c, const char *file)
{
    const fse_findings *findings = c->page->findings;
    card one = *c;
    for (size_t i = 0; i < c->photo->count; i++) {
        one.match = &findings->result->matches[findings->members[c->photo->first + i]];
        fse_render(out, file, face_fields, &one);
    }
}

static void card_faces(fse_out *out, const void *context)
{
    each_match(out, context, ((const card *)context)->picture ? "face.html" : "face_text.html");
}

static void card_boxes(fse_out *out, const void *context)
{
    each_match(out, context, "box.html");
}

static void card_image(fse_out *out, const void *context)
{
    const card *c = context;
    fse_bytes jpeg = {0};
    if (fse_picture_draw(c->picture, PHOTO_SIDE, PHOTO_QUALITY, NULL, 0, &jpeg, NULL) == FSE_OK)
        put_jpeg(out, &jpeg);
}

static void card_view(fse_out *out, const void *context); /* uses the fields that it is one of */

static void card_width(fse_out *out, const void *context)
{
    const card *c = context;
    fse_print(out, "%d", fse_best_match(c->page->findings, c->photo)->width);
}

static void card_height(fse_out *out, const void *context)
{
    const card *c = context;
    fse_print(out, "%d", fse_best_match(c->page->findings, c->photo)->height);
}

static void card_path(fse_out *out, const void *context)
{
    const card *c = context;
    put_name(out, fse_best_match(c->page->findings, c->photo)->path);
}

static void card_date(fse_out *out, const void *context)
{
    const card *c = context;
    char text[32];
    fse_time_text(text, sizeof text, fse_best_match(c->page->findings, c->photo)->time);
    fse_print(out, "%.10s", text);
}

static const fse_field card_fields[] = {
    {"faces", card_faces},   {"boxes", card_boxes}, {"image", card_image}, {"width", card_width},
    {"height", card_height}, {"path", card_path},   {"date", card_date},   {"view", card_view},
    {NULL, NULL}};

/* Only the best photos are shown whole. */
static void card_view(fse_out *out, const void *context)
{
    const card *c = context;
    if (c->picture && c->number < MAX_PHOTOS)
        fse_render(out, "view.html", card_fields, context);
}

/* How large to decode a photo so that both the whole of it and the crops of its faces are sharp. */
static int decode_side(const fse_findings *findings, const fse_matched_photo *photo)
{
    double side = PHOTO_SIDE;
    for (size_t i = 0; i < photo->count; i++) {
        const fse_match *match = &findings->result->matches[findings->members[photo->first + i]];
        const double longer = match->width > match->height ? match->width : match->height;
        const double wanted = longer * CROP_SIDE / fmax(1.0, (double)match->size);
        side = wanted > side ? wanted : side;
    }
    return side < 1e6 ? (int)side : 0;
}

static void page_cards(fse_out *out, const void *context)
{
    const page *p = context;
    const fse_findings *findings = p->findings;
    for (size_t i = 0; i < findings->photo_count && i < MAX_CARDS && !fse_interrupted(); i++) {
        card one = {.page = p, .number = i, .photo = &findings->photos[i]};
        fse_error error = {0};
        const char *path = fse_best_match(findings, one.photo)->path;
        if (fse_picture_open_file(path, decode_side(findings, one.photo), &one.picture, &error) !=
            FSE_OK) {
            fse_complain_error(&findings->common->console, &error);
            ++*p->missing;
        }
        fse_render(out, "photo.html", card_fields, &one);
        fse_picture_free(&one.picture);
    }
}

/* ---- the page: page.html ---- */

static void page_nonce(fse_out *out, const void *context)
{
    fse_put(out, ((const page *)context)->nonce);
}

static void page_style(fse_out *out, const void *context)
{
    fse_render(out, "page.css", (const fse_field[]){{NULL, NULL}}, context);
}

static void page_script(fse_out *out, const void *context)
{
    fse_render(out, "page.js", (const fse_field[]){{NULL, NULL}}, context);
}

static void page_counts(fse_out *out, const void *context)
{
    const fse_findings *findings = ((const page *)context)->findings;
    const fse_scan_counts *searched = &findings->result->searched;
    char matches[48], photos[48], all[48], faces[48];
    fse_print(out, "%s in %s, of %s with %s",
              fse_count_text(matches, sizeof matches, findings->result->match_count, "match",
                             "matches"),
              fse_count_text(photos, sizeof photos, findings->photo_count, "photo", "photos"),
              fse_count_text(all, sizeof all, searched->photos, "photo", "photos"),
              fse_count_text(faces, sizeof faces, searched->faces, "face", "faces"));
    if (searched->skipped)
        fse_print(out, "; %llu could not be read", (unsigned long long)searched->skipped);
}

static void page_folders(fse_out *out, const void *context)
{
    const fse_list *targets = ((const page *)context)->findings->targets;
    for (size_t i = 0; i < targets->count; i++) {
        fse_put(out, i ? ", " : "");
        put_name(out, targets->items[i]);
    }
}

static void page_threshold(fse_out *out, const void *context)
{
    fse_print(out, "%.3f", ((const page *)context)->findings->result->threshold);
}

static void page_expected(fse_out *out, const void *context)
{
    const double expected = ((const page *)context)->findings->result->expected_false_matches;
    if (isnan(expected))
        fse_put(out, "how many strangers to expect is not known for this model");
    else
        fse_print(out, "about %.*g strangers to be expected among the matches",
                  expected >= 10 ? 2 : 1, expected);
}

/* The slider goes from just below the lowest score to just above the highest, in thousandths. */
static void page_lowest(fse_out *out, const void *context)
{
    const fse_result *result = ((const page *)context)->findings->result;
    const double lowest = result->match_count
                              ? (double)result->matches[result->match_count - 1].score
                              : result->threshold;
    fse_print(out, "%.3f", floor(fmin(lowest, result->threshold) * 1000) / 1000);
}

static void page_highest(fse_out *out, const void *context)
{
    const fse_result *result = ((const page *)context)->findings->result;
    const double highest = result->match_count ? (double)result->matches[0].score : 1;
    fse_print(out, "%.3f", ceil(highest * 1000) / 1000);
}

static void page_model(fse_out *out, const void *context)
{
    fse_put_html(out, ((const page *)context)->findings->info.model);
}

static void page_more(fse_out *out, const void *context)
{
    const size_t photos = ((const page *)context)->findings->photo_count;
    if (photos > MAX_CARDS)
        fse_print(out, "<p>The %d best of %zu photos are shown.</p>\n", MAX_CARDS, photos);
    if (photos > MAX_PHOTOS)
        fse_print(out, "<p>Only the %d best are shown whole.</p>\n", MAX_PHOTOS);
}

static void page_date(fse_out *out, const void *context)
{
    (void)context;
    char text[32];
    struct tm parts;
    const time_t now = time(NULL);
    if (localtime_r(&now, &parts) && strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts))
        fse_put(out, text);
}

static void page_version(fse_out *out, const void *context)
{
    (void)context;
    fse_put(out, fse_version());
}

static const fse_field page_fields[] = {
    {"nonce", page_nonce},         {"style", page_style},     {"script", page_script},
    {"queries", page_queries},     {"cards", page_cards},     {"counts", page_counts},
    {"folders", page_folders},     {"threshold", page_threshold}, {"expected", page_expected},
    {"lowest", page_lowest},       {"highest", page_highest}, {"model", page_model},
    {"more", page_more},           {"date", page_date},       {"version", page_version},
    {NULL, NULL}};

/* ---- the file ---- */

/* The page's own style and script are told from any other by a number nobody can guess (CSP). */
static char *make_nonce(void)
{
    unsigned char bytes[18];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        memset(bytes, 0, sizeof bytes);
    return fse_base64(bytes, sizeof bytes);
}

static int write_page(const fse_findings *findings, fse_out *out)
{
    char *nonce = make_nonce();
    size_t missing = 0;
    const page p = {.findings = findings, .nonce = nonce, .missing = &missing};
    fse_render(out, "page.html", page_fields, &p);
    free(nonce);
    if (fse_interrupted())
        return FSE_EXIT_INTERRUPTED;
    return missing ? FSE_EXIT_SKIPPED : 0;
}

/*
 * Written beside its place and renamed, so that the file is whole or not there. mkstemp() makes it
 * readable by the owner only: it shows faces.
 */
int fse_findings_html(const fse_findings *findings, const char *file)
{
    char *temporary = fse_xformat("%s.XXXXXX", file);
    fse_console *console = &findings->common->console;
    const int fd = mkstemp(temporary);
    fse_out out = {.file = fd >= 0 ? fdopen(fd, "w") : NULL};
    int status = 0;
    if (!out.file) {
        status = fse_complain(console, file, "cannot write the page: %s", strerror(errno));
    } else {
        status = write_page(findings, &out);
        int error = fse_out_flush(&out);
        if (fclose(out.file) != 0 && !error)
            error = errno;
        if (!error && status != FSE_EXIT_INTERRUPTED && rename(temporary, file) != 0)
            error = errno;
        if (error)
            status = fse_complain(console, file, "cannot write the page: %s", strerror(error));
        if (error || status == FSE_EXIT_INTERRUPTED)
            unlink(temporary);
    }
    free(temporary);
    return status;
}
