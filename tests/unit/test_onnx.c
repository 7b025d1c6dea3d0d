/* SPDX-License-Identifier: Apache-2.0 */
/* The walk through ONNX files, on files written here field by field, and on real ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/path.h"
#include "models/onnx.h"

static char folder[] = "/tmp/test_onnx_XXXXXX";
static char model_path[64];

/* --- writing protocol buffers --- */

static void put(fse_buffer *to, const void *bytes, size_t size)
{
    assert_int_equal(fse_buffer_add(to, bytes, size, NULL), FSE_OK);
}

static void put_varint(fse_buffer *to, uint64_t value)
{
    do {
        const uint8_t byte = (uint8_t)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        put(to, &byte, 1);
        value >>= 7;
    } while (value);
}

static void put_number(fse_buffer *to, uint32_t field, uint64_t value)
{
    put_varint(to, field << 3);
    put_varint(to, value);
}

static void put_bytes(fse_buffer *to, uint32_t field, const void *bytes, size_t size)
{
    put_varint(to, field << 3 | 2);
    put_varint(to, size);
    put(to, bytes, size);
}

static void put_text(fse_buffer *to, uint32_t field, const char *text)
{
    put_bytes(to, field, text, strlen(text));
}

/* Add a message as a field, and empty it. */
static void put_message(fse_buffer *to, uint32_t field, fse_buffer *inner)
{
    put_bytes(to, field, inner->data ? inner->data : "", inner->size);
    free(inner->data);
    *inner = (fse_buffer){0};
}

/* TensorProto: raw data, or external data at a location. */
static fse_buffer tensor(const char *location)
{
    fse_buffer made = {0}, entry = {0};
    put_number(&made, 1, 4); /* dims */
    put_text(&made, 8, "weights");
    if (location) {
        put_text(&entry, 2, location); /* the value may come before the key */
        put_text(&entry, 1, "location");
        put_message(&made, 13, &entry);
        put_text(&entry, 1, "offset");
        put_text(&entry, 2, "0");
        put_message(&made, 13, &entry);
        put_number(&made, 14, 1);
    } else {
        char raw[40000] = {0}; /* more than the window that is read */
        put_bytes(&made, 9, raw, sizeof raw);
    }
    return made;
}

static fse_buffer node(const char *name, fse_buffer *attribute)
{
    fse_buffer made = {0};
    put_text(&made, 1, "in");
    put_text(&made, 2, "out");
    put_text(&made, 3, name);
    put_text(&made, 4, "Conv");
    if (attribute)
        put_message(&made, 5, attribute);
    return made;
}

/* ModelProto around a graph, which is freed. */
static fse_buffer model(fse_buffer *graph)
{
    fse_buffer made = {0};
    put_number(&made, 1, 7);
    put_text(&made, 2, "test");
    put_message(&made, 7, graph);
    put_bytes(&made, 8, "\020\015", 2); /* operator set 13 */
    return made;
}

static fse_buffer simple_model(void)
{
    fse_buffer graph = {0}, weights = tensor(NULL), first = node("Conv_0", NULL);
    put_message(&graph, 1, &first);
    put_message(&graph, 5, &weights);
    return model(&graph);
}

