/* SPDX-License-Identifier: Apache-2.0 */
#include "models/manifest.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "models/classify.h"

/* What is being read. */
typedef struct source {
    const char *subject;
    const char *where; /* the enclosing object, with a dot, or "" */
    fse_error *error;
} source;

typedef fse_status (*reader)(const source *s, const cJSON *item, void *target);

/* One field of an object, and where its value goes. */
typedef struct field {
    const char *key;
    bool required;
    reader read;
    size_t offset;
} field;

/* --- messages --- */

static void value_words(const cJSON *item, char *words, size_t size)
{
    if (cJSON_IsString(item))
        snprintf(words, size, "\"%.40s\"", item->valuestring);
    else if (cJSON_IsNumber(item))
        snprintf(words, size, "%g", item->valuedouble);
    else
        snprintf(words, size, "%s",
                 cJSON_IsObject(item)  ? "an object"
                 : cJSON_IsArray(item) ? "a list"
                 : cJSON_IsBool(item)  ? (cJSON_IsTrue(item) ? "true" : "false")
                                       : "null");
}

static fse_status wrong(const source *s, const cJSON *item, const char *expected)
{
    char words[64];
    value_words(item, words, sizeof words);
    if (!item->string) /* an element of a list: without the dot */
        return fse_fail(s->error, FSE_EMODEL, s->subject, "%.*s: expected %s, not %s",
                        (int)strlen(s->where) - 1, s->where, expected, words);
    return fse_fail(s->error, FSE_EMODEL, s->subject, "%s%s: expected %s, not %s", s->where,
                    item->string, expected, words);
}

/* --- values --- */

static fse_status copy_text(const source *s, const char *text, void *target)
{
    char **to = target;
    free(*to);
    *to = fse_strdup(text);
    return *to ? FSE_OK : fse_fail_memory(s->error);
}

static fse_status read_text(const source *s, const cJSON *item, void *target)
{
    if (!cJSON_IsString(item))
        return wrong(s, item, "a text");
    return copy_text(s, item->valuestring, target);
}

static bool is_file_name(const char *name)
{
    const size_t length = strlen(name);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)name[i] < ' ' || name[i] == '/' || name[i] == '\\' || name[i] == 127)
            return false;
    return length > 0 && length <= 128 && name[0] != '.' && strcmp(name, "pack.json") != 0;
}

static fse_status read_file_name(const source *s, const cJSON *item, void *target)
{
    if (!cJSON_IsString(item) || !is_file_name(item->valuestring))
        return wrong(s, item, "the name of a file, without a folder");
    return copy_text(s, item->valuestring, target);
}

static fse_status read_name(const source *s, const cJSON *item, void *target)
{
    if (!cJSON_IsString(item) || !is_file_name(item->valuestring))
        return wrong(s, item, "a name without a slash");
    return copy_text(s, item->valuestring, target);
}

static fse_status read_url(const source *s, const cJSON *item, void *target)
{
    static const char https[] = "https://";
    if (!cJSON_IsString(item) || strncmp(item->valuestring, https, sizeof https - 1) != 0)
        return wrong(s, item, "an address that begins with https://");
    return copy_text(s, item->valuestring, target);
}

static fse_status read_digest(const source *s, const cJSON *item, void *target)
{
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    if (strlen(text) != FSE_SHA256_HEX - 1 ||
        strspn(text, "0123456789abcdef") != FSE_SHA256_HEX - 1)
        return wrong(s, item, "a SHA-256 in 64 lower-case hexadecimal digits");
    memcpy(target, text, FSE_SHA256_HEX);
    return FSE_OK;
}

static bool number_between(const cJSON *item, double low, double high)
{
    return cJSON_IsNumber(item) && item->valuedouble >= low && item->valuedouble <= high;
}

static bool whole_between(const cJSON *item, double low, double high)
{
    return number_between(item, low, high) && floor(item->valuedouble) == item->valuedouble;
}

static fse_status read_bytes(const source *s, const cJSON *item, void *target)
{
    if (!whole_between(item, 1, 0x1p40))
        return wrong(s, item, "a number of bytes");
    *(uint64_t *)target = (uint64_t)item->valuedouble;
    return FSE_OK;
}

static fse_status read_position(const source *s, const cJSON *item, void *target)
{
    if (!whole_between(item, 1, 1000))
        return wrong(s, item, "a whole number of 1 to 1000");
    *(int *)target = (int)item->valuedouble;
    return FSE_OK;
}

