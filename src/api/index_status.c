/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/index.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/path.h"
#include "index/update.h"

/* The public report and what it is made of; the report comes first. */
typedef struct report {
    fse_index_report public;
    fse_arena text;
    fse_index_contract *contracts;
    int64_t *ids; /* of the contracts, in the store */
    size_t contract_capacity, id_capacity;
    fse_skipped *skipped;
    size_t skipped_capacity;
} report;

static const char *keep(report *r, const char *text, fse_error *error)
{
    const char *kept = fse_arena_copy(&r->text, text);
    if (!kept)
        fse_fail_memory(error);
    return kept;
}

/* ---- Contracts ---- */

static fse_status add_contract(void *user, const fse_store_contract *contract, fse_error *error)
{
    report *r = user;
    const size_t n = r->public.contract_count;
    fse_status status;
    FSE_TRY(fse_grow(&r->contracts, &r->contract_capacity, n, sizeof *r->contracts, error));
    FSE_TRY(fse_grow(&r->ids, &r->id_capacity, n, sizeof *r->ids, error));
    const char *digits = keep(r, contract->contract, error);
    const char *model = keep(r, contract->model, error);
    if (!digits || !model)
        return FSE_ENOMEM;
    r->contracts[n] = (fse_index_contract){.contract = digits,
                                           .model = model,
                                           .dim = contract->dim,
                                           .precision = "",
                                           .runtime = ""};
    r->ids[n] = contract->id;
    r->public.contract_count++;
cleanup:
    return status;
}

typedef struct profile_choice {
    report *report;
    fse_index_contract *contract;
    uint64_t most, all; /* contents */
} profile_choice;

static fse_status choose_profile(void *user, const fse_store_profile *profile, uint64_t contents,
                                 fse_error *error)
{
    profile_choice *choice = user;
    choice->all += contents;
    if (contents <= choice->most)
        return FSE_OK;
    const char *precision = keep(choice->report, profile->precision, error);
    const char *runtime = keep(choice->report, profile->runtime, error);
    if (!precision || !runtime)
        return FSE_ENOMEM;
    choice->most = contents;
    choice->contract->min_face = profile->min_face;
    choice->contract->detect_size = profile->detect_size;
    choice->contract->precision = precision;
    choice->contract->runtime = runtime;
    return FSE_OK;
}

static fse_status number_setting(fse_index *index, const char *name, int64_t missing,
                                 int64_t *number, fse_error *error)
{
    char *text = NULL;
    const fse_status status = fse_store_get_setting(index->store, name, &text, error);
    *number = text ? strtoll(text, NULL, 10) : missing;
    free(text);
    return status;
}

static fse_status describe_contracts(fse_index *index, bool brief, report *r, fse_error *error)
{
    fse_status status;
    int64_t other;
    FSE_TRY(fse_store_contracts(index->store, add_contract, r, error));
    FSE_TRY(number_setting(index, FSE_SETTING_OTHER, 0, &other, error));
    for (size_t i = 0; i < r->public.contract_count; i++) {
        profile_choice choice = {r, &r->contracts[i], 0, 0};
        fse_store_counts counts;
        FSE_TRY(fse_store_profiles(index->store, r->ids[i], choose_profile, &choice, error));
        r->contracts[i].counts.photos = choice.all;
        if (brief)
            continue;
        FSE_TRY(fse_store_count(index->store, r->ids[i], &counts, error));
        r->contracts[i].counts = (fse_index_counts){.photos = counts.photos,
                                                    .faces = counts.faces,
                                                    .skipped = counts.skipped,
                                                    .pending = counts.pending,
                                                    .other = (uint64_t)other};
    }
cleanup:
    return status;
}

/* The index of the one asked for, else of the one with the most photos; the count: there is none. */
static size_t choose_contract(const report *r, const char *contract)
{
    size_t best = r->public.contract_count;
    for (size_t i = 0; i < r->public.contract_count; i++) {
        if (contract && strcmp(r->contracts[i].contract, contract) == 0)
            return i;
        if (best == r->public.contract_count ||
            r->contracts[i].counts.photos > r->contracts[best].counts.photos)
            best = i;
    }
    return contract ? r->public.contract_count : best;
}

