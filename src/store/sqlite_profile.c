/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles: a handful in a library, so each is kept in memory once it was met. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/sqlite.h"

static bool equal(const fse_store_profile *a, const fse_store_profile *b)
{
    return a->min_face == b->min_face && a->detect_size == b->detect_size &&
           strcmp(a->precision, b->precision) == 0 && strcmp(a->runtime, b->runtime) == 0 &&
           strcmp(a->software, b->software) == 0;
}

static fse_status keep(fse_sqlite *s, int64_t id, const fse_store_profile *profile,
                       const fse_store_profile **kept, fse_error *error)
{
    for (size_t i = 0; i < s->profile_count; i++) /* known from before its id became void */
        if (s->profiles[i]->id == -1 && equal(&s->profiles[i]->profile, profile)) {
            s->profiles[i]->id = id;
            if (kept)
                *kept = &s->profiles[i]->profile;
            return FSE_OK;
        }
    const fse_status status = fse_grow(&s->profiles, &s->profile_capacity, s->profile_count,
                                       sizeof(fse_sqlite_profile *), error);
    if (status != FSE_OK)
        return status;
    fse_sqlite_profile *made = fse_alloc(1, sizeof *made);
    if (!made)
        return fse_fail_memory(error);
    made->id = id;
    made->profile = (fse_store_profile){
        .min_face = profile->min_face,
        .detect_size = profile->detect_size,
        .precision = fse_arena_copy(&s->strings, profile->precision),
        .runtime = fse_arena_copy(&s->strings, profile->runtime),
        .software = fse_arena_copy(&s->strings, profile->software),
    };
    s->profiles[s->profile_count++] = made;
    if (kept)
        *kept = &made->profile;
    if (made->profile.precision && made->profile.runtime && made->profile.software)
        return FSE_OK;
    s->profile_count--;
    free(made);
    return fse_fail_memory(error);
}

fse_status fse_sqlite_profile_by_id(fse_sqlite *s, int64_t id, const fse_store_profile **profile,
                                    fse_error *error)
{
    fse_sql sql = {0};
    bool row;
    fse_status status = FSE_OK;
    for (size_t i = 0; i < s->profile_count; i++)
        if (s->profiles[i]->id == id) {
            *profile = &s->profiles[i]->profile;
            return FSE_OK;
        }
    FSE_TRY(fse_sql_start(s, FSE_SQL_GET_PROFILE, &sql, error));
    fse_sql_int(&sql, id);
    FSE_TRY(fse_sql_next(&sql, &row, error));
    if (!row)
        FSE_TRY(fse_sqlite_corrupt(s, "a profile is missing", error));
    const fse_store_profile found = {
        .min_face = (int)fse_sql_get_int(&sql, 0),
        .detect_size = (int)fse_sql_get_int(&sql, 1),
        .precision = fse_sql_get_text(&sql, 2),
        .runtime = fse_sql_get_text(&sql, 3),
        .software = fse_sql_get_text(&sql, 4),
    };
    FSE_TRY(keep(s, id, &found, profile, error));
cleanup:
    fse_sql_end(&sql);
    return status;
}

static fse_status find_or_add(fse_sqlite *s, fse_sql_name name, const fse_store_profile *profile,
                              int64_t *id, fse_error *error)
{
    fse_sql sql = {0};
    bool row;
    fse_status status;
    *id = 0;
    FSE_TRY(fse_sql_start(s, name, &sql, error));
    fse_sql_int(&sql, profile->min_face);
    fse_sql_int(&sql, profile->detect_size);
    fse_sql_text(&sql, profile->precision);
    fse_sql_text(&sql, profile->runtime);
    fse_sql_text(&sql, profile->software);
    FSE_TRY(fse_sql_next(&sql, &row, error));
    if (row)
        *id = fse_sql_get_int(&sql, 0);
    FSE_TRY(fse_sql_run(&sql, error));
cleanup:
    fse_sql_end(&sql);
    return status;
}

fse_status fse_sqlite_profile_id(fse_sqlite *s, const fse_store_profile *profile, int64_t *id,
                                 fse_error *error)
{
    fse_status status = FSE_OK;
    for (size_t i = 0; i < s->profile_count; i++)
        if (s->profiles[i]->id > 0 && equal(&s->profiles[i]->profile, profile)) {
            *id = s->profiles[i]->id;
            return FSE_OK;
        }
    FSE_TRY(find_or_add(s, FSE_SQL_FIND_PROFILE, profile, id, error));
    if (*id == 0)
        FSE_TRY(find_or_add(s, FSE_SQL_PUT_PROFILE, profile, id, error));
    FSE_TRY(keep(s, *id, profile, NULL, error));
cleanup:
    return status;
}

void fse_sqlite_profiles_stale(fse_sqlite *s)
{
    for (size_t i = 0; i < s->profile_count; i++)
        s->profiles[i]->id = -1;
}

void fse_sqlite_profiles_free(fse_sqlite *s)
{
    for (size_t i = 0; i < s->profile_count; i++)
        free(s->profiles[i]);
    free(s->profiles);
    fse_arena_free(&s->strings);
    s->profiles = NULL;
    s->profile_count = s->profile_capacity = 0;
}
