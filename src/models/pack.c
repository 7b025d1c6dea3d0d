/* SPDX-License-Identifier: Apache-2.0 */
#include "models/pack.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "models/catalogue.h"
#include "models/classify.h"

/* A manifest has a few hundred bytes. */
#define MANIFEST_MAX ((uint64_t)1 << 20)

/* --- one model file --- */

static void free_model(fse_model *model)
{
    free(model->file);
    free(model->path);
    *model = (fse_model){0};
}

static fse_status digest_file(const char *path, uint8_t sha256[FSE_SHA256_BYTES], uint64_t *bytes,
                              fse_error *error)
{
    fse_status status;
    int fd = -1;
    FSE_TRY(fse_open_regular(path, &fd, bytes, error));
    FSE_TRY(fse_digest_fd(fd, path, sha256, bytes, error));
cleanup:
    if (fd >= 0)
        close(fd);
    return status;
}

/* One digest for a file and its external data: over the digests of all, with the names. */
static fse_status add_externals(const char *folder, const char *names,
                                uint8_t sha256[FSE_SHA256_BYTES], uint64_t *bytes, fse_error *error)
{
    fse_status status;
    fse_digest *digest = NULL;
    char *path = NULL;
    FSE_TRY(fse_digest_new(&digest, error));
    FSE_TRY(fse_digest_add(digest, sha256, FSE_SHA256_BYTES, error));
    for (const char *name = names; *name; name += strlen(name) + 1) {
        uint8_t part[FSE_SHA256_BYTES];
        uint64_t size;
        free(path);
        path = fse_path_join(folder, name);
        if (!path)
            FSE_TRY(fse_fail_memory(error));
        FSE_TRY(digest_file(path, part, &size, error));
        FSE_TRY(fse_digest_add(digest, name, strlen(name) + 1, error));
        FSE_TRY(fse_digest_add(digest, part, sizeof part, error));
        *bytes += size;
    }
    FSE_TRY(fse_digest_end(digest, sha256, error));
cleanup:
    free(path);
    fse_digest_free(&digest);
    return status;
}

static fse_status hash_model(const char *folder, fse_model *model, const fse_net_facts *facts,
                             fse_error *error)
{
    uint8_t sha256[FSE_SHA256_BYTES];
    fse_status status;
    FSE_TRY(digest_file(model->path, sha256, &model->bytes, error));
    if (facts->external)
        FSE_TRY(add_externals(folder, facts->external, sha256, &model->bytes, error));
    fse_digest_hex(sha256, model->sha256);
cleanup:
    return status;
}

/* Check, hash and open a file: all that can be known of it without a role. */
static fse_status load_model(const fse_net_backend *backend, const char *folder, const char *file,
                             const char *expected, fse_model *model, fse_net_facts *facts,
                             fse_error *error)
{
    fse_status status;
    fse_net *net = NULL;
    *model = (fse_model){.file = fse_strdup(file), .path = fse_path_join(folder, file)};
    *facts = (fse_net_facts){0};
    if (!model->file || !model->path)
        FSE_TRY(fse_fail_memory(error));
    memcpy(model->expected, expected, FSE_SHA256_HEX);
    if (access(model->path, F_OK) != 0)
        FSE_THROW(error, FSE_EMODEL, model->path, "the pack's file is missing");
    FSE_TRY(backend->check(model->path, facts, error));
    FSE_TRY(hash_model(folder, model, facts, error));
    if (expected[0] && strcmp(expected, model->sha256) != 0)
        FSE_THROW(error, FSE_EDIGEST, model->path,
                  "the file is not the one that the pack states: its SHA-256 is %s, expected %s",
                  model->sha256, expected);
    FSE_TRY(backend->open(model->path, &net, error));
    backend->describe(net, &model->shape);
cleanup:
    backend->close(&net);
    free(facts->external);
    facts->external = NULL;
    return status;
}

/* --- by manifest --- */

