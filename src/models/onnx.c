/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk follows onnx.proto (github.com/onnx/onnx) and the encoding of Protocol Buffers: a
 * message is a row of (field number, wire type, value). It goes into the messages that lead to
 * tensors, and steps over everything else, weights above all. An explicit stack takes the place of
 * recursion. The file is read through a window, not mapped: a mapped file that another program cuts
 * short would end the process.
 */
#include "models/onnx.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"

typedef enum message { MODEL, GRAPH, NODE, ATTRIBUTE, TENSOR, ENTRY, SPARSE, FUNCTION } message;

enum {
    MODEL_VERSION = 1,
    MODEL_GRAPH = 7,
    MODEL_OPERATORS = 8,
    NODE_NAME = 3,
    ENTRY_KEY = 1,
    ENTRY_VALUE = 2
};

/* Which field of which message holds which other message. */
static const struct {
    message outer;
    uint32_t field;
    message inner;
} children[] = {
    {MODEL, MODEL_GRAPH, GRAPH}, {MODEL, 25, FUNCTION},     {GRAPH, 1, NODE},
    {GRAPH, 5, TENSOR},          {GRAPH, 15, SPARSE},       {NODE, 5, ATTRIBUTE},
    {ATTRIBUTE, 5, TENSOR},      {ATTRIBUTE, 6, GRAPH},     {ATTRIBUTE, 10, TENSOR},
    {ATTRIBUTE, 11, GRAPH},      {ATTRIBUTE, 22, SPARSE},   {ATTRIBUTE, 23, SPARSE},
    {TENSOR, 13, ENTRY},         {SPARSE, 1, TENSOR},       {SPARSE, 2, TENSOR},
    {FUNCTION, 7, NODE},         {FUNCTION, 11, ATTRIBUTE},
};

/* Subgraphs in subgraphs; three levels of messages each. Real models have one or two. */
#define DEPTH_MAX 48

/* As much as a file system lets a path have. */
#define NAME_MAX_BYTES 4096

/* Nodes at which InsightFace looks for a normalisation in the graph (arcface_onnx.py). */
#define NODES_LOOKED_AT 8

#define WINDOW ((size_t)1 << 14)

typedef struct frame {
    message kind;
    uint64_t end;
} frame;

typedef struct walk {
    int fd;
    const char *path;
    uint64_t size;
    uint64_t position;
    frame stack[DEPTH_MAX];
    int depth;
    bool has_version, has_graph, has_operators;
    int nodes; /* of the main graph, so far */
    bool subtracts, multiplies;
    bool is_location; /* the entry's key is "location" */
    fse_buffer value; /* the entry's value */
    fse_buffer external;
    uint64_t window_start;
    size_t window_size;
    uint8_t window[WINDOW];
} walk;

static fse_status broken(const walk *w, fse_error *error)
{
    if (w->has_graph)
        return fse_fail(error, FSE_EMODEL, w->path, "the ONNX file is damaged at byte %llu",
                        (unsigned long long)w->position);
    return fse_fail(error, FSE_EMODEL, w->path, "not an ONNX file");
}

static fse_status ends_early(const walk *w, fse_error *error)
{
    if (!w->has_version)
        return broken(w, error);
    return fse_fail(error, FSE_EMODEL, w->path,
                    "the file ends early: an ONNX file of more than %llu bytes was begun; "
                    "download or copy it again",
                    (unsigned long long)w->size);
}

/* Make the byte at the position the window's, unless it is there already. */
static fse_status fill(walk *w, fse_error *error)
{
    if (w->position >= w->window_start && w->position - w->window_start < w->window_size)
        return FSE_OK;
    ssize_t got;
    do
        got = pread(w->fd, w->window, WINDOW, (off_t)w->position);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return fse_fail_errno(error, errno, w->path, "cannot read");
    if (got == 0)
        return ends_early(w, error);
    w->window_start = w->position;
    w->window_size = (size_t)got;
    return FSE_OK;
}

static fse_status read_varint(walk *w, uint64_t *value, fse_error *error)
{
    fse_status status = FSE_OK;
    *value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (w->position >= w->stack[w->depth - 1].end)
            return w->position >= w->size ? ends_early(w, error) : broken(w, error);
        FSE_TRY(fill(w, error));
        const uint8_t byte = w->window[w->position - w->window_start];
        w->position++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return FSE_OK;
    }
    return broken(w, error);
cleanup:
    return status;
}

/* Check that so many bytes of the innermost message are left. */
static fse_status need(const walk *w, uint64_t bytes, fse_error *error)
{
    const uint64_t end = w->stack[w->depth - 1].end;
    if (bytes <= end - w->position)
        return FSE_OK;
    /* Messages end within the file, so the file is short only where its outermost one is. */
    return w->depth == 1 ? ends_early(w, error) : broken(w, error);
}

