/* SPDX-License-Identifier: Apache-2.0 */
/* Contracts, contents, paths and figures out of the database. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/sqlite.h"

/* ---- Contracts and profiles ---- */

static fse_status visit_contract(const fse_sql *sql, fse_store_visit_contract visit, void *user,
                                 fse_error *error)
{
    fse_store_contract contract = {
        .id = fse_sql_get_int(sql, 0),
        .model = fse_sql_get_text(sql, 2),
        .dim = (int)fse_sql_get_int(sql, 3),
        .removals = fse_sql_get_int(sql, 4),
        .last_face = fse_sql_get_int(sql, 5),
        .faces = fse_sql_get_int(sql, 6),
    };
    const char *hex = fse_sql_get_text(sql, 1);
    if (strlen(hex) != sizeof contract.contract - 1)
        return fse_sqlite_corrupt(sql->store, "a contract is not 64 digits", error);
    memcpy(contract.contract, hex, sizeof contract.contract);
    return visit(user, &contract, error);
}

fse_status fse_sqlite_contracts(fse_store *store, fse_store_visit_contract visit, void *user,
                                fse_error *error)
{
    fse_sql sql = {0};
    bool row;
    fse_status status;
    FSE_TRY(fse_sql_start((fse_sqlite *)store, FSE_SQL_CONTRACTS, &sql, error));
    for (;;) {
        FSE_TRY(fse_sql_next(&sql, &row, error));
        if (!row)
            break;
        FSE_TRY(visit_contract(&sql, visit, user, error));
    }
cleanup:
    fse_sql_end(&sql);
    return status;
}

fse_status fse_sqlite_find_contract(fse_store *store, const char *contract, int64_t *id,
                                    fse_error *error)
{
    fse_sql sql = {0};
    bool row;
    fse_status status;
    FSE_TRY(fse_sql_start((fse_sqlite *)store, FSE_SQL_FIND_CONTRACT, &sql, error));
    fse_sql_text(&sql, contract);
    FSE_TRY(fse_sql_next(&sql, &row, error));
    if (row)
        *id = fse_sql_get_int(&sql, 0);
cleanup:
    fse_sql_end(&sql);
    return status;
}

fse_status fse_sqlite_profiles(fse_store *store, int64_t contract, fse_store_visit_profile visit,
                               void *user, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    fse_sql sql = {0};
    bool row, mine = false;
    fse_status status;
    FSE_TRY(fse_sqlite_moment(s, &mine, error));
    FSE_TRY(fse_sql_start(s, FSE_SQL_PROFILES, &sql, error));
    fse_sql_int(&sql, contract);
    for (;;) {
        const fse_store_profile *profile;
        FSE_TRY(fse_sql_next(&sql, &row, error));
        if (!row)
            break;
        FSE_TRY(fse_sqlite_profile_by_id(s, fse_sql_get_int(&sql, 0), &profile, error));
        FSE_TRY(visit(user, profile, (uint64_t)fse_sql_get_int(&sql, 1), error));
    }
cleanup:
    fse_sql_end(&sql);
    fse_sqlite_moment_end(s, mine);
    return status;
}

/* ---- Contents ---- */

/* Columns: status, faces and profile of an analysis, NULL where there is none. */
static fse_status read_known(fse_sqlite *s, const fse_sql *sql, int status_column, int faces_column,
                             int profile_column, fse_store_known *known, fse_error *error)
{
    if (fse_sql_is_null(sql, status_column))
        return FSE_OK;
    known->analysed = true;
    known->status = (fse_status)fse_sql_get_int(sql, status_column);
    known->faces = (int)fse_sql_get_int(sql, faces_column);
    return fse_sqlite_profile_by_id(s, fse_sql_get_int(sql, profile_column), &known->profile,
                                    error);
}

fse_status fse_sqlite_find_contents(fse_store *store, int64_t contract, const uint8_t *sha256,
                                    size_t count, fse_store_known *known, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    fse_sql sql = {0};
    bool row, mine = false;
    fse_status status;
    FSE_TRY(fse_sqlite_moment(s, &mine, error));
    FSE_TRY(fse_sql_start(s, FSE_SQL_FIND_CONTENT, &sql, error));
    for (size_t i = 0; i < count; i++) {
        known[i] = (fse_store_known){0};
        fse_sql_int(&sql, contract);
        fse_sql_blob(&sql, sha256 + i * FSE_SHA256_BYTES, FSE_SHA256_BYTES);
        FSE_TRY(fse_sql_next(&sql, &row, error));
        if (row) {
            known[i].content = fse_sql_get_int(&sql, 0);
            FSE_TRY(read_known(s, &sql, 1, 2, 3, &known[i], error));
        }
        fse_sql_again(&sql);
    }
cleanup:
    fse_sql_end(&sql);
    fse_sqlite_moment_end(s, mine);
    return status;
}