static fse_status check_bytes(const void *bytes, size_t size, fse_net_facts *facts,
                              fse_error *error)
{
    FILE *file = fopen(model_path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    *error = (fse_error){0};
    const fse_status status = fse_onnx_check(model_path, facts, error);
    assert_int_equal(status, error->status);
    if (status != FSE_OK)
        assert_string_equal(error->subject, model_path);
    return status;
}

/* Check a model and free it. */
static fse_status check(fse_buffer *bytes, fse_net_facts *facts, fse_error *error)
{
    const fse_status status = check_bytes(bytes->data, bytes->size, facts, error);
    free(bytes->data);
    return status;
}

static void assert_refused(fse_buffer *bytes, const char *words)
{
    fse_net_facts facts;
    fse_error error;
    assert_int_equal(check(bytes, &facts, &error), FSE_EMODEL);
    if (!strstr(error.message, words))
        fail_msg("\"%s\" is not in \"%s\"", words, error.message);
}

static void assert_text_refused(const char *text, const char *words)
{
    fse_buffer bytes = {0};
    put(&bytes, text, strlen(text));
    assert_refused(&bytes, words);
}

/* --- tests --- */

static void whole_models_pass(void **state)
{
    (void)state;
    fse_net_facts facts;
    fse_error error;
    fse_buffer bytes = simple_model();
    assert_int_equal(check(&bytes, &facts, &error), FSE_OK);
    assert_null(facts.external);
    assert_false(facts.normalises);
}

static void other_files_do_not(void **state)
{
    (void)state;
    assert_text_refused("", "it is empty");
    assert_text_refused("hello\n", "not an ONNX file");
    assert_text_refused("<!DOCTYPE html><html>", "not an ONNX file");
    assert_text_refused("PK\003\004 zip", "not an ONNX file");
    assert_text_refused("version https://git-lfs.github.com/spec/v1\noid sha256:0", "Git LFS");
    fse_buffer bytes = {0};
    put_number(&bytes, 1, 7);
    assert_refused(&bytes, "there is no graph");
    bytes = (fse_buffer){0};
    put_number(&bytes, 1, 7);
    put_bytes(&bytes, 7, "", 0);
    assert_refused(&bytes, "no operator set");
    const char zeros[64] = {0};
    bytes = (fse_buffer){0};
    put(&bytes, zeros, sizeof zeros);
    assert_refused(&bytes, "not an ONNX file");
}

static void folders_and_missing_files_do_not(void **state)
{
    (void)state;
    fse_net_facts facts;
    fse_error error = {0};
    assert_int_equal(fse_onnx_check(folder, &facts, &error), FSE_EMODEL);
    assert_int_equal(error.status, FSE_EMODEL);
    assert_int_equal(fse_onnx_check("/nowhere/x.onnx", &facts, &error), FSE_ENOENT);
    assert_int_equal(fse_onnx_check(folder, &facts, NULL), FSE_EMODEL);
}

/* Every shorter version of the file is refused, and says why. */
static void truncation_is_seen_everywhere(void **state)
{
    (void)state;
    fse_buffer bytes = simple_model();
    fse_net_facts facts;
    fse_error error;
    for (size_t size = 0; size < bytes.size;
         size += size < 200 || size + 200 > bytes.size ? 1 : 97) {
        assert_int_equal(check_bytes(bytes.data, size, &facts, &error), FSE_EMODEL);
        if (size > 20 && size < bytes.size - 4) /* the last four are a field of their own */
            assert_non_null(strstr(error.message, "ends early"));
    }
    free(bytes.data);
}

/* Every byte of the part before the weights, with every bit flipped: an answer, and no crash. */
static void damage_is_survived(void **state)
{
    (void)state;
    fse_buffer bytes = simple_model();
    fse_net_facts facts;
    fse_error error;
    for (size_t at = 0; at < 80; at++)
        for (int bit = 0; bit < 8; bit++) {
            bytes.data[at] = (char)(bytes.data[at] ^ 1 << bit);
            check_bytes(bytes.data, bytes.size, &facts, &error);
            free(facts.external);
            bytes.data[at] = (char)(bytes.data[at] ^ 1 << bit);
        }
    free(bytes.data);
}

static fse_buffer model_with_data_at(const char *location)
{
    fse_buffer graph = {0}, weights = tensor(location);
    put_message(&graph, 5, &weights);
    weights = tensor(location);
    put_message(&graph, 5, &weights);
    return model(&graph);
}

static void touch(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static void external_data_stay_in_the_folder(void **state)
{
    (void)state;
    fse_net_facts facts;
    fse_error error;
    char path[128];
    touch("weights.bin");
    fse_buffer bytes = model_with_data_at("weights.bin");
    assert_int_equal(check(&bytes, &facts, &error), FSE_OK);
    assert_memory_equal(facts.external, "weights.bin\0", 13); /* once, and an empty name */
    free(facts.external);
    static const char *const outside[] = {"../weights.bin", "/etc/passwd", "a/../../x", ".."};
    for (size_t i = 0; i < FSE_COUNT(outside); i++) {
        bytes = model_with_data_at(outside[i]);
        assert_refused(&bytes, "outside its folder");
    }
    bytes = model_with_data_at("missing.bin");
    assert_refused(&bytes, "\"missing.bin\" is missing");
    snprintf(path, sizeof path, "%s/link.bin", folder);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    bytes = model_with_data_at("link.bin");
    assert_refused(&bytes, "a link out of its folder");
    unlink(path);
    assert_int_equal(symlink("weights.bin", path), 0);
    bytes = model_with_data_at("link.bin");
    assert_int_equal(check(&bytes, &facts, &error), FSE_OK);
    free(facts.external);
    unlink(path);
    snprintf(path, sizeof path, "%s/weights.bin", folder);
    unlink(path);
}

/* Tensors hide in attributes of nodes of subgraphs, too. */
static void external_data_are_found_in_depth(void **state)
{
    (void)state;
    fse_buffer inner = {0}, attribute = {0}, graph = {0}, weights = tensor("/etc/passwd");
    put_message(&attribute, 5, &weights);
    fse_buffer deep = node("deep", &attribute);
    put_message(&inner, 1, &deep);
    put_message(&attribute, 6, &inner);
    deep = node("outer", &attribute);
    put_message(&graph, 1, &deep);
    fse_buffer bytes = model(&graph);
    assert_refused(&bytes, "outside its folder");
}

static void nesting_has_an_end(void **state)
{
    (void)state;
    fse_buffer graph = {0};
    put_text(&graph, 2, "innermost");
    for (int i = 0; i < 100; i++) {
        fse_buffer attribute = {0}, outer = {0};
        put_message(&attribute, 6, &graph);
        fse_buffer n = node("n", &attribute);
        put_message(&outer, 1, &n);
        graph = outer;
    }
    fse_buffer bytes = model(&graph);
    assert_refused(&bytes, "nested too deeply");
}

static bool normalises(const char *const names[], int count)
{
    fse_buffer graph = {0};
    fse_net_facts facts;
    fse_error error;
    for (int i = 0; i < count; i++) {
        fse_buffer n = node(names[i], NULL);
        put_message(&graph, 1, &n);
    }
    fse_buffer bytes = model(&graph);
    assert_int_equal(check(&bytes, &facts, &error), FSE_OK);
    return facts.normalises;
}

/* As insightface/model_zoo/arcface_onnx.py decides. */
static void normalisation_is_seen_at_the_start(void **state)
{
    (void)state;
    const char *const mxnet[] = {"_minusscalar0", "_mulscalar0", "conv0"};
    const char *const named[] = {"Conv_0", "Sub_1", "Mul_2"};
    const char *const half[] = {"Conv_0", "Sub_1", "Conv_2"};
    const char *const late[] = {"a", "b", "c", "d", "e", "f", "g", "Sub_7", "Mul_8"};
    assert_true(normalises(mxnet, 3));
    assert_true(normalises(named, 3));
    assert_false(normalises(half, 3));
    assert_false(normalises(late, 9));
}

static void real_models_pass(void **state)
{
    (void)state;
    static const char *const names[] = {"insightface-lite/det.onnx", "insightface-lite/rec.onnx",
                                        "yunet-lite/det.onnx"};
    const char *shared = getenv("FACESEARCH_SHARED");
    int found = 0;
    for (size_t i = 0; i < FSE_COUNT(names); i++) {
        char path[4096];
        fse_net_facts facts;
        fse_error error = {0};
        snprintf(path, sizeof path, "%s/models/%s", shared ? shared : "../shared", names[i]);
        if (access(path, R_OK) != 0)
            continue;
        if (fse_onnx_check(path, &facts, &error) != FSE_OK)
            fail_msg("%s: %s", error.subject, error.message);
        assert_null(facts.external);
        found++;
    }
    if (found == 0) {
        print_message("no real models to try\n");
        skip();
    }
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(model_path, sizeof model_path, "%s/model.onnx", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(model_path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_models_pass),
        cmocka_unit_test(other_files_do_not),
        cmocka_unit_test(folders_and_missing_files_do_not),
        cmocka_unit_test(truncation_is_seen_everywhere),
        cmocka_unit_test(damage_is_survived),
        cmocka_unit_test(external_data_stay_in_the_folder),
        cmocka_unit_test(external_data_are_found_in_depth),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(normalisation_is_seen_at_the_start),
        cmocka_unit_test(real_models_pass),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
