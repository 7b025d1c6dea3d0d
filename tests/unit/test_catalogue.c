/* SPDX-License-Identifier: Apache-2.0 */
/* The manifests of packs/, the reader of manifests, and calibrations. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/catalogue.h"
#include "models/embedded.h"

/* --- the catalogue --- */

static void every_manifest_can_be_read(void **state)
{
    (void)state;
    const fse_catalogue_entry *entries;
    const size_t count = fse_catalogue(&entries);
    size_t manifests = 0;
    for (size_t i = 0; i < fse_embedded_packs_count; i++) {
        const struct fse_embedded_file *file = &fse_embedded_packs[i];
        fse_error error = {0};
        fse_manifest *manifest = NULL;
        char name[128];
        if (strcmp(file->name, "known.json") == 0)
            continue;
        if (fse_manifest_parse(file->data, file->size, file->name, &manifest, &error) != FSE_OK)
            fail_msg("%s: %s", error.subject, error.message);
        snprintf(name, sizeof name, "%s.json", manifest->name);
        assert_string_equal(name, file->name);
        fse_manifest_free(&manifest);
        manifests++;
    }
    assert_int_equal(count, manifests);
    assert_true(count >= 8);
    assert_string_equal(entries[0].name, "faceplugin");
}

static void every_pack_says_all_there_is_to_say(void **state)
{
    (void)state;
    const fse_catalogue_entry *entries;
    const size_t count = fse_catalogue(&entries);
    for (size_t i = 0; i < count; i++) {
        const fse_manifest *m = fse_catalogue_find(entries[i].name);
        assert_non_null(m);
        assert_true(entries[i].summary[0] && entries[i].license[0] && entries[i].source[0]);
        assert_true(entries[i].dim == 128 || entries[i].dim == 512);
        assert_true((m->download_count > 0) != (m->obtain[0] != '\0'));
        for (int role = 0; role < FSE_ROLES; role++)
            assert_true(!m->models[role].file ||
                        (m->models[role].sha256[0] && m->models[role].bytes > 0));
        for (int d = 0; d < m->download_count; d++)
            for (int role = 0; role < FSE_ROLES; role++)
                if (m->downloads[d].file && m->models[role].file &&
                    strcmp(m->downloads[d].file, m->models[role].file) == 0) {
                    assert_string_equal(m->downloads[d].sha256, m->models[role].sha256);
                    assert_int_equal(m->downloads[d].bytes, m->models[role].bytes);
                }
        /* InsightFace's models are for research only: nobody gets them without being told. */
        if (strstr(m->license, "InsightFace"))
            assert_true(m->needs_acceptance);
    }
}

static void models_are_known_by_digest(void **state)
{
    (void)state;
    const fse_manifest_model *model =
        fse_catalogue_model(FSE_ROLE_EMBEDDER,
                            "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581");
    assert_non_null(model);
    assert_true(model->input.bgr && model->input.mean == 127 && model->input.scale == 128);
    assert_true(fabs(fse_calibration_threshold(&model->calibration, 1e-4) - 0.419) < 1e-12);
    model = fse_catalogue_model(FSE_ROLE_EMBEDDER,
                                "e72a5710cce378dc46472b6b845cb90647634f2738d8c3e581735cf195b9866f");
    assert_non_null(model);
    assert_int_equal(model->dim, 128);
    assert_true(fabs(fse_calibration_threshold(&model->calibration, 1e-3) - 0.348) < 1e-12);
    assert_null(fse_catalogue_model(FSE_ROLE_EMBEDDER, ""));
    assert_null(
        fse_catalogue_model(FSE_ROLE_DETECTOR,
                            "e72a5710cce378dc46472b6b845cb90647634f2738d8c3e581735cf195b9866f"));
}

/* --- manifests --- */

#define SHA "\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\""
#define DETECTOR "\"detector\": {\"family\": \"scrfd\", \"file\": \"d.onnx\"}"
#define EMBEDDER "\"embedder\": {\"file\": \"e.onnx\"}"
#define HEAD "{\"format\": 1, \"name\": \"x\", "

static fse_status parse(const char *text, fse_manifest **manifest, fse_error *error)
{
    *error = (fse_error){0};
    return fse_manifest_parse(text, strlen(text), "pack.json", manifest, error);
}

static void little_is_enough(void **state)
{
    (void)state;
    fse_manifest *m;
    fse_error error;
    assert_int_equal(parse(HEAD DETECTOR ", " EMBEDDER "}\n", &m, &error), FSE_OK);
    assert_true(m->models[FSE_ROLE_DETECTOR].input.mean == 127.5F);
    assert_true(m->models[FSE_ROLE_DETECTOR].input.scale == 128);
    assert_true(m->models[FSE_ROLE_EMBEDDER].input.scale == 127.5F);
    assert_int_equal(m->models[FSE_ROLE_EMBEDDER].input.channels, 3);
    assert_string_equal(m->license, "");
    fse_manifest_free(&m);
    assert_null(m);
}

