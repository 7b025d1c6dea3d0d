/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "image/decode.h"

#define BYTES(text) text, sizeof(text) - 1

/* A little-endian TIFF header and directory of n entries; the entries follow. */
#define TIFF(n) "II*\0\x08\0\0\0" n "\0"
#define SHORT(tag, value) tag "\x03\0\x01\0\0\0" value "\0\0"
#define LONG(tag, value) tag "\x04\0\x01\0\0\0" value

static const struct {
    const char *bytes;
    size_t size;
    const char *format;
    bool supported;
} cases[] = {
    {BYTES("\xff\xd8\xff\xe0\0\x10JFIF"), "jpeg", true},
    {BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "png", true},
    {BYTES("RIFF\1\2\3\4WEBPVP8 "), "webp", true},
    {BYTES("RIFF\1\2\3\4WAVEfmt "), NULL, false},
    {BYTES("XXXX\1\2\3\4WEBPVP8 "), NULL, false},
    {BYTES("GIF87a"), "gif", true},
    {BYTES("GIF89a"), "gif", true},
    {BYTES("GIF90a"), NULL, false},
    {BYTES("\xff\x0a\x01\x02"), "jxl", true},
    {BYTES("\0\0\0\x0cJXL \r\n\x87\n"), "jxl", true},
    {BYTES("\0\0\0\x18" "ftypheic\0\0\0\0mif1heic"), "heif", true},
    {BYTES("\0\0\0\x1c" "ftypavif\0\0\0\0avifmif1miaf"), "heif", true},
    {BYTES("\0\0\0\x18" "ftypmif1\0\0\0\0mif1heic"), "heif", true},
    {BYTES("\0\0\0\x18" "ftypabcd\0\0\0\0mp42heic"), "heif", true},
    {BYTES("\0\0\0\x18" "ftypisom\0\0\0\0isommp42"), NULL, false},
    /* Beyond the box nothing is a brand. */
    {BYTES("\0\0\0\x14" "ftypqt  \0\0\0\0qt  heic"), NULL, false},
    {BYTES("\0\0\0\x18" "ftypcrx \0\0\0\1crx isom"), "camera RAW", false},
    {BYTES("II*\0\x08\0\0\0\0\0"), "tiff", true},
    {BYTES("MM\0*\0\0\0\x08\0\0"), "tiff", true},
    {BYTES("MM\0*\xff\xff\xff\xff\0\0"), "tiff", true},
    {BYTES("II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0"), "tiff", true},
    {BYTES(TIFF("\1") SHORT("\x06\x01", "\2\0")), "tiff", true},
    /* Canon CR2 */
    {BYTES("II*\0\x10\0\0\0CR\2\0"), "camera RAW", false},
    /* DNGVersion */
    {BYTES(TIFF("\2") SHORT("\x06\x01", "\2\0") LONG("\x12\xc6", "\1\4\0\0")), "camera RAW", false},
    {BYTES("MM\0*\0\0\0\x08\0\1\xc6\x12\0\1\0\0\0\4\1\4\0\0"), "camera RAW", false},
    /* PhotometricInterpretation: colour filter array */
    {BYTES(TIFF("\1") SHORT("\x06\x01", "\x23\x80")), "camera RAW", false},
    /* Nikon's compression; a preview (NewSubfileType) with Make and SubIFDs */
    {BYTES(TIFF("\1") SHORT("\x03\x01", "\x99\x87")), "camera RAW", false},
    {BYTES(TIFF("\3") LONG("\xfe\0", "\1\0\0\0") LONG("\x0f\x01", "\0\0\0\0")
               LONG("\x4a\x01", "\0\0\0\0")), "camera RAW", false},
    {BYTES(TIFF("\2") LONG("\xfe\0", "\1\0\0\0") LONG("\x0f\x01", "\0\0\0\0")), "tiff", true},
    {BYTES("FUJIFILMCCD-RAW 0201"), "camera RAW", false},
    {BYTES("IIRO\x08\0\0\0"), "camera RAW", false},
    {BYTES("IIU\0\x18\0\0\0"), "camera RAW", false},
    {BYTES("II\x1a\0\0\0HEAPCCDR"), "camera RAW", false},
    {BYTES("8BPS\0\1"), "Photoshop document", false},
    {BYTES("BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0"), "BMP", false},
    {BYTES("BMW cars are listed in this text."), NULL, false},
    {BYTES("\0\0\1\0\1\0\x10\x10\0\0\1\0\x20\0\0\0\0\0\0\0\0\0"), "ICO", false},
    {BYTES("\0\0\0\x0cjP  \r\n\x87\n"), "JPEG 2000", false},
    {BYTES("<svg xmlns="), "SVG", false},
    {BYTES("<?xml version=\"1.0\"?><svg/>"), "SVG", false},
    {BYTES("<?xml version=\"1.0\"?><rdf/>"), NULL, false},
    {BYTES("%PDF-1.7"), NULL, false},
    {BYTES("Dear diary"), NULL, false},
    {BYTES("\xff\xd8"), NULL, false},
    {BYTES(""), NULL, false},
};

static void check(const uint8_t *bytes, size_t size, const char *format, bool expected)
{
    bool supported = !expected;
    const char *found = fse_sniff(bytes, size, &supported);
    if (format)
        assert_string_equal(found ? found : "(nothing)", format);
    else
        assert_null(found);
    assert_int_equal(supported, expected);
}

static void test_signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < FSE_COUNT(cases); i++)
        check((const uint8_t *)cases[i].bytes, cases[i].size, cases[i].format, cases[i].supported);
}

/* Every prefix, in memory that ends where the bytes end, for the address sanitizer. */
static void test_prefixes(void **state)
{
    (void)state;
    for (size_t i = 0; i < FSE_COUNT(cases); i++)
        for (size_t size = 0; size <= cases[i].size; size++) {
            uint8_t *bytes = malloc(size ? size : 1);
            assert_non_null(bytes);
            memcpy(bytes, cases[i].bytes, size);
            bool supported;
            fse_sniff(bytes, size, &supported);
            free(bytes);
        }
}

static void test_extensions(void **state)
{
    (void)state;
    static const char *const yes[] = {"a.jpg", "A.JPEG", "x/y.HeIc", ".hidden.png", "a.b.tiff",
                                      "e.cr2", "n.NEF", "w.webp", "a.avif", "i.bmp", "j.jxl"};
    static const char *const no[] = {"",   "jpg",   ".jpg",   "a.jpg.txt", "a.mp4", "x.jpg/y",
                                     "a.", "a.xmp", "a.jpgx", "a.pdf"};
    for (size_t i = 0; i < FSE_COUNT(yes); i++)
        assert_true(fse_has_photo_extension(yes[i]));
    for (size_t i = 0; i < FSE_COUNT(no); i++)
        assert_false(fse_has_photo_extension(no[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_extensions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
