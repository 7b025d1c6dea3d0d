/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/codec.h"

static gint64 on_read(VipsSourceCustom *source, void *buffer, gint64 length, void *context)
{
    (void)source;
    fse_reader *reader = context;
    ssize_t got;
    pthread_mutex_lock(&reader->mutex);
    do
        got = pread(reader->fd, buffer, (size_t)length, reader->state.position);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        reader->state.errnum = errno;
    else
        reader->state.position += got;
    reader->state.met_end |= got == 0 && length > 0;
    pthread_mutex_unlock(&reader->mutex);
    return got;
}

/* The position that a seek asks for; -1 if there is none. */
static int64_t seek_target(const fse_reader *reader, gint64 offset, int whence)
{
    struct stat info;
    if (fstat(reader->fd, &info) != 0)
        return -1;
    const int64_t base = whence == SEEK_SET   ? 0
                         : whence == SEEK_CUR ? reader->state.position
                                              : info.st_size;
    int64_t position;
    return __builtin_add_overflow(base, offset, &position) || position < 0 ? -1 : position;
}

static gint64 on_seek(VipsSourceCustom *source, gint64 offset, int whence, void *context)
{
    (void)source;
    fse_reader *reader = context;
    pthread_mutex_lock(&reader->mutex);
    const int64_t position = seek_target(reader, offset, whence);
    if (position >= 0)
        reader->state.position = position;
    pthread_mutex_unlock(&reader->mutex);
    return position;
}

VipsSource *fse_source_open(fse_reader *reader)
{
    VipsSourceCustom *source = vips_source_custom_new();
    if (!source)
        return NULL;
    pthread_mutex_lock(&reader->mutex);
    reader->state = (fse_read_state){0};
    pthread_mutex_unlock(&reader->mutex);
    g_signal_connect(source, "read", G_CALLBACK(on_read), reader);
    g_signal_connect(source, "seek", G_CALLBACK(on_seek), reader);
    return VIPS_SOURCE(source);
}

fse_read_state fse_reader_state(fse_reader *reader)
{
    pthread_mutex_lock(&reader->mutex);
    const fse_read_state state = reader->state;
    pthread_mutex_unlock(&reader->mutex);
    return state;
}

void fse_reader_close(fse_reader *reader)
{
    pthread_mutex_lock(&reader->mutex);
    reader->fd = -1;
    pthread_mutex_unlock(&reader->mutex);
    pthread_mutex_destroy(&reader->mutex);
}
