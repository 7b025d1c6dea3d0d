/* SPDX-License-Identifier: Apache-2.0 */
/* The tables, how they came to be, and whether a file is ours; specified in docs/database.md. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "store/sqlite.h"

#define APPLICATION_ID 0x66736531 /* "fse1" */

/*
 * Taking version i to i + 1. What was released is never edited: a change of the tables is one more
 * entry. The first makes them. Each runs in a transaction of its own, which sets the version too.
 */
static const char *const migrations[] = {
    "CREATE TABLE library ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " id TEXT NOT NULL CHECK (length(id) = 32)"
    ") STRICT;"
    "INSERT INTO library VALUES (1, lower(hex(randomblob(16))));"

    "CREATE TABLE setting ("
    " name TEXT PRIMARY KEY,"
    " value BLOB NOT NULL"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE contract ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " contract TEXT NOT NULL UNIQUE CHECK (length(contract) = 64),"
    " model TEXT NOT NULL,"
    " dim INTEGER NOT NULL CHECK (dim BETWEEN 1 AND 65535),"
    " removals INTEGER NOT NULL DEFAULT 0"
    ") STRICT;"

    "CREATE TABLE profile ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " min_face INTEGER NOT NULL,"
    " detect_size INTEGER NOT NULL,"
    " precision TEXT NOT NULL,"
    " runtime TEXT NOT NULL,"
    " software TEXT NOT NULL,"
    " UNIQUE (min_face, detect_size, precision, runtime, software)"
    ") STRICT;"

    "CREATE TABLE content ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),"
    " bytes INTEGER NOT NULL CHECK (bytes >= 0),"
    " format TEXT NOT NULL,"
    " width INTEGER NOT NULL CHECK (width >= 0),"
    " height INTEGER NOT NULL CHECK (height >= 0),"
    " damaged INTEGER NOT NULL CHECK (damaged IN (0, 1)),"
    " taken INTEGER"
    ") STRICT;"
    "CREATE INDEX content_damaged ON content (damaged) WHERE damaged = 1;"

    /* WITHOUT ROWID: the paths lie in the order in which an update goes through them. */
    "CREATE TABLE path ("
    " path BLOB PRIMARY KEY CHECK (length(path) > 0),"
    " size INTEGER NOT NULL CHECK (size >= 0),"
    " mtime INTEGER NOT NULL,"
    " device INTEGER NOT NULL,"
    " inode INTEGER NOT NULL,"
    " state INTEGER NOT NULL CHECK (state IN (0, 1, 2)),"
    " content INTEGER REFERENCES content (id),"
    " status INTEGER NOT NULL,"
    " reason TEXT NOT NULL,"
    " software TEXT NOT NULL,"
    " CHECK ((state = 0) = (content IS NOT NULL)),"
    " CHECK ((state = 1) = (status <> 0))"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX path_content ON path (content);"

    "CREATE TABLE analysis ("
    " content INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,"
    " contract INTEGER NOT NULL REFERENCES contract (id),"
    " profile INTEGER NOT NULL REFERENCES profile (id),"
    " status INTEGER NOT NULL,"
    " reason TEXT NOT NULL,"
    " faces INTEGER NOT NULL CHECK (faces >= 0),"
    " PRIMARY KEY (content, contract),"
    " CHECK (status = 0 OR faces = 0)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE face ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " content INTEGER NOT NULL,"
    " contract INTEGER NOT NULL,"
    " number INTEGER NOT NULL CHECK (number >= 0),"
    " x1 REAL, y1 REAL, x2 REAL, y2 REAL,"
    " landmarks BLOB NOT NULL CHECK (length(landmarks) = 40),"
    " score REAL,"
    " size REAL,"
    " sharpness REAL, yaw REAL, pitch REAL, brightness REAL, norm REAL,"
    " status INTEGER NOT NULL,"
    " removed INTEGER NOT NULL CHECK (removed IN (0, 1)),"
    " UNIQUE (content, contract, number),"
    " FOREIGN KEY (content, contract) REFERENCES analysis (content, contract) ON DELETE CASCADE"
    ") STRICT;"

    /* Apart from the faces, so that reading those does not read these: a kilobyte each. */
    "CREATE TABLE embedding ("
    " face INTEGER PRIMARY KEY REFERENCES face (id) ON DELETE CASCADE,"
    " contract INTEGER NOT NULL REFERENCES contract (id),"
    " vector BLOB NOT NULL CHECK (length(vector) > 0 AND length(vector) % 2 = 0)"
    ") STRICT;"
    "CREATE INDEX embedding_contract ON embedding (contract);"
    "CREATE TRIGGER embedding_removed AFTER DELETE ON embedding BEGIN"
    " UPDATE contract SET removals = removals + 1 WHERE id = OLD.contract;"
    " END;"

    "CREATE TABLE forgotten_face ("
    " id INTEGER PRIMARY KEY,"
    " sha256 BLOB NOT NULL CHECK (length(sha256) = 32),"
    " x1 REAL, y1 REAL, x2 REAL, y2 REAL"
    ") STRICT;"
    "CREATE INDEX forgotten_face_sha256 ON forgotten_face (sha256);"

    "PRAGMA application_id = 0x66736531;"
    "PRAGMA user_version = 1;",
};

int fse_sqlite_schema_version(void)
{
    return (int)FSE_COUNT(migrations);
}

/* What kind of file it is. */
typedef struct state {
    int64_t application, version, tables;
} state;

