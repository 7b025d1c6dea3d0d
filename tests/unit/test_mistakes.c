/* SPDX-License-Identifier: Apache-2.0 */
/* A caller's mistakes: each is told, none ends the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>
#include <unistd.h>

#include "facesearch/facesearch.h"
#include "support/stub_photos.h"

static void nothing_to_fill_is_no_crash(void **state)
{
    (void)state;
    fse_engine_options_init(NULL);
    fse_analyse_options_init(NULL);
    fse_scan_options_init(NULL);
    fse_search_options_init(NULL);
    fse_pull_options_init(NULL);
    fse_index_options_init(NULL);
    fse_update_options_init(NULL);
    assert_true(fse_catalogue(NULL) > 0);
    assert_null(fse_engine_describe(NULL).model);
    assert_true(isnan(fse_engine_threshold(NULL, 0.1)));
    assert_true(isnan(fse_engine_fmr(NULL, 0.1)));
    assert_true(fse_engine_default_threshold(NULL, 1, 1) == 0.5);
    assert_int_equal(fse_photo_largest_face(NULL), -1);
    assert_true(isnan(fse_similarity(NULL, NULL, 128)));
    assert_int_equal(fse_query_probes(NULL), 0);
    assert_int_equal(fse_query_entries(NULL, NULL), 0);
    assert_int_equal(fse_gallery_counts(NULL).photos, 0);
    assert_int_equal(fse_gallery_skipped(NULL, NULL), 0);
}

static void freeing_nothing_is_fine(void **state)
{
    (void)state;
    fse_engine *engine = NULL;
    fse_photo *photo = NULL;
    fse_query *query = NULL;
    fse_gallery *gallery = NULL;
    fse_result *result = NULL;
    fse_index *index = NULL;
    fse_index_report *report = NULL;
    fse_picture *picture = NULL;
    fse_bytes bytes = {0};
    fse_engine_close(NULL);
    fse_engine_close(&engine);
    fse_photo_free(NULL);
    fse_photo_free(&photo);
    fse_query_free(NULL);
    fse_query_free(&query);
    fse_gallery_free(NULL);
    fse_gallery_free(&gallery);
    fse_result_free(NULL);
    fse_result_free(&result);
    fse_index_close(NULL);
    fse_index_close(&index);
    fse_index_report_free(NULL);
    fse_index_report_free(&report);
    fse_picture_free(NULL);
    fse_picture_free(&picture);
    fse_bytes_free(NULL);
    fse_bytes_free(&bytes);
}

static void null_arguments_are_refused(void **state)
{
    (void)state;
    fse_error error = {.status = FSE_OK};
    fse_photo *photo;
    fse_query *query;
    fse_gallery *gallery;
    fse_result *result;
    fse_index *index;
    fse_index_report *report;
    fse_explanation explanation;
    fse_picture *picture;
    fse_bytes bytes;
    assert_int_equal(fse_engine_open(NULL, NULL, NULL, &error), FSE_EINVAL);
    assert_int_equal(fse_analyse_file(NULL, "x", NULL, &photo, &error), FSE_EINVAL);
    assert_int_equal(fse_analyse_memory(NULL, "x", 1, NULL, &photo, &error), FSE_EINVAL);
    assert_int_equal(fse_query_new(NULL, &query, &error), FSE_EINVAL);
    assert_int_equal(fse_query_add_file(NULL, "x", 0, NULL, &error), FSE_EINVAL);
    assert_int_equal(fse_gallery_scan(NULL, NULL, 0, NULL, &gallery, &error), FSE_EINVAL);
    assert_int_equal(fse_gallery_search(NULL, NULL, NULL, &result, &error), FSE_EINVAL);
    assert_int_equal(fse_index_open(NULL, NULL, &index, &error), FSE_EINVAL);
    assert_int_equal(fse_index_update(NULL, NULL, NULL, &error), FSE_EINVAL);
    assert_int_equal(fse_index_gallery(NULL, 0, NULL, NULL, &gallery, &error), FSE_EINVAL);
    assert_int_equal(fse_index_status(NULL, NULL, &report, &error), FSE_EINVAL);
    assert_int_equal(fse_index_why(NULL, NULL, NULL, NULL, &explanation, &error), FSE_EINVAL);
    assert_int_equal(fse_index_forget(NULL, FSE_FORGET_PHOTO, "x", 0, NULL, &error), FSE_EINVAL);
    assert_int_equal(fse_picture_open_file(NULL, 0, &picture, &error), FSE_EINVAL);
    assert_int_equal(fse_picture_crop(NULL, NULL, 1, 64, &bytes, &error), FSE_EINVAL);
    assert_int_equal(fse_pack_find("x", NULL, &error), FSE_EINVAL);
    assert_int_equal(fse_pack_pull(NULL, NULL, &error), FSE_EINVAL);
}

static void wrong_options_are_refused(void **state)
{
    (void)state;
    char folder[] = "mistakes-XXXXXX", pack[64], command[64];
    fse_engine *engine = NULL;
    fse_engine_options options;
    fse_error error = {.status = FSE_OK};
    assert_non_null(mkdtemp(folder));
    snprintf(pack, sizeof pack, "./%s/pack", folder);
    stub_pack(pack, "scrfd", 128, 0);
    fse_engine_options_init(&options);
    options.precision = (fse_precision)99;
    assert_int_equal(fse_engine_open(pack, &options, &engine, &error), FSE_EINVAL);
    assert_null(engine);
    fse_engine_options_init(&options);
    options.jobs = -1;
    assert_int_equal(fse_engine_open(pack, &options, &engine, &error), FSE_EINVAL);
    options.struct_size = 1;
    assert_int_equal(fse_engine_open(pack, &options, &engine, &error), FSE_EINVAL);
    assert_int_equal(fse_engine_open(pack, NULL, &engine, &error), FSE_OK);
    fse_engine_close(&engine);
    fse_engine_close(&engine);
    snprintf(command, sizeof command, "rm -r %s", folder);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_fill_is_no_crash),
        cmocka_unit_test(freeing_nothing_is_fine),
        cmocka_unit_test(null_arguments_are_refused),
        cmocka_unit_test(wrong_options_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
