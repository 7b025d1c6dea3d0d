/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "base/half.h"
#include "faces/embed.h"
#include "faces/quality.h"

/* Five points of a head seen from afar: eyes, nose, corners of the mouth; x right, y down, z away. */
static void project(double yaw, double pitch, double roll, float landmarks[10])
{
    static const double head[5][3] = {
        {-150, -102, 54}, {150, -102, 54}, {0, 68, -81}, {-150, 193, 44}, {150, 193, 44}};
    for (int i = 0; i < 5; i++) {
        double x = head[i][0], y = head[i][1], z = head[i][2], t;
        t = y * cos(pitch) + z * sin(pitch); /* nose, at negative z, goes up with a positive pitch */
        z = z * cos(pitch) - y * sin(pitch);
        y = t;
        t = x * cos(yaw) - z * sin(yaw); /* and to the right with a positive yaw */
        z = z * cos(yaw) + x * sin(yaw);
        x = t;
        landmarks[2 * i] = (float)(0.3 * (x * cos(roll) - y * sin(roll)) + 500);
        landmarks[2 * i + 1] = (float)(0.3 * (x * sin(roll) + y * cos(roll)) + 200);
    }
}

static void pose_is_found_again(void **state)
{
    (void)state;
    const double degree = 3.14159265358979 / 180;
    for (int yaw = -50; yaw <= 50; yaw += 25)
        for (int roll = -170; roll <= 170; roll += 85) {
            float landmarks[10];
            fse_quality q;
            project(yaw * degree, 0, roll * degree, landmarks);
            fse_quality_of_pose(landmarks, &q);
            assert_true(fabs((double)q.yaw - yaw) < 3);
            assert_true(fabs((double)q.pitch) < 3);
        }
    for (int pitch = -40; pitch <= 40; pitch += 20) {
        float landmarks[10];
        fse_quality q;
        project(0, pitch * degree, 0, landmarks);
        fse_quality_of_pose(landmarks, &q);
        assert_true(fabs((double)q.pitch - pitch) < 3);
        assert_true(fabs((double)q.yaw) < 3);
    }
}

static void pose_of_nonsense_is_finite(void **state)
{
    (void)state;
    fse_quality q;
    const float same[10] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    const float wild[10] = {NAN, 1, INFINITY, 1, 1, 1, 1, 1, 1, 1};
    fse_quality_of_pose(same, &q);
    assert_true(isfinite(q.yaw) && isfinite(q.pitch));
    fse_quality_of_pose(wild, &q);
    assert_true(isfinite(q.yaw) && isfinite(q.pitch));
}

static void sharpness_falls_with_blur(void **state)
{
    (void)state;
    fse_image sharp, blurred;
    fse_quality a, b;
    assert_int_equal(fse_image_new(112, 112, 3, &sharp, NULL), FSE_OK);
    assert_int_equal(fse_image_new(112, 112, 3, &blurred, NULL), FSE_OK);
    for (int i = 0; i < 112 * 112 * 3; i++) {
        sharp.pixels[i] = (uint8_t)(i / 3 % 8 < 4 ? 60 : 180);
        blurred.pixels[i] = (uint8_t)lround(120 + 60 * sin(i / 3 * 6.2831853 / 8));
    }
    assert_int_equal(fse_quality_of_crop(&sharp, &a, NULL), FSE_OK);
    assert_int_equal(fse_quality_of_crop(&blurred, &b, NULL), FSE_OK);
    assert_true(a.sharpness > b.sharpness && b.sharpness > 0);
    assert_true(fabsf(a.brightness - 120) < 1 && fabsf(b.brightness - 120) < 1);
    for (int i = 0; i < 112 * 112 * 3; i++)
        blurred.pixels[i] = 33;
    assert_int_equal(fse_quality_of_crop(&blurred, &b, NULL), FSE_OK);
    assert_true(b.sharpness == 0 && b.brightness == 33);
    fse_image_free(&sharp);
    fse_image_free(&blurred);
}

static void canonical_vectors_are_halves_of_unit_length(void **state)
{
    (void)state;
    float v[512], norm;
    for (int i = 0; i < 512; i++)
        v[i] = sinf((float)i) * 3;
    assert_true(fse_canonical(v, 512, &norm));
    double square = 0;
    for (int i = 0; i < 512; i++) {
        square += (double)v[i] * (double)v[i];
        assert_true(fse_half_to_float(fse_half_from_float(v[i])) == v[i]);
    }
    assert_true(fabs(square - 1) < 1e-3 && norm > 40 && norm < 60);
}

static void vectors_without_direction_are_refused(void **state)
{
    (void)state;
    float norm, zero[4] = {0}, infinite[4] = {1, INFINITY, 0, 0}, nan_vector[4] = {NAN, 1, 1, 1};
    assert_false(fse_canonical(zero, 4, &norm));
    assert_false(fse_canonical(infinite, 4, &norm));
    assert_false(fse_canonical(nan_vector, 4, &norm));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pose_is_found_again),
        cmocka_unit_test(pose_of_nonsense_is_finite),
        cmocka_unit_test(sharpness_falls_with_blur),
        cmocka_unit_test(canonical_vectors_are_halves_of_unit_length),
        cmocka_unit_test(vectors_without_direction_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
