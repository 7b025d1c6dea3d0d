/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facesearch: find every photo that shows a person, on your own machine.
 *
 *     #include <facesearch/facesearch.h>
 *
 *     fse_error error = {0};
 *     fse_engine *engine = NULL;
 *     fse_query *query = NULL;
 *     fse_gallery *gallery = NULL;
 *     fse_result *result = NULL;
 *     const char *folder = "photos";
 *     if (fse_engine_open(NULL, NULL, &engine, &error) == FSE_OK &&
 *         fse_query_new(engine, &query, &error) == FSE_OK &&
 *         fse_query_add_file(query, "ann.jpg", FSE_FACE_DEFAULT, NULL, &error) == FSE_OK &&
 *         fse_gallery_scan(engine, &folder, 1, NULL, &gallery, &error) == FSE_OK &&
 *         fse_gallery_search(gallery, query, NULL, &result, &error) == FSE_OK)
 *         for (size_t i = 0; i < result->match_count; i++)
 *             printf("%.4f %s\n", result->matches[i].score, result->matches[i].path);
 *     else
 *         fprintf(stderr, "%s: %s\n", error.subject, error.message);
 *     fse_result_free(&result);
 *     fse_gallery_free(&gallery);
 *     fse_query_free(&query);
 *     fse_engine_close(&engine);
 *
 * Functions return a status and describe a failure in the caller's fse_error. What a function gives
 * out is NULL on failure. Objects are freed by their own function, which sets the caller's pointer
 * to NULL and does nothing where it is NULL already. NULL for any other pointer is refused as
 * FSE_EINVAL, or gives nothing where there is no status to return. The library keeps no state of its own, prints
 * nothing, never ends the process, and connects to nothing except in fse_pack_pull().
 */
#ifndef FACESEARCH_FACESEARCH_H
#define FACESEARCH_FACESEARCH_H

#include "facesearch/bench.h"
#include "facesearch/error.h"
#include "facesearch/face.h"
#include "facesearch/index.h"
#include "facesearch/models.h"
#include "facesearch/picture.h"
#include "facesearch/search.h"
#include "facesearch/version.h"

#endif
