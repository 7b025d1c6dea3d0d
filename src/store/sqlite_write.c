/* SPDX-License-Identifier: Apache-2.0 */
/* Photos, their faces, and paths into the database. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/half.h"
#include "store/sqlite.h"

/* The first column of a statement that gives one row, or 0; then the statement is at its end. */
static fse_status run_for_id(fse_sql *sql, int64_t *id, fse_error *error)
{
    bool row;
    *id = 0;
    fse_status status = fse_sql_next(sql, &row, error);
    if (status == FSE_OK && row)
        *id = fse_sql_get_int(sql, 0);
    if (status == FSE_OK && row)
        status = fse_sql_run(sql, error);
    fse_sql_end(sql);
    return status;
}

/* ---- Contracts ---- */

fse_status fse_sqlite_add_contract(fse_store *store, fse_store_contract *contract, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    fse_sql sql = {0};
    bool row;
    fse_status status;
    FSE_TRY(fse_sql_start(s, FSE_SQL_FIND_CONTRACT, &sql, error));
    fse_sql_text(&sql, contract->contract);
    FSE_TRY(fse_sql_next(&sql, &row, error));
    if (row) {
        contract->id = fse_sql_get_int(&sql, 0);
        if (fse_sql_get_int(&sql, 1) != contract->dim)
            FSE_THROW(error, FSE_EINVAL, s->path, "a contract of %d numbers is stored with %d",
                      contract->dim, (int)fse_sql_get_int(&sql, 1));
        goto cleanup;
    }
    fse_sql_end(&sql);
    FSE_TRY(fse_sql_start(s, FSE_SQL_ADD_CONTRACT, &sql, error));
    fse_sql_text(&sql, contract->contract);
    fse_sql_text(&sql, contract->model);
    fse_sql_int(&sql, contract->dim);
    FSE_TRY(run_for_id(&sql, &contract->id, error));
cleanup:
    fse_sql_end(&sql);
    return status;
}

static fse_status check_contract(fse_sqlite *s, int64_t contract, int dim, fse_error *error)
{
    fse_sql sql = {0};
    int64_t known;
    fse_status status;
    FSE_TRY(fse_sql_start(s, FSE_SQL_CONTRACT_DIM, &sql, error));
    fse_sql_int(&sql, contract);
    FSE_TRY(run_for_id(&sql, &known, error));
    if (known == 0)
        FSE_THROW(error, FSE_EINVAL, s->path, "no contract has the id %lld", (long long)contract);
    if (dim > 0 && dim != known)
        FSE_THROW(error, FSE_EINVAL, s->path, "embeddings of %d numbers for a contract of %d", dim,
                  (int)known);
cleanup:
    fse_sql_end(&sql);
    return status;
}

/* ---- Photos ---- */

static fse_status put_content(fse_sqlite *s, const fse_photo *photo, uint64_t bytes, int64_t *id,
                              fse_error *error)
{
    fse_sql sql = {0};
    const fse_status status = fse_sql_start(s, FSE_SQL_PUT_CONTENT, &sql, error);
    if (status != FSE_OK)
        return status;
    fse_sql_blob(&sql, photo->sha256, sizeof photo->sha256);
    fse_sql_int(&sql, (int64_t)bytes);
    fse_sql_text(&sql, photo->format ? photo->format : "");
    fse_sql_int(&sql, photo->width);
    fse_sql_int(&sql, photo->height);
    fse_sql_int(&sql, photo->damaged);
    if (photo->taken == FSE_NO_TIME)
        fse_sql_null(&sql);
    else
        fse_sql_int(&sql, photo->taken);
    return run_for_id(&sql, id, error);
}

typedef struct analysis {
    int64_t content, contract, profile;
    fse_status status;
    const char *reason;
    size_t faces;
} analysis;

