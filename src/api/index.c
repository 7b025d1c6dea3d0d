/* SPDX-License-Identifier: Apache-2.0 */
#include "api/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/engine.h"
#include "api/gallery.h"
#include "base/alloc.h"
#include "base/path.h"
#include "facesearch/models.h"
#include "index/update.h"
#include "models/fingerprint.h"

/* Settings in the store: the folder it covers, and which contract a pack's fingerprint means. */
#define SETTING_FOLDER "folder"
#define SETTING_PACK "pack:%s"

void fse_index_options_init(fse_index_options *options)
{
    if (options)
        *options = (fse_index_options){.struct_size = sizeof *options};
}

void fse_update_options_init(fse_update_options *options)
{
    if (!options)
        return;
    *options = (fse_update_options){.struct_size = sizeof *options};
    fse_analyse_options_init(&options->analyse);
}

/* ---- Open ---- */

static fse_status open_store(fse_index *index, bool create, fse_error *error)
{
    const fse_place *place = &index->place;
    if (!place->exists && !create)
        return fse_fail(error, FSE_ENOENT, place->database, "there is no index yet");
    if (create) {
        const fse_status status = fse_place_prepare(place, error);
        if (status != FSE_OK)
            return status;
    }
    const fse_store_mode mode = create ? FSE_STORE_CREATE : FSE_STORE_WRITE;
    fse_status status = fse_store_open(place->database, mode, &index->store, error);
    if (status == FSE_EACCES && place->exists) {
        index->read_only = true;
        status = fse_store_open(place->database, FSE_STORE_READ, &index->store, error);
    }
    return status;
}

/* The folder that the index covers: by its place, else as it remembers, else the one asked for. */
static fse_status settle_folder(fse_index *index, fse_error *error)
{
    const fse_place *place = &index->place;
    fse_status status;
    if (place->folder)
        index->folder = fse_strdup(place->folder);
    else
        FSE_TRY(fse_store_get_setting(index->store, SETTING_FOLDER, &index->folder, error));
    if (!index->folder)
        index->folder = fse_strdup(place->asked);
    if (!index->folder)
        FSE_TRY(fse_fail_memory(error));
    index->below = fse_place_below(index->folder, place->asked);
    if (!index->below)
        FSE_THROW(error, FSE_EINVAL, place->database, "this index covers %s, not %s",
                  index->folder, place->asked);
    status = FSE_OK;
cleanup:
    return status;
}

fse_status fse_index_open(const char *folder, const fse_index_options *options, fse_index **index,
                          fse_error *error)
{
    fse_status status;
    fse_index *made = NULL;
    fse_index_options defaults;
    fse_index_options_init(&defaults);
    options = options ? options : &defaults;
    if (!folder || !index)
        return fse_fail(error, FSE_EINVAL, folder, "folder or index is NULL");
    *index = NULL;
    if (options->struct_size != sizeof *options)
        return fse_fail(error, FSE_EINVAL, NULL,
                        "the options were not filled by fse_index_options_init()");
    made = fse_alloc(1, sizeof *made);
    if (!made || !(made->given = fse_strdup(folder)))
        FSE_TRY(fse_fail_memory(error));
    FSE_TRY(fse_place_find(folder, options->file, &made->place, error));
    FSE_TRY(open_store(made, options->create, error));
    FSE_TRY(settle_folder(made, error));
    *index = made;
    made = NULL;
cleanup:
    fse_index_close(&made);
    return status;
}

void fse_index_close(fse_index **index)
{
    if (!index || !*index)
        return;
    fse_store_close(&(*index)->store);
    fse_place_free(&(*index)->place);
    free((*index)->folder);
    free((*index)->given);
    free(*index);
    *index = NULL;
}

/*
 * A path without links, but for the last part of a file's: a photo may be a link. Of a file that is
 * gone, the same. To free().
 */
