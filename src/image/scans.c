/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scans of a JPEG, counted by walking over its markers (ITU-T T.81, B.1.1). Within a scan 0xff
 * is followed by 0 or is a restart marker; a thumbnail's markers are inside a segment with a
 * length; what follows the end of the image (a phone's short film, say) is not looked at.
 */
#include <errno.h>
#include <unistd.h>

#include "image/codec.h"

typedef struct stream {
    int fd;
    int64_t next; /* position in the file of what follows the buffer */
    size_t at, size;
    uint8_t bytes[16384];
} stream;

/* The next byte; -1 at the end or where it cannot be read, which the decoder will find too. */
static int next_byte(stream *s)
{
    if (s->at == s->size) {
        ssize_t got;
        do
            got = pread(s->fd, s->bytes, sizeof s->bytes, s->next);
        while (got < 0 && errno == EINTR);
        if (got <= 0)
            return -1;
        s->next += got;
        s->at = 0;
        s->size = (size_t)got;
    }
    return s->bytes[s->at++];
}

static void skip(stream *s, size_t count)
{
    const size_t left = s->size - s->at;
    if (count > left)
        s->next += (int64_t)(count - left);
    s->at = count > left ? s->size : s->at + count;
}

/* The code of the next marker; -1 at the end. */
static int next_marker(stream *s)
{
    int byte;
    do {
        do
            byte = next_byte(s);
        while (byte >= 0 && byte != 0xff);
        while (byte == 0xff)
            byte = next_byte(s);
    } while (byte == 0);
    return byte;
}

static bool has_length(int marker)
{
    return marker != 0x01 && !(marker >= 0xd0 && marker <= 0xd8);
}

int fse_jpeg_scans(int fd, int limit)
{
    enum { end_of_image = 0xd9, start_of_scan = 0xda };
    stream s = {.fd = fd};
    int scans = 0;
    int marker;
    while (scans <= limit && (marker = next_marker(&s)) >= 0 && marker != end_of_image) {
        scans += marker == start_of_scan;
        if (!has_length(marker))
            continue;
        const int high = next_byte(&s);
        const int low = next_byte(&s);
        if (low < 0)
            break;
        const int length = high << 8 | low;
        if (length > 2)
            skip(&s, (size_t)length - 2);
    }
    return scans;
}
