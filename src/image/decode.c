/* SPDX-License-Identifier: Apache-2.0 */
#include "image/decode.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "facesearch/face.h"
#include "image/codec.h"
#include "image/resample.h"

/*
 * What a codec may hold at once beyond the result: a progressive JPEG needs all coefficients (2
 * bytes a channel, so 6 a pixel at most), most other formats the whole image. 1 GiB is 178
 * megapixels of progressive JPEG, more than any camera makes.
 */
static const uint64_t max_codec_bytes = UINT64_C(1) << 30;

/*
 * Each scan of a progressive JPEG is a pass over the whole image, however few bytes it has, and
 * libjpeg sets no limit. Encoders write about 10; jpegrescan and its like stay below 64.
 */
enum { max_scans = 100 };

/* That of fse_image_new(). */
enum { max_length = 65535 };

typedef int load_function(VipsSource *source, VipsImage **out, ...);

typedef struct codec {
    const char *format;    /* as fse_sniff() gives it */
    const char *label;     /* in messages */
    const char *operation; /* libvips's name of the loader */
    const char *type;      /* and of its class, for the allow-list */
    load_function *load;
    bool is_upright; /* the codec applies the orientation itself; EXIF's is then to be ignored */
    bool by_lines;   /* holds a few lines only, unless interlaced */
    bool repeats;    /* what is lost, libvips fills with lines decoded before */
    const char *hint; /* what else may be the matter */
} codec;

static const codec codecs[] = {
    {"jpeg", "JPEG", "jpegload_source", "VipsForeignLoadJpeg", vips_jpegload_source, false, true,
     false, ""},
    {"png", "PNG", "pngload_source", "VipsForeignLoadPng", vips_pngload_source, false, true, true,
     ""},
    {"webp", "WebP", "webpload_source", "VipsForeignLoadWebp", vips_webpload_source, false, false,
     false, ""},
    {"heif", "HEIC or AVIF", "heifload_source", "VipsForeignLoadHeif", vips_heifload_source, true,
     false, false, "; or libheif has no decoder for it (Debian: libheif-plugin-libde265)"},
    {"tiff", "TIFF", "tiffload_source", "VipsForeignLoadTiff", vips_tiffload_source, false, true,
     true, "; or a kind of TIFF that libvips cannot read"},
    {"gif", "GIF", "gifload_source", "VipsForeignLoadNsgif", vips_gifload_source, true, false, false,
     ""},
    {"jxl", "JPEG XL", "jxlload_source", "VipsForeignLoadJxl", vips_jxlload_source, true, false,
     false, ""},
};

/* One image on its way through fse_decode(). */
typedef struct job {
    fse_reader reader;
    const char *name;
    const fse_decode_options *options;
    const codec *codec;
    int orientation;
    fse_decoded *decoded;
} job;

/* libvips warns on stderr, and its messages cannot be told apart by file. */
static void ignore_log(const char *domain, GLogLevelFlags level, const char *message, void *context)
{
    (void)domain;
    (void)level;
    (void)message;
    (void)context;
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool is_ready;

static void start_vips(void)
{
    if (VIPS_INIT("facesearch"))
        return;
    g_log_set_handler("VIPS", G_LOG_LEVEL_MASK, ignore_log, NULL);
    vips_cache_set_max(0);
    vips_concurrency_set(1);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (size_t i = 0; i < FSE_COUNT(codecs); i++)
        vips_operation_block_set(codecs[i].type, FALSE);
    is_ready = true;
}

fse_status fse_decode_init(fse_error *error)
{
    pthread_once(&once, start_vips);
    if (!is_ready)
        return fse_fail(error, FSE_EINTERNAL, "libvips", "the image library cannot be started");
    return FSE_OK;
}

void fse_decode_thread_end(void)
{
    vips_thread_shutdown();
}

fse_status fse_memory_file(const void *bytes, size_t size, int *fd, fse_error *error)
{
    *fd = -1;
    const int file = memfd_create("facesearch image", MFD_CLOEXEC);
    if (file < 0)
        return fse_fail_errno(error, errno, NULL, "cannot make a file in memory");
    for (size_t done = 0; done < size;) {
        const ssize_t more = write(file, (const char *)bytes + done, size - done);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0) {
            const int errnum = errno;
            close(file);
            return fse_fail_errno(error, errnum, NULL, "cannot write a file in memory");
        }
        done += (size_t)more;
    }
    *fd = file;
    return FSE_OK;
}

