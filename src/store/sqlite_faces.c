/* SPDX-License-Identifier: Apache-2.0 */
/* Faces and embeddings out of the database. */
#include <string.h>

#include "store/sqlite.h"

static void unpack_landmarks(const uint8_t bytes[40], float landmarks[5][2])
{
    for (int i = 0; i < 10; i++) {
        uint32_t bits = 0;
        for (int j = 0; j < 4; j++)
            bits |= (uint32_t)bytes[4 * i + j] << (8 * j);
        memcpy(&landmarks[i / 2][i % 2], &bits, sizeof bits);
    }
}

/* Copied out: SQLite promises no alignment, and the bytes are little-endian everywhere. */
static fse_status read_vector(fse_sqlite *s, const fse_sql *sql, int column, fse_store_face *face,
                              fse_error *error)
{
    const uint8_t *bytes = sqlite3_column_blob(sql->statement, column);
    const size_t size = (size_t)sqlite3_column_bytes(sql->statement, column);
    if (!bytes)
        return FSE_OK;
    if (size % 2 != 0)
        return fse_sqlite_corrupt(s, "an embedding has half a number", error);
    const fse_status status = fse_sqlite_room(s, size / 2, error);
    if (status != FSE_OK)
        return status;
    for (size_t i = 0; i < size / 2; i++)
        s->vector[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    face->dim = (int)(size / 2);
    face->vector = s->vector;
    return FSE_OK;
}

/* The columns that FACES and FSE_SQL_VECTORS of sqlite_statements.c have in common. */
static fse_status read_core(fse_sqlite *s, const fse_sql *sql, fse_store_face *face,
                            fse_error *error)
{
    *face = (fse_store_face){
        .id = fse_sql_get_int(sql, 0),
        .content = fse_sql_get_int(sql, 1),
        .contract = fse_sql_get_int(sql, 2),
        .number = (int)fse_sql_get_int(sql, 3),
        .face = {.size = fse_sql_get_real(sql, 4), .score = fse_sql_get_real(sql, 5)},
        .taken = fse_sql_is_null(sql, 6) ? FSE_NO_TIME : fse_sql_get_int(sql, 6),
    };
    for (int i = 0; i < 4; i++)
        face->face.box[i] = fse_sql_get_real(sql, 8 + i);
    return read_vector(s, sql, 7, face, error);
}

static fse_status read_face(fse_sqlite *s, const fse_sql *sql, fse_store_face *face,
                            fse_error *error)
{
    uint8_t landmarks[40];
    fse_status status;
    FSE_TRY(read_core(s, sql, face, error));
    FSE_TRY(fse_sql_get_blob(sql, 12, landmarks, sizeof landmarks, error));
    unpack_landmarks(landmarks, face->face.landmarks);
    face->face.quality = (fse_quality){
        .sharpness = fse_sql_get_real(sql, 13),
        .yaw = fse_sql_get_real(sql, 14),
        .pitch = fse_sql_get_real(sql, 15),
        .brightness = fse_sql_get_real(sql, 16),
        .norm = fse_sql_get_real(sql, 17),
    };
    face->face.status = (fse_status)fse_sql_get_int(sql, 18);
    face->removed = fse_sql_get_int(sql, 19) != 0;
cleanup:
    return status;
}

typedef fse_status (*read_row)(fse_sqlite *s, const fse_sql *sql, fse_store_face *face,
                               fse_error *error);

static fse_status visit_faces(fse_sqlite *s, fse_sql *sql, read_row read,
                              fse_store_visit_face visit, void *user, fse_error *error)
{
    fse_store_face face;
    bool row;
    fse_status status;
    for (;;) {
        FSE_TRY(fse_sql_next(sql, &row, error));
        if (!row)
            break;
        FSE_TRY(read(s, sql, &face, error));
        FSE_TRY(visit(user, &face, error));
    }
cleanup:
    return status;
}

fse_status fse_sqlite_vectors(fse_store *store, int64_t contract, int64_t after,
                              fse_store_visit_face visit, void *user, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    fse_sql sql = {0};
    fse_status status;
    FSE_TRY(fse_sql_start(s, FSE_SQL_VECTORS, &sql, error));
    fse_sql_int(&sql, contract);
    fse_sql_int(&sql, after);
    FSE_TRY(visit_faces(s, &sql, read_core, visit, user, error));
cleanup:
    fse_sql_end(&sql);
    return status;
}

fse_status fse_sqlite_face_ids(fse_store *store, int64_t contract, int64_t after, int64_t *ids,
                               size_t *count, fse_error *error)
{
    const size_t room = *count;
    fse_sql sql = {0};
    bool row;
    fse_status status;
    *count = 0;
    FSE_TRY(fse_sql_start((fse_sqlite *)store, FSE_SQL_FACE_IDS, &sql, error));
    fse_sql_int(&sql, contract);
    fse_sql_int(&sql, after);
    fse_sql_int(&sql, (int64_t)room);
    while (*count < room) {
        FSE_TRY(fse_sql_next(&sql, &row, error));
        if (!row)
            break;
        ids[(*count)++] = fse_sql_get_int(&sql, 0);
    }
cleanup:
    fse_sql_end(&sql);
    return status;
}

fse_status fse_sqlite_faces(fse_store *store, const int64_t *ids, size_t count,
                            fse_store_visit_face visit, void *user, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    fse_sql sql = {0};
    bool mine = false;
    fse_status status;
    FSE_TRY(fse_sqlite_moment(s, &mine, error));
    FSE_TRY(fse_sql_start(s, FSE_SQL_FACE, &sql, error));
    for (size_t i = 0; i < count; i++) {
        fse_sql_int(&sql, ids[i]);
        FSE_TRY(visit_faces(s, &sql, read_face, visit, user, error));
        fse_sql_again(&sql);
    }
cleanup:
    fse_sql_end(&sql);
    fse_sqlite_moment_end(s, mine);
    return status;
}

fse_status fse_sqlite_faces_of(fse_store *store, int64_t contract, int64_t content,
                               fse_store_visit_face visit, void *user, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    fse_sql sql = {0};
    fse_status status;
    FSE_TRY(fse_sql_start(s, FSE_SQL_FACES_OF, &sql, error));
    fse_sql_int(&sql, content);
    fse_sql_int(&sql, contract);
    FSE_TRY(visit_faces(s, &sql, read_face, visit, user, error));
cleanup:
    fse_sql_end(&sql);
    return status;
}