static char *real_path(const char *path)
{
    char *whole;
    if (fse_path_is_folder(path))
        return realpath(path, NULL);
    const char *name = fse_path_name(path);
    char *folder = fse_strdup(path);
    if (!folder)
        return NULL;
    folder[name - path] = '\0';
    char *real = realpath(folder[0] ? folder : ".", NULL);
    whole = real ? fse_path_join(real, name) : fse_strdup(path);
    free(real);
    free(folder);
    return whole;
}

fse_status fse_index_resolve(const fse_index *index, const char *path, char **below,
                             fse_error *error)
{
    char *whole = real_path(path);
    *below = NULL;
    if (!whole)
        return fse_fail_memory(error);
    const char *part = fse_place_below(index->folder, whole);
    *below = part ? fse_strdup(part) : NULL;
    free(whole);
    if (!part)
        return fse_fail(error, FSE_ENOENT, path, "it does not lie in %s, which this index covers",
                        index->folder);
    return *below ? FSE_OK : fse_fail_memory(error);
}

const char *fse_index_reason(const fse_store_path *entry)
{
    if (entry->state == FSE_PATH_REFUSED)
        return entry->reason;
    if (entry->state == FSE_PATH_REMOVED)
        return NULL;
    if (entry->known.analysed && entry->known.status != FSE_OK)
        return entry->known_reason;
    return entry->damaged ? FSE_DAMAGED_REASON : NULL;
}

/* ---- Which contract a pack has, without opening it if it was seen before ---- */

typedef struct contract_search {
    const char *contract;
    fse_store_contract *found;
} contract_search;

static fse_status compare_contract(void *user, const fse_store_contract *contract,
                                   fse_error *error)
{
    (void)error;
    const contract_search *s = user;
    if (strcmp(contract->contract, s->contract) != 0)
        return FSE_OK;
    *s->found = *contract;
    s->found->model = NULL; /* valid during the visit only */
    return FSE_OK;
}

fse_status fse_index_contract_of(fse_index *index, const char *contract,
                                 fse_store_contract *found, fse_error *error)
{
    contract_search s = {contract, found};
    *found = (fse_store_contract){.id = 0};
    return fse_store_contracts(index->store, compare_contract, &s, error);
}

/* An update's own state. */
typedef struct update {
    fse_index *index;
    const fse_update_options *options;
    char setting[sizeof SETTING_PACK + FSE_SHA256_HEX];
    fse_store_contract contract;
    char model[128];
} update;

static fse_status ask_engine(const update *u, fse_engine **engine, fse_error *error)
{
    *engine = NULL;
    const fse_status status = u->options->engine(u->options->user, engine, error);
    if (status == FSE_OK && !*engine)
        return fse_fail(error, FSE_EINVAL, NULL, "the engine callback gave no engine");
    return status;
}

static fse_status learn_contract(update *u, fse_error *error)
{
    fse_engine *engine;
    const fse_status status = ask_engine(u, &engine, error);
    if (status != FSE_OK)
        return status;
    const fse_engine_info info = fse_engine_describe(engine);
    snprintf(u->contract.contract, sizeof u->contract.contract, "%s", info.contract);
    snprintf(u->model, sizeof u->model, "%s", info.model);
    u->contract.dim = info.dim;
    return FSE_OK;
}

static fse_status find_contract(update *u, fse_error *error)
{
    fse_status status;
    char hex[FSE_SHA256_HEX];
    char *folder = NULL, *known = NULL;
    FSE_TRY(fse_pack_find(u->options->models, &folder, error));
    FSE_TRY(fse_pack_fingerprint(folder, hex, error));
    snprintf(u->setting, sizeof u->setting, SETTING_PACK, hex);
    FSE_TRY(fse_store_get_setting(u->index->store, u->setting, &known, error));
    u->contract.model = u->model;
    if (!known || sscanf(known, "%64s %d %127[^\n]", u->contract.contract, &u->contract.dim,
                         u->model) != 3)
        FSE_TRY(learn_contract(u, error));
cleanup:
    free(known);
    free(folder);
    return status;
}