static fse_status read_dim(const source *s, const cJSON *item, void *target)
{
    if (!whole_between(item, FSE_DIM_MIN, FSE_DIM_MAX))
        return wrong(s, item, "a whole number of 64 to 2048");
    *(int *)target = (int)item->valuedouble;
    return FSE_OK;
}

static fse_status read_mean(const source *s, const cJSON *item, void *target)
{
    if (!number_between(item, -1000, 1000))
        return wrong(s, item, "a number of -1000 to 1000");
    *(float *)target = (float)item->valuedouble;
    return FSE_OK;
}

static fse_status read_scale(const source *s, const cJSON *item, void *target)
{
    if (!number_between(item, 1e-3, 1e5))
        return wrong(s, item, "a number of 0.001 to 100000");
    *(float *)target = (float)item->valuedouble;
    return FSE_OK;
}

static fse_status read_flag(const source *s, const cJSON *item, void *target)
{
    if (!cJSON_IsBool(item))
        return wrong(s, item, "true or false");
    *(bool *)target = cJSON_IsTrue(item);
    return FSE_OK;
}

static fse_status read_format(const source *s, const cJSON *item, void *target)
{
    if (!whole_between(item, 1, 1e6))
        return wrong(s, item, "the format's number");
    *(int *)target = (int)item->valuedouble;
    if (*(int *)target != FSE_MANIFEST_FORMAT)
        return fse_fail(s->error, FSE_EMODEL, s->subject,
                        "this facesearch reads format %d, but it is of format %d: a newer "
                        "facesearch is needed",
                        FSE_MANIFEST_FORMAT, *(int *)target);
    return FSE_OK;
}

static fse_status read_family(const source *s, const cJSON *item, void *target)
{
    static const fse_family families[] = {FSE_FAMILY_SCRFD, FSE_FAMILY_YUNET,
                                          FSE_FAMILY_ULTRALIGHT};
    for (size_t i = 0; i < FSE_COUNT(families) && cJSON_IsString(item); i++)
        if (strcmp(item->valuestring, fse_family_name(families[i])) == 0) {
            *(fse_family *)target = families[i];
            return FSE_OK;
        }
    return wrong(s, item, "\"scrfd\", \"yunet\" or \"ultralight\"");
}

static fse_status read_role(const source *s, const cJSON *item, void *target)
{
    for (int role = 0; role < FSE_ROLES && cJSON_IsString(item); role++)
        if (strcmp(item->valuestring, fse_role_name((fse_role)role)) == 0) {
            *(fse_role *)target = (fse_role)role;
            return FSE_OK;
        }
    return wrong(s, item, "\"detector\", \"landmarks\" or \"embedder\"");
}

static fse_status read_color(const source *s, const cJSON *item, void *target)
{
    static const struct {
        const char *name;
        bool bgr;
        int channels;
    } colors[] = {{"rgb", false, 3}, {"bgr", true, 3}, {"grey", false, 1}};
    fse_net_input *input = target;
    for (size_t i = 0; i < FSE_COUNT(colors) && cJSON_IsString(item); i++)
        if (strcmp(item->valuestring, colors[i].name) == 0) {
            input->bgr = colors[i].bgr;
            input->channels = colors[i].channels;
            return FSE_OK;
        }
    return wrong(s, item, "\"rgb\", \"bgr\" or \"grey\"");
}

static fse_status read_calibration(const source *s, const cJSON *item, void *target)
{
    static const char expected[] = "a list of 2 to 8 pairs [false match rate, cosine], the rates "
                                   "falling between 1 and 0, the cosines rising between -1 and 1";
    fse_calibration made = {0};
    const int count = cJSON_IsArray(item) ? cJSON_GetArraySize(item) : 0;
    if (count < 2 || count > FSE_CALIBRATION_POINTS)
        return wrong(s, item, expected);
    const cJSON *pair;
    cJSON_ArrayForEach(pair, item)
    {
        const int i = made.count++;
        const cJSON *fmr = cJSON_GetArrayItem(pair, 0), *cosine = cJSON_GetArrayItem(pair, 1);
        if (!cJSON_IsArray(pair) || cJSON_GetArraySize(pair) != 2 ||
            !number_between(fmr, 1e-12, 1 - 1e-12) || !number_between(cosine, -1, 1))
            return wrong(s, item, expected);
        made.fmr[i] = fmr->valuedouble;
        made.cosine[i] = cosine->valuedouble;
        if (i > 0 && !(made.fmr[i] < made.fmr[i - 1] && made.cosine[i] > made.cosine[i - 1]))
            return wrong(s, item, expected);
    }
    *(fse_calibration *)target = made;
    return FSE_OK;
}