/* Whether the content is analysed just like that already; *any: whether it is at all. */
static fse_status is_analysed(fse_sqlite *s, const analysis *a, bool *any, bool *same,
                              fse_error *error)
{
    fse_sql sql = {0};
    fse_status status;
    *same = false;
    FSE_TRY(fse_sql_start(s, FSE_SQL_FIND_ANALYSIS, &sql, error));
    fse_sql_int(&sql, a->content);
    fse_sql_int(&sql, a->contract);
    FSE_TRY(fse_sql_next(&sql, any, error));
    if (*any)
        *same = fse_sql_get_int(&sql, 0) == FSE_OK && fse_sql_get_int(&sql, 2) == a->profile;
cleanup:
    fse_sql_end(&sql);
    return status;
}

static fse_status delete_faces(fse_sqlite *s, const analysis *a, fse_error *error)
{
    fse_sql sql = {0};
    const fse_status status = fse_sql_start(s, FSE_SQL_DELETE_FACES, &sql, error);
    if (status != FSE_OK)
        return status;
    fse_sql_int(&sql, a->content);
    fse_sql_int(&sql, a->contract);
    return fse_sql_run(&sql, error);
}

static fse_status put_analysis(fse_sqlite *s, const analysis *a, fse_error *error)
{
    fse_sql sql = {0};
    const fse_status status = fse_sql_start(s, FSE_SQL_PUT_ANALYSIS, &sql, error);
    if (status != FSE_OK)
        return status;
    fse_sql_int(&sql, a->content);
    fse_sql_int(&sql, a->contract);
    fse_sql_int(&sql, a->profile);
    fse_sql_int(&sql, a->status);
    fse_sql_text(&sql, a->reason);
    fse_sql_int(&sql, (int64_t)a->faces);
    return fse_sql_run(&sql, error);
}

/* Ten binary32 numbers, little-endian: x and y of each landmark. */
static void pack_landmarks(const float landmarks[5][2], uint8_t bytes[40])
{
    for (int i = 0; i < 10; i++) {
        uint32_t bits;
        memcpy(&bits, &landmarks[i / 2][i % 2], sizeof bits);
        for (int j = 0; j < 4; j++)
            bytes[4 * i + j] = (uint8_t)(bits >> (8 * j));
    }
}

static fse_status put_face(fse_sqlite *s, const analysis *a, int64_t number, const fse_face *face,
                           bool removed, fse_error *error)
{
    uint8_t landmarks[40];
    fse_sql sql = {0};
    const fse_status status = fse_sql_start(s, FSE_SQL_PUT_FACE, &sql, error);
    if (status != FSE_OK)
        return status;
    pack_landmarks(face->landmarks, landmarks);
    fse_sql_int(&sql, a->content);
    fse_sql_int(&sql, a->contract);
    fse_sql_int(&sql, number);
    for (int i = 0; i < 4; i++)
        fse_sql_real(&sql, (double)face->box[i]);
    fse_sql_blob(&sql, landmarks, sizeof landmarks);
    fse_sql_real(&sql, (double)face->score);
    fse_sql_real(&sql, (double)face->size);
    fse_sql_real(&sql, (double)face->quality.sharpness);
    fse_sql_real(&sql, (double)face->quality.yaw);
    fse_sql_real(&sql, (double)face->quality.pitch);
    fse_sql_real(&sql, (double)face->quality.brightness);
    fse_sql_real(&sql, (double)face->quality.norm);
    fse_sql_int(&sql, face->status);
    fse_sql_int(&sql, removed);
    return fse_sql_run(&sql, error);
}