/* Read up to size bytes at a position; fewer only at the end of the file. */
static fse_status read_at(const job *j, int64_t position, uint8_t *bytes, size_t size, size_t *got,
                          fse_error *error)
{
    *got = 0;
    while (*got < size) {
        const ssize_t more = pread(j->reader.fd, bytes + *got, size - *got,
                                   position + (int64_t)*got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return fse_fail_errno(error, errno, j->name, "cannot read");
        if (more == 0)
            break;
        *got += (size_t)more;
    }
    return FSE_OK;
}

static const struct {
    const char *start;
    const char *what;
} other_kinds[] = {
    {"%PDF-", "a PDF document"},  {"PK\3\4", "a ZIP archive"},      {"<!DOCTYPE", "a web page"},
    {"<!doctype", "a web page"},  {"<html", "a web page"},          {"<?xml", "an XML document"},
    {"\x1f\x8b", "a gzip file"},  {"\x7f" "ELF", "a program"},      {"{", "JSON or other text"},
    {"OggS", "a sound or video"}, {"\x1a\x45\xdf\xa3", "a video"},  {"ID3", "a sound"},
};

static const char *describe(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < FSE_COUNT(other_kinds); i++) {
        const size_t length = strlen(other_kinds[i].start);
        if (size >= length && memcmp(bytes, other_kinds[i].start, length) == 0)
            return other_kinds[i].what;
    }
    if (size >= 12 && memcmp(bytes + 4, "ftyp", 4) == 0)
        return "a video";
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return "its content is of no known image format";
    return "it holds only zeros";
}

static fse_status find_codec(job *j, fse_error *error)
{
    /* Enough for the first directory of most TIFF-based camera files. */
    uint8_t bytes[4096];
    size_t size;
    const fse_status status = read_at(j, 0, bytes, sizeof bytes, &size, error);
    if (status != FSE_OK)
        return status;
    if (size == 0)
        return fse_fail(error, FSE_EIMAGE, j->name, "empty file");
    bool supported;
    const char *format = fse_sniff(bytes, size, &supported);
    if (!format)
        return fse_fail(error, FSE_EIMAGE, j->name, "not an image: %s", describe(bytes, size));
    if (!supported)
        return fse_fail(error, FSE_EIMAGE, j->name,
                        strcmp(format, "camera RAW") == 0 ? "%s" : "%s is not supported", format);
    for (size_t i = 0; i < FSE_COUNT(codecs); i++)
        if (strcmp(codecs[i].format, format) == 0)
            j->codec = &codecs[i];
    j->decoded->format = j->codec->format;
    if (!vips_type_find("VipsOperation", j->codec->operation))
        return fse_fail(error, FSE_EIMAGE, j->name,
                        "the installed libvips cannot read %s: install its module for it",
                        j->codec->label);
    return FSE_OK;
}

static fse_status check_file(const job *j, fse_error *error)
{
    struct stat info;
    if (fstat(j->reader.fd, &info) != 0)
        return fse_fail_errno(error, errno, j->name, "cannot read");
    if (!S_ISREG(info.st_mode))
        return fse_fail(error, FSE_EIMAGE, j->name, "not a regular file");
    if ((uint64_t)info.st_size > j->options->max_bytes)
        return fse_fail(error, FSE_ELIMIT, j->name,
                        "the file has %lld bytes, more than the limit of %llu",
                        (long long)info.st_size, (unsigned long long)j->options->max_bytes);
    return FSE_OK;
}

/* Open the image; what is decoded before its pixels are asked for depends on the codec. */
static VipsImage *load(job *j, int shrink, VipsFailOn fail_on)
{
    VipsSource *source = fse_source_open(&j->reader);
    if (!source)
        return NULL;
    VipsImage *image = NULL;
    const int failed =
        shrink > 1 ? j->codec->load(source, &image, "shrink", shrink, "fail_on", fail_on, "access",
                                    VIPS_ACCESS_SEQUENTIAL, NULL)
                   : j->codec->load(source, &image, "fail_on", fail_on, "access",
                                    VIPS_ACCESS_SEQUENTIAL, NULL);
    g_object_unref(source);
    vips_error_clear();
    return failed ? NULL : image;
}

/* libvips's own messages are in one buffer for all threads: they may be about another file. */
static fse_status fail_broken(const job *j, fse_read_state state, const char *rest,
                              fse_error *error)
{
    if (state.errnum)
        return fse_fail_errno(error, state.errnum, j->name, "cannot read");
    if (state.met_end)
        return fse_fail(error, FSE_EIMAGE, j->name, "truncated %s%s", j->codec->label, rest);
    return fse_fail(error, FSE_EIMAGE, j->name, "damaged or truncated %s%s%s", j->codec->label,
                    rest, j->codec->hint);
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* EXIF's "2024:12:31 23:59:59", as libvips gives it, with its own remarks after it. */
static int64_t parse_time(const char *text)
{
    int year, month, day, hour, minute, second, length = 0;
    if (sscanf(text, "%4d:%2d:%2d %2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second,
               &length) != 6 ||
        length != 19 || year < 1 || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month) || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 60)
        return FSE_NO_TIME;
    struct tm time = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day,
                      .tm_hour = hour, .tm_min = minute, .tm_sec = second};
    return timegm(&time);
}