/* ---- Paths ---- */

/* A path is any bytes, and not NUL-terminated in the database. */
static fse_status read_name(const fse_sql *sql, fse_buffer *name, fse_error *error)
{
    const void *bytes = sqlite3_column_blob(sql->statement, 0);
    const size_t size = (size_t)sqlite3_column_bytes(sql->statement, 0);
    if (!bytes || memchr(bytes, 0, size))
        return fse_sqlite_corrupt(sql->store, "a path is empty or has a NUL", error);
    name->size = 0;
    return fse_buffer_add(name, bytes, size, error);
}

static fse_status read_content(fse_sqlite *s, const fse_sql *sql, fse_store_path *entry,
                               fse_error *error)
{
    fse_status status;
    entry->known.content = fse_sql_get_int(sql, 9);
    FSE_TRY(fse_sql_get_blob(sql, 10, entry->sha256, sizeof entry->sha256, error));
    if (!fse_sql_is_null(sql, 11))
        entry->taken = fse_sql_get_int(sql, 11);
    entry->width = (int)fse_sql_get_int(sql, 12);
    entry->height = (int)fse_sql_get_int(sql, 13);
    entry->damaged = fse_sql_get_int(sql, 14) != 0;
    FSE_TRY(read_known(s, sql, 15, 17, 18, &entry->known, error));
    entry->known_reason = fse_sql_get_text(sql, 16);
cleanup:
    return status;
}

/* The columns are those of PATHS in sqlite_statements.c. The name is in the buffer. */
static fse_status read_path(fse_sqlite *s, const fse_sql *sql, fse_buffer *name,
                            fse_store_path *entry, fse_error *error)
{
    fse_status status;
    FSE_TRY(read_name(sql, name, error));
    *entry = (fse_store_path){
        .path = name->data,
        .size = (uint64_t)fse_sql_get_int(sql, 1),
        .mtime = fse_sql_get_int(sql, 2),
        .device = (uint64_t)fse_sql_get_int(sql, 3),
        .inode = (uint64_t)fse_sql_get_int(sql, 4),
        .state = (fse_path_state)fse_sql_get_int(sql, 5),
        .status = (fse_status)fse_sql_get_int(sql, 6),
        .reason = fse_sql_get_text(sql, 7),
        .software = fse_sql_get_text(sql, 8),
        .known_reason = "",
        .taken = FSE_NO_TIME,
    };
    if (!fse_sql_is_null(sql, 9))
        FSE_TRY(read_content(s, sql, entry, error));
cleanup:
    return status;
}

static fse_status visit_paths(fse_sqlite *s, fse_sql *sql, fse_store_visit_path visit, void *user,
                              fse_error *error)
{
    fse_buffer name = {0};
    fse_store_path entry;
    bool row;
    fse_status status;
    for (;;) {
        FSE_TRY(fse_sql_next(sql, &row, error));
        if (!row)
            break;
        FSE_TRY(read_path(s, sql, &name, &entry, error));
        FSE_TRY(visit(user, &entry, error));
    }
cleanup:
    free(name.data);
    return status;
}

fse_status fse_sqlite_find_path(fse_store *store, int64_t contract, const char *path,
                                fse_store_visit_path visit, void *user, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    fse_sql sql = {0};
    bool mine = false;
    fse_status status;
    FSE_TRY(fse_sqlite_moment(s, &mine, error));
    FSE_TRY(fse_sql_start(s, FSE_SQL_GET_PATH, &sql, error));
    fse_sql_int(&sql, contract);
    fse_sql_blob(&sql, path, strlen(path));
    FSE_TRY(visit_paths(s, &sql, visit, user, error));
cleanup:
    fse_sql_end(&sql);
    fse_sqlite_moment_end(s, mine);
    return status;
}

/* "folder/", or with the character after the slash: the bounds of what lies below it. */
static fse_status folder_bound(const char *folder, char last, fse_buffer *bound, fse_error *error)
{
    fse_status status;
    FSE_TRY(fse_buffer_add(bound, folder, strlen(folder), error));
    FSE_TRY(fse_buffer_add(bound, &last, 1, error));
cleanup:
    return status;
}

