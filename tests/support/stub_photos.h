/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Model packs and photos for the inference stub (src/models/net_stub.h), so that tests of
 * everything above inference need no model and no photo.
 *
 *     stub_pack("folder/pack", "scrfd", 128, 0);            a pack, for FACESEARCH_MODELS
 *     fse_image photo = stub_background(640, 480);
 *     stub_face(&photo, 3, 200, 150, 90, 0);                person 3, 90 pixels wide, at (200, 150)
 *     stub_face(&photo, 5, 400, 240, 60, 7);                person 5, with a look of its own
 *     stub_save(&photo, "folder/photo.jpg");
 *
 * Persons are 0 to 10, fractions allowed: 3.5 is as much like 3 as like 4 (about 0.7). Two looks of
 * one person have a cosine of about 0.85, at least 0.65; two persons about 0, at most 0.35. Person
 * FSE_STUB_NOBODY has an unusable embedding. Everything is deterministic.
 * Failures end the test program, with a message.
 */
#ifndef FSE_TESTS_STUB_PHOTOS_H
#define FSE_TESTS_STUB_PHOTOS_H

#include "image/image.h"
#include "models/net_stub.h"

/*
 * Write the files of a pack into a folder, which is created: detector "scrfd", "yunet" or
 * "ultralight" (with its landmark model) as det.onnx, and rec.onnx of `dim` numbers. slow_ms: how
 * long each run of the detector lasts, 0 for no pause. There is no pack.json.
 */
void stub_pack(const char *folder, const char *detector, int dim, int slow_ms);

/* A light picture with a faint pattern, to free with fse_image_free(). */
fse_image stub_background(int width, int height);

/*
 * Draw a face: a disc of `size` pixels with its upper left corner at (x, y); it may run past the
 * picture. look: 0 plain; any other number gives a texture of its own.
 */
void stub_face(fse_image *image, double person, double x, double y, double size, unsigned look);

/* Write a picture as JPEG of quality 95. */
void stub_save(const fse_image *image, const char *path);

/* All in one: a picture of one face in the middle, a third as wide as the picture. */
void stub_portrait(const char *path, int side, double person, unsigned look);

#endif
