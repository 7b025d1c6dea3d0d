/* SPDX-License-Identifier: Apache-2.0 */
/* facesearch faces: what is in some photos. Nothing is filtered. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "folders.h"
#include "interrupt.h"
#include "json.h"
#include "names.h"
#include "outputs.h"
#include "photos.h"
#include "table.h"

typedef enum form { FORM_TEXT, FORM_JSON, FORM_CSV } form;

typedef struct faces_settings {
    fse_common common;
    int form;
    bool embeddings;
    const char *annotate;
} faces_settings;

/* ---- options ---- */

#define AT(field) offsetof(faces_settings, field)

static const fse_option output_options[] = {
    {"json", 0, NULL, &fse_kind_set, AT(form), "one JSON object a photo, each on a line",
     FORM_JSON, 0, NULL, "form"},
    {"embeddings", 0, NULL, &fse_kind_flag, AT(embeddings),
     "with --json: the embeddings too, as base64 of little-endian float32", 0, 0, NULL, NULL},
    {"csv", 0, NULL, &fse_kind_set, AT(form), "comma-separated values with a header line, a face "
     "each", FORM_CSV, 0, NULL, "form"},
    {"annotate", 0, "FOLDER", &fse_kind_text, AT(annotate),
     "also put copies there, as JPEG, with the faces' boxes and numbers drawn", 0, 0, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option look_options[] = {
    {"min-face", 0, "PX", &fse_kind_integer, offsetof(fse_common, analyse.min_face),
     "look finely enough to find faces of PX pixels, 8 to 4096; smaller ones that are found are "
     "shown too", 8, 4096, NULL, NULL},
    FSE_OPTIONS_END,
};

static const fse_option_group groups[] = {
    {"Output (default: a table for each photo)", output_options}, {"Faces", look_options},
    {"How", fse_model_options}, {"Messages", fse_talk_options}, {NULL, NULL},
};

static void init(void *settings)
{
    fse_common_init(settings);
}

/* ---- forms ---- */

static const fse_column columns[] = {
    {"face", 1, true},  {"score", 6, true}, {"size", 4, true},  {"box", 21, false},
    {"sharp", 4, true}, {"yaw", 4, true},   {"pitch", 4, true}, {"light", 3, true},
};

#define COLUMNS (sizeof columns / sizeof columns[0])

/* Whole degrees, none of them "-0". */
static double degrees(float angle)
{
    return round((double)angle) + 0.0;
}

static void text_face(fse_console *console, size_t number, const fse_face *face)
{
    char cells[COLUMNS][64];
    const char *texts[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        texts[i] = cells[i];
    snprintf(cells[0], sizeof cells[0], "%zu", number);
    snprintf(cells[1], sizeof cells[1], "%.4f", (double)face->score);
    snprintf(cells[2], sizeof cells[2], "%.0f", (double)face->size);
    snprintf(cells[3], sizeof cells[3], "%.0f,%.0f - %.0f,%.0f", (double)face->box[0],
             (double)face->box[1], (double)face->box[2], (double)face->box[3]);
    snprintf(cells[4], sizeof cells[4], "%.0f", (double)face->quality.sharpness);
    snprintf(cells[5], sizeof cells[5], "%+.0f", degrees(face->quality.yaw));
    snprintf(cells[6], sizeof cells[6], "%+.0f", degrees(face->quality.pitch));
    snprintf(cells[7], sizeof cells[7], "%.0f", (double)face->quality.brightness);
    fse_table_row(console, 2, columns, COLUMNS, texts);
}

static void text_photo(faces_settings *s, const char *path, const fse_photo *photo)
{
    fse_console *console = &s->common.console;
    char count[48];
    char *name = fse_quote(path);
    fse_print(&console->out, "%s%s%s  %d x %d, %s%s\n", fse_bold(console), name,
              fse_plain(console), photo->width, photo->height,
              fse_count_text(count, sizeof count, photo->face_count, "face", "faces"),
              photo->damaged ? ", damaged" : "");
    free(name);
    if (photo->face_count > 0)
        fse_table_head(console, 2, columns, COLUMNS);
    for (size_t i = 0; i < photo->face_count; i++)
        text_face(console, i, &photo->faces[i]);
}

static void json_quality(fse_json *json, const fse_quality *quality)
{
    fse_json_open(json, "quality", '{');
    fse_json_number(json, "sharpness", (double)quality->sharpness);
    fse_json_number(json, "yaw", (double)quality->yaw);
    fse_json_number(json, "pitch", (double)quality->pitch);
    fse_json_number(json, "brightness", (double)quality->brightness);
    fse_json_number(json, "norm", (double)quality->norm);
    fse_json_close(json, '}');
}

/* Base64 of the numbers as little-endian float32, whatever the machine's own order is. */
static void json_embedding(fse_json *json, const float *embedding, int dim)
{
    if (!embedding) {
        fse_json_null(json, "embedding");
        return;
    }
    unsigned char *bytes = fse_xalloc((size_t)dim, 4);
    for (int i = 0; i < dim; i++) {
        uint32_t bits;
        memcpy(&bits, &embedding[i], sizeof bits);
        for (int k = 0; k < 4; k++)
            bytes[4 * i + k] = (unsigned char)(bits >> 8 * k);
    }
    fse_json_base64(json, "embedding", bytes, 4 * (size_t)dim);
    free(bytes);
}

static void json_face(const faces_settings *s, fse_json *json, const fse_face *face, int dim)
{
    fse_json_open(json, NULL, '{');
    fse_json_numbers(json, "box", face->box, 4);
    fse_json_number(json, "score", (double)face->score);
    fse_json_open(json, "landmarks", '[');
    for (int i = 0; i < 5; i++)
        fse_json_numbers(json, NULL, face->landmarks[i], 2);
    fse_json_close(json, ']');
    fse_json_number(json, "size", (double)face->size);
    json_quality(json, &face->quality);
    if (face->status != FSE_OK)
        fse_json_string(json, "error", fse_status_text(face->status));
    if (s->embeddings)
        json_embedding(json, face->embedding, dim);
    fse_json_close(json, '}');
}

static void json_photo(faces_settings *s, const char *path, const fse_photo *photo)
{
    fse_json json = {.out = &s->common.console.out};
    fse_json_open(&json, NULL, '{');
    fse_json_path(&json, "path", path);
    fse_json_integer(&json, "width", photo->width);
    fse_json_integer(&json, "height", photo->height);
    if (photo->damaged)
        fse_json_bool(&json, "damaged", true);
    fse_json_open(&json, "faces", '[');
    for (size_t i = 0; i < photo->face_count; i++)
        json_face(s, &json, &photo->faces[i], photo->dim);
    fse_json_close(&json, ']');
    fse_json_close(&json, '}');
    fse_put(json.out, "\n");
}

static void json_failed(faces_settings *s, const char *path, const char *reason)
{
    fse_json json = {.out = &s->common.console.out};
    fse_json_open(&json, NULL, '{');
    fse_json_path(&json, "path", path);
    fse_json_string(&json, "error", reason);
    fse_json_close(&json, '}');
    fse_put(json.out, "\n");
}

static void csv_photo(faces_settings *s, const char *path, const fse_photo *photo)
{
    fse_out *out = &s->common.console.out;
    for (size_t i = 0; i < photo->face_count; i++) {
        const fse_face *face = &photo->faces[i];
        fse_csv_field(out, true, path);
        fse_csv_format(out, "%zu", i);
        fse_csv_format(out, "%.7g", (double)face->score);
        for (int k = 0; k < 4; k++)
            fse_csv_format(out, "%.7g", (double)face->box[k]);
        fse_csv_format(out, "%.7g", (double)face->size);
        fse_csv_format(out, "%.7g", (double)face->quality.sharpness);
        fse_csv_format(out, "%.7g", (double)face->quality.yaw);
        fse_csv_format(out, "%.7g", (double)face->quality.pitch);
        fse_csv_format(out, "%.7g", (double)face->quality.brightness);
        fse_csv_format(out, "%.7g", (double)face->quality.norm);
        fse_csv_format(out, "%d", photo->width);
        fse_csv_format(out, "%d", photo->height);
        fse_csv_end(out);
    }
}

typedef void (*photo_writer)(faces_settings *s, const char *path, const fse_photo *photo);

static const photo_writer writers[] = {
    [FORM_TEXT] = text_photo, [FORM_JSON] = json_photo, [FORM_CSV] = csv_photo};

/* ---- the command ---- */

/* What became of the photos so far. */
typedef struct tally {
    faces_settings *settings;
    fse_collection *collection; /* NULL: no annotated copies */
    size_t faces, skipped;
    int failed; /* an exit status that ends the command, or 0 */
} tally;

static void annotate(tally *t, const char *path, const fse_photo *photo)
{
    fse_mark *marks = fse_xalloc(photo->face_count, sizeof *marks);
    for (size_t i = 0; i < photo->face_count; i++) {
        memcpy(marks[i].box, photo->faces[i].box, sizeof marks[i].box);
        memcpy(marks[i].rgb, (const uint8_t[]){0x00, 0xc8, 0x53}, 3);
        snprintf(marks[i].caption, sizeof marks[i].caption, "%u: %.2f", (unsigned)i & 0xffff,
                 (double)photo->faces[i].score);
    }
    const int status = fse_annotate(&t->settings->common.console, t->collection, path, marks,
                                    photo->face_count);
    t->skipped += status == FSE_EXIT_SKIPPED;
    t->failed = status == FSE_EXIT_FAILED ? status : t->failed;
    free(marks);
}

/* Photos come here in the order of the arguments. */
static bool on_photo(void *user, const char *path, const fse_photo *photo, const fse_error *error)
{
    tally *t = user;
    faces_settings *s = t->settings;
    if (photo) {
        t->faces += photo->face_count;
        writers[s->form](s, path, photo);
        if (t->collection)
            annotate(t, path, photo);
        return t->failed || s->common.console.out.error;
    }
    t->skipped++;
    const char *hint = fse_folder_hint(path);
    if (s->form == FORM_JSON)
        json_failed(s, path, hint ? hint : error->message);
    fse_complain(&s->common.console, path, "%s", hint ? hint : error->message);
    return s->common.console.out.error != 0;
}

static int check_usage(const fse_command *command, const faces_settings *s,
                       const char *const *paths, size_t count)
{
    size_t inputs = 0;
    for (size_t i = 0; i < count; i++)
        inputs += strcmp(paths[i], "-") == 0;
    if (inputs > 1)
        return fse_misuse(command, "- can be given once: there is one standard input");
    if (s->embeddings && s->form != FORM_JSON)
        return fse_misuse(command, "--embeddings goes with --json");
    if (s->annotate && inputs > 0)
        return fse_misuse(command, "--annotate takes files, not standard input");
    return 0;
}

static int run(const fse_command *command, void *settings, const char *const *arguments,
               size_t count)
{
    faces_settings *s = settings;
    tally t = {.settings = s};
    fse_engine *engine = NULL;
    int status = check_usage(command, s, arguments, count);
    if (!status)
        status = fse_open_engine(&s->common, &engine);
    if (!status && s->annotate)
        status = fse_collection_open(&s->common.console, s->annotate, &(fse_list){0},
                                     &t.collection);
    if (!status && s->form == FORM_CSV)
        fse_put(&s->common.console.out, "path,face,score,x1,y1,x2,y2,size,sharpness,yaw,pitch,"
                                        "brightness,norm,width,height\r\n");
    if (!status)
        status = fse_each_photo(engine, &s->common, arguments, count, on_photo, &t);
    fse_collection_close(&t.collection);
    fse_engine_close(&engine);
    if (status || t.failed)
        return status ? status : t.failed;
    if (t.skipped > 0)
        return FSE_EXIT_SKIPPED;
    return t.faces > 0 ? FSE_EXIT_FOUND : FSE_EXIT_NOTHING;
}

const fse_command fse_command_faces = {
    .name = "faces",
    .summary = "show the faces in photos: boxes, scores, quality",
    .arguments = "PHOTO... [options]",
    .about = "Shows every face in each photo, with its number, the detector's score, its size and "
             "box in pixels, and how sharp and how far turned it is. - is standard input.",
    .examples = "facesearch faces party.jpg\n"
                "facesearch faces --json --embeddings *.jpg > faces.jsonl\n"
                "facesearch faces party.jpg --annotate marked",
    .groups = groups,
    .settings_size = sizeof(faces_settings),
    .init = init,
    .minimum = 1,
    .maximum = -1,
    .run = run,
};
