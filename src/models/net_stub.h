/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the stub for inference takes for a model and for a face. Tests draw such pictures with
 * tests/support/stub_photos.h.
 *
 * A model is a text file: "facesearch-stub KIND", KIND being scrfd, yunet, ultralight, landmarks or
 * "embedder DIM"; then, if wished, " slow MS" to make every run last so long, and after a line
 * break anything at all, which changes nothing but the file's digest.
 *
 * A face is a disc (or square) of one saturated colour on a light background. Its hue in degrees is
 * the person's number times FSE_STUB_HUE_STEP; a hue between two is as much like the one as like
 * the other. Texture moves the embedding a little. Faces of FSE_STUB_FACE_MIN to FSE_STUB_FACE_MAX
 * pixels in the network's input are found. Person FSE_STUB_NOBODY gives the zero embedding.
 */
#ifndef FSE_MODELS_NET_STUB_H
#define FSE_MODELS_NET_STUB_H

#define FSE_STUB_HUE_STEP 30
#define FSE_STUB_NOBODY 11
#define FSE_STUB_FACE_MIN 8
#define FSE_STUB_FACE_MAX 512

/* A pixel is of a face if (max - min) / max of its channels is at least this, and max this. */
#define FSE_STUB_SATURATION 0.5
#define FSE_STUB_VALUE_MIN 25

/* For the landmark model, which sees grey: a face is darker than this, the background lighter. */
#define FSE_STUB_LUMA 160

/*
 * Where the landmarks are in the box, as parts of its sides: the box is what lies between (16, 30)
 * and (96, 110) of the crop in which the ArcFace template (src/faces/align.h) is defined.
 */
#define FSE_STUB_LANDMARKS                                                                         \
    {                                                                                              \
        {0.2787F, 0.2712F}, {0.7191F, 0.2688F}, {0.5003F, 0.5217F}, {0.3194F, 0.7796F},            \
        {                                                                                          \
            0.6841F, 0.7776F                                                                       \
        }                                                                                          \
    }

#endif