/* --- objects --- */

/* Read all fields of an object by its table. seen: a bit for each field that was there. */
static fse_status read_object(const source *s, const cJSON *object, const field *fields,
                              size_t count, void *target)
{
    uint32_t seen = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, object)
    {
        size_t i = 0;
        while (i < count && strcmp(fields[i].key, item->string) != 0)
            i++;
        if (i == count || seen & 1u << i)
            return fse_fail(s->error, FSE_EMODEL, s->subject, "%s%.40s: %s", s->where, item->string,
                            i == count ? "there is no such field" : "it is there twice");
        seen |= 1u << i;
        const fse_status status = fields[i].read(s, item, (char *)target + fields[i].offset);
        if (status != FSE_OK)
            return status;
    }
    for (size_t i = 0; i < count; i++)
        if (fields[i].required && !(seen & 1u << i))
            return fse_fail(s->error, FSE_EMODEL, s->subject, "%s%s is missing", s->where,
                            fields[i].key);
    return FSE_OK;
}

/* A model while it is read: what it is may come after what it wants. */
typedef struct raw_model {
    fse_manifest_model model;
    fse_family family;
    fse_role role;
    float mean, scale;
    fse_net_input color;
} raw_model;

#define MODEL_FIELD(key, required, read, member)                                                   \
    {                                                                                              \
        key, required, read, offsetof(raw_model, member)                                           \
    }
#define INPUT_FIELDS                                                                               \
    MODEL_FIELD("mean", false, read_mean, mean), MODEL_FIELD("scale", false, read_scale, scale),   \
        MODEL_FIELD("color", false, read_color, color)
#define FILE_FIELDS                                                                                \
    MODEL_FIELD("file", true, read_file_name, model.file),                                         \
        MODEL_FIELD("sha256", false, read_digest, model.sha256),                                   \
        MODEL_FIELD("bytes", false, read_bytes, model.bytes), INPUT_FIELDS
#define EMBEDDER_FIELDS                                                                            \
    MODEL_FIELD("dim", false, read_dim, model.dim),                                                \
        MODEL_FIELD("calibration", false, read_calibration, model.calibration)

static const field detector_fields[] = {MODEL_FIELD("family", true, read_family, family),
                                        FILE_FIELDS};
static const field landmarks_fields[] = {FILE_FIELDS};
static const field embedder_fields[] = {FILE_FIELDS, EMBEDDER_FIELDS};
static const field known_fields[] = {MODEL_FIELD("role", true, read_role, role),
                                     MODEL_FIELD("family", false, read_family, family),
                                     MODEL_FIELD("sha256", true, read_digest, model.sha256),
                                     INPUT_FIELDS, EMBEDDER_FIELDS};

/* Read a model, with the usual preprocessing of its kind for what is not stated. */
static fse_status read_model(const source *s, const cJSON *item, const field *fields, size_t count,
                             raw_model *raw)
{
    raw->mean = raw->scale = NAN;
    char where[32];
    snprintf(where, sizeof where, "%s.", item->string ? item->string : "models[]");
    const source inner = {s->subject, where, s->error};
    if (!cJSON_IsObject(item))
        return wrong(item->string ? s : &inner, item, "an object");
    const fse_status status = read_object(&inner, item, fields, count, raw);
    if (status != FSE_OK)
        return status;
    fse_net_input input = fse_kind_of(raw->role, raw->family)->input;
    if (raw->color.channels != 0 && raw->color.channels != input.channels)
        return fse_fail(s->error, FSE_EMODEL, s->subject,
                        "%scolor: a network of this kind takes %s", where,
                        input.channels == 1 ? "\"grey\"" : "\"rgb\" or \"bgr\"");
    if (raw->color.channels != 0)
        input.bgr = raw->color.bgr;
    if (!isnan(raw->mean))
        input.mean = raw->mean;
    if (!isnan(raw->scale))
        input.scale = raw->scale;
    raw->model.input = input;
    return FSE_OK;
}

