/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/quality.h"

#include <math.h>

#include "image/resample.h"

static float mean_of(const fse_image *grey)
{
    double sum = 0;
    for (int i = 0; i < grey->width * grey->height; i++)
        sum += grey->pixels[i];
    return (float)(sum / (grey->width * grey->height));
}

/* Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", 2000. */
static float variance_of_laplacian(const fse_image *grey)
{
    const int width = grey->width;
    double sum = 0, squares = 0;
    for (int y = 1; y < grey->height - 1; y++)
        for (int x = 1; x < width - 1; x++) {
            const uint8_t *p = grey->pixels + (size_t)y * (size_t)width + x;
            const int value = p[-1] + p[1] + p[-width] + p[width] - 4 * p[0];
            sum += value;
            squares += (double)value * value;
        }
    const double count = (double)(width - 2) * (grey->height - 2), mean = sum / count;
    return (float)(squares / count - mean * mean);
}

fse_status fse_quality_of_crop(const fse_image *crop, fse_quality *quality, fse_error *error)
{
    fse_image grey;
    const fse_status status = fse_image_new(crop->width, crop->height, 1, &grey, error);
    if (status != FSE_OK)
        return status;
    fse_grey(crop, &grey);
    quality->sharpness = variance_of_laplacian(&grey);
    quality->brightness = mean_of(&grey);
    fse_image_free(&grey);
    return FSE_OK;
}

/*
 * A generic head: eyes, tip of the nose, corners of the mouth, less their mean, in the units of
 * Mallick, "Head Pose Estimation using OpenCV and Dlib", 2016, with the centres of the eyes at two
 * thirds of the way to their corners; x to the right of the image, y down, z away from the viewer.
 */
static const double head[5][3] = {{-150, -102, 54},
                                  {150, -102, 54},
                                  {0, 68, -81},
                                  {-150, 193, 44},
                                  {150, 193, 44}};

static void centre(const double points[5][3], double out[5][3])
{
    for (int axis = 0; axis < 3; axis++) {
        double mean = 0;
        for (int i = 0; i < 5; i++)
            mean += points[i][axis] / 5;
        for (int i = 0; i < 5; i++)
            out[i][axis] = points[i][axis] - mean;
    }
}

/* Solve a 3 x 3 system by Cramer's rule; the matrix is that of `head`, far from singular. */
static void solve3(double a[3][3], const double b[3], double x[3])
{
    double inverse[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            const int r = (j + 1) % 3, s = (j + 2) % 3, c = (i + 1) % 3, d = (i + 2) % 3;
            inverse[i][j] = a[r][c] * a[s][d] - a[r][d] * a[s][c];
        }
    const double determinant = a[0][0] * inverse[0][0] + a[0][1] * inverse[1][0] + a[0][2] * inverse[2][0];
    for (int i = 0; i < 3; i++)
        x[i] = (inverse[i][0] * b[0] + inverse[i][1] * b[1] + inverse[i][2] * b[2]) / determinant;
}

/* Weak perspective: the 2 x 3 matrix that maps the head to the landmarks with least squares. */
static void fit_camera(const float *landmarks, double camera[2][3])
{
    double model[5][3], normal[3][3] = {{0}}, right[2][3] = {{0}};
    centre(head, model);
    for (int i = 0; i < 5; i++)
        for (int j = 0; j < 3; j++) {
            for (int k = 0; k < 3; k++)
                normal[j][k] += model[i][j] * model[i][k];
            for (int axis = 0; axis < 2; axis++)
                right[axis][j] += model[i][j] * (double)landmarks[2 * i + axis];
        }
    for (int axis = 0; axis < 2; axis++)
        solve3(normal, right[axis], camera[axis]);
}

static float degrees(double radians)
{
    return isfinite(radians) ? (float)(radians * 57.29577951308232) : 0;
}

void fse_quality_of_pose(const float *landmarks, fse_quality *quality)
{
    double c[2][3];
    fit_camera(landmarks, c);
    const double scale = (hypot(hypot(c[0][0], c[0][1]), c[0][2]) +
                          hypot(hypot(c[1][0], c[1][1]), c[1][2])) / 2;
    /* Columns are where the head's axes point in the image: x tells the roll, -z is the nose. */
    const double x = -c[0][2] / scale, y = -c[1][2] / scale;
    const double roll = atan2(c[1][0], c[0][0]);
    const double right = x * cos(roll) + y * sin(roll), down = y * cos(roll) - x * sin(roll);
    quality->yaw = degrees(asin(fmax(-1, fmin(1, right))));
    quality->pitch = degrees(asin(fmax(-1, fmin(1, -down))));
}
