/* SPDX-License-Identifier: Apache-2.0 */
/* Pack folders, with stub models: what is taken for what, and what is said of the rest. */
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

#include "facesearch/models.h"
#include "models/classify.h"
#include "models/pack.h"
#include "support/stub_photos.h"

static char root[] = "/tmp/test_pack_XXXXXX";
static char folder[64]; /* a new pack folder for each test */

static void put(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static fse_pack *read_pack(void)
{
    fse_pack *pack;
    fse_error error = {0};
    if (fse_pack_read(fse_net_default(), folder, &pack, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return pack;
}

static void assert_refused(fse_status status, const char *subject, const char *words)
{
    fse_pack *pack;
    fse_error error = {0};
    assert_int_equal(fse_pack_read(fse_net_default(), folder, &pack, &error), status);
    assert_null(pack);
    if (!strstr(error.message, words))
        fail_msg("\"%s\" is not in \"%s\"", words, error.message);
    if (!strstr(error.subject, subject))
        fail_msg("\"%s\" is not in \"%s\"", subject, error.subject);
}

/* --- without a manifest --- */

static void shapes_tell(void **state)
{
    (void)state;
    static const struct {
        const char *detector;
        fse_family family;
        float mean, scale;
        bool bgr;
    } cases[] = {{"scrfd", FSE_FAMILY_SCRFD, 127.5F, 128, false},
                 {"yunet", FSE_FAMILY_YUNET, 0, 1, true},
                 {"ultralight", FSE_FAMILY_ULTRALIGHT, 127, 128, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        stub_pack(folder, cases[i].detector, 256, 0);
        fse_pack *pack = read_pack();
        const fse_net_input *input = &pack->models[FSE_ROLE_DETECTOR].input;
        assert_int_equal(pack->family, cases[i].family);
        assert_string_equal(fse_family_name(pack->family), cases[i].detector);
        assert_true(input->mean == cases[i].mean && input->scale == cases[i].scale);
        assert_true(input->bgr == cases[i].bgr && input->channels == 3);
        assert_int_equal(pack->dim, 256);
        assert_string_equal(pack->models[FSE_ROLE_EMBEDDER].file, "rec.onnx");
        assert_int_equal(pack->models[FSE_ROLE_LANDMARKS].file != NULL,
                         pack->family == FSE_FAMILY_ULTRALIGHT);
        assert_string_equal(pack->name, strrchr(folder, '/') + 1);
        assert_int_equal(pack->calibration.count, 0);
        assert_int_equal(strlen(pack->contract), 64);
        fse_pack_free(&pack);
        assert_null(pack);
    }
}

static void only_onnx_files_count(void **state)
{
    (void)state;
    stub_pack(folder, "scrfd", 128, 0);
    put("readme.txt", "text");
    put("._det.onnx", "left by another system");
    put("damaged.onnx", "no model"); /* not needed */
    fse_pack *pack = read_pack();
    fse_pack_free(&pack);
}

static void two_for_one_role_are_named(void **state)
{
    (void)state;
    stub_pack(folder, "scrfd", 128, 0);
    put("other.onnx", "facesearch-stub yunet\n");
    assert_refused(FSE_EMODEL, folder,
                   "\"det.onnx\" and \"other.onnx\" could both be the detector");
    put("other.onnx", "facesearch-stub embedder 128\n");
    assert_refused(FSE_EMODEL, folder, "could both be the embedder: write a pack.json");
}

static void what_is_missing_is_said(void **state)
{
    (void)state;
    assert_refused(FSE_EMODEL, folder, "neither a pack.json nor any *.onnx");
    put("rec.onnx", "facesearch-stub embedder 128\n");
    assert_refused(FSE_EMODEL, folder, "a face detector is missing");
    put("det.onnx", "facesearch-stub ultralight\n");
    assert_refused(FSE_EMODEL, folder, "the landmark model is missing");
    put("rec.onnx", "facesearch-stub embedder 16\n"); /* too few numbers for an embedding */
    assert_refused(FSE_EMODEL, folder, "rec.onnx is another kind of network");
    put("rec.onnx", "damaged");
    assert_refused(FSE_EMODEL, "/rec.onnx", "not a model");
    fse_pack *pack;
    fse_error error = {0};
    assert_int_equal(fse_pack_read(fse_net_default(), "/nowhere", &pack, &error), FSE_EMODEL);
    assert_string_equal(error.subject, "/nowhere");
}

/* Inputs and outputs that the stub does not have. */
static void other_shapes_are_told_apart(void **state)
{
    (void)state;
    fse_net_shape shape = {.input_count = 1,
                           .input = {"x", 4, {1, 3, 640, 640}},
                           .output_count = 6};
    for (int i = 0; i < 6; i++)
        shape.outputs[i] = (fse_tensor){"y", 3, {1, 12800 >> 2 * (i % 3), i < 3 ? 1 : 4}};
    assert_non_null(strstr(fse_classify(&shape)->words, "without landmarks"));
    shape = (fse_net_shape){.input_count = 1,
                            .input = {"x", 4, {-1, 3, 96, 96}},
                            .output_count = 1,
                            .outputs = {{"y", 2, {-1, 512}}}};
    assert_null(fse_classify(&shape));
    shape.input = (fse_tensor){"x", 4, {-1, 3, 112, 112}};
    assert_non_null(fse_classify(&shape));
    shape.input_count = 2;
    assert_null(fse_classify(&shape));
    shape = (fse_net_shape){0};
    assert_null(fse_classify(&shape));
    char words[16];
    shape =
        (fse_net_shape){.input_count = 1, .input = {"x", 6, {1, 2, 3, 4, 5}}, .output_count = 20};
    assert_null(fse_classify(&shape));
    fse_shape_words(&shape, words, sizeof words);
    assert_int_equal(strlen(words), sizeof words - 1); /* cut to fit */
}

/* --- with a manifest --- */

static void put_manifest(const char *embedder)
{
    char text[1024];
    snprintf(text, sizeof text,
             "{\"format\": 1, \"name\": \"mine\", \"license\": \"CC0\", "
             "\"detector\": {\"family\": \"scrfd\", \"file\": \"det.onnx\"}, "
             "\"embedder\": {\"file\": \"rec.onnx\"%s}}",
             embedder);
    put("pack.json", text);
}

static void manifests_rule(void **state)
{
    (void)state;
    stub_pack(folder, "scrfd", 128, 0);
    put("other.onnx", "facesearch-stub yunet\n"); /* would be one too many */
    put_manifest(", \"mean\": 1, \"scale\": 2, \"color\": \"bgr\", \"dim\": 128, "
                 "\"calibration\": [[0.01, 0.2], [0.001, 0.3]]");
    fse_pack *pack = read_pack();
    const fse_net_input *input = &pack->models[FSE_ROLE_EMBEDDER].input;
    assert_true(input->mean == 1 && input->scale == 2 && input->bgr);
    assert_string_equal(pack->name, "mine");
    assert_string_equal(pack->license, "CC0");
    assert_int_equal(pack->calibration.count, 2);
    fse_pack_free(&pack);
}

static void manifests_are_held_to_their_word(void **state)
{
    (void)state;
    stub_pack(folder, "scrfd", 128, 0);
    put_manifest(", \"dim\": 512");
    assert_refused(FSE_EMODEL, "/rec.onnx", "expected embeddings of 512 numbers, but it gives 128");
    put_manifest(", \"sha256\": "
                 "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"");
    assert_refused(FSE_EDIGEST, "/rec.onnx", "expected 0123456789abcdef");
    put("det.onnx", "facesearch-stub yunet\n");
    put_manifest("");
    assert_refused(FSE_EMODEL, "/det.onnx", "expected an SCRFD face detector, but it is another");
    put("pack.json", "{");
    assert_refused(FSE_EMODEL, "/pack.json", "not valid JSON");
    char path[256];
    snprintf(path, sizeof path, "%s/pack.json", folder);
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(FSE_EMODEL, "/pack.json", "a named pipe");
    unlink(path);
    put_manifest("");
    snprintf(path, sizeof path, "%s/rec.onnx", folder);
    unlink(path);
    put("det.onnx", "facesearch-stub scrfd\n");
    assert_refused(FSE_EMODEL, "/rec.onnx", "file is missing");
}

/* --- the contract --- */

static void contract(char out[FSE_SHA256_HEX])
{
    fse_pack *pack = read_pack();
    memcpy(out, pack->contract, FSE_SHA256_HEX);
    fse_pack_free(&pack);
}

static void contracts_follow_what_matters(void **state)
{
    (void)state;
    char first[FSE_SHA256_HEX], other[FSE_SHA256_HEX];
    stub_pack(folder, "scrfd", 128, 0);
    contract(first);
    put_manifest(""); /* name and licence do not matter */
    contract(other);
    assert_string_equal(first, other);
    put_manifest(", \"color\": \"bgr\"");
    contract(other);
    assert_string_not_equal(first, other);
    put_manifest(", \"mean\": 127");
    contract(other);
    assert_string_not_equal(first, other);
    put_manifest("");
    put("det.onnx", "facesearch-stub scrfd\nanother file\n");
    contract(other);
    assert_string_not_equal(first, other);
}

/* --- the public functions --- */

static void packs_are_found(void **state)
{
    (void)state;
    char *path;
    fse_error error = {0};
    stub_pack(folder, "scrfd", 128, 0);
    const char *name = strrchr(folder, '/') + 1;
    char list[128];
    snprintf(list, sizeof list, ":/nowhere::%s:", root);
    setenv("FACESEARCH_MODELS_PATH", list, 1);
    setenv("XDG_DATA_HOME", "/nowhere/data", 1);
    unsetenv("FACESEARCH_MODELS");
    assert_int_equal(fse_pack_find(name, &path, &error), FSE_OK);
    assert_string_equal(path, folder);
    free(path);
    assert_int_equal(fse_pack_find(folder, &path, &error), FSE_OK);
    assert_string_equal(path, folder);
    free(path);
    setenv("FACESEARCH_MODELS", name, 1);
    assert_int_equal(fse_pack_find(NULL, &path, &error), FSE_OK);
    assert_string_equal(path, folder);
    free(path);
    unsetenv("FACESEARCH_MODELS");
    /* The default pack: set-up may have put it beside the test program. */
    if (fse_pack_find(NULL, &path, &error) == FSE_OK)
        assert_string_equal(strrchr(path, '/') + 1, "faceplugin");
    else
        assert_string_equal(error.subject, "faceplugin");
    free(path);
    static const char *const wrong[] = {"nix", "", ".", "..", "/nowhere/x", "./nix"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(fse_pack_find(wrong[i], &path, &error), FSE_EMODEL);
        assert_null(path);
        assert_string_equal(error.subject, wrong[i]);
    }
    assert_int_equal(fse_pack_find("opencv", &path, &error), FSE_EMODEL);
    assert_non_null(strstr(error.message, "facesearch models pull opencv"));
    assert_non_null(strstr(error.message, "/nowhere/data/facesearch/models"));
}

static void packs_are_verified(void **state)
{
    (void)state;
    fse_pack_report report;
    fse_error error = {0};
    stub_pack(folder, "ultralight", 512, 0);
    assert_int_equal(fse_pack_verify(folder, &report, &error), FSE_OK);
    assert_string_equal(report.detector, "ultralight");
    assert_int_equal(report.file_count, 3);
    assert_string_equal(report.files[1].role, "landmarks");
    assert_string_equal(report.files[1].name, "lmk.onnx");
    assert_true(report.files[1].ok && !report.files[1].expected_known);
    assert_int_equal(report.dim, 512);
    assert_false(report.calibrated);
    stub_pack(folder, "scrfd", 128, 0);
    put_manifest(", \"sha256\": "
                 "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"");
    assert_int_equal(fse_pack_verify(folder, &report, &error), FSE_EDIGEST);
    assert_int_equal(report.file_count, 2);
    assert_true(report.files[0].ok);
    assert_true(!report.files[1].ok && report.files[1].expected_known);
    assert_int_equal(fse_pack_verify("/nowhere/x", &report, &error), FSE_EMODEL);
    assert_int_equal(report.file_count, 0);
}

/* --- frame --- */

static int new_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "%s/pack_XXXXXX", root);
    return mkdtemp(folder) ? 0 : -1;
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(root) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    char command[64];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

#define TEST(name) cmocka_unit_test_setup(name, new_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(shapes_tell),
        TEST(only_onnx_files_count),
        TEST(two_for_one_role_are_named),
        TEST(what_is_missing_is_said),
        TEST(other_shapes_are_told_apart),
        TEST(manifests_rule),
        TEST(manifests_are_held_to_their_word),
        TEST(contracts_follow_what_matters),
        TEST(packs_are_found),
        TEST(packs_are_verified),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
