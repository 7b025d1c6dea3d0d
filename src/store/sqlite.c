/* SPDX-License-Identifier: Apache-2.0 */
/* The SQLite backend: a connection, its settings, the writer's lock, transactions. */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"

/* STRICT tables. */
#define OLDEST_SQLITE 3037000

/* Writers take turns by the lock file, so this only bridges a checkpoint or a VACUUM. */
#define BUSY_MS 10000

/* ---- Open ---- */

static char *add_suffix(const char *path, const char *suffix)
{
    const size_t length = strlen(path), more = strlen(suffix) + 1;
    char *joined = malloc(length + more);
    if (!joined)
        return NULL;
    memcpy(joined, path, length);
    memcpy(joined + length, suffix, more);
    return joined;
}

/* Its permissions are right from its first byte; SQLite gives the files beside it the same. */
static fse_status make_file(const char *path, fse_error *error)
{
    const int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0)
        return errno == EEXIST ? FSE_OK
                               : fse_fail_errno(error, errno, path, "cannot create the index");
    /* Nobody else has it open yet, so this close() cannot drop another's locks on it. */
    close(fd);
    return FSE_OK;
}

/* Its real name: two names of one index must not lead to two lock files. */
static fse_status find_file(fse_sqlite *s, const char *location, fse_error *error)
{
    struct stat info;
    if (stat(location, &info) != 0)
        return fse_fail_errno(error, errno, location, "cannot open the index");
    if (!S_ISREG(info.st_mode))
        return fse_fail(error, FSE_ESTORE, location, "expected an index, which is a file");
    s->path = realpath(location, NULL);
    if (!s->path)
        return fse_fail_errno(error, errno, location, "cannot open the index");
    s->lock_path = add_suffix(s->path, "-lock");
    return s->lock_path ? FSE_OK : fse_fail_memory(error);
}

/* "file:PATH?immutable=1", with what means something in a URI written as %XX. */
static fse_status immutable_uri(const char *path, fse_buffer *uri, fse_error *error)
{
    fse_status status;
    FSE_TRY(fse_buffer_format(uri, error, "file:"));
    for (const char *c = path; *c; c++) {
        if (strchr("%?#", *c))
            FSE_TRY(fse_buffer_format(uri, error, "%%%02X", (unsigned char)*c));
        else
            FSE_TRY(fse_buffer_add(uri, c, 1, error));
    }
    FSE_TRY(fse_buffer_format(uri, error, "?immutable=1"));
cleanup:
    return status;
}

static void disconnect(fse_sqlite *s)
{
    for (size_t i = 0; i < FSE_SQL_COUNT; i++) {
        sqlite3_finalize(s->statements[i]);
        s->statements[i] = NULL;
    }
    sqlite3_close(s->db);
    s->db = NULL;
}

/*
 * Cautious with what a damaged or malicious file may hold: no functions or tables with side effects
 * from its schema, and cells are checked before they are used.
 * secure_delete: what is removed is overwritten with zeros, not only unlinked.
 * synchronous FULL: a commit is on the disk when it returns. It costs one fsync() for a batch of
 * photos, which take half a second and more to analyse.
 * wal_autocheckpoint: the log goes back into the database every 4 MB, as it does by default with
 * pages of 4 KB; journal_size_limit cuts what a large transaction left.
 */
static const char settings[] = "PRAGMA trusted_schema = OFF;"
                               "PRAGMA cell_size_check = ON;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA cache_size = -16000;"
                               "PRAGMA wal_autocheckpoint = 256;"
                               "PRAGMA journal_size_limit = 67108864;";

static fse_status connect_to(fse_sqlite *s, const char *name, fse_store_mode mode, fse_error *error)
{
    fse_status status = FSE_OK;
    const int flags =
        (s->immutable ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE) |
        SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    errno = 0; /* for fse_sqlite_fail() */
    const int code = sqlite3_open_v2(name, &s->db, flags, NULL);
    if (code != SQLITE_OK)
        FSE_TRY(fse_sqlite_fail(s, code, "cannot open the index", error));
    sqlite3_busy_timeout(s->db, BUSY_MS);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    if (mode != FSE_STORE_READ && sqlite3_db_readonly(s->db, "main") == 1)
        FSE_THROW(error, FSE_EACCES, s->path, "the index cannot be written: permission denied");
    FSE_TRY(fse_sqlite_exec(s, settings, error));
    FSE_TRY(fse_sqlite_exec(s,
                            mode == FSE_STORE_READ ? "PRAGMA query_only = ON"
                                                   : "PRAGMA secure_delete = ON",
                            error));
    FSE_TRY(fse_sqlite_schema(s, mode, error));
cleanup:
    if (status != FSE_OK)
        disconnect(s);
    return status;
}

