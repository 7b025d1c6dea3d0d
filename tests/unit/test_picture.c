/* SPDX-License-Identifier: Apache-2.0 */
#include "facesearch/picture.h"

#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "unit/image_files.h"

enum { width = 403, height = 301 };

static fse_picture *open_picture(const fse_image *image, const char *suffix, int orientation,
                                 int max_side)
{
    VipsImage *plain = vips_of(image);
    VipsImage *tagged = NULL;
    assert_int_equal(vips_copy(plain, &tagged, NULL), 0);
    vips_image_set_int(tagged, VIPS_META_ORIENTATION, orientation);
    file f = write_file(tagged, suffix);
    fse_picture *picture = NULL;
    assert_int_equal(fse_picture_open_memory(f.bytes, f.size, max_side, &picture, NULL), FSE_OK);
    g_free(f.bytes);
    g_object_unref(tagged);
    g_object_unref(plain);
    return picture;
}

static fse_image decoded(fse_bytes *jpeg)
{
    fse_decoded d;
    assert_int_equal(decode_bytes(jpeg->data, jpeg->size, &any_size, &d, NULL), FSE_OK);
    fse_bytes_free(jpeg);
    assert_null(jpeg->data);
    return d.image;
}

static fse_image crop(const fse_picture *picture, const float box[4], float margin, int side)
{
    fse_bytes jpeg;
    fse_error error;
    if (fse_picture_crop(picture, box, margin, side, &jpeg, &error) != FSE_OK)
        fail_msg("%s", error.message);
    return decoded(&jpeg);
}

/* The value at a point of the full-size photo; grey outside. */
static double photo_at(const fse_image *photo, double x, double y, int c)
{
    if (x < 0 || y < 0 || x >= photo->width || y >= photo->height)
        return 128;
    return ref_pixel(photo, (int)x, (int)y, c);
}

/* Each crop pixel is near the photo's at its place; a few may straddle the photo's edge. */
static void check_crop(const fse_picture *picture, const fse_image *photo, const float box[4],
                       float margin, int side)
{
    fse_image got = crop(picture, box, margin, side);
    assert_int_equal(got.width, side);
    assert_int_equal(got.height, side);
    const double length = fmax(1, (double)margin * fmax((double)box[2] - (double)box[0],
                                                        (double)box[3] - (double)box[1]));
    const double left = ((double)box[0] + (double)box[2] - length) / 2;
    const double top = ((double)box[1] + (double)box[3] - length) / 2;
    int far = 0;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            for (int c = 0; c < 3; c++) {
                const double wanted = photo_at(photo, left + (x + 0.5) * length / side,
                                               top + (y + 0.5) * length / side, c);
                far += fabs(ref_pixel(&got, x, y, c) - wanted) > 14;
            }
    if (far > side * 3 * 4)
        fail_msg("%d of %d values are off: box %g %g %g %g", far, side * side * 3, (double)box[0],
                 (double)box[1], (double)box[2], (double)box[3]);
    fse_image_free(&got);
}

static void test_crop(void **state)
{
    (void)state;
    static const float boxes[][4] = {
        {100, 80, 180, 160},   {100, 80, 140, 180},      {-30, -40, 60, 50}, {350, 250, 450, 340},
        {0, 0, 403, 301},      {-500, -500, 1000, 1000}, {10, 10, 26, 30},   {200, 100, 200, 100},
        {600, 600, 700, 700},  {-900, 10, -800, 90},
    };
    fse_image photo = ref_smooth_image(width, height);
    fse_picture *picture = open_picture(&photo, ".png", 1, 0);
    for (size_t i = 0; i < FSE_COUNT(boxes); i++) {
        check_crop(picture, &photo, boxes[i], 1, 96);
        check_crop(picture, &photo, boxes[i], 1.5F, 112);
        check_crop(picture, &photo, boxes[i], 1, 300);
    }
    fse_picture_free(&picture);
    assert_null(picture);
    fse_picture_free(&picture);
    fse_picture_free(NULL);
    fse_image_free(&photo);
}