/* ---- Skipped photos ---- */

static fse_status add_skipped(fse_index *index, report *r, const fse_store_path *entry,
                              fse_error *error)
{
    const char *reason = fse_index_reason(entry);
    if (!reason)
        return FSE_OK;
    const size_t n = r->public.skipped_count, skip = strlen(index->below);
    fse_status status =
        fse_grow(&r->skipped, &r->skipped_capacity, n, sizeof *r->skipped, error);
    if (status != FSE_OK)
        return status;
    char *path = fse_path_join(index->given, entry->path + (skip ? skip + 1 : 0));
    const char *kept = path ? keep(r, path, error) : NULL;
    const char *kept_reason = keep(r, reason, error);
    free(path);
    if (!kept || !kept_reason)
        return fse_fail_memory(error);
    const bool damaged = entry->state == FSE_PATH_INDEXED && entry->known.status == FSE_OK;
    r->skipped[n] = (fse_skipped){.path = kept, .reason = kept_reason, .damaged = damaged};
    r->public.skipped_count++;
    return FSE_OK;
}

static fse_status list_skipped(fse_index *index, int64_t contract, report *r, fse_error *error)
{
    fse_status status;
    fse_store_cursor *cursor = NULL;
    const fse_store_path *entry;
    const fse_store_paths_options options = {
        .contract = contract, .folder = index->below, .trouble = true};
    FSE_TRY(fse_store_paths(index->store, &options, &cursor, error));
    for (;;) {
        FSE_TRY(fse_store_next(cursor, &entry, error));
        if (!entry)
            break;
        FSE_TRY(add_skipped(index, r, entry, error));
    }
cleanup:
    fse_store_cursor_close(&cursor);
    return status;
}

/* ---- All of it ---- */

static fse_status make_report(fse_index *index, const char *contract, bool brief,
                              fse_index_report **out, fse_error *error)
{
    fse_status status;
    fse_store_info info;
    fse_lock_holder holder;
    if (!index || !out)
        return fse_fail(error, FSE_EINVAL, NULL, "index or report is NULL");
    *out = NULL;
    report *r = fse_alloc(1, sizeof *r);
    if (!r)
        return fse_fail_memory(error);
    FSE_TRY(fse_store_describe(index->store, &info, error));
    FSE_TRY(describe_contracts(index, brief, r, error));
    contract = contract || !index->contract[0] ? contract : index->contract;
    const size_t current = choose_contract(r, contract);
    const bool found = current < r->public.contract_count;
    if (!brief)
        FSE_TRY(list_skipped(index, found ? r->ids[current] : 0, r, error));
    FSE_TRY(number_setting(index, FSE_SETTING_UPDATED, FSE_NO_TIME, &r->public.updated, error));
    FSE_TRY(fse_store_writer(index->store, &r->public.updating, &holder, error));
    r->public.bytes = info.bytes;
    r->public.folder = keep(r, index->folder, error);
    r->public.location = keep(r, info.location, error);
    if (!r->public.folder || !r->public.location)
        FSE_TRY(FSE_ENOMEM);
    r->public.contracts = r->contracts;
    r->public.current = found ? &r->contracts[current] : NULL;
    r->public.skipped = r->skipped;
    *out = &r->public;
    r = NULL;
cleanup:
    if (r) {
        fse_index_report *half = &r->public;
        fse_index_report_free(&half);
    }
    return status;
}

fse_status fse_index_status(fse_index *index, const char *contract, fse_index_report **out,
                            fse_error *error)
{
    return make_report(index, contract, false, out, error);
}

fse_status fse_index_brief(fse_index *index, fse_index_report **out, fse_error *error)
{
    return make_report(index, NULL, true, out, error);
}

void fse_index_report_free(fse_index_report **out)
{
    if (!out || !*out)
        return;
    report *r = (report *)*out; /* the first member */
    fse_arena_free(&r->text);
    free(r->contracts);
    free(r->ids);
    free(r->skipped);
    free(r);
    *out = NULL;
}
