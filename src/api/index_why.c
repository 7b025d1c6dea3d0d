/* SPDX-License-Identifier: Apache-2.0 */
/* Why a photo is or is not in a result: by asking the same questions as an update and a search. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/index.h"
#include "api/query.h"
#include "base/alloc.h"
#include "base/path.h"
#include "base/time.h"
#include "index/walk.h"

typedef struct question {
    fse_index *index;
    const char *photo; /* as the user gave it */
    char *below;       /* below the index's folder */
    char *path;        /* as a match would have it */
    const fse_query *query;
    fse_search_options options;
    fse_explanation *answer;
} question;

static bool answer(question *q, fse_why why, const char *format, ...) FSE_PRINTF(3, 4);

static bool answer(question *q, fse_why why, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(q->answer->text, sizeof q->answer->text, format, args);
    va_end(args);
    q->answer->why = why;
    return true;
}

/* ---- The file ---- */

typedef struct candidate {
    const char *path;
    fse_walk_kind kind;
    bool met;
} candidate;

static fse_status note_file(void *user, const fse_walk_entry *entry, fse_error *error)
{
    (void)error;
    candidate *c = user;
    if (strcmp(entry->path, c->path) == 0) {
        c->met = true;
        c->kind = entry->kind;
    }
    return FSE_OK;
}

/* Whether a walk of the index's folder would take the file for a photo. */
static bool is_candidate(const question *q)
{
    candidate c = {.path = q->below};
    const fse_walk_options options = {.visit = note_file, .user = &c};
    return fse_walk(q->index->folder, &options, NULL) == FSE_OK && c.met &&
           c.kind != FSE_WALK_OTHER;
}

/* Answers if the index says it all; known is what it says. */
static bool answer_by_file(question *q, const fse_store_path *entry, const struct stat *file)
{
    if (!entry && !file)
        return answer(q, FSE_WHY_NO_FILE, "There is no such file, and the index has none.");
    if (!entry && !is_candidate(q))
        return answer(q, FSE_WHY_NO_CANDIDATE,
                      "It is no photo by its content and name, or it is left out: hidden, or in a "
                      "hidden folder, in @eaDir, or below a .nomedia.");
    if (!entry)
        return answer(q, FSE_WHY_NOT_INDEXED, "It is new since the index was last updated.");
    if (entry->state == FSE_PATH_REMOVED)
        return answer(q, FSE_WHY_REMOVED, "It was removed from the index on request.");
    const int64_t mtime = file ? fse_nanoseconds(file->st_mtim) : 0;
    if (file && ((uint64_t)file->st_size != entry->size || mtime != entry->mtime))
        return answer(q, FSE_WHY_NOT_INDEXED, "It changed since the index was last updated.");
    if (entry->state == FSE_PATH_REFUSED)
        return answer(q, FSE_WHY_UNREADABLE, "It could not be read: %s.", entry->reason);
    if (!entry->known.analysed)
        return answer(q, FSE_WHY_NOT_INDEXED, "It was not indexed with this model yet.");
    if (entry->known.status != FSE_OK)
        return answer(q, FSE_WHY_UNREADABLE, "It could not be read: %s.", entry->known_reason);
    return entry->known.faces == 0 && answer(q, FSE_WHY_NO_FACE, "No face was found in it.");
}

static fse_status ask_store(question *q, bool *answered, fse_error *error)
{
    fse_status status;
    struct stat info;
    fse_store_contract contract;
    const fse_store_path *entry;
    char *file = fse_path_join(q->index->folder, q->below);
    if (!file)
        FSE_TRY(fse_fail_memory(error));
    FSE_TRY(fse_index_contract_of(q->index, fse_engine_describe(q->query->engine).contract,
                                  &contract, error));
    FSE_TRY(fse_store_find_path(q->index->store, contract.id, q->below, &entry, error));
    *answered = answer_by_file(q, entry, stat(file, &info) == 0 ? &info : NULL);
cleanup:
    free(file);
    return status;
}

/* ---- The search ---- */