fse_status fse_sqlite_list_paths(fse_store *store, const fse_store_page *page,
                                 fse_store_visit_path visit, void *user, fse_error *error)
{
    static const fse_sql_name names[2][2] = {
        {FSE_SQL_LIST_PATHS, FSE_SQL_LIST_PATHS_TROUBLE},
        {FSE_SQL_LIST_FOLDER, FSE_SQL_LIST_FOLDER_TROUBLE},
    };
    fse_sqlite *s = (fse_sqlite *)store;
    const fse_store_paths_options *options = page->options;
    const bool in_folder = options->folder[0] != '\0';
    fse_buffer from = {0}, to = {0};
    fse_sql sql = {0};
    bool mine = false;
    fse_status status;
    if (in_folder && page->after[0] == '\0')
        FSE_TRY(folder_bound(options->folder, '/', &from, error));
    else
        FSE_TRY(fse_buffer_add(&from, page->after, strlen(page->after), error));
    FSE_TRY(folder_bound(options->folder, '/' + 1, &to, error));
    FSE_TRY(fse_sqlite_moment(s, &mine, error));
    FSE_TRY(fse_sql_start(s, names[in_folder][options->trouble], &sql, error));
    fse_sql_int(&sql, options->contract);
    fse_sql_blob(&sql, from.data, from.size);
    fse_sql_int(&sql, (int64_t)page->limit);
    if (in_folder)
        fse_sql_blob(&sql, to.data, to.size);
    FSE_TRY(visit_paths(s, &sql, visit, user, error));
cleanup:
    fse_sql_end(&sql);
    fse_sqlite_moment_end(s, mine);
    free(from.data);
    free(to.data);
    return status;
}

fse_status fse_sqlite_paths_of(fse_store *store, int64_t contract, const int64_t *contents,
                               size_t count, fse_store_visit_path visit, void *user,
                               fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    fse_sql sql = {0};
    bool mine = false;
    fse_status status;
    FSE_TRY(fse_sqlite_moment(s, &mine, error));
    FSE_TRY(fse_sql_start(s, FSE_SQL_PATHS_OF, &sql, error));
    for (size_t i = 0; i < count; i++) {
        fse_sql_int(&sql, contract);
        fse_sql_int(&sql, contents[i]);
        FSE_TRY(visit_paths(s, &sql, visit, user, error));
        fse_sql_again(&sql);
    }
cleanup:
    fse_sql_end(&sql);
    fse_sqlite_moment_end(s, mine);
    return status;
}

/* ---- Figures and settings ---- */

/* One row of numbers. total() gives reals, which are exact up to 2^53. */
static fse_status read_numbers(fse_sqlite *s, fse_sql_name name, int64_t contract,
                               uint64_t *numbers, int count, fse_error *error)
{
    fse_sql sql = {0};
    bool row;
    fse_status status;
    FSE_TRY(fse_sql_start(s, name, &sql, error));
    if (contract)
        fse_sql_int(&sql, contract);
    FSE_TRY(fse_sql_next(&sql, &row, error));
    for (int i = 0; i < count; i++)
        numbers[i] = row ? (uint64_t)fse_sql_get_int(&sql, i) : 0;
cleanup:
    fse_sql_end(&sql);
    return status;
}

fse_status fse_sqlite_count(fse_store *store, int64_t contract, fse_store_counts *counts,
                            fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    uint64_t without[3], analysed[4] = {0}; /* in the order of the statements' columns */
    bool mine = false;
    fse_status status;
    FSE_TRY(fse_sqlite_moment(s, &mine, error));
    FSE_TRY(read_numbers(s, FSE_SQL_COUNT_PATHS, 0, &counts->paths, 1, error));
    FSE_TRY(read_numbers(s, FSE_SQL_COUNT_PATHS_WITHOUT, 0, without, 3, error));
    if (contract) {
        FSE_TRY(read_numbers(s, FSE_SQL_COUNT_ANALYSED, contract, analysed, 4, error));
        FSE_TRY(read_numbers(s, FSE_SQL_COUNT_ANALYSES, contract, &counts->contents, 1, error));
        FSE_TRY(read_numbers(s, FSE_SQL_COUNT_DAMAGED, contract, &counts->damaged, 1, error));
    }
    counts->photos = analysed[1];
    counts->faces = analysed[2];
    counts->skipped = analysed[3] + without[1];
    counts->pending = counts->paths - without[0] - analysed[0];
    counts->removed = without[2];
cleanup:
    fse_sqlite_moment_end(s, mine);
    return status;
}

fse_status fse_sqlite_get_setting(fse_store *store, const char *name, char **value,
                                  fse_error *error)
{
    fse_sql sql = {0};
    fse_buffer found = {0};
    bool row;
    fse_status status;
    FSE_TRY(fse_sql_start((fse_sqlite *)store, FSE_SQL_GET_SETTING, &sql, error));
    fse_sql_text(&sql, name);
    FSE_TRY(fse_sql_next(&sql, &row, error));
    if (row) {
        const void *bytes = sqlite3_column_blob(sql.statement, 0);
        FSE_TRY(
            fse_buffer_add(&found, bytes, (size_t)sqlite3_column_bytes(sql.statement, 0), error));
    }
    *value = found.data;
    found.data = NULL;
cleanup:
    fse_sql_end(&sql);
    free(found.data);
    return status;
}
