/* SPDX-License-Identifier: Apache-2.0 */
/* The public functions of facesearch/models.h; fse_catalogue() is in src/models/catalogue.c. */
#include "facesearch/models.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "models/catalogue.h"
#include "models/classify.h"
#include "models/pull.h"

/* --- finding --- */

/* The places where packs are looked for, in order. */
typedef struct places {
    char **folders;
    size_t count, capacity;
} places;

/* folder, which is freed, becomes a place; NULL: no memory. */
static fse_status add_place(places *p, char *folder, fse_error *error)
{
    fse_status status = folder ? FSE_OK : fse_fail_memory(error);
    if (status == FSE_OK)
        status = fse_grow(&p->folders, &p->capacity, p->count, sizeof *p->folders, error);
    if (status == FSE_OK)
        p->folders[p->count++] = folder;
    else
        free(folder);
    return status;
}

static fse_status add_environment(places *p, fse_error *error)
{
    const char *list = getenv("FACESEARCH_MODELS_PATH");
    fse_status status = FSE_OK;
    while (list && *list && status == FSE_OK) {
        const size_t length = strcspn(list, ":");
        if (length > 0) {
            char *folder = fse_strdup(list);
            if (folder)
                folder[length] = '\0';
            status = add_place(p, folder, error);
        }
        list += length + (list[length] == ':');
    }
    return status;
}

static fse_status add_user_data(places *p, fse_error *error)
{
    char *data = NULL;
    const fse_status status = fse_path_user_data(&data, error);
    if (status == FSE_ENOENT) /* no home folder: nothing to look in */
        return FSE_OK;
    if (status != FSE_OK)
        return status;
    char *folder = fse_path_join(data, "models");
    free(data);
    return add_place(p, folder, error);
}

static fse_status add_program(places *p, fse_error *error)
{
    char *program = NULL;
    fse_status status;
    FSE_TRY(fse_path_program_folder(&program, error));
    FSE_TRY(add_place(p, fse_path_join(program, "../share/facesearch/models"), error));
    FSE_TRY(add_place(p, fse_path_join(program, "models"), error));
cleanup:
    free(program);
    return status;
}

static fse_status list_places(places *p, fse_error *error)
{
    fse_status status;
    FSE_TRY(add_environment(p, error));
    FSE_TRY(add_user_data(p, error));
    FSE_TRY(add_program(p, error));
cleanup:
    return status;
}

static void free_places(places *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->folders[i]);
    free(p->folders);
}

static fse_status not_found(const places *p, const char *name, fse_error *error)
{
    const fse_manifest *known = fse_catalogue_find(name);
    fse_buffer text = {0};
    fse_status status = FSE_EMODEL;
    for (size_t i = 0; i < p->count && status == FSE_EMODEL; i++)
        if (fse_buffer_format(&text, error, "%s%s", i ? ", " : "", p->folders[i]) != FSE_OK)
            status = FSE_ENOMEM;
    if (status == FSE_EMODEL)
        fse_fail(error, status, name, "there is no model pack of this name%s%s%s; looked in %s",
                 !known                       ? ""
                 : known->download_count == 0 ? "; to get it: "
                                              : "; get it with: facesearch models pull ",
                 !known                       ? ""
                 : known->download_count == 0 ? known->obtain
                                              : name,
                 known ? "" : " (a folder needs a slash in its name)", text.data);
    free(text.data);
    return status;
}

static fse_status look_up(const char *name, char **path, fse_error *error)
{
    fse_status status;
    places p = {0};
    char *candidate = NULL;
    FSE_TRY(list_places(&p, error));
    /* "." and ".." have no slash, but are no names. */
    const bool is_name = name[0] != '\0' && name[0] != '.';
    for (size_t i = 0; is_name && i < p.count; i++) {
        free(candidate);
        candidate = fse_path_join(p.folders[i], name);
        if (!candidate)
            FSE_TRY(fse_fail_memory(error));
        if (fse_path_is_folder(candidate)) {
            *path = candidate;
            candidate = NULL;
            goto cleanup;
        }
    }
    FSE_TRY(not_found(&p, name, error));
cleanup:
    free(candidate);
    free_places(&p);
    return status;
}