/* Boxes are in pixels of the full-size upright photo, however small it is decoded. */
static void test_crop_of_a_shrunk_photo(void **state)
{
    (void)state;
    fse_image photo = ref_smooth_image(width, height);
    fse_image turned;
    assert_int_equal(fse_image_new(width, height, 3, &turned, NULL), FSE_OK);
    for (int i = 0; i < width * height; i++)
        memcpy(turned.pixels + i * 3, photo.pixels + (width * height - 1 - i) * 3, 3);
    static const float box[4] = {100, 80, 200, 180};
    for (int max_side = 50; max_side <= 800; max_side *= 2) {
        fse_picture *picture = open_picture(&photo, ".jpg[Q=97]", 1, max_side);
        check_crop(picture, &photo, box, 1.2F, 64);
        fse_picture_free(&picture);
        picture = open_picture(&photo, ".jpg[Q=97]", 3, max_side);
        check_crop(picture, &turned, box, 1.2F, 64);
        fse_picture_free(&picture);
    }
    fse_image_free(&turned);
    fse_image_free(&photo);
}

/* A fine chequered pattern becomes grey, not a coarser pattern. */
static void test_crop_is_antialiased(void **state)
{
    (void)state;
    fse_image photo;
    assert_int_equal(fse_image_new(400, 400, 3, &photo, NULL), FSE_OK);
    for (int y = 0; y < 400; y++)
        for (int x = 0; x < 400; x++)
            memset(photo.pixels + (y * 400 + x) * 3, (x + y) % 2 ? 255 : 0, 3);
    fse_picture *picture = open_picture(&photo, ".png", 1, 0);
    const float box[4] = {3, 3, 397, 397};
    fse_image got = crop(picture, box, 1, 57);
    for (int i = 0; i < 57 * 57 * 3; i++)
        assert_true(abs(got.pixels[i] - 128) < 12);
    fse_image_free(&got);
    fse_picture_free(&picture);
    fse_image_free(&photo);
}

static void test_draw(void **state)
{
    (void)state;
    static const int sides[][3] = {{0, 403, 301}, {1000, 403, 301}, {200, 200, 149}, {1, 1, 1}};
    fse_image photo = ref_smooth_image(width, height);
    fse_picture *picture = open_picture(&photo, ".png", 1, 0);
    fse_mark marks[2] = {
        {.box = {100, 100, 200, 220}, .rgb = {255, 0, 0}, .caption = "0.8123"},
        {.box = {-20, -30, 90, 80}, .rgb = {0, 255, 0}},
    };
    memset(marks[1].caption, 'W', sizeof marks[1].caption); /* fills the field, without a NUL */
    for (size_t i = 0; i < FSE_COUNT(sides); i++) {
        fse_bytes jpeg;
        assert_int_equal(fse_picture_draw(picture, sides[i][0], 95, marks, 2, &jpeg, NULL), FSE_OK);
        fse_image got = decoded(&jpeg);
        assert_int_equal(got.width, sides[i][1]);
        assert_int_equal(got.height, sides[i][2]);
        if (got.width >= 200) {
            /* The left edge of the first box, half-way down; and the middle, untouched. */
            const int x = (int)(100.0 * got.width / width);
            const int y = (int)(160.0 * got.height / height);
            assert_true(ref_pixel(&got, x + 1, y, 0) > 190 && ref_pixel(&got, x + 1, y, 1) < 90);
            assert_true(fabs(ref_pixel(&got, x + 20, y, 1) - photo_at(&photo, 140, 160, 1)) < 14);
        }
        fse_image_free(&got);
    }
    fse_bytes jpeg;
    assert_int_equal(fse_picture_draw(picture, 0, 90, NULL, 0, &jpeg, NULL), FSE_OK);
    fse_image got = decoded(&jpeg);
    assert_true(ref_difference(&got, &photo) < 2.5);
    fse_image_free(&got);
    fse_picture_free(&picture);
    fse_image_free(&photo);
}

