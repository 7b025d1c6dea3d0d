/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "unit/image_files.h"

#include "base/thread.h"
#include "facesearch/face.h"
#include "unit/rotated_heif.h"

/* Odd sides, so that nothing comes out even by luck. */
enum { width = 99, height = 61 };

static void assert_near(const fse_image *image, const fse_image *wanted, double tolerance)
{
    const double difference = ref_difference(image, wanted);
    if (!(difference <= tolerance))
        fail_msg("%d x %d pixels, expected %d x %d; mean difference %g, allowed %g", image->width,
                 image->height, wanted->width, wanted->height, difference, tolerance);
}

static void test_every_format(void **state)
{
    (void)state;
    fse_image pattern = ref_smooth_image(width, height);
    VipsImage *image = vips_of(&pattern);
    for (size_t i = 0; i < FSE_COUNT(kinds); i++) {
        file f;
        if (!try_write(image, kinds[i].suffix, &f))
            continue;
        fse_decoded d = decode_file(f);
        assert_string_equal(d.format, kinds[i].format);
        assert_int_equal(d.full_width, width);
        assert_int_equal(d.full_height, height);
        assert_int_equal(d.shrink, 1);
        assert_false(d.damaged);
        assert_int_equal(d.has_profile, strcmp(d.format, "jxl") == 0);
        assert_true(d.taken == FSE_NO_TIME);
        assert_int_equal(d.image.channels, 3);
        assert_near(&d.image, &pattern, kinds[i].tolerance);
        fse_image_free(&d.image);
        g_free(f.bytes);
    }
    g_object_unref(image);
    fse_image_free(&pattern);
}

static void test_header_only(void **state)
{
    (void)state;
    fse_image pattern = ref_smooth_image(width, height);
    VipsImage *image = vips_of(&pattern);
    fse_decode_options options = any_size;
    options.header_only = true;
    for (size_t i = 0; i < FSE_COUNT(kinds); i++) {
        file f;
        if (!try_write(image, kinds[i].suffix, &f))
            continue;
        fse_decoded d;
        assert_int_equal(decode_bytes(f.bytes, f.size, &options, &d, NULL), FSE_OK);
        assert_null(d.image.pixels);
        assert_int_equal(d.full_width, width);
        assert_int_equal(d.full_height, height);
        g_free(f.bytes);
    }
    g_object_unref(image);
    fse_image_free(&pattern);
}

static VipsImage *tagged(const fse_image *pattern, int orientation)
{
    VipsImage *plain = vips_of(pattern);
    VipsImage *image = NULL;
    assert_int_equal(vips_copy(plain, &image, NULL), 0);
    vips_image_set_int(image, VIPS_META_ORIENTATION, orientation);
    g_object_unref(plain);
    return image;
}

/* The image with an orientation tag, and how libvips turns it upright. */
static fse_image upright(VipsImage *image)
{
    VipsImage *turned = NULL;
    assert_int_equal(vips_autorot(image, &turned, NULL), 0);
    fse_image result;
    assert_int_equal(fse_image_new(turned->Xsize, turned->Ysize, 3, &result, NULL), FSE_OK);
    size_t size;
    void *pixels = vips_image_write_to_memory(turned, &size);
    assert_non_null(pixels);
    memcpy(result.pixels, pixels, size);
    g_free(pixels);
    g_object_unref(turned);
    return result;
}

static void test_orientations(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".jpg[Q=95]", ".webp[lossless]", ".tif"};
    fse_image pattern = ref_smooth_image(width, height);
    for (int orientation = 1; orientation <= 8; orientation++) {
        VipsImage *image = tagged(&pattern, orientation);
        fse_image wanted = upright(image);
        for (size_t i = 0; i < FSE_COUNT(suffixes); i++) {
            file f = write_file(image, suffixes[i]);
            fse_decoded d = decode_file(f);
            if (ref_difference(&d.image, &wanted) > 2)
                fail_msg("%s, orientation %d", suffixes[i], orientation);
            assert_int_equal(d.full_width, wanted.width);
            assert_int_equal(d.full_height, wanted.height);
            fse_image_free(&d.image);
            g_free(f.bytes);
        }
        fse_image_free(&wanted);
        g_object_unref(image);
    }
    fse_image_free(&pattern);
}