static fse_status read_pack_model(const source *s, const cJSON *item, fse_role role,
                                  const field *fields, size_t count, fse_manifest *manifest)
{
    raw_model raw = {.role = role};
    const fse_status status = read_model(s, item, fields, count, &raw);
    manifest->models[role] = raw.model; /* also on failure: it may hold a file name to free */
    if (role == FSE_ROLE_DETECTOR)
        manifest->family = raw.family;
    return status;
}

static fse_status read_detector(const source *s, const cJSON *item, void *target)
{
    return read_pack_model(s, item, FSE_ROLE_DETECTOR, detector_fields, FSE_COUNT(detector_fields),
                           target);
}

static fse_status read_landmarks(const source *s, const cJSON *item, void *target)
{
    return read_pack_model(s, item, FSE_ROLE_LANDMARKS, landmarks_fields,
                           FSE_COUNT(landmarks_fields), target);
}

static fse_status read_embedder(const source *s, const cJSON *item, void *target)
{
    return read_pack_model(s, item, FSE_ROLE_EMBEDDER, embedder_fields, FSE_COUNT(embedder_fields),
                           target);
}

static fse_status read_downloads(const source *s, const cJSON *item, void *target)
{
    static const field fields[] = {
        {"url", true, read_url, offsetof(fse_download, url)},
        {"file", false, read_file_name, offsetof(fse_download, file)},
        {"sha256", true, read_digest, offsetof(fse_download, sha256)},
        {"bytes", true, read_bytes, offsetof(fse_download, bytes)},
    };
    fse_manifest *manifest = target;
    if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) > FSE_DOWNLOADS_MAX)
        return wrong(s, item, "a list of at most 8 objects");
    const cJSON *element;
    cJSON_ArrayForEach(element, item)
    {
        char where[32];
        snprintf(where, sizeof where, "downloads[%d].", manifest->download_count);
        const source inner = {s->subject, where, s->error};
        if (!cJSON_IsObject(element))
            return wrong(&inner, element, "an object");
        fse_download *const download = &manifest->downloads[manifest->download_count++];
        const fse_status status = read_object(&inner, element, fields, FSE_COUNT(fields), download);
        if (status != FSE_OK)
            return status;
    }
    return FSE_OK;
}

/* --- whole files --- */

static fse_status parse_json(const char *text, size_t size, const source *s, cJSON **json)
{
    const char *end = NULL;
    *json = cJSON_ParseWithLengthOpts(text, size, &end, 0);
    const char *rest = end;
    while (*json && rest < text + size && strchr(" \t\r\n", *rest) && *rest)
        rest++;
    if (*json && rest == text + size && cJSON_IsObject(*json))
        return FSE_OK;
    size_t line = 1;
    for (const char *c = text; c < text + size && c < end; c++)
        line += *c == '\n';
    const bool is_other = *json && rest == text + size;
    cJSON_Delete(*json);
    *json = NULL;
    if (is_other)
        return fse_fail(s->error, FSE_EMODEL, s->subject, "expected a JSON object");
    return fse_fail(s->error, FSE_EMODEL, s->subject, "not valid JSON, at line %zu", line);
}

/* Rules about several fields together. */
static fse_status check_manifest(const fse_manifest *m, const source *s)
{
    const bool has_landmarks = m->models[FSE_ROLE_LANDMARKS].file;
    if (has_landmarks != (m->family == FSE_FAMILY_ULTRALIGHT))
        return fse_fail(s->error, FSE_EMODEL, s->subject,
                        has_landmarks ? "landmarks: a %s detector finds them itself; leave it out"
                                      : "landmarks is missing: a %s detector needs such a model",
                        fse_family_name(m->family));
    for (int a = 0; a < FSE_ROLES; a++)
        for (int b = a + 1; b < FSE_ROLES; b++)
            if (m->models[a].file && m->models[b].file &&
                strcmp(m->models[a].file, m->models[b].file) == 0)
                return fse_fail(s->error, FSE_EMODEL, s->subject,
                                "%s.file and %s.file are the same file", fse_role_name((fse_role)a),
                                fse_role_name((fse_role)b));
    for (int i = 0; i < m->download_count; i++) {
        bool known = !m->downloads[i].file;
        for (int role = 0; role < FSE_ROLES && !known; role++)
            known = m->models[role].file && strcmp(m->models[role].file, m->downloads[i].file) == 0;
        if (!known)
            return fse_fail(s->error, FSE_EMODEL, s->subject,
                            "downloads.file: the pack has no model \"%s\"", m->downloads[i].file);
    }
    return FSE_OK;
}