/* Whether the files beside the database, which readers share, cannot be made. */
static bool folder_is_read_only(const char *path)
{
    char *folder = fse_strdup(path);
    if (!folder)
        return false;
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    const bool writable = faccessat(AT_FDCWD, folder, W_OK, AT_EACCESS) == 0;
    free(folder);
    return !writable;
}

static fse_status check_no_wal(const fse_sqlite *s, fse_error *error)
{
    struct stat info;
    char *wal = add_suffix(s->path, "-wal");
    if (!wal)
        return fse_fail_memory(error);
    const bool there = stat(wal, &info) == 0 && info.st_size > 0;
    free(wal);
    if (there)
        return fse_fail(error, FSE_EACCES, s->path,
                        "the folder of the index cannot be written, and the last changes, in the "
                        "file beside it that ends in -wal, were not merged yet; copy the folder to "
                        "where it can be written");
    return FSE_OK;
}

/* On read-only media SQLite's readers cannot agree by shared memory; nor need they. */
static fse_status connect_immutable(fse_sqlite *s, fse_error *error)
{
    fse_status status;
    fse_buffer uri = {0};
    FSE_TRY(check_no_wal(s, error));
    FSE_TRY(immutable_uri(s->path, &uri, error));
    s->immutable = true;
    FSE_TRY(connect_to(s, uri.data, FSE_STORE_READ, error));
cleanup:
    free(uri.data);
    return status;
}

static void close_sqlite(fse_store *store)
{
    fse_sqlite *s = (fse_sqlite *)store;
    disconnect(s);
    fse_lock_release(&s->lock);
    fse_sqlite_profiles_free(s);
    free(s->vector);
    free(s->lock_path);
    free(s->path);
    free(s);
}

static fse_status open_sqlite(const char *location, fse_store_mode mode, fse_store **store,
                              fse_error *error)
{
    fse_status status = FSE_OK;
    fse_sqlite *s = fse_alloc(1, sizeof *s);
    if (!s)
        return fse_fail_memory(error);
    if (sqlite3_libversion_number() < OLDEST_SQLITE)
        FSE_THROW(error, FSE_ESTORE, location, "needs SQLite 3.37 or newer, but %s is installed",
                  sqlite3_libversion());
    if (mode == FSE_STORE_CREATE)
        FSE_TRY(make_file(location, error));
    FSE_TRY(find_file(s, location, error));
    status = connect_to(s, s->path, mode, error);
    if ((status == FSE_EACCES || status == FSE_EIO) && mode == FSE_STORE_READ &&
        folder_is_read_only(s->path))
        status = connect_immutable(s, error);
    FSE_TRY(status);
    *store = &s->base;
    s = NULL;
cleanup:
    if (s)
        close_sqlite(&s->base);
    return status;
}

static fse_status describe(fse_store *store, fse_store_info *info, fse_error *error)
{
    fse_status status = FSE_OK;
    fse_sqlite *s = (fse_sqlite *)store;
    sqlite3_stmt *statement = NULL;
    struct stat file;
    char *wal = add_suffix(s->path, "-wal");
    if (!wal)
        FSE_TRY(fse_fail_memory(error));
    info->location = s->path;
    info->version = fse_sqlite_schema_version();
    info->read_only = store->mode == FSE_STORE_READ;
    if (stat(s->path, &file) == 0)
        info->bytes += (uint64_t)file.st_size;
    if (stat(wal, &file) == 0)
        info->bytes += (uint64_t)file.st_size;
    const int code = sqlite3_prepare_v2(s->db, "SELECT id FROM library", -1, &statement, NULL);
    if (code != SQLITE_OK || sqlite3_step(statement) != SQLITE_ROW ||
        sqlite3_column_bytes(statement, 0) != sizeof info->id - 1)
        FSE_TRY(fse_sqlite_corrupt(s, "it has no id", error));
    memcpy(info->id, sqlite3_column_text(statement, 0), sizeof info->id);
cleanup:
    sqlite3_finalize(statement);
    free(wal);
    return status;
}