static fse_status check_kind(const fse_model *model, fse_role role, fse_family family, int dim,
                             fse_error *error)
{
    const fse_kind *expected = fse_kind_of(role, family);
    char words[128];
    fse_shape_words(&model->shape, words, sizeof words);
    if (fse_classify(&model->shape) != expected)
        return fse_fail(error, FSE_EMODEL, model->path,
                        "expected %s, but it is another kind of network (%s)", expected->words,
                        words);
    const int found = fse_embedding_dim(&model->shape);
    if (role == FSE_ROLE_EMBEDDER && dim != 0 && dim != found)
        return fse_fail(error, FSE_EMODEL, model->path,
                        "expected embeddings of %d numbers, but it gives %d", dim, found);
    return FSE_OK;
}

static fse_status read_by_manifest(const fse_net_backend *backend, fse_pack *pack,
                                   const fse_manifest *manifest, fse_error *error)
{
    fse_status status = FSE_OK;
    pack->family = manifest->family;
    free(pack->name);
    free(pack->license);
    pack->name = fse_strdup(manifest->name);
    pack->license = fse_strdup(manifest->license);
    if (!pack->name || !pack->license)
        FSE_TRY(fse_fail_memory(error));
    for (int role = 0; role < FSE_ROLES; role++) {
        const fse_manifest_model *stated = &manifest->models[role];
        fse_model *model = &pack->models[role];
        fse_net_facts facts;
        if (!stated->file)
            continue;
        FSE_TRY(
            load_model(backend, pack->folder, stated->file, stated->sha256, model, &facts, error));
        FSE_TRY(check_kind(model, (fse_role)role, pack->family, stated->dim, error));
        model->input = stated->input;
    }
    pack->calibration = manifest->models[FSE_ROLE_EMBEDDER].calibration;
cleanup:
    return status;
}

/* --- by inputs and outputs --- */

/* What was found in a folder without a manifest. */
typedef struct findings {
    fse_pack *pack;
    char what[256];        /* networks of no use, for the message */
    fse_status unreadable; /* why the first file that cannot be read cannot; FSE_OK: none */
    fse_error why;
} findings;

static void note(findings *found, const char *file, const char *words)
{
    const size_t used = strlen(found->what);
    snprintf(found->what + used, sizeof found->what - used, "%s%.60s is %s", used ? ", " : "", file,
             words);
}

/* Preprocessing by the file's digest if the catalogue knows it, else the usual one of its kind. */
static fse_net_input input_of(const fse_model *model, const fse_kind *kind,
                              const fse_net_facts *facts)
{
    const fse_manifest_model *known = fse_catalogue_model(kind->role, model->sha256);
    fse_net_input input = known ? known->input : kind->input;
    if (!known && kind->role == FSE_ROLE_EMBEDDER && facts->normalises) {
        input.mean = 0;
        input.scale = 1;
    }
    return input;
}

static fse_status take_file(const fse_net_backend *backend, const char *file, findings *found,
                            fse_error *error)
{
    static const char unknown[FSE_SHA256_HEX] = "";
    fse_pack *const pack = found->pack;
    fse_model model;
    fse_net_facts facts;
    fse_error why = {0};
    fse_status status = load_model(backend, pack->folder, file, unknown, &model, &facts, &why);
    if (status == FSE_ENOMEM)
        FSE_THROW(error, status, NULL, "%s", why.message);
    if (status != FSE_OK) { /* it matters only if a model is missing in the end */
        if (found->unreadable == FSE_OK) {
            found->unreadable = status;
            found->why = why;
        }
        status = FSE_OK;
        goto cleanup;
    }
    const fse_kind *kind = fse_classify(&model.shape);
    if (!kind || kind->role == FSE_ROLES) {
        note(found, file, kind ? kind->words : "another kind of network");
        goto cleanup;
    }
    if (pack->models[kind->role].file)
        FSE_THROW(error, FSE_EMODEL, pack->folder,
                  "\"%.100s\" and \"%.100s\" could both be the %s: write a pack.json that says "
                  "which to take",
                  pack->models[kind->role].file, file, fse_role_name(kind->role));
    if (kind->role == FSE_ROLE_DETECTOR)
        pack->family = kind->family;
    model.input = input_of(&model, kind, &facts);
    pack->models[kind->role] = model;
    model = (fse_model){0};
cleanup:
    free_model(&model);
    return status;
}