/* CRC-32 of ISO 3309, as PNG has it. */
static uint32_t crc32_of(const uint8_t *bytes, size_t size)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ UINT32_C(0xedb88320) : crc >> 1;
    }
    return ~crc;
}

/* libvips 8.14 writes no orientation into a PNG: an eXIf chunk by hand, behind IHDR. */
static void test_orientations_png(void **state)
{
    (void)state;
    enum { after_ihdr = 33, chunk = 38 };
    uint8_t exif[chunk] = "\0\0\0\x1a" "eXIfMM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1";
    fse_image pattern = ref_smooth_image(width, height);
    for (int orientation = 1; orientation <= 8; orientation++) {
        VipsImage *image = tagged(&pattern, orientation);
        fse_image wanted = upright(image);
        file f = write_file(image, ".png");
        exif[27] = (uint8_t)orientation;
        const uint32_t crc = crc32_of(exif + 4, chunk - 8);
        for (int i = 0; i < 4; i++)
            exif[chunk - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
        uint8_t *bytes = malloc(f.size + chunk);
        assert_non_null(bytes);
        memcpy(bytes, f.bytes, after_ihdr);
        memcpy(bytes + after_ihdr, exif, chunk);
        memcpy(bytes + after_ihdr + chunk, f.bytes + after_ihdr, f.size - after_ihdr);
        const file with_exif = {bytes, f.size + chunk};
        fse_decoded d = decode_file(with_exif);
        assert_near(&d.image, &wanted, 0);
        fse_image_free(&d.image);
        free(bytes);
        g_free(f.bytes);
        fse_image_free(&wanted);
        g_object_unref(image);
    }
    fse_image_free(&pattern);
}

static void assert_colour(const fse_image *image, int x, int y, int r, int g, int b)
{
    assert_true(abs(ref_pixel(image, x, y, 0) - r) < 12);
    assert_true(abs(ref_pixel(image, x, y, 1) - g) < 12);
    assert_true(abs(ref_pixel(image, x, y, 2) - b) < 12);
}

static void check_rotated(const uint8_t *bytes, size_t size)
{
    fse_decoded d;
    fse_error error;
    if (decode_bytes(bytes, size, &any_size, &d, &error) != FSE_OK) {
        printf("SKIPPED: %s\n", error.message);
        return;
    }
    assert_int_equal(d.full_width, 32);
    assert_int_equal(d.full_height, 64);
    assert_int_equal(d.image.width, 32);
    assert_colour(&d.image, 16, 5, 220, 40, 40);
    assert_colour(&d.image, 5, 45, 40, 200, 40);
    assert_colour(&d.image, 26, 45, 40, 40, 220);
    fse_image_free(&d.image);
}

static void test_heif_is_rotated_once(void **state)
{
    (void)state;
    check_rotated(rotated_avif, sizeof rotated_avif);
    check_rotated(rotated_heic, sizeof rotated_heic);
}

/* The mean over shrink x shrink pixels, which is what a JPEG's shrink comes to. */
static fse_image box_shrunk(const fse_image *from, const fse_decoded *d)
{
    fse_image to;
    const int n = d->shrink;
    assert_int_equal(fse_image_new(d->image.width, d->image.height, 3, &to, NULL), FSE_OK);
    for (int y = 0; y < to.height; y++)
        for (int x = 0; x < to.width; x++)
            for (int c = 0; c < 3; c++) {
                int sum = 0;
                for (int v = 0; v < n; v++)
                    for (int u = 0; u < n; u++)
                        sum += ref_pixel(from, d->offset_x + x * n + u, d->offset_y + y * n + v, c);
                to.pixels[(y * to.width + x) * 3 + c] = (uint8_t)((sum + n * n / 2) / (n * n));
            }
    return to;
}

static void check_shrink(file f, const fse_image *wanted, int max_side, int shrink)
{
    fse_decode_options options = any_size;
    options.max_side = max_side;
    fse_decoded d;
    assert_int_equal(decode_bytes(f.bytes, f.size, &options, &d, NULL), FSE_OK);
    assert_int_equal(d.shrink, shrink);
    assert_int_equal(d.full_width, wanted->width);
    assert_int_equal(d.full_height, wanted->height);
    assert_int_equal(d.image.width, d.full_width / shrink);
    assert_int_equal(d.image.height, d.full_height / shrink);
    fse_image small = box_shrunk(wanted, &d);
    assert_near(&d.image, &small, 0.8);
    fse_image_free(&small);
    fse_image_free(&d.image);
}

static void test_shrink(void **state)
{
    (void)state;
    static const int cases[][2] = {/* max_side, shrink of a longer side of 1007 */
                                   {0, 1},   {2000, 1}, {1007, 1}, {504, 1}, {503, 2},
                                   {252, 2}, {251, 4},  {126, 4},  {125, 8}, {1, 8}};
    fse_image pattern = ref_smooth_image(1007, 663);
    for (int orientation = 1; orientation <= 8; orientation++) {
        VipsImage *image = tagged(&pattern, orientation);
        fse_image wanted = upright(image);
        file f = write_file(image, ".jpg[Q=98,subsample_mode=off]");
        for (size_t i = 0; i < FSE_COUNT(cases); i++)
            check_shrink(f, &wanted, cases[i][0], cases[i][1]);
        g_free(f.bytes);
        if (orientation == 1) {
            f = write_file(image, ".png");
            check_shrink(f, &wanted, 100, 1);
            g_free(f.bytes);
        }
        fse_image_free(&wanted);
        g_object_unref(image);
    }
    fse_image_free(&pattern);
}

static void set_big_endian16(uint8_t *at, int value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* The sides in a JPEG's frame header: bigger than its data. */
static void set_jpeg_size(file f, uint8_t frame, int w, int h)
{
    for (size_t i = 2; i + 9 < f.size; i++)
        if (f.bytes[i] == 0xff && f.bytes[i + 1] == frame) {
            set_big_endian16(f.bytes + i + 5, h);
            set_big_endian16(f.bytes + i + 7, w);
            return;
        }
    fail_msg("no frame header");
}

static void test_limits(void **state)
{
    (void)state;
    fse_image pattern = ref_smooth_image(width, height);
    VipsImage *image = vips_of(&pattern);
    fse_decoded d;
    fse_error error;
    file f = write_file(image, ".png");
    fse_decode_options options = any_size;
    options.max_bytes = f.size - 1;
    assert_int_equal(decode_bytes(f.bytes, f.size, &options, &d, &error), FSE_ELIMIT);
    assert_string_equal(error.subject, "photo");
    options.max_bytes = f.size;
    options.max_pixels = width * height - 1;
    assert_int_equal(decode_bytes(f.bytes, f.size, &options, &d, &error), FSE_ELIMIT);
    options.header_only = true;
    assert_int_equal(decode_bytes(f.bytes, f.size, &options, &d, &error), FSE_ELIMIT);
    options.max_pixels = width * height;
    options.header_only = false;
    assert_int_equal(decode_bytes(f.bytes, f.size, &options, &d, &error), FSE_OK);
    fse_image_free(&d.image);
    g_free(f.bytes);

    /* A small file that claims more coefficients than fit: refused, however many pixels may be. */
    f = write_file(image, ".jpg[interlace]");
    set_jpeg_size(f, 0xc2, 60000, 60000);
    options.max_bytes = options.max_pixels = UINT64_MAX;
    assert_int_equal(decode_bytes(f.bytes, f.size, &options, &d, &error), FSE_ELIMIT);
    g_free(f.bytes);
    g_object_unref(image);
    fse_image_free(&pattern);
}

/* The first scan of a progressive JPEG again and again. */
static void test_scan_limit(void **state)
{
    (void)state;
    fse_image pattern = ref_smooth_image(width, height);
    VipsImage *image = vips_of(&pattern);
    file f = write_file(image, ".jpg[interlace]");
    size_t start = 0;
    while (!(f.bytes[start] == 0xff && f.bytes[start + 1] == 0xda))
        start++;
    enum { header = 16 };
    uint8_t *bytes = malloc(f.size + 200 * header);
    assert_non_null(bytes);
    memcpy(bytes, f.bytes, start);
    size_t size = start;
    for (int i = 0; i < 200; i++, size += header) {
        memset(bytes + size, 0, header);
        memcpy(bytes + size, f.bytes + start, 14);
    }
    memcpy(bytes + size, f.bytes + start, f.size - start);
    fse_decoded d;
    fse_error error;
    assert_int_equal(decode_bytes(bytes, size + f.size - start, &any_size, &d, &error), FSE_ELIMIT);
    assert_non_null(strstr(error.message, "scans"));
    /* What follows the image is not part of it. */
    memcpy(bytes, f.bytes, f.size);
    for (size_t i = 0; i < 200; i++)
        memcpy(bytes + f.size + i * header, "\xff\xda\0\2", 4);
    assert_int_equal(decode_bytes(bytes, f.size + 200 * header, &any_size, &d, NULL), FSE_OK);
    assert_false(d.damaged);
    fse_image_free(&d.image);
    free(bytes);
    g_free(f.bytes);
    g_object_unref(image);
    fse_image_free(&pattern);
}

static void test_truncated(void **state)
{
    (void)state;
    fse_image pattern = ref_noise_image(width, height, 3);
    VipsImage *image = vips_of(&pattern);
    for (size_t i = 0; i < FSE_COUNT(kinds); i++) {
        file f;
        if (!try_write(image, kinds[i].suffix, &f))
            continue;
        for (size_t part = 0; part < 40; part++) {
            fse_decoded d;
            fse_error error = {0};
            /* Up to a tenth missing at the end: never taken for whole. */
            const size_t size = f.size * part / 44;
            const fse_status status = decode_bytes(f.bytes, size, &any_size, &d, &error);
            if (status == FSE_OK)
                assert_true(d.damaged);
            else
                assert_true(status == FSE_EIMAGE && error.message[0] &&
                            strcmp(error.subject, "photo") == 0);
            if (status == FSE_OK)
                fse_image_free(&d.image);
        }
        g_free(f.bytes);
    }
    g_object_unref(image);
    fse_image_free(&pattern);
}

/*
 * What is there of a file that breaks off is decoded: at least the upper third of the pixels. Not
 * TIFF, whose directory libvips writes last, nor what libvips decodes as a whole only.
 */
/* Whether a line is that of the picture, or of one colour: nothing must be made up. */
static bool is_line_or_flat(const fse_image *image, const fse_image *wanted, int y)
{
    const size_t size = (size_t)image->width * 3;
    const uint8_t *line = image->pixels + (size_t)y * size;
    const uint8_t *right = wanted->pixels + (size_t)y * size;
    int most = 0, spread = 0;
    for (size_t i = 0; i < size; i++) {
        const int off = abs(line[i] - right[i]), other = abs(line[i] - line[i % 3]);
        most = off > most ? off : most;
        spread = other > spread ? other : spread;
    }
    return most <= 8 || spread <= 8;
}

static void test_lost_lines_are_not_made_up(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".png", ".png[compression=0]", ".gif[dither=0]"};
    /* Higher than what libvips holds of it at a time. */
    fse_image pattern = ref_noise_image(200, 1500, 3);
    VipsImage *image = vips_of(&pattern);
    for (size_t i = 0; i < FSE_COUNT(suffixes); i++) {
        file f = write_file(image, suffixes[i]);
        fse_decoded whole;
        assert_int_equal(decode_bytes(f.bytes, f.size, &any_size, &whole, NULL), FSE_OK);
        for (size_t cut = 2; cut < 10; cut++) {
            fse_decoded d;
            if (decode_bytes(f.bytes, f.size * cut / 10, &any_size, &d, NULL) != FSE_OK)
                continue;
            assert_true(d.damaged);
            int made_up = 0;
            for (int y = 0; y < d.image.height; y++)
                made_up += !is_line_or_flat(&d.image, &whole.image, y);
            assert_in_range(made_up, 0, 1); /* the line in which the file ends */
            fse_image_free(&d.image);
        }
        fse_image_free(&whole.image);
        g_free(f.bytes);
    }
    g_object_unref(image);
    fse_image_free(&pattern);
}

static void test_truncated_but_useful(void **state)
{
    (void)state;
    static const char *const suffixes[] = {".jpg[Q=95]", ".jpg[Q=95,interlace]", ".png",
                                           ".gif[dither=0]"};
    fse_image pattern = ref_smooth_image(400, 300);
    VipsImage *image = vips_of(&pattern);
    for (size_t i = 0; i < FSE_COUNT(suffixes); i++) {
        file f = write_file(image, suffixes[i]);
        fse_decoded d;
        if (decode_bytes(f.bytes, f.size / 2, &any_size, &d, NULL) != FSE_OK)
            fail_msg("half of %s is refused", suffixes[i]);
        assert_true(d.damaged);
        assert_int_equal(d.image.height, 300);
        d.image.height = 100;
        fse_image third = pattern;
        third.height = 100;
        assert_near(&d.image, &third, 8);
        fse_image_free(&d.image);
        g_free(f.bytes);
    }
    g_object_unref(image);
    fse_image_free(&pattern);
}

static void test_flipped_bytes(void **state)
{
    (void)state;
    enum { rounds = 60 };
    fse_image pattern = ref_noise_image(width, height, 3);
    VipsImage *image = vips_of(&pattern);
    fse_decode_options options = any_size;
    options.max_pixels = 1000000;
    uint32_t seed = 12345;
    for (size_t i = 0; i < FSE_COUNT(kinds); i++) {
        file f;
        if (!try_write(image, kinds[i].suffix, &f))
            continue;
        uint8_t *bytes = malloc(f.size);
        assert_non_null(bytes);
        for (int round = 0; round < rounds; round++) {
            memcpy(bytes, f.bytes, f.size);
            /* Half of them in the headers, where it hurts most. */
            const size_t range = round % 2 && f.size > 600 ? 600 : f.size;
            for (int flip = 0; flip <= round % 8; flip++) {
                seed = seed * 1664525 + 1013904223;
                bytes[seed % range] ^= (uint8_t)(seed >> 24 | 1);
            }
            fse_decoded d;
            fse_error error = {0};
            options.max_side = round % 3 ? 0 : 20;
            const fse_status status = decode_bytes(bytes, f.size, &options, &d, &error);
            assert_true(status == FSE_OK || status == FSE_EIMAGE || status == FSE_ELIMIT);
            assert_int_equal(error.status, status);
            if (status == FSE_OK)
                fse_image_free(&d.image);
        }
        free(bytes);
        g_free(f.bytes);
    }
    g_object_unref(image);
    fse_image_free(&pattern);
}

static void test_not_an_image(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
        const char *reason;
    } cases[] = {
        {"", 0, "empty file"},
        {"Dear diary, today", 17, "not an image"},
        {"%PDF-1.7 and more", 17, "not an image: a PDF document"},
        {"\0\0\0\0\0\0\0\0", 8, "not an image: it holds only zeros"},
        {"\0\0\0\x18" "ftypisom\0\0\0\0isommp42", 24, "not an image: a video"},
        {"FUJIFILMCCD-RAW 0201", 20, "camera RAW"},
        {"II*\0\x10\0\0\0CR\2\0", 12, "camera RAW"},
        {"8BPS\0\1", 6, "Photoshop document is not supported"},
        {"\xff\xd8\xff", 3, "truncated JPEG: its header cannot be read"},
        {"\x89PNG\r\n\x1a\n", 8, "truncated PNG: its header cannot be read"},
        {"GIF89a", 6, "damaged or truncated GIF: its header cannot be read"},
    };
    for (size_t i = 0; i < FSE_COUNT(cases); i++) {
        fse_decoded d;
        fse_error error = {0};
        assert_int_equal(decode_bytes(cases[i].bytes, cases[i].size, &any_size, &d, &error),
                         FSE_EIMAGE);
        assert_string_equal(error.subject, "photo");
        if (strncmp(error.message, cases[i].reason, strlen(cases[i].reason)) != 0)
            fail_msg("expected \"%s\", got \"%s\"", cases[i].reason, error.message);
    }
}

