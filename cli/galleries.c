/* SPDX-License-Identifier: Apache-2.0 */
#include "galleries.h"

#include <stdlib.h>
#include <string.h>

#include "indexing.h"
#include "interrupt.h"
#include "names.h"

/* One request; index is only set in it, so that several folders go to one gallery. */
typedef struct request {
    fse_common *common;
    const fse_where *where;
    fse_engine *engine;
    fse_indexing *indexings; /* one for each folder */
    bool scan;               /* no index can be kept */
} request;

static bool is_cancelled(void *user)
{
    (void)user;
    return fse_interrupted();
}

static void set_globs(const fse_where *where, fse_scan_options *options)
{
    fse_scan_options_init(options);
    options->include = where->include.items;
    options->include_count = where->include.count;
    options->exclude = where->exclude.items;
    options->exclude_count = where->exclude.count;
    options->cancel = is_cancelled;
}

/* ---- without an index ---- */

static bool on_photo(void *user, const fse_scan_counts *counts, const char *path,
                     const char *reason)
{
    (void)path, (void)reason;
    fse_progress_draw(user, NULL, counts->photos + counts->skipped, counts->total);
    return fse_interrupted();
}

static int scan(const request *r, fse_gallery **gallery)
{
    fse_error error = {0};
    fse_progress progress = {.console = &r->common->console, .unit = "photos", .scale = 1};
    fse_scan_options options;
    set_globs(r->where, &options);
    options.analyse = r->common->analyse;
    options.progress = on_photo;
    options.user = &progress;
    const fse_status status = fse_gallery_scan(r->engine, r->where->targets.items,
                                               r->where->targets.count, &options, gallery, &error);
    fse_clear_line(&r->common->console);
    return status == FSE_OK ? 0 : fse_complain_error(&r->common->console, &error);
}

/* ---- with indexes ---- */

/* Whether a failure means that no index can be kept there, rather than that the folder is bad. */
static bool cannot_be_kept(fse_status status)
{
    return status == FSE_EACCES || status == FSE_EIO || status == FSE_EFULL ||
           status == FSE_ENOENT;
}

static int open_index(request *r, fse_indexing *x)
{
    fse_console *console = &r->common->console;
    fse_error error = {0};
    const fse_status status = fse_indexing_open(x, !r->where->no_update, &error);
    if (status == FSE_OK)
        return 0;
    if (r->where->no_update && status == FSE_ENOENT)
        return fse_complain(console, x->folder, "it has no index yet: search without --no-update, "
                            "which makes one, or with --no-index");
    if (!cannot_be_kept(status) || fse_indexing_is_named(x->file))
        return fse_complain_error(console, &error);
    fse_warn(console, error.subject, "no index can be kept: %s; searching without one (--index "
             "FILE keeps it elsewhere)", error.message);
    r->scan = true;
    return 0;
}

static void tell_news(const request *r, const fse_indexing *x)
{
    char *news = fse_indexing_news(x);
    char *quoted = fse_quote(x->folder);
    if (r->where->targets.count > 1)
        fse_note(&r->common->console, "index of %s: %s", quoted, news);
    else
        fse_note(&r->common->console, "index: %s", news);
    free(quoted);
    free(news);
    fse_indexing_tell_kept(x);
}

static int update_index(request *r, fse_indexing *x)
{
    fse_console *console = &r->common->console;
    fse_error error = {0};
    const fse_status status = fse_indexing_update(x, &error);
    const bool about_index = x->before && strcmp(error.subject, x->before->location) == 0;
    if (status == FSE_OK)
        tell_news(r, x);
    else if (status == FSE_ELOCKED)
        fse_note(console, "an update of the index is running (%s): searching what it has so far",
                 error.message);
    else if (status == FSE_EACCES && about_index)
        fse_warn(console, x->folder, "the index cannot be written, so what is new since its last "
                 "update is not searched");
    else if (status == FSE_EFULL && !fse_indexing_is_named(x->file)) {
        fse_warn(console, error.subject, "%s; searching without an index", error.message);
        r->scan = true;
    } else
        return fse_indexing_complain(x, &error);
    return 0;
}

static int prepare(request *r, size_t i)
{
    fse_indexing *x = &r->indexings[i];
    x->common = r->common;
    x->folder = r->where->targets.items[i];
    x->file = r->where->index;
    x->engine = &r->engine;
    const int status = open_index(r, x);
    if (status || r->scan)
        return status;
    if (!r->where->no_update)
        return update_index(r, x);
    fse_indexing_tell_coarser(x, r->engine);
    return 0;
}

static int join(const request *r, fse_gallery **gallery)
{
    const size_t count = r->where->targets.count;
    fse_error error = {0};
    fse_scan_options options;
    fse_index **indexes = fse_xalloc(count, sizeof(fse_index *));
    for (size_t i = 0; i < count; i++)
        indexes[i] = r->indexings[i].index;
    set_globs(r->where, &options);
    const fse_status status =
        fse_index_gallery(indexes, count, r->engine, &options, gallery, &error);
    free(indexes);
    return status == FSE_OK ? 0 : fse_complain_error(&r->common->console, &error);
}

int fse_gallery_of(fse_common *common, const fse_where *where, fse_engine *engine,
                   fse_gallery **gallery)
{
    const size_t count = where->targets.count;
    request r = {.common = common, .where = where, .engine = engine, .scan = where->no_index};
    int status = 0;
    r.indexings = fse_xalloc(count, sizeof *r.indexings);
    for (size_t i = 0; i < count && !status && !r.scan; i++)
        status = prepare(&r, i);
    if (!status)
        status = r.scan ? scan(&r, gallery) : join(&r, gallery);
    for (size_t i = 0; i < count; i++)
        fse_indexing_close(&r.indexings[i]);
    free(r.indexings);
    return status;
}