fse_status fse_pack_find(const char *name, char **path, fse_error *error)
{
    if (!path)
        return fse_fail(error, FSE_EINVAL, NULL, "path is NULL");
    *path = NULL;
    const char *chosen = getenv("FACESEARCH_MODELS");
    const fse_catalogue_entry *entries;
    if (!name && chosen && chosen[0])
        name = chosen;
    if (!name)
        name = fse_catalogue(&entries) > 0 ? entries[0].name : "";
    if (!strchr(name, '/'))
        return look_up(name, path, error);
    if (!fse_path_is_folder(name))
        return fse_fail(error, FSE_EMODEL, name, "there is no such model folder");
    *path = fse_strdup(name);
    return *path ? FSE_OK : fse_fail_memory(error);
}

/* --- pulling --- */

void fse_pull_options_init(fse_pull_options *options)
{
    if (options)
        *options = (fse_pull_options){.struct_size = sizeof *options};
}

static fse_status unknown_pack(const char *name, fse_error *error)
{
    const fse_catalogue_entry *entries;
    const size_t count = fse_catalogue(&entries);
    fse_buffer names = {0};
    fse_status status = FSE_OK;
    for (size_t i = 0; i < count && status == FSE_OK; i++)
        status = fse_buffer_format(&names, error, "%s%s", i ? ", " : "", entries[i].name);
    if (status == FSE_OK)
        status = fse_fail(error, FSE_EINVAL, name, "there is no such pack; there are %s",
                          names.data ? names.data : "none");
    free(names.data);
    return status;
}

fse_status fse_pack_pull(const char *name, const fse_pull_options *options, fse_error *error)
{
    fse_pull_options defaults;
    const char *text;
    size_t size;
    fse_pull_options_init(&defaults);
    if (!options)
        options = &defaults;
    if (!name || options->struct_size != sizeof *options)
        return fse_fail(error, FSE_EINVAL, NULL, "%s",
                        name ? "options were not filled by fse_pull_options_init()"
                             : "name is NULL");
    const fse_manifest *manifest = fse_catalogue_find(name);
    fse_catalogue_text(name, &text, &size);
    if (!manifest || !text)
        return unknown_pack(name, error);
    return fse_pull(manifest, text, size, options, error);
}

/* --- verifying --- */

static void copy_text(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

static void report_model(const fse_model *model, fse_role role, fse_pack_file *file)
{
    copy_text(file->name, sizeof file->name, model->file);
    copy_text(file->role, sizeof file->role, fse_role_name(role));
    copy_text(file->sha256, sizeof file->sha256, model->sha256);
    file->bytes = model->bytes;
    file->ok = !model->expected[0] || strcmp(model->expected, model->sha256) == 0;
    file->expected_known = model->expected[0] || fse_catalogue_model(role, model->sha256);
}

static void fill_report(const fse_pack *pack, bool whole, fse_pack_report *report)
{
    copy_text(report->name, sizeof report->name, pack->name);
    copy_text(report->license, sizeof report->license, pack->license);
    for (int role = 0; role < FSE_ROLES; role++)
        if (pack->models[role].file && pack->models[role].sha256[0])
            report_model(&pack->models[role], (fse_role)role, &report->files[report->file_count++]);
    if (!whole)
        return;
    copy_text(report->detector, sizeof report->detector, fse_family_name(pack->family));
    copy_text(report->contract, sizeof report->contract, pack->contract);
    report->dim = pack->dim;
    report->calibrated = pack->calibration.count > 0;
}

fse_status fse_pack_verify(const char *name, fse_pack_report *report, fse_error *error)
{
    fse_status status;
    char *folder = NULL;
    fse_pack *pack = NULL;
    if (!report)
        return fse_fail(error, FSE_EINVAL, NULL, "report is NULL");
    *report = (fse_pack_report){0};
    FSE_TRY(fse_pack_find(name, &folder, error));
    pack = fse_alloc(1, sizeof *pack);
    if (!pack)
        FSE_TRY(fse_fail_memory(error));
    status = fse_pack_load(fse_net_default(), folder, pack, error);
    fill_report(pack, status == FSE_OK, report);
cleanup:
    fse_pack_free(&pack);
    free(folder);
    return status;
}
