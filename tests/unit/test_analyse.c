/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From pixels to faces, end to end, with the inference stub: whatever the photo's size and the
 * detector, each drawn face is found once, in its place, with its person's embedding.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/thread.h"
#include "facesearch/facesearch.h"
#include "faces/detection.h"
#include "image/encode.h"
#include "support/stub_photos.h"

static const char *const families[] = {"scrfd", "yunet", "ultralight"};
enum { family_count = 3 };

typedef struct fixture {
    char folder[64];
    fse_engine *engines[family_count];
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    snprintf(f->folder, sizeof f->folder, "analyse-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    for (int i = 0; i < family_count; i++) {
        char pack[128];
        fse_error error = {.status = FSE_OK};
        snprintf(pack, sizeof pack, "./%s/%s", f->folder, families[i]);
        stub_pack(pack, families[i], 128, 0);
        if (fse_engine_open(pack, NULL, &f->engines[i], &error) != FSE_OK)
            fail_msg("%s: %s", error.subject, error.message);
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    char command[128];
    for (int i = 0; i < family_count; i++)
        fse_engine_close(&f->engines[i]);
    snprintf(command, sizeof command, "rm -r %s", f->folder);
    assert_int_equal(system(command), 0);
    free(f);
    return 0;
}

static fse_photo *analyse(fse_engine *engine, const fse_image *image,
                          const fse_analyse_options *options)
{
    uint8_t *jpeg;
    size_t size;
    fse_photo *photo = NULL;
    fse_error error = {.status = FSE_OK};
    assert_int_equal(fse_encode_jpeg(image, 95, &jpeg, &size, &error), FSE_OK);
    if (fse_analyse_memory(engine, jpeg, size, options, &photo, &error) != FSE_OK)
        fail_msg("%s: %s", error.subject, error.message);
    free(jpeg);
    return photo;
}

/* The number of the one face at a place; fails if there is none or are several. */
static const fse_face *face_at(const fse_photo *photo, double x, double y, double size)
{
    const float box[4] = {(float)x, (float)y, (float)(x + size), (float)(y + size)};
    const fse_face *found = NULL;
    for (size_t i = 0; i < photo->face_count; i++)
        if (fse_iou(photo->faces[i].box, box) > 0.3F) {
            assert_null(found);
            found = &photo->faces[i];
        }
    assert_non_null(found);
    assert_true(fse_iou(found->box, box) > 0.6F);
    return found;
}

static float likeness(const fse_face *a, const fse_face *b, int dim)
{
    assert_int_equal(a->status, FSE_OK);
    assert_int_equal(b->status, FSE_OK);
    return fse_similarity(a->embedding, b->embedding, dim);
}

static void check_two_faces(fse_engine *engine, int width, int height, double size)
{
    fse_image image = stub_background(width, height);
    const double x = width * 0.1, y = height * 0.1, u = width - size - 8, v = height - size - 8;
    stub_face(&image, 3, x, y, size, 0);
    stub_face(&image, 6, u, v, size * 0.9, 5);
    fse_photo *photo = analyse(engine, &image, NULL);
    assert_int_equal(photo->width, width);
    assert_int_equal(photo->height, height);
    if (photo->face_count != 2)
        fail_msg("%s, %d x %d, faces of %.0f: %zu found", fse_engine_describe(engine).detector, width,
                 height, size, photo->face_count);
    const fse_face *a = face_at(photo, x, y, size), *b = face_at(photo, u, v, size * 0.9);
    assert_true(a != b);
    assert_true(likeness(a, b, photo->dim) < 0.5F);
    assert_true(photo->faces[0].score >= photo->faces[1].score);
    fse_photo_free(&photo);
    fse_image_free(&image);
}

static void faces_are_found_in_photos_of_all_sizes(void **state)
{
    const fixture *f = *state;
    static const struct {
        int width, height;
        double size;
    } photos[] = {{200, 150, 60},    {250, 250, 100},  {640, 480, 40},    {640, 480, 200},
                  {480, 640, 220},   {1000, 300, 60},  {1600, 1200, 60},  {1600, 1200, 500},
                  {3000, 2000, 60},  {3000, 2000, 900}, {2000, 3000, 100}};
    for (int i = 0; i < family_count; i++)
        for (size_t k = 0; k < sizeof photos / sizeof photos[0]; k++)
            check_two_faces(f->engines[i], photos[k].width, photos[k].height, photos[k].size);
}

/* Every place in a photo of several tiles, so also on every edge between tiles. */
static void faces_are_found_wherever_they_are(void **state)
{
    const fixture *f = *state;
    for (int i = 0; i < family_count; i++)
        for (int place = 0; place < 40; place++) {
            fse_image image = stub_background(800, 600);
            const double size = 30 + 7 * (place % 10);
            const double x = (place * 61) % (int)(800 - size), y = (place * 47) % (int)(600 - size);
            stub_face(&image, place % 10, x, y, size, (unsigned)place);
            fse_photo *photo = analyse(f->engines[i], &image, NULL);
            assert_int_equal(photo->face_count, 1);
            face_at(photo, x, y, size);
            fse_photo_free(&photo);
            fse_image_free(&image);
        }
}

/* The same face, large and in a large photo that is decoded smaller, gives nearly the same. */
static void shrinking_changes_little(void **state)
{
    const fixture *f = *state;
    for (int i = 0; i < family_count; i++) {
        fse_image small = stub_background(640, 480), large = stub_background(5120, 3840);
        stub_face(&small, 4, 200, 150, 150, 0);
        stub_face(&large, 4, 1600, 1200, 1200, 0);
        fse_photo *a = analyse(f->engines[i], &small, NULL);
        fse_photo *b = analyse(f->engines[i], &large, NULL);
        assert_int_equal(a->face_count, 1);
        assert_int_equal(b->face_count, 1);
        face_at(b, 1600, 1200, 1200);
        assert_true(likeness(&a->faces[0], &b->faces[0], a->dim) > 0.8F);
        fse_photo_free(&a);
        fse_photo_free(&b);
        fse_image_free(&small);
        fse_image_free(&large);
    }
}

/* A small face in a photo decoded at reduced size is embedded from the full one. */
static void small_faces_are_embedded_from_all_pixels(void **state)
{
    const fixture *f = *state;
    fse_image large = stub_background(5120, 3840), part = stub_background(640, 480);
    stub_face(&large, 4, 1600, 1200, 70, 9);
    stub_face(&part, 4, 200, 150, 70, 9);
    fse_photo *a = analyse(f->engines[0], &large, NULL);
    fse_photo *b = analyse(f->engines[0], &part, NULL);
    assert_int_equal(a->face_count, 1);
    assert_true(likeness(&a->faces[0], &b->faces[0], a->dim) > 0.8F);
    assert_true(a->faces[0].quality.sharpness > 0.6F * b->faces[0].quality.sharpness);
    fse_photo_free(&a);
    fse_photo_free(&b);
    fse_image_free(&large);
    fse_image_free(&part);
}

static void min_face_sets_the_fine_view(void **state)
{
    const fixture *f = *state;
    fse_analyse_options options;
    fse_analyse_options_init(&options);
    fse_image image = stub_background(6000, 1000);
    stub_face(&image, 2, 3000, 500, 36, 0); /* 3.8 pixels in a view of 640, 12 in one of 2048 */
    options.min_face = 150;
    fse_photo *photo = analyse(f->engines[0], &image, &options);
    assert_int_equal(photo->face_count, 0);
    fse_photo_free(&photo);
    options.min_face = 30;
    photo = analyse(f->engines[0], &image, &options);
    assert_int_equal(photo->face_count, 1);
    fse_photo_free(&photo);
    fse_image_free(&image);
}

static void the_letterbox_finds_faces_too(void **state)
{
    const fixture *f = *state;
    fse_analyse_options options;
    fse_analyse_options_init(&options);
    options.detect_size = 640;
    for (int i = 0; i < family_count; i++) {
        fse_image image = stub_background(300, 900);
        stub_face(&image, 2, 100, 500, 80, 0);
        fse_photo *photo = analyse(f->engines[i], &image, &options);
        assert_int_equal(photo->face_count, 1);
        face_at(photo, 100, 500, 80);
        fse_photo_free(&photo);
        fse_image_free(&image);
    }
}

/* Without a border around it a face that fills the frame has no background to stand out from. */
static void a_query_gets_a_second_try(void **state)
{
    const fixture *f = *state;
    fse_analyse_options options;
    fse_analyse_options_init(&options);
    for (int side = 12; side <= 200; side *= 4) {
        fse_image image;
        assert_int_equal(fse_image_new(side, side, 3, &image, NULL), FSE_OK);
        for (int i = 0; i < side * side; i++)
            memcpy(image.pixels + 3 * i, "\xff\xff\xff", 3);
        stub_face(&image, 5, side * 0.02, side * 0.02, side * 0.96, 0);
        options.is_query = true;
        fse_photo *photo = analyse(f->engines[0], &image, &options);
        if (photo->face_count > 0)
            face_at(photo, 0, 0, side);
        assert_true(photo->face_count == 1 || side < 48);
        fse_photo_free(&photo);
        fse_image_free(&image);
    }
}

static void a_face_without_direction_is_told(void **state)
{
    const fixture *f = *state;
    fse_image image = stub_background(640, 480);
    stub_face(&image, FSE_STUB_NOBODY, 100, 100, 100, 0);
    fse_photo *photo = analyse(f->engines[0], &image, NULL);
    assert_int_equal(photo->face_count, 1);
    assert_int_equal(photo->faces[0].status, FSE_EFACE);
    assert_null(photo->faces[0].embedding);
    fse_photo_free(&photo);
    fse_image_free(&image);
}

static void photos_without_faces_are_fine(void **state)
{
    const fixture *f = *state;
    static const int sides[][2] = {{1, 1}, {2, 3000}, {3000, 2}, {17, 33}, {640, 480}};
    for (int i = 0; i < family_count; i++)
        for (size_t k = 0; k < sizeof sides / sizeof sides[0]; k++) {
            fse_image image = stub_background(sides[k][0], sides[k][1]);
            fse_photo *photo = analyse(f->engines[i], &image, NULL);
            assert_int_equal(photo->face_count, 0);
            assert_null(photo->faces);
            assert_int_equal(fse_photo_largest_face(photo), -1);
            fse_photo_free(&photo);
            fse_image_free(&image);
        }
}

static void options_are_checked(void **state)
{
    const fixture *f = *state;
    fse_analyse_options options;
    fse_photo *photo = NULL;
    fse_error error = {.status = FSE_OK};
    fse_analyse_options_init(&options);
    options.min_face = 7;
    assert_int_equal(fse_analyse_memory(f->engines[0], "x", 1, &options, &photo, &error), FSE_EINVAL);
    assert_non_null(strstr(error.message, "min_face"));
    fse_analyse_options_init(&options);
    options.detect_size = 5000;
    assert_int_equal(fse_analyse_memory(f->engines[0], "x", 1, &options, &photo, &error), FSE_EINVAL);
    options.struct_size = 3;
    assert_int_equal(fse_analyse_memory(f->engines[0], "x", 1, &options, &photo, &error), FSE_EINVAL);
    assert_int_equal(fse_analyse_memory(f->engines[0], "x", 1, NULL, &photo, &error), FSE_EIMAGE);
    assert_int_equal(fse_analyse_memory(f->engines[0], NULL, 0, NULL, &photo, &error), FSE_EIMAGE);
    assert_int_equal(fse_analyse_file(f->engines[0], "no/such", NULL, &photo, &error), FSE_ENOENT);
    assert_string_equal(error.subject, "no/such");
    assert_int_equal(fse_analyse_file(f->engines[0], f->folder, NULL, &photo, &error), FSE_EIMAGE);
    assert_null(photo);
}

typedef struct repeated {
    fse_engine *engine;
    const uint8_t *jpeg;
    size_t size;
    fse_photo *photos[16];
} repeated;

static fse_status analyse_again(void *context, int thread, size_t index, fse_error *error)
{
    (void)thread;
    repeated *r = context;
    return fse_analyse_memory(r->engine, r->jpeg, r->size, NULL, &r->photos[index], error);
}

static void threads_change_nothing(void **state)
{
    const fixture *f = *state;
    fse_image image = stub_background(900, 700);
    uint8_t *jpeg;
    repeated r = {.engine = f->engines[2]};
    for (int i = 0; i < 9; i++)
        stub_face(&image, i, 40 + 280 * (i % 3), 30 + 220 * (i / 3), 70 + 5 * i, (unsigned)i);
    assert_int_equal(fse_encode_jpeg(&image, 90, &jpeg, &r.size, NULL), FSE_OK);
    r.jpeg = jpeg;
    assert_int_equal(fse_parallel_for(4, 16, analyse_again, NULL, &r, NULL), FSE_OK);
    assert_int_equal(r.photos[0]->face_count, 9);
    for (int i = 0; i < 16; i++) {
        assert_int_equal(r.photos[i]->face_count, 9);
        for (int k = 0; k < 9; k++) {
            assert_memory_equal(r.photos[i]->faces[k].box, r.photos[0]->faces[k].box, 16);
            assert_memory_equal(r.photos[i]->faces[k].embedding, r.photos[0]->faces[k].embedding,
                                128 * sizeof(float));
        }
    }
    for (int i = 0; i < 16; i++)
        fse_photo_free(&r.photos[i]);
    free(jpeg);
    fse_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faces_are_found_in_photos_of_all_sizes),
        cmocka_unit_test(faces_are_found_wherever_they_are),
        cmocka_unit_test(shrinking_changes_little),
        cmocka_unit_test(small_faces_are_embedded_from_all_pixels),
        cmocka_unit_test(min_face_sets_the_fine_view),
        cmocka_unit_test(the_letterbox_finds_faces_too),
        cmocka_unit_test(a_query_gets_a_second_try),
        cmocka_unit_test(a_face_without_direction_is_told),
        cmocka_unit_test(photos_without_faces_are_fine),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(threads_change_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
