/* SPDX-License-Identifier: Apache-2.0 */
/* Removing: contents without a path, faces, contracts, everything; and making sure of it. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/sqlite.h"

/*
 * Boxes of one face in two analyses of the same pixels overlap by at least this (intersection over
 * union): the threshold of the PASCAL VOC evaluation (Everingham et al. 2010, section 4.2).
 */
#define SAME_FACE 0.5f

bool fse_sqlite_same_face(const float a[4], const float b[4])
{
    const float width = fminf(a[2], b[2]) - fmaxf(a[0], b[0]);
    const float height = fminf(a[3], b[3]) - fmaxf(a[1], b[1]);
    if (!(width > 0 && height > 0))
        return false;
    const float both = width * height;
    const float either = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both;
    return both >= SAME_FACE * either;
}

fse_status fse_sqlite_forgotten_boxes(fse_sqlite *s, const uint8_t *sha256,
                                      fse_sqlite_forgotten *forgotten, fse_error *error)
{
    fse_sql sql = {0};
    bool row;
    fse_status status;
    FSE_TRY(fse_sql_start(s, FSE_SQL_FORGOTTEN_BOXES, &sql, error));
    fse_sql_blob(&sql, sha256, FSE_SHA256_BYTES);
    for (;;) {
        FSE_TRY(fse_sql_next(&sql, &row, error));
        if (!row)
            break;
        FSE_TRY(fse_grow(&forgotten->boxes, &forgotten->capacity, forgotten->count,
                         sizeof *forgotten->boxes, error));
        for (int i = 0; i < 4; i++)
            forgotten->boxes[forgotten->count][i] = fse_sql_get_real(&sql, i);
        forgotten->count++;
    }
cleanup:
    fse_sql_end(&sql);
    return status;
}

/* A statement that takes one id. */
static fse_status run_with_id(fse_sqlite *s, fse_sql_name name, int64_t id, fse_error *error)
{
    fse_sql sql = {0};
    const fse_status status = fse_sql_start(s, name, &sql, error);
    if (status != FSE_OK)
        return status;
    fse_sql_int(&sql, id);
    return fse_sql_run(&sql, error);
}

/* ---- Contents that no path refers to ---- */

typedef struct ids {
    int64_t *data;
    size_t count, capacity;
} ids;

static fse_status find_orphans(fse_sqlite *s, ids *found, fse_error *error)
{
    fse_sql sql = {0};
    bool row;
    fse_status status;
    FSE_TRY(fse_sql_start(s, FSE_SQL_ORPHANS, &sql, error));
    for (;;) {
        FSE_TRY(fse_sql_next(&sql, &row, error));
        if (!row)
            break;
        FSE_TRY(fse_grow(&found->data, &found->capacity, found->count, sizeof *found->data, error));
        found->data[found->count++] = fse_sql_get_int(&sql, 0);
    }
cleanup:
    fse_sql_end(&sql);
    return status;
}

fse_status fse_sqlite_drop_orphans(fse_store *store, uint64_t *contents, uint64_t *faces,
                                   fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    ids orphans = {0};
    fse_status status;
    *contents = *faces = 0;
    FSE_TRY(find_orphans(s, &orphans, error));
    for (size_t i = 0; i < orphans.count; i++) {
        FSE_TRY(run_with_id(s, FSE_SQL_DELETE_FACES_OF_CONTENT, orphans.data[i], error));
        *faces += (uint64_t)sqlite3_changes64(s->db);
        FSE_TRY(run_with_id(s, FSE_SQL_DELETE_CONTENT, orphans.data[i], error));
    }
    *contents = orphans.count;
cleanup:
    free(orphans.data);
    return status;
}

/* ---- A face ---- */

/* The face itself comes first, so that the others can be compared with it. */
static fse_status find_same_faces(fse_sqlite *s, int64_t face, ids *same, float box[4],
                                  uint8_t sha256[FSE_SHA256_BYTES], fse_error *error)
{
    fse_sql sql = {0};
    bool row;
    fse_status status;
    FSE_TRY(fse_sql_start(s, FSE_SQL_FACES_TO_FORGET, &sql, error));
    fse_sql_int(&sql, face);
    for (;;) {
        float other[4];
        FSE_TRY(fse_sql_next(&sql, &row, error));
        if (!row)
            break;
        for (int i = 0; i < 4; i++)
            other[i] = fse_sql_get_real(&sql, 2 + i);
        if (same->count == 0) {
            memcpy(box, other, sizeof other);
            FSE_TRY(fse_sql_get_blob(&sql, 6, sha256, FSE_SHA256_BYTES, error));
        } else if (!fse_sqlite_same_face(box, other)) {
            continue;
        }
        FSE_TRY(fse_grow(&same->data, &same->capacity, same->count, sizeof *same->data, error));
        same->data[same->count++] = fse_sql_get_int(&sql, 1);
    }
cleanup:
    fse_sql_end(&sql);
    return status;
}

