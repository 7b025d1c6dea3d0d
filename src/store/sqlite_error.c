/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/alloc.h"
#include "store/sqlite.h"

/* SQLite's primary result codes, what they are here, and what the user can do. */
static const struct {
    int code;
    fse_status status;
    const char *advice;
} meanings[] = {
    {SQLITE_BUSY, FSE_ELOCKED, "another program is using it; try again when that is done"},
    {SQLITE_LOCKED, FSE_ELOCKED, "another program is using it; try again when that is done"},
    {SQLITE_CORRUPT, FSE_ECORRUPT,
     "it is damaged; put back a copy of it, or remove it and index the folder again"},
    {SQLITE_NOTADB, FSE_ESTORE,
     "it is not an index of facesearch, or it is damaged; name another one, or move it away and "
     "index the folder again"},
    {SQLITE_FULL, FSE_EFULL, "make room on the disk, then run the command again"},
    {SQLITE_NOMEM, FSE_ENOMEM, "out of memory"},
    {SQLITE_READONLY, FSE_EACCES, "it, or the folder that it lies in, cannot be written"},
    {SQLITE_PERM, FSE_EACCES, "permission denied"},
    {SQLITE_CANTOPEN, FSE_EIO, "it, or a file beside it, cannot be opened"},
    {SQLITE_IOERR, FSE_EIO, "the disk or the file system failed"},
    {SQLITE_PROTOCOL, FSE_ELOCKED, "too many programs are using it at once; try again"},
    {SQLITE_TOOBIG, FSE_ELIMIT, "a value is larger than the index can hold"},
    {SQLITE_INTERRUPT, FSE_ECANCELLED, "interrupted"},
};

/*
 * What the operating system said decides where SQLite only knows that it failed. errnum: as the
 * call left it; sqlite3_system_errno() is 0 after most failures to write (seen with SQLite 3.40).
 */
static int by_errno(int code, int errnum)
{
    const int primary = code & 0xff;
    if (primary != SQLITE_IOERR && primary != SQLITE_CANTOPEN)
        return primary;
    if ((code & ~0xff) == (SQLITE_IOERR_NOMEM & ~0xff))
        return SQLITE_NOMEM;
    switch (errnum) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return SQLITE_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
        return SQLITE_PERM;
    default:
        return primary;
    }
}

fse_status fse_sqlite_fail(const fse_sqlite *s, int code, const char *what, fse_error *error)
{
    const int primary = by_errno(code, errno);
    if (code == SQLITE_CONSTRAINT_CHECK || code == SQLITE_CONSTRAINT_NOTNULL)
        return fse_fail(error, FSE_EINVAL, s->path, "%s: a value that cannot be: %s", what,
                        sqlite3_errmsg(s->db));
    for (size_t i = 0; i < FSE_COUNT(meanings); i++)
        if (meanings[i].code == primary)
            return fse_fail(error, meanings[i].status, s->path, "%s: %s", what, meanings[i].advice);
    const char *text = s->db ? sqlite3_errmsg(s->db) : sqlite3_errstr(code);
    /* All statements are right and all values checked, so what they do not fit is damaged. */
    if (primary == SQLITE_ERROR || primary == SQLITE_CONSTRAINT || primary == SQLITE_MISMATCH)
        return fse_sqlite_corrupt(s, text, error);
    return fse_fail(error, FSE_EINTERNAL, s->path, "%s: SQLite says: %s (%d)", what, text, code);
}

fse_status fse_sqlite_corrupt(const fse_sqlite *s, const char *what, fse_error *error)
{
    return fse_fail(error, FSE_ECORRUPT, s->path,
                    "damaged (%s): put back a copy of it, or remove it and index the folder again",
                    what);
}
