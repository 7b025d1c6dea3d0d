/* SPDX-License-Identifier: Apache-2.0 */
#include "support/library.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/alloc.h"
#include "base/half.h"
#include "support/tree.h"

int library_enter(void **state)
{
    library *l = fse_alloc(1, sizeof *l);
    strcpy(l->folder, "/tmp/facesearch-test-XXXXXX");
    *state = l;
    if (!mkdtemp(l->folder))
        return -1;
    snprintf(l->db, sizeof l->db, "%s/index.db", l->folder);
    return 0;
}

int library_leave(void **state)
{
    library *l = *state;
    fse_store_close(&l->store);
    tree_remove(l->folder);
    free(l);
    return 0;
}

void library_ok(library *l, fse_status status, const char *call, const char *file, int line)
{
    if (status == FSE_OK)
        return;
    print_error("%s: %d, %s: %s\n", call, (int)status, l->error.subject, l->error.message);
    _fail(file, line);
}

void library_fails(library *l, fse_status expected, const char *text, fse_status status,
                   const char *call, const char *file, int line)
{
    if (status == expected && strstr(l->error.message, text))
        return;
    print_error("%s: %d, %s: %s; expected %d with \"%s\"\n", call, (int)status, l->error.subject,
                l->error.message, (int)expected, text);
    _fail(file, line);
}

void library_create(library *l)
{
    OK(l, fse_store_open(l->db, FSE_STORE_CREATE, &l->store, &l->error));
    OK(l, fse_store_lock(l->store, NULL, NULL, &l->error));
}

int64_t library_contract(library *l, char letter, int dim)
{
    fse_store_contract contract = {.model = "pack", .dim = dim};
    memset(contract.contract, letter, sizeof contract.contract - 1);
    OK(l, fse_store_begin(l->store, &l->error));
    OK(l, fse_store_add_contract(l->store, &contract, &l->error));
    OK(l, fse_store_commit(l->store, &l->error));
    return contract.id;
}

fse_store_profile library_profile(int min_face)
{
    return (fse_store_profile){min_face, 0, "f32", "stub 1", "facesearch 0.1"};
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static float draw_float(uint64_t *state)
{
    return (float)(draw(state) >> 40) * 0x1p-24f;
}

void library_sha256(uint64_t seed, uint8_t sha256[FSE_SHA256_BYTES])
{
    uint64_t state = seed ^ 0x5555;
    for (int i = 0; i < FSE_SHA256_BYTES; i++)
        sha256[i] = (uint8_t)draw(&state);
}

static void fill_face(fse_face *face, float *embedding, int dim, uint64_t *state)
{
    const float x = draw_float(state) * 900, y = draw_float(state) * 600;
    const float size = 30 + draw_float(state) * 100;
    *face = (fse_face){
        .box = {x, y, x + size, y + size * 1.25f},
        .score = draw_float(state),
        .size = size,
        .quality = {draw_float(state) * 500, draw_float(state) * 90, draw_float(state) * -90,
                    draw_float(state) * 255, draw_float(state) * 20},
        .embedding = embedding,
    };
    for (int i = 0; i < 10; i++)
        face->landmarks[i / 2][i % 2] = x + draw_float(state) * size;
    for (int i = 0; i < dim; i++)
        embedding[i] = fse_half_to_float(fse_half_from_float((draw_float(state) - 0.5f) * 0.15f));
}

fse_photo *library_photo(uint64_t seed, size_t faces, int dim)
{
    const size_t numbers = faces * (size_t)dim;
    uint64_t state = seed;
    fse_photo *photo =
        fse_alloc(1, sizeof *photo + faces * sizeof(fse_face) + numbers * sizeof(float));
    fse_face *face = (fse_face *)(photo + 1);
    float *embeddings = (float *)(face + faces);
    *photo = (fse_photo){
        .width = 1000,
        .height = 700,
        .format = "jpeg",
        .taken = (int64_t)(1000000000 + seed),
        .dim = dim,
        .face_count = faces,
        .faces = faces ? face : NULL,
    };
    library_sha256(seed, photo->sha256);
    for (size_t i = 0; i < faces; i++)
        fill_face(&face[i], embeddings + i * (size_t)dim, dim, &state);
    return photo;
}

fse_store_path library_path(const char *path, uint64_t seed)
{
    fse_store_path entry = {
        .path = path,
        .size = 100000 + seed,
        .mtime = (int64_t)(1700000000123456789 + seed),
        .device = 64769,
        .inode = seed,
    };
    library_sha256(seed, entry.sha256);
    return entry;
}

void library_put(library *l, int64_t contract, const char *path, uint64_t seed, size_t faces,
                 int dim)
{
    const fse_store_analysis analysis = {contract, library_profile(50), 100000 + seed};
    const fse_store_path entry = library_path(path, seed);
    fse_photo *photo = library_photo(seed, faces, dim);
    OK(l, fse_store_put_photo(l->store, &analysis, photo, &l->error));
    OK(l, fse_store_put_path(l->store, &entry, &l->error));
    free(photo);
}

char *library_read(const char *path, size_t *size)
{
    struct stat info;
    FILE *file = fopen(path, "rb");
    *size = 0;
    if (!file)
        return NULL;
    assert_int_equal(fstat(fileno(file), &info), 0);
    char *bytes = fse_alloc((size_t)info.st_size + 1, 1);
    assert_non_null(bytes);
    *size = fread(bytes, 1, (size_t)info.st_size, file);
    assert_int_equal(*size, info.st_size);
    fclose(file);
    return bytes;
}

void library_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

bool library_contains(const library *l, const void *bytes, size_t size)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-lock", "-journal"};
    bool found = false;
    for (size_t i = 0; i < FSE_COUNT(suffixes); i++) {
        char path[128];
        size_t length;
        snprintf(path, sizeof path, "%s%s", l->db, suffixes[i]);
        char *file = library_read(path, &length);
        found = found || (file && memmem(file, length, bytes, size));
        free(file);
    }
    return found;
}

static sqlite3 *open_raw(const char *db)
{
    sqlite3 *raw;
    assert_int_equal(sqlite3_open(db, &raw), SQLITE_OK);
    sqlite3_busy_timeout(raw, 10000);
    return raw;
}

void library_check_sound(const char *db)
{
    sqlite3 *raw = open_raw(db);
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(raw, "PRAGMA integrity_check", -1, &statement, NULL), 0);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal(sqlite3_column_text(statement, 0), "ok");
    sqlite3_finalize(statement);
    assert_int_equal(sqlite3_prepare_v2(raw, "PRAGMA foreign_key_check", -1, &statement, NULL), 0);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
    sqlite3_close(raw);
}

void library_sql(const char *db, const char *sql)
{
    sqlite3 *raw = open_raw(db);
    char *message = NULL;
    if (sqlite3_exec(raw, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
    sqlite3_close(raw);
}

int64_t library_sql_int(const char *db, const char *sql)
{
    sqlite3 *raw = open_raw(db);
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(raw, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(raw);
    return value;
}
