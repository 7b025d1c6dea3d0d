/* SPDX-License-Identifier: Apache-2.0 */
/* Statements: prepared once a connection, bound, stepped. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "store/sqlite.h"

fse_status fse_sql_start(fse_sqlite *s, fse_sql_name name, fse_sql *sql, fse_error *error)
{
    if (!s->statements[name]) {
        const int code = sqlite3_prepare_v3(s->db, fse_sql_source(name), -1,
                                            SQLITE_PREPARE_PERSISTENT, &s->statements[name], NULL);
        if (code != SQLITE_OK)
            return fse_sqlite_fail(s, code, "cannot read the index", error);
    }
    *sql = (fse_sql){.store = s, .statement = s->statements[name]};
    return FSE_OK;
}

static void bound(fse_sql *sql, int code)
{
    if (sql->code == SQLITE_OK)
        sql->code = code;
}

void fse_sql_int(fse_sql *sql, int64_t value)
{
    bound(sql, sqlite3_bind_int64(sql->statement, ++sql->bound, value));
}

void fse_sql_real(fse_sql *sql, double value)
{
    bound(sql, sqlite3_bind_double(sql->statement, ++sql->bound, value));
}

void fse_sql_null(fse_sql *sql)
{
    bound(sql, sqlite3_bind_null(sql->statement, ++sql->bound));
}

void fse_sql_blob(fse_sql *sql, const void *bytes, size_t size)
{
    bound(sql, sqlite3_bind_blob64(sql->statement, ++sql->bound, bytes, size, SQLITE_STATIC));
}

void fse_sql_text(fse_sql *sql, const char *text)
{
    bound(sql, sqlite3_bind_text(sql->statement, ++sql->bound, text, -1, SQLITE_STATIC));
}

fse_status fse_sql_next(fse_sql *sql, bool *row, fse_error *error)
{
    *row = false;
    errno = 0; /* for fse_sqlite_fail() */
    if (sql->code == SQLITE_OK)
        sql->code = sqlite3_step(sql->statement);
    const int code = sql->code;
    sql->code = SQLITE_OK;
    if (code == SQLITE_ROW)
        *row = true;
    else if (code != SQLITE_DONE)
        return fse_sqlite_fail(sql->store, code,
                               sqlite3_stmt_readonly(sql->statement) ? "cannot read the index"
                                                                     : "cannot write the index",
                               error);
    return FSE_OK;
}

fse_status fse_sql_run(fse_sql *sql, fse_error *error)
{
    fse_status status;
    bool row = true;
    do
        status = fse_sql_next(sql, &row, error);
    while (status == FSE_OK && row);
    fse_sql_end(sql);
    return status;
}

void fse_sql_again(fse_sql *sql)
{
    sqlite3_reset(sql->statement);
    sql->bound = 0;
    sql->code = SQLITE_OK;
}

void fse_sql_end(fse_sql *sql)
{
    if (!sql->statement)
        return;
    sqlite3_reset(sql->statement);
    sqlite3_clear_bindings(sql->statement); /* what was borrowed may go now */
    sql->statement = NULL;
}

int64_t fse_sql_get_int(const fse_sql *sql, int column)
{
    return sqlite3_column_int64(sql->statement, column);
}

float fse_sql_get_real(const fse_sql *sql, int column)
{
    if (fse_sql_is_null(sql, column))
        return NAN;
    return (float)sqlite3_column_double(sql->statement, column);
}

bool fse_sql_is_null(const fse_sql *sql, int column)
{
    return sqlite3_column_type(sql->statement, column) == SQLITE_NULL;
}

const char *fse_sql_get_text(const fse_sql *sql, int column)
{
    const unsigned char *text = sqlite3_column_text(sql->statement, column);
    return text ? (const char *)text : "";
}

fse_status fse_sql_get_blob(const fse_sql *sql, int column, void *bytes, size_t size,
                            fse_error *error)
{
    const void *blob = sqlite3_column_blob(sql->statement, column);
    if (!blob || (size_t)sqlite3_column_bytes(sql->statement, column) != size)
        return fse_sqlite_corrupt(sql->store, "a value has a wrong size", error);
    memcpy(bytes, blob, size);
    return FSE_OK;
}

fse_status fse_sqlite_exec(const fse_sqlite *s, const char *sql, fse_error *error)
{
    errno = 0; /* for fse_sqlite_fail() */
    const int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? FSE_OK : fse_sqlite_fail(s, code, "cannot use the index", error);
}

fse_status fse_sqlite_exec_int(const fse_sqlite *s, const char *sql, int64_t *value,
                               fse_error *error)
{
    sqlite3_stmt *statement = NULL;
    errno = 0; /* for fse_sqlite_fail() */
    int code = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    if (code == SQLITE_ROW)
        return FSE_OK;
    return code == SQLITE_DONE ? fse_sqlite_corrupt(s, "no answer", error)
                               : fse_sqlite_fail(s, code, "cannot read the index", error);
}

fse_status fse_sqlite_moment(fse_sqlite *s, bool *mine, fse_error *error)
{
    *mine = sqlite3_get_autocommit(s->db) != 0;
    return *mine ? fse_sqlite_exec(s, "BEGIN", error) : FSE_OK;
}

void fse_sqlite_moment_end(fse_sqlite *s, bool mine)
{
    if (mine)
        sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}