static fse_status read_text(walk *w, uint64_t length, fse_buffer *text, fse_error *error)
{
    fse_status status;
    text->size = 0;
    FSE_TRY(fse_buffer_add(text, "", 0, error));
    while (length > 0) {
        FSE_TRY(fill(w, error));
        const size_t at = (size_t)(w->position - w->window_start);
        size_t part = w->window_size - at;
        if (part > length)
            part = (size_t)length;
        FSE_TRY(fse_buffer_add(text, w->window + at, part, error));
        w->position += part;
        length -= part;
    }
cleanup:
    return status;
}

static bool begins(const fse_buffer *text, const char *with)
{
    return text->size > 0 && strncmp(text->data, with, strlen(with)) == 0;
}

static fse_status read_node_name(walk *w, uint64_t length, fse_error *error)
{
    fse_status status;
    fse_buffer name = {0};
    FSE_TRY(read_text(w, length, &name, error));
    w->subtracts |= begins(&name, "Sub") || begins(&name, "_minus");
    w->multiplies |= begins(&name, "Mul") || begins(&name, "_mul");
cleanup:
    free(name.data);
    return status;
}

static fse_status read_entry(walk *w, uint32_t field, uint64_t length, fse_error *error)
{
    fse_status status;
    fse_buffer key = {0};
    if (length > NAME_MAX_BYTES)
        return broken(w, error);
    FSE_TRY(read_text(w, length, field == ENTRY_KEY ? &key : &w->value, error));
    if (field == ENTRY_KEY)
        w->is_location = key.size > 0 && strcmp(key.data, "location") == 0;
cleanup:
    free(key.data);
    return status;
}

static bool is_listed(const fse_buffer *list, const char *name)
{
    for (size_t at = 0; at < list->size; at += strlen(list->data + at) + 1)
        if (strcmp(list->data + at, name) == 0)
            return true;
    return false;
}

/* Note the location of external data when its entry ends. */
static fse_status end_entry(walk *w, fse_error *error)
{
    fse_status status = FSE_OK;
    if (w->is_location && w->value.size > 0) {
        if (strlen(w->value.data) != w->value.size)
            return broken(w, error);
        if (!is_listed(&w->external, w->value.data))
            FSE_TRY(fse_buffer_add(&w->external, w->value.data, w->value.size + 1, error));
    }
cleanup:
    w->is_location = false;
    w->value.size = 0;
    return status;
}

static fse_status enter(walk *w, message inner, uint64_t length, fse_error *error)
{
    if (w->depth == DEPTH_MAX)
        return fse_fail(error, FSE_EMODEL, w->path, "graphs are nested too deeply in it");
    if (inner == NODE && w->depth == 2)
        w->nodes++;
    if (inner == GRAPH && w->depth == 1)
        w->has_graph = true;
    w->stack[w->depth++] = (frame){inner, w->position + length};
    return FSE_OK;
}

/* The value of a length-delimited field: go into it, read it, or step over it. */
static fse_status take_bytes(walk *w, uint32_t field, fse_error *error)
{
    fse_status status;
    uint64_t length;
    FSE_TRY(read_varint(w, &length, error));
    FSE_TRY(need(w, length, error));
    const message outer = w->stack[w->depth - 1].kind;
    w->has_operators |= outer == MODEL && field == MODEL_OPERATORS;
    for (size_t i = 0; i < FSE_COUNT(children); i++)
        if (children[i].outer == outer && children[i].field == field)
            return enter(w, children[i].inner, length, error);
    if (outer == ENTRY && (field == ENTRY_KEY || field == ENTRY_VALUE))
        return read_entry(w, field, length, error);
    if (outer == NODE && field == NODE_NAME && w->depth == 3 && w->nodes <= NODES_LOOKED_AT &&
        length <= NAME_MAX_BYTES)
        return read_node_name(w, length, error);
    w->position += length;
cleanup:
    return status;
}

static fse_status take_fixed(walk *w, uint64_t bytes, fse_error *error)
{
    const fse_status status = need(w, bytes, error);
    if (status == FSE_OK)
        w->position += bytes;
    return status;
}

static fse_status take_field(walk *w, fse_error *error)
{
    enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };
    fse_status status;
    uint64_t tag, number;
    FSE_TRY(read_varint(w, &tag, error));
    const uint32_t field = (uint32_t)(tag >> 3);
    if (field == 0 || tag >> 3 > 0x1fffffff)
        FSE_TRY(broken(w, error));
    switch (tag & 7) {
    case VARINT:
        w->has_version |= w->depth == 1 && field == MODEL_VERSION;
        return read_varint(w, &number, error);
    case FIXED64:
        return take_fixed(w, 8, error);
    case BYTES:
        return take_bytes(w, field, error);
    case FIXED32:
        return take_fixed(w, 4, error);
    default:
        return broken(w, error);
    }
