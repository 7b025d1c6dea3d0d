/* SPDX-License-Identifier: Apache-2.0 */
#include "support/stub_photos.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/encode.h"

static void die(const char *what, const char *path)
{
    fprintf(stderr, "stub_photos: %s %s\n", what, path);
    abort();
}

static void write_file(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        die("cannot write", path);
}

static void write_model(const char *folder, const char *name, const char *text)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    write_file(path, text, strlen(text));
}

void stub_pack(const char *folder, const char *detector, int dim, int slow_ms)
{
    char text[128];
    mkdir(folder, 0777);
    if (slow_ms > 0)
        snprintf(text, sizeof text, "facesearch-stub %s slow %d\n", detector, slow_ms);
    else
        snprintf(text, sizeof text, "facesearch-stub %s\n", detector);
    write_model(folder, "det.onnx", text);
    snprintf(text, sizeof text, "facesearch-stub embedder %d\n", dim);
    write_model(folder, "rec.onnx", text);
    if (strcmp(detector, "ultralight") == 0)
        write_model(folder, "lmk.onnx", "facesearch-stub landmarks\n");
}

fse_image stub_background(int width, int height)
{
    fse_image image;
    if (fse_image_new(width, height, 3, &image, NULL) != FSE_OK)
        die("no memory for", "a picture");
    for (int i = 0; i < width * height; i++)
        memset(image.pixels + 3 * (size_t)i, 205 + (i % width / 16 + i / width / 16) % 2 * 8, 3);
    return image;
}

static double luma_of(const double rgb[3])
{
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
}

/* The full colour of a hue, darkened to what the landmark stub takes for a face. */
static void colour_of(double person, double rgb[3])
{
    const double brightest = 105;
    for (int i = 0; i < 3; i++) {
        const double apart = fabs(remainder(person * FSE_STUB_HUE_STEP - 120.0 * i, 360));
        rgb[i] = 255 * fmin(1, fmax(0, 2 - apart / 60));
    }
    const double luma = luma_of(rgb);
    for (int i = 0; i < 3; i++)
        rgb[i] *= luma > brightest ? brightest / luma : 1;
}

/* The texture of a person's look: -1 or 1 for each of 6 x 6 cells of the disc. */
static double texture(double person, unsigned look, double u, double v)
{
    /* Steele, Lea and Flood's finaliser of a 64-bit hash (SplitMix). */
    uint64_t x = (uint64_t)(person * 100) << 40 | (uint64_t)look << 8 |
                 ((uint64_t)(u * 6) * 6 + (uint64_t)(v * 6));
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9U;
    x = (x ^ x >> 27) * 0x94d049bb133111ebU;
    return look == 0 ? 0 : (x ^ x >> 31) & 1 ? 1 : -1;
}

void stub_face(fse_image *image, double person, double x, double y, double size, unsigned look)
{
    double rgb[3];
    colour_of(person, rgb);
    const double depth = 0.3;
    for (int row = 0; row < image->height; row++)
        for (int column = 0; column < image->width; column++) {
            const double u = (column + 0.5 - x) / size, v = (row + 0.5 - y) / size;
            const double radius = hypot(u - 0.5, v - 0.5) * size;
            const double cover = fmin(1, fmax(0, size / 2 - radius + 0.5));
            uint8_t *pixel =
                image->pixels + 3 * ((size_t)row * (size_t)image->width + (size_t)column);
            if (cover <= 0)
                continue;
            const bool inside = u >= 0 && v >= 0;
            const double shade = 1 - depth * (inside ? 0.5 - 0.5 * texture(person, look, u, v) : 0);
            for (int i = 0; i < 3; i++)
                pixel[i] = (uint8_t)lround(cover * rgb[i] * shade + (1 - cover) * pixel[i]);
        }
}

void stub_save(const fse_image *image, const char *path)
{
    uint8_t *bytes;
    size_t size;
    if (fse_encode_jpeg(image, 95, &bytes, &size, NULL) != FSE_OK)
        die("cannot encode", path);
    write_file(path, bytes, size);
    free(bytes);
}

void stub_portrait(const char *path, int side, double person, unsigned look)
{
    fse_image image = stub_background(side, side);
    stub_face(&image, person, side / 3.0, side / 3.0, side / 3.0, look);
    stub_save(&image, path);
    fse_image_free(&image);
}