/* Of the face put last. Canonical embeddings are binary16 numbers already, so nothing is lost. */
static fse_status put_embedding(fse_sqlite *s, int64_t contract, const float *embedding, int dim,
                                fse_error *error)
{
    fse_sql sql = {0};
    fse_status status;
    const size_t numbers = (size_t)dim;
    const int64_t face = sqlite3_last_insert_rowid(s->db);
    FSE_TRY(fse_sqlite_room(s, numbers, error));
    FSE_TRY(fse_sql_start(s, FSE_SQL_PUT_EMBEDDING, &sql, error));
    uint8_t *bytes = (uint8_t *)s->vector;
    for (size_t i = 0; i < numbers; i++) {
        const uint16_t half = fse_half_from_float(embedding[i]);
        bytes[2 * i] = (uint8_t)half;
        bytes[2 * i + 1] = (uint8_t)(half >> 8);
    }
    fse_sql_int(&sql, face);
    fse_sql_int(&sql, contract);
    fse_sql_blob(&sql, bytes, 2 * numbers);
    FSE_TRY(fse_sql_run(&sql, error));
cleanup:
    return status;
}

static bool is_forgotten(const fse_sqlite_forgotten *forgotten, const float box[4])
{
    for (size_t i = 0; i < forgotten->count; i++)
        if (fse_sqlite_same_face(forgotten->boxes[i], box))
            return true;
    return false;
}

static fse_status put_faces(fse_sqlite *s, const analysis *a, const fse_photo *photo,
                            fse_error *error)
{
    fse_sqlite_forgotten forgotten = {0};
    fse_status status = FSE_OK;
    if (photo->face_count)
        FSE_TRY(fse_sqlite_forgotten_boxes(s, photo->sha256, &forgotten, error));
    for (size_t i = 0; i < photo->face_count; i++) {
        const fse_face *face = &photo->faces[i];
        const bool removed = is_forgotten(&forgotten, face->box);
        FSE_TRY(put_face(s, a, (int64_t)i, face, removed, error));
        if (face->embedding && !removed)
            FSE_TRY(put_embedding(s, a->contract, face->embedding, photo->dim, error));
    }
cleanup:
    free(forgotten.boxes);
    return status;
}

fse_status fse_sqlite_put_photo(fse_store *store, const fse_store_analysis *how,
                                const fse_photo *photo, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    analysis a = {.contract = how->contract, .reason = "", .faces = photo->face_count};
    bool any, same;
    fse_status status;
    if (photo->dim < 1)
        FSE_THROW(error, FSE_EINVAL, s->path, "embeddings of %d numbers", photo->dim);
    FSE_TRY(check_contract(s, how->contract, photo->dim, error));
    FSE_TRY(fse_sqlite_profile_id(s, &how->profile, &a.profile, error));
    FSE_TRY(put_content(s, photo, how->bytes, &a.content, error));
    FSE_TRY(is_analysed(s, &a, &any, &same, error));
    if (same)
        goto cleanup;
    if (any)
        FSE_TRY(delete_faces(s, &a, error));
    FSE_TRY(put_analysis(s, &a, error));
    FSE_TRY(put_faces(s, &a, photo, error));
cleanup:
    return status;
}

fse_status fse_sqlite_put_failure(fse_store *store, const fse_store_analysis *how,
                                  const uint8_t *sha256, fse_status failure, const char *reason,
                                  fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    analysis a = {.contract = how->contract, .status = failure, .reason = reason};
    fse_sql sql = {0};
    fse_status status;
    FSE_TRY(check_contract(s, how->contract, 0, error));
    FSE_TRY(fse_sqlite_profile_id(s, &how->profile, &a.profile, error));
    FSE_TRY(fse_sql_start(s, FSE_SQL_TOUCH_CONTENT, &sql, error));
    fse_sql_blob(&sql, sha256, FSE_SHA256_BYTES);
    fse_sql_int(&sql, (int64_t)how->bytes);
    FSE_TRY(run_for_id(&sql, &a.content, error));
    FSE_TRY(delete_faces(s, &a, error));
    FSE_TRY(put_analysis(s, &a, error));
cleanup:
    fse_sql_end(&sql);
    return status;
}

/* ---- Paths ---- */