static int64_t time_taken(VipsImage *image)
{
    static const char *const fields[] = {"exif-ifd2-DateTimeOriginal",
                                         "exif-ifd2-DateTimeDigitized", "exif-ifd0-DateTime"};
    for (size_t i = 0; i < FSE_COUNT(fields); i++) {
        const char *text;
        if (!vips_image_get_typeof(image, fields[i]) ||
            vips_image_get_string(image, fields[i], &text))
            continue;
        const int64_t time = parse_time(text);
        if (time != FSE_NO_TIME)
            return time;
    }
    return FSE_NO_TIME;
}

static bool has_flag(VipsImage *image, const char *field)
{
    int value;
    return vips_image_get_typeof(image, field) && !vips_image_get_int(image, field, &value) &&
           value;
}

static fse_status check_limits(const job *j, VipsImage *image, fse_error *error)
{
    const uint64_t pixels = (uint64_t)image->Xsize * (uint64_t)image->Ysize;
    if (pixels > j->options->max_pixels)
        return fse_fail(error, FSE_ELIMIT, j->name,
                        "%d x %d pixels, more than the limit of %llu in all", image->Xsize,
                        image->Ysize, (unsigned long long)j->options->max_pixels);
    if (image->Xsize > max_length || image->Ysize > max_length)
        return fse_fail(error, FSE_ELIMIT, j->name, "%d x %d pixels: more than %d a side",
                        image->Xsize, image->Ysize, max_length);
    const bool progressive = has_flag(image, "jpeg-multiscan");
    const bool interlaced = progressive || has_flag(image, "interlaced");
    if (j->codec->by_lines && !interlaced)
        return FSE_OK;
    const uint64_t each = progressive ? 2 * (uint64_t)image->Bands
                                      : (uint64_t)vips_format_sizeof(image->BandFmt) *
                                            (uint64_t)image->Bands;
    if (pixels > max_codec_bytes / each)
        return fse_fail(error, FSE_ELIMIT, j->name,
                        "%d x %d pixels are too many for a %s%s: it would take %llu MB to decode",
                        image->Xsize, image->Ysize, interlaced ? "progressive " : "",
                        j->codec->label, (unsigned long long)(pixels * each / 1000000));
    if (progressive && fse_jpeg_scans(j->reader.fd, max_scans) > max_scans)
        return fse_fail(error, FSE_ELIMIT, j->name, "a JPEG of more than %d scans", max_scans);
    return FSE_OK;
}