static void test_not_a_file(void **state)
{
    (void)state;
    int ends[2];
    fse_decoded d;
    fse_error error = {0};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fse_decode(ends[0], "pipe", &any_size, &d, &error), FSE_EIMAGE);
    assert_int_equal(fse_decode(-1, "closed", &any_size, &d, &error), FSE_EIO);
    assert_string_equal(error.subject, "closed");
    /* Open for writing only: the read fails. */
    char path[] = "/tmp/facesearch-test-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    const int writer = open(path, O_WRONLY);
    assert_int_equal(fse_decode(writer, path, &any_size, &d, &error), FSE_EIO);
    close(writer);
    close(fd);
    unlink(path);
    close(ends[0]);
    close(ends[1]);
}

/* The caller's offset neither matters nor moves, also when several threads share a descriptor. */
typedef struct shared {
    int fd;
    uint64_t hash;
} shared;

static fse_status decode_shared(void *context, int thread, size_t index, fse_error *error)
{
    (void)thread;
    (void)index;
    const shared *s = context;
    fse_decoded d;
    const fse_status status = fse_decode(s->fd, "shared", &any_size, &d, error);
    if (status != FSE_OK)
        return status;
    const bool same = ref_hash(&d.image) == s->hash;
    fse_image_free(&d.image);
    return same ? FSE_OK : fse_fail(error, FSE_EINTERNAL, NULL, "other pixels");
}

