/* SPDX-License-Identifier: Apache-2.0 */
#include "support/album.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/thread.h"
#include "image/decode.h"

/* nftw() has no argument for the caller; one album is read at a time. */
static photo_album *reading;
static size_t skip, capacity;

static int add_file(const char *path, const struct stat *info, int kind, struct FTW *walk)
{
    (void)info;
    const char *dot = strrchr(path + walk->base, '.');
    if (kind != FTW_F || !dot || (strcmp(dot, ".jpg") != 0 && strcmp(dot, ".jpeg") != 0))
        return 0;
    if (fse_grow(&reading->paths, &capacity, reading->count, sizeof *reading->paths, NULL) != FSE_OK)
        return -1;
    reading->paths[reading->count++] = fse_strdup(path + skip);
    return 0;
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef struct job {
    fse_engine *engine;
    const char *folder;
    const fse_analyse_options *options;
    photo_album *album;
} job;

static fse_status analyse_one(void *context, int thread, size_t index, fse_error *error)
{
    (void)thread;
    const job *j = context;
    char *path = fse_path_join(j->folder, j->album->paths[index]);
    const fse_status status =
        fse_analyse_file(j->engine, path, j->options, &j->album->photos[index], error);
    free(path);
    return status == FSE_EIMAGE ? FSE_OK : status;
}

fse_status album_read(fse_engine *engine, const char *folder, const fse_analyse_options *options,
                      photo_album *album, fse_error *error)
{
    *album = (photo_album){.count = 0};
    reading = album;
    skip = strlen(folder) + 1;
    capacity = 0;
    if (nftw(folder, add_file, 16, 0) != 0)
        return fse_fail(error, FSE_EIO, folder, "cannot be walked");
    qsort(album->paths, album->count, sizeof *album->paths, by_bytes);
    album->photos = fse_alloc(album->count, sizeof *album->photos);
    job j = {engine, folder, options, album};
    return fse_parallel_for(fse_cpu_count(), album->count, analyse_one, fse_decode_thread_end, &j,
                            error);
}

void album_free(photo_album *album)
{
    for (size_t i = 0; i < album->count; i++) {
        free(album->paths[i]);
        if (album->photos)
            fse_photo_free(&album->photos[i]);
    }
    free(album->paths);
    free(album->photos);
}

long album_find(const photo_album *album, const char *path)
{
    for (size_t i = 0; i < album->count; i++)
        if (strcmp(album->paths[i], path) == 0)
            return (long)i;
    return -1;
}

const fse_face *main_face(const fse_photo *photo)
{
    const fse_face *best = NULL;
    float least = INFINITY;
    for (size_t i = 0; photo && i < photo->face_count; i++) {
        const float *box = photo->faces[i].box;
        const float distance = hypotf((box[0] + box[2] - (float)photo->width) / 2,
                                      (box[1] + box[3] - (float)photo->height) / 2);
        if (photo->faces[i].embedding && distance < least) {
            least = distance;
            best = &photo->faces[i];
        }
    }
    return best;
}
