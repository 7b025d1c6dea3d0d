/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite_statements.h"

/*
 * Of a path: 0..8 the path itself, 9..14 its content, 15..18 its analysis under contract ?1. The
 * columns are read by read_path() in sqlite_read.c.
 */
#define PATHS                                                                                      \
    "SELECT p.path, p.size, p.mtime, p.device, p.inode, p.state, p.status, p.reason, p.software,"  \
    " p.content, c.sha256, c.taken, c.width, c.height, c.damaged,"                                 \
    " a.status, a.reason, a.faces, a.profile"                                                      \
    " FROM path AS p LEFT JOIN content AS c ON c.id = p.content"                                   \
    " LEFT JOIN analysis AS a ON a.content = p.content AND a.contract = ?1"
#define TROUBLE " AND (p.state <> 0 OR c.damaged = 1 OR a.status <> 0)"

/* Of a face, read by read_face() in sqlite_faces.c. */
#define FACES                                                                                      \
    "SELECT f.id, f.content, f.contract, f.number, f.size, f.score, c.taken, e.vector,"            \
    " f.x1, f.y1, f.x2, f.y2, f.landmarks, f.sharpness, f.yaw, f.pitch, f.brightness, f.norm,"     \
    " f.status, f.removed"                                                                         \
    " FROM face AS f JOIN content AS c ON c.id = f.content"                                        \
    " LEFT JOIN embedding AS e ON e.face = f.id"