static void test_threads_share_a_descriptor(void **state)
{
    (void)state;
    fse_image pattern = ref_smooth_image(width, height);
    VipsImage *image = vips_of(&pattern);
    file f = write_file(image, ".jpg");
    fse_decoded d = decode_file(f);
    shared s = {.hash = ref_hash(&d.image)};
    assert_int_equal(fse_memory_file(f.bytes, f.size, &s.fd, NULL), FSE_OK);
    assert_int_equal(lseek(s.fd, 17, SEEK_SET), 17);
    assert_int_equal(fse_parallel_for(4, 60, decode_shared, fse_decode_thread_end, &s, NULL),
                     FSE_OK);
    assert_int_equal(lseek(s.fd, 0, SEEK_CUR), 17);
    close(s.fd);
    fse_image_free(&d.image);
    g_free(f.bytes);
    g_object_unref(image);
    fse_image_free(&pattern);
}

static void check_time(const char *field, const char *text, int64_t wanted)
{
    fse_image pattern = ref_smooth_image(16, 16);
    VipsImage *plain = vips_of(&pattern);
    VipsImage *image = NULL;
    assert_int_equal(vips_copy(plain, &image, NULL), 0);
    vips_image_set_string(image, field, text);
    file f = write_file(image, ".jpg");
    fse_decoded d = decode_file(f);
    if (d.taken != wanted)
        fail_msg("%s \"%s\": %lld", field, text, (long long)d.taken);
    fse_image_free(&d.image);
    g_free(f.bytes);
    g_object_unref(image);
    g_object_unref(plain);
    fse_image_free(&pattern);
}

