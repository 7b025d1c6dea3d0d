/* SPDX-License-Identifier: Apache-2.0 */
#include "indexing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "interrupt.h"
#include "names.h"

/* ---- names ---- */

bool fse_indexing_is_named(const char *file)
{
    const char *named = getenv("FACESEARCH_INDEX");
    return file || (named && named[0]);
}

char *fse_index_name(const char *folder, const char *location)
{
    char *real = realpath(folder, NULL);
    const size_t length = real ? strlen(real) : 0;
    const bool below = length > 1 && strncmp(location, real, length) == 0 && location[length] == '/';
    const size_t given = strlen(folder);
    const bool slash = given > 0 && folder[given - 1] == '/';
    char *name = below ? fse_xformat("%s%s", folder, location + length + slash)
                       : fse_xstrdup(location);
    free(real);
    return name;
}

/* ---- open ---- */

static fse_status open_index(fse_indexing *x, bool create, fse_error *error)
{
    fse_index_options options;
    fse_index_options_init(&options);
    options.file = x->file;
    options.create = create;
    return fse_index_open(x->folder, &options, &x->index, error);
}

fse_status fse_indexing_open(fse_indexing *x, bool create, fse_error *error)
{
    fse_status status = open_index(x, false, error);
    if (status != FSE_ENOENT || !create)
        return status;
    status = open_index(x, true, error);
    if (status != FSE_OK)
        return status;
    fse_index_report *report = NULL;
    if (fse_index_brief(x->index, &report, NULL) == FSE_OK) {
        char *name = fse_index_name(x->folder, report->location);
        char *quoted = fse_quote(name);
        fse_note(&x->common->console, "a new index is kept in %s (elsewhere: --index FILE or "
                 "FACESEARCH_INDEX)", quoted);
        free(quoted);
        free(name);
    }
    fse_index_report_free(&report);
    return FSE_OK;
}

int fse_indexing_open_existing(fse_indexing *x)
{
    fse_error error = {0};
    struct stat info;
    const fse_status status = fse_indexing_open(x, false, &error);
    if (status == FSE_OK)
        return 0;
    if (status == FSE_ENOENT && stat(x->folder, &info) == 0 && S_ISDIR(info.st_mode))
        return fse_complain(&x->common->console, x->folder, "it has no index yet; 'facesearch "
                            "index' makes one");
    return fse_complain_error(&x->common->console, &error);
}

/* ---- what has to be analysed anew ---- */

static const fse_index_contract *find_contract(const fse_index_report *report, const char *contract)
{
    for (size_t i = 0; report && i < report->contract_count; i++)
        if (strcmp(report->contracts[i].contract, contract) == 0)
            return &report->contracts[i];
    return NULL;
}

/* The one with the most photos among other contracts; NULL: none has photos. */
static const fse_index_contract *largest_other(const fse_index_report *report, const char *contract)
{
    const fse_index_contract *best = NULL;
    for (size_t i = 0; report && i < report->contract_count; i++) {
        const fse_index_contract *c = &report->contracts[i];
        if (strcmp(c->contract, contract) != 0 && c->counts.photos > 0 &&
            (!best || c->counts.photos > best->counts.photos))
            best = c;
    }
    return best;
}

static const char *size_text(char *text, size_t size, int detect_size)
{
    if (detect_size)
        snprintf(text, size, "in one view of %d pixels", detect_size);
    else
        snprintf(text, size, "in several views");
    return text;
}

/* How the profile differs from what is asked for, as for a sentence; NULL: it is fine enough. */
static char *profile_difference(const fse_index_contract *known, const fse_common *common,
                                const char *precision)
{
    const fse_analyse_options *wanted = &common->analyse;
    char now[48], before[48];
    if (known->counts.photos == 0)
        return NULL;
    if (known->detect_size != wanted->detect_size)
        return fse_xformat("%s, not %s", size_text(now, sizeof now, wanted->detect_size),
                           size_text(before, sizeof before, known->detect_size));
    if (known->min_face > wanted->min_face)
        return fse_xformat("for faces from %d pixels, not from %d", wanted->min_face,
                           known->min_face);
    if (common->engine.precision != FSE_PRECISION_AUTO && strcmp(known->precision, precision) != 0)
        return fse_xformat("in %s, not in %s", precision, known->precision);
    return NULL;
}