static fse_status read_state(fse_sqlite *s, state *found, fse_error *error)
{
    fse_status status;
    bool mine = false;
    FSE_TRY(fse_sqlite_moment(s, &mine, error));
    FSE_TRY(fse_sqlite_exec_int(s, "PRAGMA application_id", &found->application, error));
    FSE_TRY(fse_sqlite_exec_int(s, "PRAGMA user_version", &found->version, error));
    FSE_TRY(fse_sqlite_exec_int(s, "SELECT count(*) FROM sqlite_schema", &found->tables, error));
cleanup:
    fse_sqlite_moment_end(s, mine);
    return status;
}

/* A file of no bytes too: what a process leaves that was killed while it made the database. */
static bool is_empty(const state *found)
{
    return found->tables == 0 && found->application == 0 && found->version == 0;
}

static fse_status check_ours(const fse_sqlite *s, const state *found, fse_error *error)
{
    const int known = fse_sqlite_schema_version();
    if (found->application != APPLICATION_ID)
        return fse_fail(error, FSE_ESTORE, s->path,
                        "a database, but not an index of facesearch; name another file");
    if (found->version > known)
        return fse_fail(error, FSE_ESTORE, s->path,
                        "written by a newer facesearch (schema %d, this one knows up to %d); "
                        "update facesearch, or name another index",
                        (int)found->version, known);
    if (found->version < 1)
        return fse_sqlite_corrupt(s, "it has no version", error);
    return FSE_OK;
}

static fse_status is_wal(const fse_sqlite *s, const char *sql, bool *wal, fse_error *error)
{
    sqlite3_stmt *statement = NULL;
    errno = 0; /* for fse_sqlite_fail() */
    int code = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    *wal =
        code == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? FSE_OK : fse_sqlite_fail(s, code, "cannot read the index", error);
}

/*
 * Pages of 16 KB: fifteen embeddings of 512 numbers fit into one with a twentieth of it left over;
 * of SQLite's usual 4 KB it would be a quarter. Measured (test_store_speed): 1390 bytes a face with
 * all that belongs to it, 1462 with 8 KB, 1656 with 4 KB, and none is slower than another.
 */
static fse_status set_journal(fse_sqlite *s, bool empty, fse_error *error)
{
    bool wal;
    fse_status status = FSE_OK;
    if (empty)
        FSE_TRY(fse_sqlite_exec(s, "PRAGMA page_size = 16384", error));
    FSE_TRY(is_wal(s, "PRAGMA journal_mode = WAL", &wal, error));
    if (!wal)
        FSE_THROW(error, FSE_EIO, s->path,
                  "the file system it lies on has no shared memory, which several programs need to "
                  "use it at once; put the index elsewhere");
cleanup:
    return status;
}

static fse_status migrate(fse_sqlite *s, int64_t version, fse_error *error)
{
    fse_status status = FSE_OK;
    for (size_t i = (size_t)version; i < FSE_COUNT(migrations); i++) {
        FSE_TRY(fse_sqlite_exec(s, "BEGIN IMMEDIATE", error));
        FSE_TRY(fse_sqlite_exec(s, migrations[i], error));
        FSE_TRY(fse_sqlite_exec(s, "COMMIT", error));
    }
cleanup:
    if (!sqlite3_get_autocommit(s->db))
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

/* Another process may be doing just this, which takes a moment; an indexer takes longer. */
static fse_status lock_patiently(fse_sqlite *s, fse_error *error)
{
    static const struct timespec between = {.tv_nsec = 50000000};
    fse_status status = FSE_OK;
    for (int i = 0; i < 100; i++) {
        status = fse_sqlite_lock_now(s, NULL, error);
        if (status != FSE_ELOCKED)
            break;
        nanosleep(&between, NULL);
    }
    return status;
}

/* Make the tables, or bring them up to date; alone. */
static fse_status bring_up(fse_sqlite *s, fse_error *error)
{
    fse_status status;
    state found;
    FSE_TRY(lock_patiently(s, error));
    FSE_TRY(read_state(s, &found, error));
    if (!is_empty(&found))
        FSE_TRY(check_ours(s, &found, error));
    FSE_TRY(set_journal(s, is_empty(&found), error));
    FSE_TRY(migrate(s, found.version, error));
cleanup:
    fse_lock_release(&s->lock);
    return status;
}

fse_status fse_sqlite_schema(fse_sqlite *s, fse_store_mode mode, fse_error *error)
{
    state found;
    bool wal = true;
    fse_status status;
    FSE_TRY(read_state(s, &found, error));
    if (is_empty(&found) && mode != FSE_STORE_CREATE)
        FSE_THROW(error, FSE_ENOENT, s->path, "an empty file; index the folder first");
    if (!is_empty(&found))
        FSE_TRY(check_ours(s, &found, error));
    const bool current = found.version == fse_sqlite_schema_version();
    if (mode == FSE_STORE_READ && !current)
        FSE_THROW(error, FSE_ESTORE, s->path,
                  "written by an older facesearch (schema %d, this one needs %d); index the folder "
                  "again, which brings it up to date",
                  (int)found.version, fse_sqlite_schema_version());
    if (mode != FSE_STORE_READ && current)
        FSE_TRY(is_wal(s, "PRAGMA journal_mode", &wal, error));
    if (!current || !wal)
        FSE_TRY(bring_up(s, error));
cleanup:
    return status;
}