static fse_status fill_texts(fse_manifest *m, fse_error *error)
{
    char **const texts[] = {&m->summary, &m->license, &m->license_notes, &m->source, &m->obtain};
    for (size_t i = 0; i < FSE_COUNT(texts); i++)
        if (!*texts[i] && !(*texts[i] = fse_strdup("")))
            return fse_fail_memory(error);
    return FSE_OK;
}

fse_status fse_manifest_parse(const char *text, size_t size, const char *subject,
                              fse_manifest **manifest, fse_error *error)
{
    static const field fields[] = {
        {"format", true, read_format, offsetof(fse_manifest, format)},
        {"position", false, read_position, offsetof(fse_manifest, position)},
        {"name", true, read_name, offsetof(fse_manifest, name)},
        {"summary", false, read_text, offsetof(fse_manifest, summary)},
        {"license", false, read_text, offsetof(fse_manifest, license)},
        {"license_notes", false, read_text, offsetof(fse_manifest, license_notes)},
        {"source", false, read_text, offsetof(fse_manifest, source)},
        {"obtain", false, read_text, offsetof(fse_manifest, obtain)},
        {"needs_acceptance", false, read_flag, offsetof(fse_manifest, needs_acceptance)},
        {"detector", true, read_detector, 0},
        {"landmarks", false, read_landmarks, 0},
        {"embedder", true, read_embedder, 0},
        {"downloads", false, read_downloads, 0},
    };
    const source s = {subject, "", error};
    fse_status status;
    cJSON *json = NULL;
    *manifest = NULL;
    fse_manifest *made = fse_alloc(1, sizeof *made);
    if (!made)
        return fse_fail_memory(error);
    FSE_TRY(parse_json(text, size, &s, &json));
    FSE_TRY(read_object(&s, json, fields, FSE_COUNT(fields), made));
    FSE_TRY(check_manifest(made, &s));
    FSE_TRY(fill_texts(made, error));
    *manifest = made;
    made = NULL;
cleanup:
    cJSON_Delete(json);
    fse_manifest_free(&made);
    return status;
}

void fse_manifest_free(fse_manifest **manifest)
{
    if (!manifest || !*manifest)
        return;
    fse_manifest *const m = *manifest;
    free(m->name);
    free(m->summary);
    free(m->license);
    free(m->license_notes);
    free(m->source);
    free(m->obtain);
    for (int role = 0; role < FSE_ROLES; role++)
        free(m->models[role].file);
    for (int i = 0; i < m->download_count; i++) {
        free(m->downloads[i].url);
        free(m->downloads[i].file);
    }
    free(m);
    *manifest = NULL;
}

/* packs/known.json while it is read. */
typedef struct known_list {
    int format;
    fse_known *known;
    size_t count;
} known_list;

static fse_status read_known(const source *s, const cJSON *item, void *target)
{
    known_list *list = target;
    const int count = cJSON_IsArray(item) ? cJSON_GetArraySize(item) : 0;
    if (count == 0)
        return wrong(s, item, "a list of objects");
    list->known = fse_alloc((size_t)count, sizeof *list->known);
    if (!list->known)
        return fse_fail_memory(s->error);
    const cJSON *element;
    cJSON_ArrayForEach(element, item)
    {
        raw_model raw = {0};
        const fse_status status =
            read_model(s, element, known_fields, FSE_COUNT(known_fields), &raw);
        if (status != FSE_OK)
            return status;
        list->known[list->count++] = (fse_known){raw.role, raw.model};
    }
    return FSE_OK;
}

fse_status fse_known_parse(const char *text, size_t size, const char *subject, fse_known **known,
                           size_t *count, fse_error *error)
{
    static const field fields[] = {
        {"format", true, read_format, offsetof(known_list, format)},
        {"models", true, read_known, 0},
    };
    const source s = {subject, "", error};
    fse_status status;
    cJSON *json = NULL;
    known_list list = {0};
    *known = NULL;
    FSE_TRY(parse_json(text, size, &s, &json));
    FSE_TRY(read_object(&s, json, fields, FSE_COUNT(fields), &list));
    *known = list.known;
    *count = list.count;
    list.known = NULL;
cleanup:
    cJSON_Delete(json);
    free(list.known);
    return status;
}
