/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/align.h"

#include <math.h>

/* insightface/utils/face_align.py, arcface_dst; for a crop of 112 x 112. */
const double fse_arcface_template[5][2] = {{38.2946, 51.6963},
                                           {73.5318, 51.5014},
                                           {56.0252, 71.7366},
                                           {41.5493, 92.3655},
                                           {70.7299, 92.2041}};

bool fse_align(const float *points, fse_similarity2 *transform)
{
    double px = 0, py = 0, qx = 0, qy = 0;
    for (int i = 0; i < 5; i++) {
        px += (double)points[2 * i] / 5;
        py += (double)points[2 * i + 1] / 5;
        qx += fse_arcface_template[i][0] / 5;
        qy += fse_arcface_template[i][1] / 5;
    }
    double dot = 0, cross = 0, square = 0;
    for (int i = 0; i < 5; i++) {
        const double x = (double)points[2 * i] - px, y = (double)points[2 * i + 1] - py;
        const double u = fse_arcface_template[i][0] - qx, v = fse_arcface_template[i][1] - qy;
        dot += x * u + y * v;
        cross += x * v - y * u;
        square += x * x + y * y;
    }
    const double a = dot / square, b = cross / square;
    *transform = (fse_similarity2){a, b, qx - (a * px - b * py), qy - (b * px + a * py)};
    /* Landmarks within a fiftieth of a pixel, or a scale of zero, have no direction. */
    return square > 1e-3 && isfinite(transform->tx) && isfinite(transform->ty) &&
           a * a + b * b > 1e-12;
}

double fse_align_residual(const fse_similarity2 *t, const float *points)
{
    double sum = 0;
    for (int i = 0; i < 5; i++) {
        const double x = (double)points[2 * i], y = (double)points[2 * i + 1];
        const double dx = t->a * x - t->b * y + t->tx - fse_arcface_template[i][0];
        const double dy = t->b * x + t->a * y + t->ty - fse_arcface_template[i][1];
        sum += dx * dx + dy * dy;
    }
    return sqrt(sum / 5);
}

void fse_align_inverse(const fse_similarity2 *t, double m[6])
{
    const double square = t->a * t->a + t->b * t->b;
    const double a = t->a / square, b = t->b / square;
    m[0] = a;
    m[1] = b;
    m[2] = -(a * t->tx + b * t->ty);
    m[3] = -b;
    m[4] = a;
    m[5] = b * t->tx - a * t->ty;
}