cleanup:
    return status;
}

static fse_status walk_file(walk *w, fse_error *error)
{
    fse_status status = FSE_OK;
    w->stack[0] = (frame){MODEL, w->size};
    w->depth = 1;
    while (w->depth > 0) {
        const frame *top = &w->stack[w->depth - 1];
        if (w->position < top->end) {
            FSE_TRY(take_field(w, error));
        } else {
            if (top->kind == ENTRY)
                FSE_TRY(end_entry(w, error));
            w->depth--;
        }
    }
    if (!w->has_graph)
        FSE_THROW(error, FSE_EMODEL, w->path, "not an ONNX file: there is no graph in it");
    /* onnx.proto demands both; without them OpenVINO tries its readers of other formats. */
    if (!w->has_version || !w->has_operators)
        FSE_THROW(error, FSE_EMODEL, w->path,
                  "not an ONNX file: it states no version or no operator set");
cleanup:
    return status;
}

/* Frequent stand-ins for a model: an interrupted download, and what Git keeps in its place. */
static fse_status check_start(walk *w, fse_error *error)
{
    static const char pointer[] = "version https://git-lfs";
    if (w->size == 0)
        return fse_fail(error, FSE_EMODEL, w->path, "not an ONNX file: it is empty");
    const fse_status status = fill(w, error);
    if (status == FSE_OK && w->window_size >= sizeof pointer - 1 &&
        memcmp(w->window, pointer, sizeof pointer - 1) == 0)
        return fse_fail(error, FSE_EMODEL, w->path,
                        "not an ONNX file, but a Git LFS pointer to one: download the file itself");
    return status;
}

/* --- external data --- */

static bool leaves_folder(const char *name)
{
    if (name[0] == '/')
        return true;
    for (const char *part = name; *part;) {
        const size_t length = strcspn(part, "/");
        if (length == 2 && part[0] == '.' && part[1] == '.')
            return true;
        part += length + (part[length] == '/');
    }
    return false;
}

static bool lies_below(const char *folder, const char *path)
{
    char real_folder[PATH_MAX], real_path[PATH_MAX];
    if (!realpath(folder, real_folder) || !realpath(path, real_path))
        return false;
    const size_t length = strlen(real_folder);
    return strncmp(real_path, real_folder, length) == 0 &&
           (real_path[length] == '/' || strcmp(real_folder, "/") == 0);
}

static fse_status check_external(const char *model, const char *folder, const char *name,
                                 fse_error *error)
{
    fse_status status = FSE_OK;
    struct stat info;
    char *path = fse_path_join(folder, name);
    if (!path)
        return fse_fail_memory(error);
    if (leaves_folder(name))
        FSE_THROW(error, FSE_EMODEL, model, "its data lie outside its folder, at \"%.200s\"", name);
    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode))
        FSE_THROW(error, FSE_EMODEL, model, "its data file \"%.200s\" is missing", name);
    if (!lies_below(folder, path))
        FSE_THROW(error, FSE_EMODEL, model, "its data file \"%.200s\" is a link out of its folder",
                  name);
cleanup:
    free(path);
    return status;
}

static fse_status check_externals(const walk *w, fse_error *error)
{
    fse_status status = FSE_OK;
    char *folder = fse_strdup(w->path);
    if (!folder)
        return fse_fail_memory(error);
    char *slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    for (size_t at = 0; at < w->external.size; at += strlen(w->external.data + at) + 1)
        FSE_TRY(check_external(w->path, slash ? folder : ".", w->external.data + at, error));
cleanup:
    free(folder);
    return status;
}

fse_status fse_onnx_check(const char *path, fse_net_facts *facts, fse_error *error)
{
    fse_status status;
    *facts = (fse_net_facts){0};
    walk *w = fse_alloc(1, sizeof *w);
    if (!w)
        return fse_fail_memory(error);
    w->fd = -1;
    w->path = path;
    status = fse_open_regular(path, &w->fd, &w->size, error);
    if (status == FSE_EIMAGE) /* a folder, a pipe: the words fit, the status is that of photos */
        status = error ? (error->status = FSE_EMODEL) : FSE_EMODEL;
    FSE_TRY(status);
    FSE_TRY(check_start(w, error));
    FSE_TRY(walk_file(w, error));
    if (w->external.size > 0) {
        FSE_TRY(check_externals(w, error));
        FSE_TRY(fse_buffer_add(&w->external, "", 1, error));
    }
    *facts = (fse_net_facts){w->external.data, w->subtracts && w->multiplies};
    w->external.data = NULL;
cleanup:
    if (w->fd >= 0)
        close(w->fd);
    free(w->value.data);
    free(w->external.data);
    free(w);
    return status;
}