/* Once the walk is over and the engine is known: whether known photos are analysed anew, and why. */
static void announce(fse_indexing *x)
{
    if (x->announced || !*x->engine || !x->counts.scanned || x->counts.pending == 0)
        return;
    x->announced = true;
    const fse_engine_info info = fse_engine_describe(*x->engine);
    const fse_index_contract *known = find_contract(x->before, info.contract);
    const fse_index_contract *other = largest_other(x->before, info.contract);
    char photos[48];
    fse_count_text(photos, sizeof photos, x->counts.pending, "photo has", "photos have");
    char *difference = known ? profile_difference(known, x->common, info.precision) : NULL;
    if (difference)
        fse_note(&x->common->console, "%s to be analysed: they are looked at %s", photos,
                 difference);
    else if ((!known || known->counts.photos == 0) && other)
        fse_note(&x->common->console, "%s to be analysed with %s: the index has faces of %s, which "
                 "it keeps", photos, info.model, other->model);
    x->anew = difference || ((!known || known->counts.photos == 0) && other);
    free(difference);
}

/* A rate means something after so many photos and seconds; less than this is not worth a word. */
#define SETTLED_PHOTOS 8
#define SETTLED_SECONDS 2.0
#define WORTH_SECONDS 10.0

static void estimate(fse_indexing *x)
{
    if (!x->anew || x->estimated || x->begun <= 0)
        return;
    const double elapsed = fse_seconds() - x->begun;
    const uint64_t done = x->counts.done - x->done_before;
    if (done < SETTLED_PHOTOS || elapsed < SETTLED_SECONDS)
        return;
    x->estimated = true;
    const double left = elapsed / (double)done * (double)(x->counts.pending - x->counts.done);
    if (left >= 90)
        fse_note(&x->common->console, "that takes about %.0f minutes", left / 60);
    else if (left >= WORTH_SECONDS)
        fse_note(&x->common->console, "that takes about %.0f seconds", left);
}

/* ---- update ---- */

static void on_progress(void *user, const fse_update_counts *counts, const char *path,
                        const char *reason)
{
    (void)path, (void)reason;
    fse_indexing *x = user;
    x->counts = *counts;
    announce(x);
    estimate(x);
    if (counts->done > 0)
        fse_progress_draw(&x->progress, NULL, counts->done, counts->pending);
    else
        x->progress.start = fse_seconds();
}

static fse_status give_engine(void *user, fse_engine **engine, fse_error *error)
{
    fse_indexing *x = user;
    if (!*x->engine) {
        fse_clear_line(&x->common->console);
        x->engine_failed = fse_open_engine(x->common, x->engine) != 0;
    }
    if (x->engine_failed) {
        *error = (fse_error){.status = FSE_EMODEL};
        return FSE_EMODEL;
    }
    if (x->counts.scanned && x->begun <= 0) {
        x->begun = x->progress.start = fse_seconds();
        x->done_before = x->counts.done;
    }
    announce(x);
    *engine = *x->engine;
    return FSE_OK;
}

static bool on_wait(void *user, const char *holder)
{
    fse_indexing *x = user;
    if (!x->told_holder)
        fse_note(&x->common->console, "the index is being updated %s: waiting until that is done",
                 holder);
    x->told_holder = true;
    return fse_interrupted();
}

static bool is_cancelled(void *user)
{
    (void)user;
    return fse_interrupted();
}

fse_status fse_indexing_update(fse_indexing *x, fse_error *error)
{
    fse_update_options options;
    fse_update_options_init(&options);
    options.models = x->common->models;
    options.jobs = x->common->engine.jobs;
    options.precision = x->common->engine.precision;
    options.analyse = x->common->analyse;
    options.prune = x->prune;
    options.engine = give_engine;
    options.progress = on_progress;
    options.wait = x->wait ? on_wait : NULL;
    options.cancel = is_cancelled;
    options.user = x;
    x->counts = (fse_update_counts){.done = 0};
    x->progress = (fse_progress){.console = &x->common->console, .unit = "photos", .scale = 1};
    x->begun = 0;
    x->announced = x->anew = x->estimated = x->told_holder = false;
    fse_index_report_free(&x->before);
    fse_status status = fse_index_brief(x->index, &x->before, error);
    const double start = fse_seconds();
    if (status == FSE_OK)
        status = fse_index_update(x->index, &options, &x->counts, error);
    x->seconds = fse_seconds() - start;
    fse_clear_line(&x->common->console);
    return status;
}