static const char *const sources[FSE_SQL_COUNT] = {
    [FSE_SQL_ADD_CONTRACT] = "INSERT INTO contract (contract, model, dim) VALUES (?1, ?2, ?3)"
                             " RETURNING id",
    [FSE_SQL_CONTRACT_DIM] = "SELECT dim FROM contract WHERE id = ?1",
    [FSE_SQL_CONTRACTS] = "SELECT id, contract, model, dim, removals,"
                          " (SELECT max(face) FROM embedding AS e WHERE e.contract = contract.id),"
                          " (SELECT count(*) FROM embedding AS e WHERE e.contract = contract.id)"
                          " FROM contract ORDER BY id",
    [FSE_SQL_COUNT_ANALYSES] = "SELECT count(*) FROM analysis WHERE contract = ?1 AND status = 0",
    /* From the analyses, by the index to their paths: a third of the time that paths first take. */
    [FSE_SQL_COUNT_ANALYSED] =
        "SELECT count(*), total(a.status = 0), total(a.faces), total(a.status <> 0)"
        " FROM analysis AS a CROSS JOIN path AS p ON p.content = a.content WHERE a.contract = ?1",
    [FSE_SQL_COUNT_DAMAGED] =
        "SELECT count(*) FROM content AS c CROSS JOIN analysis AS a ON a.content = c.id"
        " CROSS JOIN path AS p ON p.content = c.id"
        " WHERE c.damaged = 1 AND a.contract = ?1 AND a.status = 0",
    [FSE_SQL_COUNT_PATHS] = "SELECT count(*) FROM path",
    [FSE_SQL_COUNT_PATHS_WITHOUT] =
        "SELECT count(*), total(state = 1), total(state = 2) FROM path WHERE content IS NULL",
    [FSE_SQL_DELETE_CONTENT] = "DELETE FROM content WHERE id = ?1",
    [FSE_SQL_DELETE_EMBEDDING] = "DELETE FROM embedding WHERE face = ?1",
    [FSE_SQL_DELETE_FACES] = "DELETE FROM face WHERE content = ?1 AND contract = ?2",
    [FSE_SQL_DELETE_FACES_OF_CONTENT] = "DELETE FROM face WHERE content = ?1",
    [FSE_SQL_DELETE_FOLDER] = "DELETE FROM path WHERE path > ?1 AND path < ?2",
    [FSE_SQL_DELETE_PATH] = "DELETE FROM path WHERE path = ?1",
    [FSE_SQL_DELETE_PATHS] = "DELETE FROM path",
    [FSE_SQL_DELETE_SETTING] = "DELETE FROM setting WHERE name = ?1",
    [FSE_SQL_FACE] = FACES " WHERE f.id = ?1",
    [FSE_SQL_FACES_OF] = FACES " WHERE f.content = ?1 AND f.contract = ?2 ORDER BY f.number",
    [FSE_SQL_FACES_TO_FORGET] =
        "SELECT g.id = ?1, g.id, g.x1, g.y1, g.x2, g.y2, c.sha256 FROM face AS f"
        " JOIN face AS g ON g.content = f.content JOIN content AS c ON c.id = f.content"
        " WHERE f.id = ?1 ORDER BY g.id <> ?1, g.id",
    [FSE_SQL_FACE_IDS] = "SELECT face FROM embedding WHERE contract = ?1 AND face > ?2"
                         " ORDER BY face LIMIT ?3",
    [FSE_SQL_FIND_ANALYSIS] = "SELECT a.status, a.faces, a.profile FROM analysis AS a"
                              " WHERE a.content = ?1 AND a.contract = ?2",
    [FSE_SQL_FIND_CONTENT] =
        "SELECT c.id, a.status, a.faces, a.profile FROM content AS c LEFT JOIN analysis AS a"
        " ON a.content = c.id AND a.contract = ?1 WHERE c.sha256 = ?2",
    [FSE_SQL_FIND_CONTRACT] = "SELECT id, dim FROM contract WHERE contract = ?1",
    [FSE_SQL_FIND_PROFILE] =
        "SELECT id FROM profile WHERE min_face = ?1 AND detect_size = ?2 AND precision = ?3"
        " AND runtime = ?4 AND software = ?5",
    [FSE_SQL_FORGET_BOX] = "INSERT INTO forgotten_face (sha256, x1, y1, x2, y2)"
                           " VALUES (?1, ?2, ?3, ?4, ?5)",
    [FSE_SQL_FORGET_CONTRACT] = "DELETE FROM contract WHERE id = ?1",
    [FSE_SQL_FORGET_CONTRACT_ANALYSES] = "DELETE FROM analysis WHERE contract = ?1",
    [FSE_SQL_FORGET_CONTRACT_FACES] = "DELETE FROM face WHERE contract = ?1",
    [FSE_SQL_FORGOTTEN_BOXES] = "SELECT x1, y1, x2, y2 FROM forgotten_face WHERE sha256 = ?1",
    [FSE_SQL_GET_PATH] = PATHS " WHERE p.path = ?2",
    [FSE_SQL_GET_PROFILE] = "SELECT min_face, detect_size, precision, runtime, software"
                            " FROM profile WHERE id = ?1",
    [FSE_SQL_GET_SETTING] = "SELECT value FROM setting WHERE name = ?1",
    [FSE_SQL_LIST_FOLDER] = PATHS " WHERE p.path > ?2 AND p.path < ?4 ORDER BY p.path LIMIT ?3",
    [FSE_SQL_LIST_FOLDER_TROUBLE] =
        PATHS " WHERE p.path > ?2 AND p.path < ?4" TROUBLE " ORDER BY p.path LIMIT ?3",
    [FSE_SQL_LIST_PATHS] = PATHS " WHERE p.path > ?2 ORDER BY p.path LIMIT ?3",
    [FSE_SQL_LIST_PATHS_TROUBLE] = PATHS " WHERE p.path > ?2" TROUBLE " ORDER BY p.path LIMIT ?3",
    [FSE_SQL_MARK_REMOVED] = "UPDATE face SET removed = 1 WHERE id = ?1",
    [FSE_SQL_NAME_CONTENT] = "SELECT id FROM content WHERE sha256 = ?1",
    [FSE_SQL_ORPHANS] = "SELECT id FROM content AS c WHERE NOT EXISTS"
                        " (SELECT 1 FROM path AS p WHERE p.content = c.id) ORDER BY id",
    [FSE_SQL_PATHS_OF] = PATHS " WHERE p.content = ?2 ORDER BY p.path",
    [FSE_SQL_PROFILES] = "SELECT profile, count(*) FROM analysis"
                         " WHERE contract = ?1 AND status = 0 GROUP BY profile ORDER BY profile",
    [FSE_SQL_PUT_ANALYSIS] =
        "INSERT INTO analysis (content, contract, profile, status, reason, faces)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (content, contract) DO UPDATE SET"
        " profile = excluded.profile, status = excluded.status, reason = excluded.reason,"
        " faces = excluded.faces",
    [FSE_SQL_PUT_CONTENT] =
        "INSERT INTO content (sha256, bytes, format, width, height, damaged, taken)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (sha256) DO UPDATE SET"
        " bytes = excluded.bytes, format = excluded.format, width = excluded.width,"
        " height = excluded.height, damaged = excluded.damaged, taken = excluded.taken"
        " RETURNING id",
    [FSE_SQL_PUT_EMBEDDING] = "INSERT INTO embedding (face, contract, vector) VALUES (?1, ?2, ?3)",
    [FSE_SQL_PUT_FACE] =
        "INSERT INTO face (content, contract, number, x1, y1, x2, y2, landmarks, score, size,"
        " sharpness, yaw, pitch, brightness, norm, status, removed)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    [FSE_SQL_PUT_PATH] =
        "INSERT INTO path (path, size, mtime, device, inode, state, content, status, reason,"
        " software) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        " ON CONFLICT (path) DO UPDATE SET size = excluded.size, mtime = excluded.mtime,"
        " device = excluded.device, inode = excluded.inode, state = excluded.state,"
        " content = excluded.content, status = excluded.status, reason = excluded.reason,"
        " software = excluded.software",
    [FSE_SQL_PUT_PROFILE] =
        "INSERT INTO profile (min_face, detect_size, precision, runtime, software)"
        " VALUES (?1, ?2, ?3, ?4, ?5) RETURNING id",
    [FSE_SQL_PUT_SETTING] = "INSERT INTO setting (name, value) VALUES (?1, ?2)"
                            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    [FSE_SQL_TOUCH_CONTENT] =
        "INSERT INTO content (sha256, bytes, format, width, height, damaged)"
        " VALUES (?1, ?2, '', 0, 0, 0)"
        " ON CONFLICT (sha256) DO UPDATE SET bytes = excluded.bytes RETURNING id",
    /* CROSS JOIN: SQLite takes the tables in this order, so the ids come sorted by themselves. */
    [FSE_SQL_VECTORS] =
        "SELECT f.id, f.content, f.contract, f.number, f.size, f.score, c.taken, e.vector,"
        " f.x1, f.y1, f.x2, f.y2"
        " FROM embedding AS e CROSS JOIN face AS f ON f.id = e.face"
        " CROSS JOIN content AS c ON c.id = f.content"
        " WHERE e.contract = ?1 AND e.face > ?2 ORDER BY e.face",
};

const char *fse_sql_source(fse_sql_name name)
{
    return sources[name];
}