/* ---- The writer ---- */

fse_status fse_sqlite_lock_now(fse_sqlite *s, fse_lock_holder *holder, fse_error *error)
{
    const fse_status status = fse_lock_take(s->lock_path, &s->lock, holder, error);
    if (status == FSE_OK)
        fse_sqlite_profiles_stale(s); /* another writer may have removed some */
    return status;
}

static fse_status lock_sqlite(fse_store *store, fse_lock_holder *holder, fse_error *error)
{
    return fse_sqlite_lock_now((fse_sqlite *)store, holder, error);
}

static void unlock_sqlite(fse_store *store)
{
    fse_lock_release(&((fse_sqlite *)store)->lock);
}

static fse_status writer(fse_store *store, bool *held, fse_lock_holder *holder, fse_error *error)
{
    return fse_lock_look(((fse_sqlite *)store)->lock_path, held, holder, error);
}

/* ---- Transactions ---- */

static fse_status snapshot(fse_store *store, fse_error *error)
{
    fse_status status;
    int64_t one;
    fse_sqlite *s = (fse_sqlite *)store;
    FSE_TRY(fse_sqlite_exec(s, "BEGIN", error));
    /* The snapshot is of the moment of the first read, not of BEGIN. */
    FSE_TRY(fse_sqlite_exec_int(s, "SELECT count(*) FROM library", &one, error));
cleanup:
    if (status != FSE_OK)
        fse_sqlite_moment_end(s, !sqlite3_get_autocommit(s->db));
    return status;
}

static void release(fse_store *store)
{
    fse_sqlite_moment_end((fse_sqlite *)store, true);
}

static fse_status begin(fse_store *store, fse_error *error)
{
    return fse_sqlite_exec((fse_sqlite *)store, "BEGIN IMMEDIATE", error);
}

static void rollback(fse_store *store)
{
    fse_sqlite *s = (fse_sqlite *)store;
    fse_sqlite_moment_end(s, !sqlite3_get_autocommit(s->db)); /* some failures roll back already */
    fse_sqlite_profiles_stale(s);
}

static fse_status commit(fse_store *store, fse_error *error)
{
    fse_sqlite *s = (fse_sqlite *)store;
    errno = 0; /* for fse_sqlite_fail() */
    const int code = sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        return FSE_OK;
    const fse_status status = fse_sqlite_fail(s, code, "cannot write the index", error);
    rollback(store);
    return status;
}

fse_status fse_sqlite_room(fse_sqlite *s, size_t numbers, fse_error *error)
{
    if (numbers <= s->vector_room)
        return FSE_OK;
    uint16_t *room = realloc(s->vector, numbers * sizeof *room);
    if (!room)
        return fse_fail_memory(error);
    s->vector = room;
    s->vector_room = numbers;
    return FSE_OK;
}

const fse_store_backend fse_store_sqlite = {
    .scheme = "sqlite",
    .open = open_sqlite,
    .close = close_sqlite,
    .describe = describe,
    .lock = lock_sqlite,
    .unlock = unlock_sqlite,
    .writer = writer,
    .snapshot = snapshot,
    .release = release,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .add_contract = fse_sqlite_add_contract,
    .contracts = fse_sqlite_contracts,
    .find_contract = fse_sqlite_find_contract,
    .profiles = fse_sqlite_profiles,
    .find_contents = fse_sqlite_find_contents,
    .put_photo = fse_sqlite_put_photo,
    .put_failure = fse_sqlite_put_failure,
    .drop_orphans = fse_sqlite_drop_orphans,
    .put_path = fse_sqlite_put_path,
    .remove_path = fse_sqlite_remove_path,
    .remove_folder = fse_sqlite_remove_folder,
    .find_path = fse_sqlite_find_path,
    .list_paths = fse_sqlite_list_paths,
    .paths_of = fse_sqlite_paths_of,
    .vectors = fse_sqlite_vectors,
    .face_ids = fse_sqlite_face_ids,
    .faces = fse_sqlite_faces,
    .faces_of = fse_sqlite_faces_of,
    .count = fse_sqlite_count,
    .get_setting = fse_sqlite_get_setting,
    .put_setting = fse_sqlite_put_setting,
    .forget_face = fse_sqlite_forget_face,
    .forget_contract = fse_sqlite_forget_contract,
    .forget_all = fse_sqlite_forget_all,
    .scrub = fse_sqlite_scrub,
};
