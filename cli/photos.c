/* SPDX-License-Identifier: Apache-2.0 */
#include "photos.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "interrupt.h"
#include "progress.h"

/*
 * Workers take the paths in turn and leave what they find in a ring of slots; the calling thread
 * empties the ring in order. A worker waits while its slot is not yet emptied, so at most SLOTS
 * photos are held however slow the first of them is.
 */
#define SLOTS 64

typedef struct slot {
    bool done;
    fse_photo *photo;
    fse_error error;
} slot;

typedef struct batch {
    fse_engine *engine;
    fse_common *common;
    const char *const *paths;
    size_t count;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t taken, given; /* paths begun, and given out */
    bool stop;
    slot slots[SLOTS];
} batch;

static void *work(void *argument)
{
    batch *b = argument;
    pthread_mutex_lock(&b->lock);
    while (!b->stop && b->taken < b->count) {
        if (b->taken >= b->given + SLOTS) {
            pthread_cond_wait(&b->changed, &b->lock);
            continue;
        }
        const size_t index = b->taken++;
        slot *s = &b->slots[index % SLOTS];
        pthread_mutex_unlock(&b->lock);
        s->photo = NULL;
        s->error = (fse_error){0};
        fse_load_photo(b->engine, b->common, b->paths[index], &s->photo, &s->error);
        pthread_mutex_lock(&b->lock);
        s->done = true;
        pthread_cond_broadcast(&b->changed);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* Give out what is done, in order, until all is or somebody wants to stop. */
static int give_out(batch *b, fse_on_photo on_photo, void *user)
{
    fse_progress progress = {.console = &b->common->console, .unit = "photos", .scale = 1};
    bool stop = false;
    for (size_t i = 0; i < b->count && !stop; i++) {
        slot *s = &b->slots[i % SLOTS];
        pthread_mutex_lock(&b->lock);
        while (!s->done)
            pthread_cond_wait(&b->changed, &b->lock);
        pthread_mutex_unlock(&b->lock);
        fse_clear_line(&b->common->console);
        stop = fse_interrupted() || on_photo(user, b->paths[i], s->photo, &s->error);
        fse_photo_free(&s->photo);
        fse_progress_draw(&progress, NULL, i + 1, b->count);
        pthread_mutex_lock(&b->lock);
        s->done = false;
        b->given = i + 1;
        b->stop = stop;
        pthread_cond_broadcast(&b->changed);
        pthread_mutex_unlock(&b->lock);
    }
    fse_clear_line(&b->common->console);
    if (!fse_interrupted())
        return 0;
    fse_complain(&b->common->console, NULL, "interrupted");
    return FSE_EXIT_INTERRUPTED;
}

int fse_each_photo(fse_engine *engine, fse_common *common, const char *const *paths, size_t count,
                   fse_on_photo on_photo, void *user)
{
    const size_t jobs = (size_t)fse_engine_describe(engine).jobs;
    const size_t wanted = jobs < count ? jobs : count;
    pthread_t *threads = fse_xalloc(wanted, sizeof *threads);
    batch *b = fse_xalloc(1, sizeof *b);
    *b = (batch){.engine = engine, .common = common, .paths = paths, .count = count};
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    size_t started = 0;
    while (started < wanted && pthread_create(&threads[started], NULL, work, b) == 0)
        started++;
    const int status = started > 0 ? give_out(b, on_photo, user)
                                   : fse_complain(&common->console, NULL, "cannot start a thread");
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    for (size_t i = 0; i < SLOTS; i++)
        fse_photo_free(&b->slots[i].photo);
    pthread_cond_destroy(&b->changed);
    pthread_mutex_destroy(&b->lock);
    free(b);
    free(threads);
    return status;
}

const char *fse_folder_hint(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode)
               ? "is a folder: give its photos, or use 'facesearch search' with -t"
               : NULL;
}