int fse_indexing_complain(const fse_indexing *x, const fse_error *error)
{
    fse_console *console = &x->common->console;
    if (x->engine_failed)
        return FSE_EXIT_FAILED; /* said when it was opened */
    if (error->status == FSE_ELOCKED && !fse_interrupted())
        return fse_complain(console, x->folder, "its index is in use: %s", error->message);
    if (error->status != FSE_ECANCELLED && !fse_interrupted())
        return fse_complain_error(console, error);
    if (x->counts.done == 0)
        fse_complain(console, NULL, "interrupted");
    else
        fse_complain(console, NULL, "interrupted: what was done is kept (%llu of %llu photos), and "
                     "the next run goes on from there", (unsigned long long)x->counts.done,
                     (unsigned long long)x->counts.pending);
    return FSE_EXIT_INTERRUPTED;
}

/* ---- what came of it ---- */

static void add_news(fse_text *text, uint64_t count, const char *what)
{
    if (count == 0)
        return;
    char *part = fse_xformat("%s%llu %s", text->size ? ", " : "", (unsigned long long)count, what);
    fse_text_string(text, part);
    free(part);
}

char *fse_indexing_news(const fse_indexing *x)
{
    const fse_update_counts *c = &x->counts;
    fse_text text = {0};
    add_news(&text, c->added - c->renamed, "new");
    add_news(&text, c->changed, "changed");
    add_news(&text, c->renamed, "renamed");
    add_news(&text, c->removed, "removed");
    if (x->anew)
        add_news(&text, c->done - c->added - c->changed, "analysed anew");
    return text.data ? text.data : fse_xstrdup("nothing new");
}

void fse_indexing_tell_kept(const fse_indexing *x)
{
    char photos[48];
    if (x->counts.kept > 0)
        fse_warn(&x->common->console, x->folder, "%s gone, but kept in the index, because a disk "
                 "may be missing; 'facesearch index --prune' removes them",
                 fse_count_text(photos, sizeof photos, x->counts.kept, "photo is", "photos are"));
}

bool fse_indexing_tell_coarser(const fse_indexing *x, const fse_engine *engine)
{
    fse_index_report *report = NULL;
    if (fse_index_brief(x->index, &report, NULL) != FSE_OK)
        return false;
    const fse_engine_info info = fse_engine_describe(engine);
    const fse_index_contract *known = find_contract(report, info.contract);
    char *difference = known ? profile_difference(known, x->common, info.precision) : NULL;
    if (difference)
        fse_warn(&x->common->console, x->folder, "its photos were not looked at as asked (%s): an "
                 "update would do that", difference);
    const bool coarser = difference != NULL;
    free(difference);
    fse_index_report_free(&report);
    return coarser;
}

#define SHOWN_SKIPPED 5 /* more reasons would hide the result; -v shows all */

void fse_tell_skipped(fse_common *common, const fse_skipped *skipped, size_t count)
{
    fse_console *console = &common->console;
    /* "1 more" would take as long a line as the one it stands for. */
    const size_t shown = common->verbose || count <= SHOWN_SKIPPED + 1 ? count : SHOWN_SKIPPED;
    for (size_t i = 0; i < shown; i++)
        fse_warn(console, skipped[i].path, "%s%s", skipped[i].damaged ? "" : "skipped: ",
                 skipped[i].reason);
    if (count > shown)
        fse_warn(console, NULL, "%zu more files were skipped or are damaged; -v shows them all",
                 count - shown);
}

void fse_indexing_close(fse_indexing *x)
{
    fse_index_report_free(&x->before);
    fse_index_close(&x->index);
}