/* Write only what is not there: an update that finds nothing new should not have to. */
static fse_status put_setting(update *u, const char *name, const char *value, fse_error *error)
{
    char *old = NULL;
    fse_status status = fse_store_get_setting(u->index->store, name, &old, error);
    if (status == FSE_OK && (!old || strcmp(old, value) != 0))
        status = fse_store_put_setting(u->index->store, name, value, error);
    free(old);
    return status;
}

static fse_status remember_contract(update *u, fse_error *error)
{
    fse_status status;
    fse_buffer value = {.data = NULL};
    fse_store *store = u->index->store;
    FSE_TRY(fse_buffer_format(&value, error, "%s %d %s", u->contract.contract, u->contract.dim,
                              u->model));
    FSE_TRY(fse_store_begin(store, error));
    FSE_TRY(put_setting(u, SETTING_FOLDER, u->index->folder, error));
    FSE_TRY(put_setting(u, u->setting, value.data, error));
    FSE_TRY(fse_store_add_contract(store, &u->contract, error));
    FSE_TRY(fse_store_commit(store, error));
cleanup:
    if (status != FSE_OK)
        fse_store_rollback(store);
    free(value.data);
    return status;
}

/* ---- Update ---- */

static fse_status give_means(void *user, fse_update_means *means, fse_error *error)
{
    const update *u = user;
    fse_engine *engine;
    const fse_status status = ask_engine(u, &engine, error);
    if (status != FSE_OK)
        return status;
    const fse_engine_info info = fse_engine_describe(engine);
    if (strcmp(info.contract, u->contract.contract) != 0)
        return fse_fail(error, FSE_EINVAL, info.model,
                        "the engine is of another contract than the models named");
    *means = (fse_update_means){engine->analyser, info.precision, info.runtime};
    return FSE_OK;
}

static bool tell_holder(void *user, const fse_lock_holder *holder)
{
    const update *u = user;
    char text[256];
    fse_lock_holder_text(holder, text, sizeof text);
    return u->options->wait(u->options->user, text);
}

static fse_status check_update(const fse_index *index, const fse_update_options *o,
                               fse_error *error)
{
    if (!index || !o || !o->engine)
        return fse_fail(error, FSE_EINVAL, NULL, "index, options or the engine callback is NULL");
    if (o->struct_size != sizeof *o)
        return fse_fail(error, FSE_EINVAL, NULL,
                        "the options were not filled by fse_update_options_init()");
    if (o->jobs < 0 || o->jobs > 256)
        return fse_fail(error, FSE_EINVAL, NULL, "jobs must be 0..256, not %d", o->jobs);
    if (!fse_precision_text(fse_net_default(), o->precision))
        return fse_fail(error, FSE_EINVAL, NULL, "unknown precision %d", (int)o->precision);
    if (index->read_only)
        return fse_fail(error, FSE_EACCES, index->place.database,
                        "the index cannot be written; --index FILE keeps one elsewhere");
    return fse_analyse_options_check(&o->analyse, error);
}

fse_status fse_index_update(fse_index *index, const fse_update_options *options,
                            fse_update_counts *counts, fse_error *error)
{
    fse_status status;
    fse_update_counts own;
    update u = {.index = index, .options = options};
    counts = counts ? counts : &own;
    *counts = (fse_update_counts){.done = 0};
    FSE_TRY(check_update(index, options, error));
    FSE_TRY(fse_store_lock(index->store, options->wait ? tell_holder : NULL, &u, error));
    FSE_TRY(find_contract(&u, error));
    FSE_TRY(remember_contract(&u, error));
    snprintf(index->contract, sizeof index->contract, "%s", u.contract.contract);
    const fse_update run = {.store = index->store,
                            .folder = index->folder,
                            .below = index->below,
                            .contract = &u.contract,
                            .options = options,
                            .precision = options->precision == FSE_PRECISION_AUTO
                                             ? NULL
                                             : fse_precision_text(fse_net_default(),
                                                                  options->precision),
                            .means = give_means,
                            .user = &u};
    FSE_TRY(fse_update_run(&run, counts, error));
cleanup:
    if (index)
        fse_store_unlock(index->store);
    return status;
}
