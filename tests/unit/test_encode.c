/* SPDX-License-Identifier: Apache-2.0 */
#include "image/encode.h"

#include <stdlib.h>
#include <string.h>

#include "unit/image_files.h"

static void test_round_trip(void **state)
{
    (void)state;
    static const int sizes[][2] = {{1, 1}, {99, 61}, {640, 480}};
    for (size_t i = 0; i < FSE_COUNT(sizes); i++) {
        fse_image image = ref_smooth_image(sizes[i][0], sizes[i][1]);
        uint8_t *bytes;
        size_t size;
        assert_int_equal(fse_encode_jpeg(&image, 95, &bytes, &size, NULL), FSE_OK);
        fse_decoded d;
        assert_int_equal(decode_bytes(bytes, size, &any_size, &d, NULL), FSE_OK);
        assert_string_equal(d.format, "jpeg");
        assert_true(ref_difference(&d.image, &image) < 2);
        /* No metadata. */
        assert_null(memmem(bytes, size, "Exif", 4));
        assert_null(memmem(bytes, size, "ICC_PROFILE", 11));
        fse_image_free(&d.image);
        free(bytes);
        fse_image_free(&image);
    }
}

static void test_quality_matters(void **state)
{
    (void)state;
    fse_image image = ref_noise_image(100, 100, 3);
    size_t last = 0;
    for (int quality = 1; quality <= 100; quality += 33) {
        uint8_t *bytes;
        size_t size;
        assert_int_equal(fse_encode_jpeg(&image, quality, &bytes, &size, NULL), FSE_OK);
        assert_true(size > last);
        last = size;
        free(bytes);
    }
    fse_image_free(&image);
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    fse_image image = ref_noise_image(8, 8, 3);
    fse_image grey = ref_noise_image(8, 8, 1);
    fse_image empty = {0};
    uint8_t *bytes;
    size_t size;
    assert_int_equal(fse_encode_jpeg(&image, 0, &bytes, &size, NULL), FSE_EINVAL);
    assert_int_equal(fse_encode_jpeg(&image, 101, &bytes, &size, NULL), FSE_EINVAL);
    assert_int_equal(fse_encode_jpeg(&grey, 90, &bytes, &size, NULL), FSE_EINVAL);
    assert_int_equal(fse_encode_jpeg(&empty, 90, &bytes, &size, NULL), FSE_EINVAL);
    assert_null(bytes);
    fse_image_free(&image);
    fse_image_free(&grey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_quality_matters),
        cmocka_unit_test(test_wrong_arguments),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vips_shutdown();
    return failed;
}