static const fse_match *best_of(const question *q, const fse_result *result)
{
    for (size_t i = 0; i < result->match_count; i++)
        if (strcmp(result->matches[i].path, q->path) == 0)
            return &result->matches[i];
    return NULL;
}

/* The photo's best face if nothing were left out but what is smaller than min_face. */
static fse_status search_all(const question *q, const fse_gallery *gallery, int min_face,
                             fse_result **result, fse_error *error)
{
    fse_search_options options = q->options;
    options.threshold = -1;
    options.top = 0;
    options.min_face = min_face;
    options.exclude_query = false;
    options.since = options.until = FSE_NO_TIME;
    return fse_gallery_search(gallery, q->query, &options, result, error);
}

static void note_match(question *q, const fse_match *match)
{
    q->answer->face = match->face;
    q->answer->score = match->score;
}

static void answer_by_scores(question *q, const fse_result *found, const fse_result *sized,
                             const fse_result *all)
{
    const fse_match *hit = best_of(q, found), *large = best_of(q, sized), *any = best_of(q, all);
    q->answer->threshold = found->threshold;
    if (hit) {
        note_match(q, hit);
        answer(q, FSE_WHY_FOUND, "It is found: face %d scores %.7g, and the threshold is %.4g.",
               hit->face, (double)hit->score, found->threshold);
    } else if (!any) {
        answer(q, FSE_WHY_NO_FACE, "None of its faces can be compared.");
    } else if (!large) {
        note_match(q, any);
        answer(q, FSE_WHY_TOO_SMALL, "Its best face, %d, has %.0f pixels; faces from %d are searched.",
               any->face, (double)any->size, q->options.min_face);
    } else if ((double)large->score < found->threshold) {
        note_match(q, large);
        answer(q, FSE_WHY_BELOW, "Its best face, %d, scores %.7g; the threshold is %.4g.",
               large->face, (double)large->score, found->threshold);
    } else {
        note_match(q, large);
        answer(q, FSE_WHY_FILTERED,
               "Face %d scores %.7g, enough, but its date, --exclude-query or --top leaves it out.",
               large->face, (double)large->score);
    }
}

static fse_status ask_search(question *q, fse_error *error)
{
    fse_status status;
    fse_gallery *gallery = NULL;
    fse_result *found = NULL, *sized = NULL, *all = NULL;
    FSE_TRY(fse_index_gallery(&q->index, 1, q->query->engine, NULL, &gallery, error));
    FSE_TRY(fse_gallery_search(gallery, q->query, &q->options, &found, error));
    FSE_TRY(search_all(q, gallery, q->options.min_face, &sized, error));
    FSE_TRY(search_all(q, gallery, 0, &all, error));
    answer_by_scores(q, found, sized, all);
cleanup:
    fse_result_free(&found);
    fse_result_free(&sized);
    fse_result_free(&all);
    fse_gallery_free(&gallery);
    return status;
}

fse_status fse_index_why(fse_index *index, const char *photo, const fse_query *query,
                         const fse_search_options *options, fse_explanation *explanation,
                         fse_error *error)
{
    fse_status status;
    bool answered = false;
    if (!index || !photo || !query || !explanation)
        return fse_fail(error, FSE_EINVAL, NULL, "index, photo, query or explanation is NULL");
    *explanation = (fse_explanation){.face = -1, .score = NAN, .threshold = NAN};
    question q = {.index = index, .photo = photo, .query = query, .answer = explanation};
    fse_search_options_init(&q.options);
    if (options)
        q.options = *options;
    FSE_TRY(fse_index_resolve(index, photo, &q.below, error));
    const size_t skip = strlen(index->below);
    if (skip && (strncmp(q.below, index->below, skip) != 0 || q.below[skip] != '/'))
        FSE_THROW(error, FSE_ENOENT, photo, "it does not lie in %s", index->given);
    q.path = fse_path_join(index->given, q.below + (skip ? skip + 1 : 0));
    if (!q.path)
        FSE_TRY(fse_fail_memory(error));
    FSE_TRY(ask_store(&q, &answered, error));
    if (!answered)
        FSE_TRY(ask_search(&q, error));
cleanup:
    free(q.below);
    free(q.path);
    return status;
}