static fse_status forget_box(fse_sqlite *s, const uint8_t *sha256, const float box[4],
                             fse_error *error)
{
    fse_sql sql = {0};
    const fse_status status = fse_sql_start(s, FSE_SQL_FORGET_BOX, &sql, error);
    if (status != FSE_OK)
        return status;
    fse_sql_blob(&sql, sha256, FSE_SHA256_BYTES);
    for (int i = 0; i < 4; i++)
        fse_sql_real(&sql, (double)box[i]);
    return fse_sql_run(&sql, error);
}

fse_status fse_sqlite_forget_face(fse_store *store, int64_t face, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    uint8_t sha256[FSE_SHA256_BYTES];
    float box[4];
    ids same = {0};
    fse_status status;
    FSE_TRY(find_same_faces(s, face, &same, box, sha256, error));
    if (same.count == 0)
        FSE_THROW(error, FSE_ENOENT, NULL, "no face has the id %lld", (long long)face);
    FSE_TRY(forget_box(s, sha256, box, error));
    for (size_t i = 0; i < same.count; i++) {
        FSE_TRY(run_with_id(s, FSE_SQL_MARK_REMOVED, same.data[i], error));
        FSE_TRY(run_with_id(s, FSE_SQL_DELETE_EMBEDDING, same.data[i], error));
    }
cleanup:
    free(same.data);
    return status;
}

/* ---- A contract, everything ---- */

fse_status fse_sqlite_forget_contract(fse_store *store, int64_t contract, fse_error *error)
{
    static const fse_sql_name steps[] = {FSE_SQL_FORGET_CONTRACT_FACES,
                                         FSE_SQL_FORGET_CONTRACT_ANALYSES, FSE_SQL_FORGET_CONTRACT};
    fse_status status = FSE_OK;
    for (size_t i = 0; status == FSE_OK && i < FSE_COUNT(steps); i++)
        status = run_with_id((fse_sqlite *)store, steps[i], contract, error);
    return status;
}

fse_status fse_sqlite_forget_all(fse_store *store, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    /* Children before parents. The new id tells projections that this is another library. */
    const fse_status status = fse_sqlite_exec(s,
                                              "DELETE FROM path;"
                                              "DELETE FROM embedding;"
                                              "DELETE FROM face;"
                                              "DELETE FROM analysis;"
                                              "DELETE FROM content;"
                                              "DELETE FROM contract;"
                                              "DELETE FROM profile;"
                                              "DELETE FROM forgotten_face;"
                                              "DELETE FROM setting;"
                                              "UPDATE library SET id = lower(hex(randomblob(16)));",
                                              error);
    fse_sqlite_profiles_stale(s);
    return status;
}

/* ---- Making sure ---- */

/* Everything from the log into the database, and the log cut to nothing. */
static fse_status empty_log(fse_sqlite *s, fse_error *error)
{
    errno = 0; /* for fse_sqlite_fail() */
    const int code = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return code == SQLITE_OK ? FSE_OK : fse_sqlite_fail(s, code, "cannot clean the index", error);
}

/*
 * secure_delete has overwritten what was removed, but a page that was rearranged before may still
 * hold old copies of cells that moved; VACUUM writes every page anew. Its temporary copy holds only
 * what is left. Small ones stay in memory, so that nothing reaches another disk without need.
 */
fse_status fse_sqlite_scrub(fse_store *store, fse_error *error)
{
    static const int64_t in_memory = 16384; /* pages of 16 KB: 256 MB */
    fse_sqlite *s = (fse_sqlite *)store;
    int64_t pages;
    fse_status status;
    FSE_TRY(empty_log(s, error));
    FSE_TRY(fse_sqlite_exec_int(s, "PRAGMA page_count", &pages, error));
    FSE_TRY(fse_sqlite_exec(s,
                            pages <= in_memory ? "PRAGMA temp_store = MEMORY"
                                               : "PRAGMA temp_store = DEFAULT",
                            error));
    FSE_TRY(fse_sqlite_exec(s, "VACUUM", error));
    FSE_TRY(empty_log(s, error));
cleanup:
    return status;
}