static void what_is_stated_counts(void **state)
{
    (void)state;
    fse_manifest *m;
    fse_error error;
    assert_int_equal(parse(HEAD DETECTOR
                           ", \"embedder\": {\"color\": \"bgr\", \"mean\": 1.5, \"scale\": 2, "
                           "\"file\": \"e.onnx\", \"sha256\": " SHA ", \"bytes\": 77, "
                           "\"dim\": 128, \"calibration\": [[0.1, 0], [0.01, 0.25]]}}",
                           &m, &error),
                     FSE_OK);
    const fse_manifest_model *e = &m->models[FSE_ROLE_EMBEDDER];
    assert_true(e->input.bgr && e->input.mean == 1.5F && e->input.scale == 2);
    assert_true(e->bytes == 77 && e->dim == 128 && e->calibration.count == 2);
    fse_manifest_free(&m);
}

static void slips_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *words;
    } slips[] = {
        {"", "not valid JSON"},
        {"[]", "expected a JSON object"},
        {"{\"format\": 1,\n \"name\": }", "line 2"},
        {HEAD DETECTOR ", " EMBEDDER "} x", "not valid JSON"},
        {"{\"name\": \"x\", " DETECTOR ", " EMBEDDER "}", "format is missing"},
        {"{\"format\": 2, \"name\": \"x\", " DETECTOR ", " EMBEDDER "}", "newer facesearch"},
        {"{\"format\": \"1\", \"name\": \"x\", " DETECTOR ", " EMBEDDER "}", "format: expected"},
        {"{\"format\": 1, " DETECTOR ", " EMBEDDER "}", "name is missing"},
        {HEAD EMBEDDER "}", "detector is missing"},
        {HEAD DETECTOR "}", "embedder is missing"},
        {HEAD DETECTOR ", " EMBEDDER ", \"licence\": \"MIT\"}", "licence: there is no such field"},
        {HEAD DETECTOR ", " EMBEDDER ", " EMBEDDER "}", "embedder: it is there twice"},
        {HEAD DETECTOR ", " EMBEDDER ", \"license\": 5}", "license: expected a text, not 5"},
        {HEAD DETECTOR ", \"embedder\": \"e.onnx\"}", "embedder: expected an object"},
        {HEAD DETECTOR ", \"embedder\": {}}", "embedder.file is missing"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"../e.onnx\"}}", "embedder.file: expected"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"/e.onnx\"}}", "embedder.file: expected"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"..\"}}", "embedder.file: expected"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"\"}}", "embedder.file: expected"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"pack.json\"}}", "embedder.file: expected"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"d.onnx\"}}", "are the same file"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"sha256\": \"abc\"}}", "SHA-256"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"scale\": 0}}", "embedder.scale"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"scale\": 1e999}}", "embedder.scale"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"mean\": NaN}}", "not valid JSON"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"mean\": null}}", "not null"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"dim\": 12.5}}", "embedder.dim"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"dim\": 5}}", "64 to 2048"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"bytes\": -1}}", "embedder.bytes"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"color\": \"grey\"}}", "\"rgb\" or"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"color\": \"red\"}}", "not \"red\""},
        {HEAD "\"detector\": {\"family\": \"mtcnn\", \"file\": \"d\"}, " EMBEDDER "}", "\"yunet\""},
        {HEAD "\"detector\": {\"family\": \"ultralight\", \"file\": \"d\"}, " EMBEDDER "}",
         "landmarks is missing"},
        {HEAD DETECTOR ", " EMBEDDER ", \"landmarks\": {\"file\": \"l\"}}", "leave it out"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"calibration\": [[0.1, 0.2]]}}",
         "pairs"},
        {HEAD DETECTOR
         ", \"embedder\": {\"file\": \"e\", \"calibration\": [[0.1, 0.2], [0.2, 0.3]]}}",
         "falling"},
        {HEAD DETECTOR
         ", \"embedder\": {\"file\": \"e\", \"calibration\": [[0.1, 0.2], [0.01, 0.2]]}}",
         "rising"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"calibration\": [[0.1, 0.2], [0.01]]}}",
         "pairs"},
        {HEAD DETECTOR ", \"embedder\": {\"file\": \"e\", \"calibration\": [1, 2]}}", "pairs"},
        {HEAD DETECTOR ", " EMBEDDER ", \"downloads\": {}}", "downloads: expected a list"},
        {HEAD DETECTOR ", " EMBEDDER ", \"downloads\": [5]}",
         "downloads[0]: expected an object, not 5"},
        {HEAD DETECTOR ", " EMBEDDER ", \"downloads\": [{\"url\": \"http://a/b\", \"sha256\": " SHA
                       ", \"bytes\": 1}]}",
         "https://"},
        {HEAD DETECTOR ", " EMBEDDER ", \"downloads\": [{\"url\": \"https://a/b\", \"sha256\": " SHA
                       ", \"bytes\": 1, \"file\": \"z.onnx\"}]}",
         "no model \"z.onnx\""},
    };
    for (size_t i = 0; i < sizeof slips / sizeof slips[0]; i++) {
        fse_manifest *m;
        fse_error error;
        assert_int_equal(parse(slips[i].text, &m, &error), FSE_EMODEL);
        assert_null(m);
        assert_string_equal(error.subject, "pack.json");
        if (!strstr(error.message, slips[i].words))
            fail_msg("%s\n\"%s\" is not in \"%s\"", slips[i].text, slips[i].words, error.message);
    }
}