static void test_wrong_arguments(void **state)
{
    (void)state;
    static const float wild[] = {NAN, INFINITY, -INFINITY, FLT_MAX, -FLT_MAX, 1e7F};
    static const float good[4] = {10, 10, 50, 50};
    static const float inverted[4] = {50, 50, 10, 10};
    fse_image photo = ref_smooth_image(width, height);
    fse_picture *picture = open_picture(&photo, ".png", 1, 0);
    fse_bytes jpeg;
    fse_error error;
    for (size_t i = 0; i < FSE_COUNT(wild); i++)
        for (int k = 0; k < 4; k++) {
            float box[4] = {10, 10, 50, 50};
            box[k] = wild[i];
            assert_int_equal(fse_picture_crop(picture, box, 1, 64, &jpeg, &error), FSE_EINVAL);
            fse_mark mark = {.caption = "x"};
            memcpy(mark.box, box, sizeof box);
            assert_int_equal(fse_picture_draw(picture, 0, 90, &mark, 1, &jpeg, &error), FSE_EINVAL);
        }
    for (size_t i = 0; i < FSE_COUNT(wild); i++)
        assert_int_equal(fse_picture_crop(picture, good, wild[i], 64, &jpeg, NULL), FSE_EINVAL);
    assert_int_equal(fse_picture_crop(picture, inverted, 1, 64, &jpeg, NULL), FSE_EINVAL);
    assert_int_equal(fse_picture_crop(picture, good, 0, 64, &jpeg, NULL), FSE_EINVAL);
    assert_int_equal(fse_picture_crop(picture, good, 1, 15, &jpeg, NULL), FSE_EINVAL);
    assert_int_equal(fse_picture_crop(picture, good, 1, 2049, &jpeg, NULL), FSE_EINVAL);
    assert_int_equal(fse_picture_crop(NULL, good, 1, 64, &jpeg, NULL), FSE_EINVAL);
    assert_int_equal(fse_picture_draw(picture, -1, 90, NULL, 0, &jpeg, NULL), FSE_EINVAL);
    assert_int_equal(fse_picture_draw(picture, 0, 0, NULL, 0, &jpeg, NULL), FSE_EINVAL);
    assert_int_equal(fse_picture_draw(picture, 0, 90, NULL, 1, &jpeg, NULL), FSE_EINVAL);
    fse_bytes_free(NULL);
    fse_picture_free(&picture);
    fse_image_free(&photo);
}

static void test_files(void **state)
{
    (void)state;
    fse_picture *picture = (fse_picture *)1;
    fse_error error;
    assert_int_equal(fse_picture_open_file("/no/such/file.jpg", 0, &picture, &error), FSE_ENOENT);
    assert_null(picture);
    assert_string_equal(error.subject, "/no/such/file.jpg");
    assert_int_equal(fse_picture_open_file("/dev/zero", 0, &picture, &error), FSE_EIMAGE);
    assert_int_equal(fse_picture_open_file("/", 0, &picture, &error), FSE_EIMAGE);
    assert_int_equal(fse_picture_open_file(NULL, 0, &picture, &error), FSE_EINVAL);
    assert_int_equal(fse_picture_open_file("/", -1, &picture, &error), FSE_EINVAL);
    assert_int_equal(fse_picture_open_file("/", 0, NULL, &error), FSE_EINVAL);
    assert_int_equal(fse_picture_open_memory("junk", 4, 0, &picture, &error), FSE_EIMAGE);
    assert_int_equal(fse_picture_open_memory("", 0, 0, &picture, &error), FSE_EIMAGE);
    assert_int_equal(fse_picture_open_memory(NULL, 5, 0, &picture, &error), FSE_EINVAL);

    fse_image photo = ref_smooth_image(20, 10);
    VipsImage *image = vips_of(&photo);
    file f = write_file(image, ".png");
    char path[] = "/tmp/facesearch-test-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, f.bytes, f.size), f.size);
    close(fd);
    assert_int_equal(fse_picture_open_file(path, 0, &picture, &error), FSE_OK);
    fse_picture_free(&picture);
    unlink(path);
    g_free(f.bytes);
    g_object_unref(image);
    fse_image_free(&photo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crop),
        cmocka_unit_test(test_crop_of_a_shrunk_photo),
        cmocka_unit_test(test_crop_is_antialiased),
        cmocka_unit_test(test_draw),
        cmocka_unit_test(test_wrong_arguments),
        cmocka_unit_test(test_files),
    };
    if (fse_decode_init(NULL) != FSE_OK)
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vips_shutdown();
    return failed;
}
