/* SPDX-License-Identifier: Apache-2.0 */
/* facesearch compare: how similar are the faces of two photos? */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "interrupt.h"
#include "json.h"
#include "names.h"
#include "photos.h"
#include "table.h"

typedef struct compare_settings {
    fse_common common;
    double threshold, fmr;
    size_t top;
    int face;
    bool json;
} compare_settings;

/* ---- options ---- */

#define AT(field) offsetof(compare_settings, field)

static const fse_option face_options[] = {
    {"face", 0, "FACE", &fse_kind_face, AT(face),
     "which face of each photo: its number as 'facesearch faces' shows it, largest, or all "
     "(default: all)", 0, 0, NULL, NULL},
    {"threshold", 0, "COS", &fse_kind_number, AT(threshold),
     "cosine similarity from which two faces match, -1 to 1 (default: by --fmr)", -1, 1, NULL,
     "threshold"},
    {"fmr", 0, "RATE", &fse_kind_rate, AT(fmr),
     "the same as a false match rate (default: 1e-3, less where there are more than a thousand "
     "pairs)", 0, 0, NULL, "threshold"},
    FSE_OPTIONS_END,
};

static const fse_option output_options[] = {
    {"json", 0, NULL, &fse_kind_flag, AT(json), "one JSON object", 0, 0, NULL, NULL},
    {"top", 0, "N", &fse_kind_size, AT(top), "at most the N most similar pairs (default: all)", 1,
     1e15, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option_group groups[] = {
    {"Faces", face_options}, {"Output (default: a table)", output_options},
    {"How", fse_model_options}, {"Messages", fse_talk_options}, {NULL, NULL},
};

static void init(void *settings)
{
    compare_settings *s = settings;
    fse_common_init(&s->common);
    s->common.analyse.is_query = true; /* a photo given by name is worth a second look */
    s->threshold = s->fmr = (double)NAN;
    s->face = FSE_FACE_ALL;
}

/* ---- two photos ---- */

typedef struct side {
    const char *path;
    fse_photo *photo;
    int *faces; /* numbers of the faces to compare */
    size_t count;
} side;

typedef struct pair {
    int a, b; /* numbers of the faces */
    float score;
} pair;

/* Choose the faces of a photo that take part. Returns 0 or an exit status, with the failure said. */
static int choose_faces(compare_settings *s, side *one)
{
    const fse_photo *photo = one->photo;
    fse_console *console = &s->common.console;
    if (photo->face_count == 0)
        return fse_complain(console, one->path, "no face was found in this photo");
    if (s->face >= 0 && (size_t)s->face >= photo->face_count)
        return fse_complain(console, one->path, "there is no face %d: it has %zu, counted from 0",
                            s->face, photo->face_count);
    const int chosen = s->face == FSE_FACE_LARGEST ? fse_photo_largest_face(photo) : s->face;
    one->faces = fse_xalloc(photo->face_count, sizeof *one->faces);
    for (size_t i = 0; i < photo->face_count; i++)
        if (photo->faces[i].embedding && (chosen < 0 || (size_t)chosen == i))
            one->faces[one->count++] = (int)i;
    if (one->count == 0)
        return fse_complain(console, one->path, "its face gives no usable embedding");
    return 0;
}

static int load_side(compare_settings *s, fse_engine *engine, side *one)
{
    fse_error error = {0};
    const fse_status status = fse_load_photo(engine, &s->common, one->path, &one->photo, &error);
    if (fse_interrupted())
        error.status = FSE_ECANCELLED;
    if (status == FSE_OK && !fse_interrupted())
        return choose_faces(s, one);
    const char *hint = fse_folder_hint(one->path);
    if (hint && !fse_interrupted())
        return fse_complain(&s->common.console, one->path, "%s", hint);
    return fse_complain_error(&s->common.console, &error);
}

static int by_score(const void *left, const void *right)
{
    const pair *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

static pair *compare_all(const side *a, const side *b)
{
    pair *pairs = fse_xalloc(a->count * b->count, sizeof *pairs);
    size_t count = 0;
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            pairs[count++] = (pair){
                .a = a->faces[i],
                .b = b->faces[k],
                .score = fse_similarity(a->photo->faces[a->faces[i]].embedding,
                                        b->photo->faces[b->faces[k]].embedding, a->photo->dim)};
    qsort(pairs, count, sizeof *pairs, by_score);
    return pairs;
}

static double threshold_for(const compare_settings *s, const fse_engine *engine, const side *a,
                            const side *b)
{
    if (!isnan(s->threshold))
        return s->threshold;
    const double wanted = isnan(s->fmr) ? (double)NAN : fse_engine_threshold(engine, s->fmr);
    return isnan(wanted) ? fse_engine_default_threshold(engine, b->count, a->count) : wanted;
}

/* ---- forms ---- */

static void json_side(fse_json *json, const char *key, const side *one)
{
    fse_json_open(json, key, '{');
    fse_json_path(json, "path", one->path);
    fse_json_integer(json, "width", one->photo->width);
    fse_json_integer(json, "height", one->photo->height);
    fse_json_open(json, "faces", '[');
    for (size_t i = 0; i < one->count; i++) {
        const fse_face *face = &one->photo->faces[one->faces[i]];
        fse_json_open(json, NULL, '{');
        fse_json_integer(json, "face", one->faces[i]);
        fse_json_numbers(json, "box", face->box, 4);
        fse_json_number(json, "score", (double)face->score);
        fse_json_number(json, "size", (double)face->size);
        fse_json_close(json, '}');
    }
    fse_json_close(json, ']');
    fse_json_close(json, '}');
}

static void write_json(compare_settings *s, const fse_engine *engine, const side *a, const side *b,
                       const pair *pairs, size_t count, double threshold)
{
    const fse_engine_info info = fse_engine_describe(engine);
    fse_json json = {.out = &s->common.console.out};
    fse_json_open(&json, NULL, '{');
    json_side(&json, "a", a);
    json_side(&json, "b", b);
    fse_json_string(&json, "model", info.model);
    fse_json_string(&json, "contract", info.contract);
    fse_json_number(&json, "threshold", threshold);
    fse_json_number(&json, "fmr", fse_engine_fmr(engine, threshold));
    fse_json_open(&json, "pairs", '[');
    for (size_t i = 0; i < count; i++) {
        fse_json_open(&json, NULL, '{');
        fse_json_integer(&json, "a", pairs[i].a);
        fse_json_integer(&json, "b", pairs[i].b);
        fse_json_number(&json, "score", (double)pairs[i].score);
        fse_json_bool(&json, "match", (double)pairs[i].score >= threshold);
        fse_json_close(&json, '}');
    }
    fse_json_close(&json, ']');
    fse_json_close(&json, '}');
    fse_put(json.out, "\n");
}

static void write_table(compare_settings *s, const pair *pairs, size_t count, double threshold)
{
    static const fse_column columns[] = {
        {"score", 7, true}, {"face of A", 3, true}, {"face of B", 3, true}, {"match", 5, false}};
    fse_console *console = &s->common.console;
    fse_table_head(console, 0, columns, 4);
    for (size_t i = 0; i < count; i++) {
        char score[24], a[16], b[16];
        snprintf(score, sizeof score, "%.4f", (double)pairs[i].score);
        snprintf(a, sizeof a, "%d", pairs[i].a);
        snprintf(b, sizeof b, "%d", pairs[i].b);
        const bool match = (double)pairs[i].score >= threshold;
        fse_table_row(console, 0, columns, 4,
                      (const char *const[]){score, a, b, match ? "yes" : "no"});
    }
}

static void tell_verdict(compare_settings *s, const fse_engine *engine, const side *a,
                         const side *b, const pair *best, double threshold)
{
    fse_console *console = &s->common.console;
    const double fmr = fse_engine_fmr(engine, threshold);
    char *first = fse_quote(a->path), *second = fse_quote(b->path);
    char count_a[48], count_b[48];
    fse_note(console, "A %s: %s; B %s: %s", first,
             fse_count_text(count_a, sizeof count_a, a->photo->face_count, "face", "faces"), second,
             fse_count_text(count_b, sizeof count_b, b->photo->face_count, "face", "faces"));
    if ((double)best->score >= threshold)
        fse_note(console, "face %d of A and face %d of B match: probably one person", best->a,
                 best->b);
    else
        fse_note(console, "no match: probably nobody is in both");
    if (isnan(fmr))
        fse_note(console, "threshold %.3f", threshold);
    else
        fse_note(console, "threshold %.3f, which about %.2g of 1000 pairs of strangers reach",
                 threshold, 1000 * fmr);
    if (isnan(fmr) && isnan(s->threshold))
        fse_warn(console, NULL, "no calibration is known for this embedder: set --threshold");
    free(first);
    free(second);
}

static int compare(compare_settings *s, const fse_engine *engine, const side *a, const side *b)
{
    const double threshold = threshold_for(s, engine, a, b);
    const size_t all = a->count * b->count;
    const size_t count = s->top > 0 && s->top < all ? s->top : all;
    pair *pairs = compare_all(a, b);
    const pair best = pairs[0];
    if (s->json)
        write_json(s, engine, a, b, pairs, count, threshold);
    else
        write_table(s, pairs, count, threshold);
    fse_out_flush(&s->common.console.out);
    tell_verdict(s, engine, a, b, &best, threshold);
    free(pairs);
    return (double)best.score >= threshold ? FSE_EXIT_FOUND : FSE_EXIT_NOTHING;
}

static int run(const fse_command *command, void *settings, const char *const *arguments,
               size_t count)
{
    (void)count;
    compare_settings *s = settings;
    side a = {.path = arguments[0]}, b = {.path = arguments[1]};
    fse_engine *engine = NULL;
    if (strcmp(a.path, "-") == 0 && strcmp(b.path, "-") == 0)
        return fse_misuse(command, "- can be given once: there is one standard input");
    int status = fse_open_engine(&s->common, &engine);
    if (!status)
        status = load_side(s, engine, &a);
    if (!status)
        status = load_side(s, engine, &b);
    if (!status)
        status = compare(s, engine, &a, &b);
    free(a.faces);
    free(b.faces);
    fse_photo_free(&a.photo);
    fse_photo_free(&b.photo);
    fse_engine_close(&engine);
    return status;
}

const fse_command fse_command_compare = {
    .name = "compare",
    .summary = "show how similar the faces of two photos are",
    .arguments = "A B [options]",
    .about = "Compares every face of photo A with every face of photo B and lists the pairs, the "
             "most similar first. The exit status is 0 if the best pair matches, 1 if none does. "
             "- is standard input.",
    .examples = "facesearch compare ann.jpg party.jpg\n"
                "facesearch compare ann.jpg party.jpg --face largest --json",
    .groups = groups,
    .settings_size = sizeof(compare_settings),
    .init = init,
    .minimum = 2,
    .maximum = 2,
    .stray = "it takes two photos",
    .run = run,
};
