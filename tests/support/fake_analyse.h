/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stands in for the analysis of photos, so that tests of what is built on it say themselves which
 * faces a photo has. A "photo" is a text file, one word and its values a line:
 *
 *     face SCORE SIZE V1 .. V8    a face of that detection score and size; an embedding, which is
 *                                 normalised and rounded here
 *     bad SCORE SIZE              a face whose embedding is unusable
 *     taken SECONDS               the EXIF date
 *     damaged                     the file is broken
 *     fail STATUS WORDS           the analysis fails so
 *
 * Linked with --wrap for fse_analyse(), fse_analyse_file(), fse_analyse_memory() and the functions
 * that tell of an engine.
 */
#ifndef FSE_TESTS_FAKE_ANALYSE_H
#define FSE_TESTS_FAKE_ANALYSE_H

#include "api/engine.h"

#define FAKE_DIM 8

/* The canonical embedding of eight numbers. */
void fake_embedding(const float values[FAKE_DIM], float canonical[FAKE_DIM]);

#endif
