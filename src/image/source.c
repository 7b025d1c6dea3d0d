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
    do
        got = pread(reader->fd, buffer, (size_t)length, reader->position);
    while (got < 0 && errno == EINTR);
    if (got < 0) {
        reader->errnum = errno;
        return -1;
    }
    reader->met_end |= got == 0 && length > 0;
    reader->position += got;
    return got;
}

static gint64 on_seek(VipsSourceCustom *source, gint64 offset, int whence, void *context)
{
    (void)source;
    fse_reader *reader = context;
    struct stat info;
    if (fstat(reader->fd, &info) != 0)
        return -1;
    const int64_t base = whence == SEEK_SET   ? 0
                         : whence == SEEK_CUR ? reader->position
                                              : info.st_size;
    int64_t position;
    if (__builtin_add_overflow(base, offset, &position) || position < 0)
        return -1;
    reader->position = position;
    return position;
}

VipsSource *fse_source_open(fse_reader *reader)
{
    reader->position = 0;
    reader->met_end = false;
    VipsSourceCustom *source = vips_source_custom_new();
    if (!source)
        return NULL;
    g_signal_connect(source, "read", G_CALLBACK(on_read), reader);
    g_signal_connect(source, "seek", G_CALLBACK(on_seek), reader);
    return VIPS_SOURCE(source);
}