/* Every shorter version of a good manifest is refused. */
static void cut_manifests_are_refused(void **state)
{
    (void)state;
    const char *text;
    size_t size;
    fse_catalogue_text("buffalo_l", &text, &size);
    assert_non_null(text);
    for (size_t i = 0; i + 2 < size; i++) {
        fse_manifest *m;
        char *cut = malloc(i + 1); /* an allocation of its own: a read too far is seen */
        memcpy(cut, text, i);
        assert_int_equal(fse_manifest_parse(cut, i, "x", &m, NULL), FSE_EMODEL);
        free(cut);
    }
}

/* --- calibrations --- */

static void calibration_follows_its_points(void **state)
{
    (void)state;
    const fse_calibration c = {3, {1e-2, 1e-3, 1e-5}, {0.2, 0.3, 0.7}};
    for (int i = 0; i < c.count; i++) {
        assert_true(fabs(fse_calibration_threshold(&c, c.fmr[i]) - c.cosine[i]) < 1e-12);
        assert_true(fabs(fse_calibration_fmr(&c, c.cosine[i]) / c.fmr[i] - 1) < 1e-9);
    }
    /* Half way in log10, and beyond both ends along the end segments. */
    assert_true(fabs(fse_calibration_threshold(&c, 1e-4) - 0.5) < 1e-12);
    assert_true(fabs(fse_calibration_threshold(&c, 1e-6) - 0.9) < 1e-12);
    assert_true(fabs(fse_calibration_threshold(&c, 1e-1) - 0.1) < 1e-12);
    assert_true(fabs(fse_calibration_fmr(&c, 0.9) / 1e-6 - 1) < 1e-9);
}

static void calibration_has_bounds(void **state)
{
    (void)state;
    const fse_calibration c = {3, {1e-2, 1e-3, 1e-5}, {0.2, 0.3, 0.7}}, none = {0};
    assert_true(fse_calibration_threshold(&c, 1e-30) == 1);
    assert_true(fse_calibration_threshold(&c, 0.999) > -1);
    assert_true(fse_calibration_fmr(&c, -1) == 1);
    assert_true(fse_calibration_fmr(&c, 1) > 0);
    assert_true(isnan(fse_calibration_threshold(&c, 0)));
    assert_true(isnan(fse_calibration_threshold(&c, 1)));
    assert_true(isnan(fse_calibration_threshold(&c, (double)NAN)));
    assert_true(isnan(fse_calibration_fmr(&c, (double)NAN)));
    assert_true(isnan(fse_calibration_threshold(&none, 0.1)));
    assert_true(isnan(fse_calibration_fmr(&none, 0.1)));
}

/* Monotone, and each the inverse of the other. */
static void calibration_inverts(void **state)
{
    (void)state;
    const fse_manifest *m = fse_catalogue_find("faceplugin");
    const fse_calibration *c = &m->models[FSE_ROLE_EMBEDDER].calibration;
    double last = -1;
    for (double exponent = -0.5; exponent > -7; exponent -= 0.01) {
        const double fmr = pow(10, exponent), cosine = fse_calibration_threshold(c, fmr);
        assert_true(cosine > last);
        assert_true(fabs(log10(fse_calibration_fmr(c, cosine)) - exponent) < 1e-9);
        last = cosine;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_manifest_can_be_read),
        cmocka_unit_test(every_pack_says_all_there_is_to_say),
        cmocka_unit_test(models_are_known_by_digest),
        cmocka_unit_test(little_is_enough),
        cmocka_unit_test(what_is_stated_counts),
        cmocka_unit_test(slips_are_named),
        cmocka_unit_test(cut_manifests_are_refused),
        cmocka_unit_test(calibration_follows_its_points),
        cmocka_unit_test(calibration_has_bounds),
        cmocka_unit_test(calibration_inverts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