static int orientation_of(const job *j, VipsImage *image)
{
    const int orientation = j->codec->is_upright ? 1 : vips_image_get_orientation(image);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

static int choose_shrink(const job *j, const VipsImage *image)
{
    const int64_t side = image->Xsize > image->Ysize ? image->Xsize : image->Ysize;
    if (j->codec->load != vips_jpegload_source || j->options->max_side <= 0)
        return 1;
    for (int shrink = 8; shrink > 1; shrink /= 2)
        if (side >= (int64_t)j->options->max_side * shrink)
            return shrink;
    return 1;
}

static fse_status read_header(job *j, fse_error *error)
{
    VipsImage *image = load(j, 1, VIPS_FAIL_ON_NONE);
    if (!image)
        return fail_broken(j, fse_reader_state(&j->reader), ": its header cannot be read", error);
    fse_decoded *decoded = j->decoded;
    j->orientation = orientation_of(j, image);
    const bool turned = j->orientation >= 5;
    decoded->full_width = turned ? image->Ysize : image->Xsize;
    decoded->full_height = turned ? image->Xsize : image->Ysize;
    decoded->shrink = choose_shrink(j, image);
    decoded->taken = time_taken(image);
    decoded->has_profile = vips_image_get_typeof(image, VIPS_META_ICC_NAME) != 0;
    const fse_status status = check_limits(j, image, error);
    g_object_unref(image);
    return status;
}

/* Run a pipeline into pixels of its size. false: the codec gave up; what it gave so far is there. */
typedef bool (*pixel_sink)(VipsImage *rgb, fse_image *to);

/* All at once, on as large parts as libvips likes. */
static bool take_all(VipsImage *rgb, fse_image *to)
{
    VipsImage *memory =
        vips_image_new_from_memory(to->pixels, (size_t)to->width * (size_t)to->height * 3,
                                   to->width, to->height, 3, VIPS_FORMAT_UCHAR);
    const bool good = memory && vips_image_write(rgb, memory) == 0;
    if (memory)
        g_object_unref(memory);
    return good;
}

/* Line by line, so that nothing is taken after the first line that fails. */
static bool take_lines(VipsImage *rgb, fse_image *to)
{
    VipsRegion *region = vips_region_new(rgb);
    bool good = region != NULL;
    for (int y = 0; good && y < to->height; y++) {
        const VipsRect line = {0, y, to->width, 1};
        good = vips_region_prepare(region, &line) == 0;
        if (good) /* VIPS_REGION_ADDR, whose arithmetic mixes signs */
            memcpy(to->pixels + (size_t)y * (size_t)to->width * 3,
                   region->data + (ptrdiff_t)(y - region->valid.top) * region->bpl -
                       (ptrdiff_t)region->valid.left * 3,
                   (size_t)to->width * 3);
    }
    if (region)
        g_object_unref(region);
    return good;
}

/*
 * Decode into memory of our own: when the codec gives up midway, what it has given so far is there,
 * on a ground of grey. *failed: it gave up.
 */
static fse_status read_pixels(job *j, VipsFailOn fail_on, pixel_sink take, bool *failed,
                              fse_error *error)
{
    fse_status status = FSE_OK;
    fse_decoded *decoded = j->decoded;
    VipsImage *rgb = NULL;
    *failed = true;
    fse_image_free(&decoded->image);
    VipsImage *image = load(j, decoded->shrink, fail_on);
    if (!image)
        goto cleanup;
    rgb = fse_to_srgb(image, &decoded->has_profile);
    if (!rgb)
        goto cleanup;
    FSE_TRY(fse_image_new(rgb->Xsize, rgb->Ysize, 3, &decoded->image, error));
    fse_fill(&decoded->image, 128);
    *failed = !take(rgb, &decoded->image);
cleanup:
    if (rgb)
        g_object_unref(rgb);
    if (image)
        g_object_unref(image);
    vips_error_clear();
    return status;
}

/* Whether an image shows anything: where all was lost it is of one colour. */
static bool shows_something(const fse_image *image)
{
    if (!image->pixels)
        return false;
    const size_t size = (size_t)image->width * (size_t)image->height * 3;
    return size > 3 && memcmp(image->pixels, image->pixels + 3, size - 3) != 0;
}

static fse_status decode_pixels(job *j, fse_error *error)
{
    bool failed;
    fse_status status = read_pixels(j, VIPS_FAIL_ON_ERROR, take_all, &failed, error);
    if (status != FSE_OK || !failed)
        return status;
    const bool met_end = fse_reader_state(&j->reader).met_end;
    status = j->codec->repeats ? read_pixels(j, VIPS_FAIL_ON_ERROR, take_lines, &failed, error)
                               : read_pixels(j, VIPS_FAIL_ON_NONE, take_all, &failed, error);
    if (status != FSE_OK)
        return status;
    fse_read_state state = fse_reader_state(&j->reader);
    state.met_end |= met_end;
    j->decoded->damaged = true;
    if (state.errnum || !shows_something(&j->decoded->image))
        return fail_broken(j, state, "", error);
    return FSE_OK;
}

/* Whether the upright photo's left (top) edge is the stored one's right or bottom edge. */
static bool right_is_left(int orientation)
{
    return orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
}

static bool bottom_is_top(int orientation)
{
    return orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
}

/* What a shrunk JPEG leaves out is at the right and the bottom as stored. */
static fse_status turn_upright(job *j, fse_error *error)
{
    fse_decoded *decoded = j->decoded;
    const fse_status status = fse_orient(&decoded->image, j->orientation, error);
    if (status != FSE_OK)
        return status;
    const int rest_x = decoded->full_width - decoded->image.width * decoded->shrink;
    const int rest_y = decoded->full_height - decoded->image.height * decoded->shrink;
    decoded->offset_x = right_is_left(j->orientation) ? rest_x : 0;
    decoded->offset_y = bottom_is_top(j->orientation) ? rest_y : 0;
    return FSE_OK;
}

fse_status fse_decode(int fd, const char *name, const fse_decode_options *options,
                      fse_decoded *decoded, fse_error *error)
{
    fse_status status;
    job j = {.reader = FSE_READER(fd), .name = name, .options = options, .decoded = decoded};
    *decoded = (fse_decoded){.shrink = 1, .taken = FSE_NO_TIME};
    FSE_TRY(fse_decode_init(error));
    FSE_TRY(check_file(&j, error));
    FSE_TRY(find_codec(&j, error));
    FSE_TRY(read_header(&j, error));
    if (!options->header_only) {
        FSE_TRY(decode_pixels(&j, error));
        FSE_TRY(turn_upright(&j, error));
    }
cleanup:
    fse_reader_close(&j.reader);
    if (status != FSE_OK)
        fse_image_free(&decoded->image);
    return status;
}