static fse_status content_id(fse_sqlite *s, const fse_store_path *path, int64_t *id,
                             fse_error *error)
{
    fse_sql sql = {0};
    fse_status status = fse_sql_start(s, FSE_SQL_NAME_CONTENT, &sql, error);
    if (status != FSE_OK)
        return status;
    fse_sql_blob(&sql, path->sha256, sizeof path->sha256);
    status = run_for_id(&sql, id, error);
    if (status == FSE_OK && *id == 0)
        status = fse_fail(error, FSE_EINVAL, path->path, "a path whose content is not stored");
    return status;
}

fse_status fse_sqlite_put_path(fse_store *store, const fse_store_path *path, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    const bool refused = path->state == FSE_PATH_REFUSED;
    int64_t content = 0;
    fse_sql sql = {0};
    fse_status status = FSE_OK;
    if (path->state == FSE_PATH_INDEXED)
        FSE_TRY(content_id(s, path, &content, error));
    FSE_TRY(fse_sql_start(s, FSE_SQL_PUT_PATH, &sql, error));
    fse_sql_blob(&sql, path->path, strlen(path->path));
    fse_sql_int(&sql, (int64_t)path->size);
    fse_sql_int(&sql, path->mtime);
    fse_sql_int(&sql, (int64_t)path->device);
    fse_sql_int(&sql, (int64_t)path->inode);
    fse_sql_int(&sql, path->state);
    if (content)
        fse_sql_int(&sql, content);
    else
        fse_sql_null(&sql);
    fse_sql_int(&sql, path->status);
    fse_sql_text(&sql, refused && path->reason ? path->reason : "");
    fse_sql_text(&sql, refused && path->software ? path->software : "");
    FSE_TRY(fse_sql_run(&sql, error));
cleanup:
    fse_sql_end(&sql);
    return status;
}

fse_status fse_sqlite_remove_path(fse_store *store, const char *path, bool *removed,
                                  fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    fse_sql sql = {0};
    fse_status status = fse_sql_start(s, FSE_SQL_DELETE_PATH, &sql, error);
    if (status != FSE_OK)
        return status;
    fse_sql_blob(&sql, path, strlen(path));
    status = fse_sql_run(&sql, error);
    *removed = status == FSE_OK && sqlite3_changes64(s->db) > 0;
    return status;
}

fse_status fse_sqlite_remove_folder(fse_store *store, const char *folder, uint64_t *removed,
                                    fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    const size_t length = strlen(folder);
    char *from = fse_alloc(length + 1, 1), *to = fse_alloc(length + 1, 1);
    fse_sql sql = {0};
    fse_status status = FSE_OK;
    if (!from || !to)
        FSE_TRY(fse_fail_memory(error));
    FSE_TRY(fse_sql_start(s, length ? FSE_SQL_DELETE_FOLDER : FSE_SQL_DELETE_PATHS, &sql, error));
    if (length) {
        memcpy(from, folder, length);
        memcpy(to, folder, length);
        from[length] = '/';
        to[length] = '/' + 1; /* the first after everything that begins with folder/ */
        fse_sql_blob(&sql, from, length + 1);
        fse_sql_blob(&sql, to, length + 1);
    }
    FSE_TRY(fse_sql_run(&sql, error));
    *removed = (uint64_t)sqlite3_changes64(s->db);
cleanup:
    fse_sql_end(&sql);
    free(from);
    free(to);
    return status;
}

/* ---- Settings ---- */

fse_status fse_sqlite_put_setting(fse_store *store, const char *name, const char *value,
                                  fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    fse_sql sql = {0};
    const fse_status status =
        fse_sql_start(s, value ? FSE_SQL_PUT_SETTING : FSE_SQL_DELETE_SETTING, &sql, error);
    if (status != FSE_OK)
        return status;
    fse_sql_text(&sql, name);
    if (value)
        fse_sql_blob(&sql, value, strlen(value));
    return fse_sql_run(&sql, error);
}
