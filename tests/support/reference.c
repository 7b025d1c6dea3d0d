/* SPDX-License-Identifier: Apache-2.0 */
#include "support/reference.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int sextet(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;
    return found ? (int)(found - digits) : -1;
}

/* Base64 of little-endian float32; the count of floats, at most `most`. */
static int decode_floats(const char *text, float *out, int most)
{
    unsigned char bytes[4];
    int filled = 0, count = 0, bits = 0;
    unsigned held = 0;
    for (; sextet(*text) >= 0 && count < most; text++) {
        held = held << 6 | (unsigned)sextet(*text);
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        bytes[filled++] = (unsigned char)(held >> bits & 255);
        if (filled == 4) {
            memcpy(&out[count++], bytes, 4);
            filled = 0;
        }
    }
    return count;
}

static void numbers(const cJSON *array, float *out, int count)
{
    for (int i = 0; i < count; i++) {
        const cJSON *item = cJSON_GetArrayItem(array, i);
        out[i] = item ? (float)item->valuedouble : 0;
    }
}

static int read_face(const cJSON *json, reference_face *face)
{
    numbers(cJSON_GetObjectItem(json, "box"), face->box, 4);
    const cJSON *points = cJSON_GetObjectItem(json, "landmarks");
    for (int i = 0; i < 5; i++)
        numbers(cJSON_GetArrayItem(points, i), face->landmarks + 2 * i, 2);
    face->score = (float)cJSON_GetNumberValue(cJSON_GetObjectItem(json, "score"));
    const char *embedding = cJSON_GetStringValue(cJSON_GetObjectItem(json, "embedding"));
    return embedding ? decode_floats(embedding, face->embedding, REFERENCE_MAX_DIM) : 0;
}

static bool read_line(const char *line, reference_set *reference)
{
    cJSON *json = cJSON_Parse(line);
    const char *path = cJSON_GetStringValue(cJSON_GetObjectItem(json, "path"));
    const cJSON *faces = cJSON_GetObjectItem(json, "faces");
    if (!path) {
        cJSON_Delete(json);
        return false;
    }
    const size_t count = (size_t)cJSON_GetArraySize(faces);
    reference_photo *photo = &reference->photos[reference->photo_count++];
    *photo = (reference_photo){strdup(path), count, calloc(count + 1, sizeof *photo->faces)};
    for (size_t i = 0; i < count; i++)
        reference->dim = read_face(cJSON_GetArrayItem(faces, (int)i), &photo->faces[i]);
    cJSON_Delete(json);
    return true;
}

bool reference_read(const char *path, reference_set *reference)
{
    *reference = (reference_set){.photo_count = 0};
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    char *line = NULL;
    size_t room = 0, capacity = 0;
    bool good = true;
    while (good && getline(&line, &room, file) > 0) {
        if (reference->photo_count == capacity) {
            capacity = capacity ? 2 * capacity : 64;
            reference->photos = realloc(reference->photos, capacity * sizeof *reference->photos);
        }
        good = read_line(line, reference);
    }
    free(line);
    fclose(file);
    return good;
}

void reference_free(reference_set *reference)
{
    for (size_t i = 0; i < reference->photo_count; i++) {
        free(reference->photos[i].path);
        free(reference->photos[i].faces);
    }
    free(reference->photos);
}

char *shared_path(const char *below)
{
    const char *shared = getenv("FACESEARCH_SHARED");
    char *path = NULL;
    if (!shared || asprintf(&path, "%s/%s", shared, below) < 0)
        return NULL;
    if (access(path, R_OK) != 0) {
        free(path);
        return NULL;
    }
    return path;
}