static int is_onnx(const struct dirent *entry)
{
    const size_t length = strlen(entry->d_name);
    return length > 5 && entry->d_name[0] != '.' &&
           strcmp(entry->d_name + length - 5, ".onnx") == 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static fse_status check_complete(const findings *found, bool any, fse_error *error)
{
    const fse_model *models = found->pack->models;
    const bool needs_landmarks =
        models[FSE_ROLE_DETECTOR].file && found->pack->family == FSE_FAMILY_ULTRALIGHT;
    const fse_role missing = !models[FSE_ROLE_DETECTOR].file   ? FSE_ROLE_DETECTOR
                             : !models[FSE_ROLE_EMBEDDER].file ? FSE_ROLE_EMBEDDER
                             : needs_landmarks && !models[FSE_ROLE_LANDMARKS].file
                                 ? FSE_ROLE_LANDMARKS
                                 : FSE_ROLES;
    static const char *const words[FSE_ROLES] = {"a face detector", "the landmark model",
                                                 "a face embedder"};
    if (missing == FSE_ROLES)
        return FSE_OK;
    if (found->unreadable != FSE_OK) {
        if (error)
            *error = found->why;
        return found->unreadable;
    }
    if (!any)
        return fse_fail(error, FSE_EMODEL, found->pack->folder,
                        "not a model pack: there is neither a pack.json nor any *.onnx in it");
    return fse_fail(error, FSE_EMODEL, found->pack->folder,
                    "%s is missing in this model pack%s%s%s", words[missing],
                    found->what[0] ? " (" : "", found->what, found->what[0] ? ")" : "");
}

static fse_status read_by_shapes(const fse_net_backend *backend, fse_pack *pack, fse_error *error)
{
    fse_status status = FSE_OK;
    struct dirent **files = NULL;
    findings found = {.pack = pack};
    const int count = scandir(pack->folder, &files, is_onnx, by_bytes);
    if (count < 0)
        return fse_fail_errno(error, errno, pack->folder, "cannot read the folder");
    for (int i = 0; i < count; i++)
        FSE_TRY(take_file(backend, files[i]->d_name, &found, error));
    FSE_TRY(check_complete(&found, count > 0, error));
    /* Only RFB-320 needs a landmark model; another detector's pack does without. */
    if (pack->family != FSE_FAMILY_ULTRALIGHT)
        free_model(&pack->models[FSE_ROLE_LANDMARKS]);
cleanup:
    for (int i = 0; i < count; i++)
        free(files[i]);
    free(files);
    return status;
}

/* --- the pack --- */

static fse_status add_to_contract(fse_buffer *text, const fse_model *model, fse_role role,
                                  fse_error *error)
{
    if (!model->file)
        return FSE_OK;
    const fse_net_input *input = &model->input;
    return fse_buffer_format(text, error, "%s %s mean %.9g scale %.9g %s\n", fse_role_name(role),
                             model->sha256, (double)input->mean, (double)input->scale,
                             input->channels == 1 ? "grey"
                             : input->bgr         ? "bgr"
                                                  : "rgb");
}

/* The identity of the embedding space: what makes two embeddings comparable. */
static fse_status make_contract(fse_pack *pack, fse_error *error)
{
    fse_status status;
    fse_buffer text = {0};
    uint8_t sha256[FSE_SHA256_BYTES];
    FSE_TRY(fse_buffer_format(&text, error, "facesearch contract\npreprocessing %d\ndim %d\n",
                              FSE_PREPROCESSING_VERSION, pack->dim));
    for (int role = 0; role < FSE_ROLES; role++)
        FSE_TRY(add_to_contract(&text, &pack->models[role], (fse_role)role, error));
    FSE_TRY(fse_digest_bytes(text.data, text.size, sha256, error));
    fse_digest_hex(sha256, pack->contract);
cleanup:
    free(text.data);
    return status;
}

/* The last part of a path, without slashes at its end; to free(). */
static char *folder_name(const char *folder)
{
    char *copy = fse_strdup(folder);
    size_t length = copy ? strlen(copy) : 0;
    while (length > 1 && copy[length - 1] == '/')
        copy[--length] = '\0';
    char *name = copy ? fse_strdup(fse_path_name(copy)) : NULL;
    free(copy);
    return name;
}

static fse_status read_manifest(const char *path, fse_manifest **manifest, fse_error *error)
{
    fse_status status;
    char *text = NULL;
    size_t size;
    *manifest = NULL;
    status = fse_read_file(path, MANIFEST_MAX, &text, &size, error);
    if (status == FSE_EIMAGE || status == FSE_ELIMIT) /* the words fit, the status is of photos */
        status = error ? (error->status = FSE_EMODEL) : FSE_EMODEL;
    FSE_TRY(status);
    FSE_TRY(fse_manifest_parse(text, size, path, manifest, error));
cleanup:
    free(text);
    return status;
}

static fse_status read_models(const fse_net_backend *backend, fse_pack *pack, fse_error *error)
{
    fse_status status;
    fse_manifest *manifest = NULL;
    char *path = fse_path_join(pack->folder, "pack.json");
    if (!path)
        return fse_fail_memory(error);
    if (access(path, F_OK) == 0) {
        FSE_TRY(read_manifest(path, &manifest, error));
        FSE_TRY(read_by_manifest(backend, pack, manifest, error));
    } else {
        FSE_TRY(read_by_shapes(backend, pack, error));
    }
cleanup:
    fse_manifest_free(&manifest);
    free(path);
    return status;
}

fse_status fse_pack_load(const fse_net_backend *backend, const char *folder, fse_pack *pack,
                         fse_error *error)
{
    fse_status status;
    pack->folder = fse_strdup(folder);
    pack->name = folder_name(folder);
    pack->license = fse_strdup("");
    if (!pack->folder || !pack->name || !pack->license)
        FSE_TRY(fse_fail_memory(error));
    if (!fse_path_is_folder(folder))
        FSE_THROW(error, FSE_EMODEL, folder, "there is no such model folder");
    FSE_TRY(read_models(backend, pack, error));
    const fse_model *embedder = &pack->models[FSE_ROLE_EMBEDDER];
    pack->dim = fse_embedding_dim(&embedder->shape);
    if (pack->calibration.count == 0) {
        const fse_manifest_model *known = fse_catalogue_model(FSE_ROLE_EMBEDDER, embedder->sha256);
        if (known)
            pack->calibration = known->calibration;
    }
    FSE_TRY(make_contract(pack, error));
cleanup:
    return status;
}

fse_status fse_pack_read(const fse_net_backend *backend, const char *folder, fse_pack **pack,
                         fse_error *error)
{
    fse_status status;
    *pack = NULL;
    fse_pack *made = fse_alloc(1, sizeof *made);
    if (!made)
        return fse_fail_memory(error);
    FSE_TRY(fse_pack_load(backend, folder, made, error));
    *pack = made;
    made = NULL;
cleanup:
    fse_pack_free(&made);
    return status;
}

void fse_pack_free(fse_pack **pack)
{
    if (!pack || !*pack)
        return;
    fse_pack *const p = *pack;
    for (int role = 0; role < FSE_ROLES; role++)
        free_model(&p->models[role]);
    free(p->name);
    free(p->folder);
    free(p->license);
    free(p);
    *pack = NULL;
}