static void test_time_taken(void **state)
{
    (void)state;
    /* date -u -d '2021-03-04 05:06:07' +%s, and so on */
    check_time("exif-ifd2-DateTimeOriginal", "2021:03:04 05:06:07", 1614834367);
    check_time("exif-ifd2-DateTimeDigitized", "2021:03:04 05:06:07", 1614834367);
    check_time("exif-ifd0-DateTime", "2000:02:29 23:59:59", 951868799);
    check_time("exif-ifd0-DateTime", "1969:12:31 23:59:59", -1);
    static const char *const wrong[] = {
        "0000:00:00 00:00:00", "2021:13:04 05:06:07", "2021:02:29 05:06:07", "2021:03:04 25:06:07",
        "2021:03:04 05:60:07", "2021-03-04 05:06:07", "2021:03:04",          "    :  :     :  :  ",
        "2021:3:4 5:6:7",      "1900:02:29 00:00:00"};
    for (size_t i = 0; i < FSE_COUNT(wrong); i++)
        check_time("exif-ifd2-DateTimeOriginal", wrong[i], FSE_NO_TIME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_format),
        cmocka_unit_test(test_header_only),
        cmocka_unit_test(test_orientations),
        cmocka_unit_test(test_orientations_png),
        cmocka_unit_test(test_heif_is_rotated_once),
        cmocka_unit_test(test_shrink),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_scan_limit),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_truncated_but_useful),
        cmocka_unit_test(test_lost_lines_are_not_made_up),
        cmocka_unit_test(test_flipped_bytes),
        cmocka_unit_test(test_not_an_image),
        cmocka_unit_test(test_not_a_file),
        cmocka_unit_test(test_threads_share_a_descriptor),
        cmocka_unit_test(test_time_taken),
    };
    if (fse_decode_init(NULL) != FSE_OK)
        return 1;
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    vips_shutdown();
    return failed;
}
