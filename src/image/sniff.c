/* SPDX-License-Identifier: Apache-2.0 */
/* What a file is, by its first bytes. */
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "image/decode.h"

static const char raw_name[] = "camera RAW";

/* Signatures at fixed offsets, the first that fits wins. Sources: the formats' own specifications,
 * and for camera RAW the table of libmagic. */
static const struct {
    uint8_t offset, size;
    const char *bytes;
    const char *format;
    bool supported;
} signatures[] = {
    {0, 3, "\xff\xd8\xff", "jpeg", true},
    {0, 8, "\x89PNG\r\n\x1a\n", "png", true},
    {8, 4, "WEBP", "webp", true}, /* and RIFF, checked in known_signature() */
    {0, 6, "GIF87a", "gif", true},
    {0, 6, "GIF89a", "gif", true},
    {0, 12, "\0\0\0\x0cJXL \r\n\x87\n", "jxl", true},
    {0, 2, "\xff\x0a", "jxl", true},
    {0, 15, "FUJIFILMCCD-RAW", raw_name, false},
    {0, 4, "IIRO", raw_name, false},                 /* Olympus */
    {0, 4, "IIRS", raw_name, false},                 /* Olympus */
    {0, 4, "MMOR", raw_name, false},                 /* Olympus */
    {0, 4, "IIU\0", raw_name, false},                /* Panasonic */
    {6, 8, "HEAPCCDR", raw_name, false},             /* Canon CRW */
    {0, 4, "\0MRM", raw_name, false},                /* Minolta */
    {0, 4, "FOVb", raw_name, false},                 /* Sigma */
    {0, 4, "8BPS", "Photoshop document", false},
    {0, 12, "\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000", false},
    {0, 4, "\xff\x4f\xff\x51", "JPEG 2000", false},
    {0, 4, "<svg", "SVG", false},
};

/* Brands of ISO base media files (ISO/IEC 23008-12 annex B, AVIF 1.1); video's are not here. */
static const char heif_brands[][5] = {"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm",
                                      "hevs", "mif1", "mif2", "msf1", "avif", "avis", "avio"};

static bool is_heif_brand(const uint8_t *brand)
{
    for (size_t i = 0; i < FSE_COUNT(heif_brands); i++)
        if (memcmp(brand, heif_brands[i], 4) == 0)
            return true;
    return false;
}

static uint32_t big_endian32(const uint8_t *b)
{
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static const char *sniff_media(const uint8_t *bytes, size_t size, bool *supported)
{
    if (size < 16 || memcmp(bytes + 4, "ftyp", 4) != 0)
        return NULL;
    if (memcmp(bytes + 8, "crx ", 4) == 0)
        return raw_name; /* Canon CR3 */
    const uint32_t box = big_endian32(bytes);
    const size_t end = box < size ? box : size;
    bool heif = is_heif_brand(bytes + 8);
    for (size_t at = 16; at + 4 <= end && !heif; at += 4)
        heif = is_heif_brand(bytes + at);
    *supported = heif;
    return heif ? "heif" : NULL;
}

/* The first bytes of a TIFF file, in its byte order. */
typedef struct tiff {
    const uint8_t *bytes;
    size_t size;
    bool big_endian;
} tiff;

/* Zero beyond the end. */
static uint32_t tiff_value(const tiff *t, size_t at, int size)
{
    uint32_t value = 0;
    if (at > t->size || t->size - at < (size_t)size)
        return 0;
    for (int i = 0; i < size; i++)
        value = value << 8 | t->bytes[at + (size_t)(t->big_endian ? i : size - 1 - i)];
    return value;
}

/* TIFF 6.0, TIFF/EP (ISO 12234-2), DNG 1.6. */
enum tiff_tag {
    tag_new_subfile_type = 254,
    tag_compression = 259,
    tag_photometric = 262,
    tag_make = 271,
    tag_sub_ifds = 330,
    tag_dng_version = 50706,
    photometric_cfa = 32803,
    photometric_linear_raw = 34892,
    compression_sony = 32767,
    compression_nikon = 34713,
    compression_pentax = 65535,
};

/*
 * Camera makers' files are TIFF files too. The first directory tells: it is a DNG, holds sensor
 * data, or is a camera's preview that points to the real image in a sub-directory (NEF, ARW).
 */
static bool tiff_is_raw(const tiff *t)
{
    if (t->size >= 10 && memcmp(t->bytes + 8, "CR", 2) == 0)
        return true; /* Canon CR2 */
    const size_t directory = tiff_value(t, 4, 4);
    const uint32_t count = tiff_value(t, directory, 2);
    bool preview = false;
    bool make = false;
    bool sub = false;
    for (uint32_t i = 0; i < count; i++) {
        const size_t entry = directory + 2 + (size_t)i * 12;
        if (entry > t->size || t->size - entry < 12)
            break;
        const uint32_t value = tiff_value(t, entry + 2, 2) == 3 ? tiff_value(t, entry + 8, 2)
                                                                 : tiff_value(t, entry + 8, 4);
        switch (tiff_value(t, entry, 2)) {
        case tag_dng_version:
            return true;
        case tag_photometric:
            if (value == photometric_cfa || value == photometric_linear_raw)
                return true;
            break;
        case tag_compression:
            if (value == compression_sony || value == compression_nikon ||
                value == compression_pentax)
                return true;
            break;
        case tag_new_subfile_type:
            preview = value & 1;
            break;
        case tag_make:
            make = true;
            break;
        case tag_sub_ifds:
            sub = true;
            break;
        default:
            break;
        }
    }
    return preview && make && sub;
}

static const char *sniff_tiff(const uint8_t *bytes, size_t size, bool *supported)
{
    if (size < 8)
        return NULL;
    const bool little = memcmp(bytes, "II*\0", 4) == 0;
    const bool big = memcmp(bytes, "MM\0*", 4) == 0;
    const bool bigtiff = memcmp(bytes, "II+\0\x08\0\0\0", 8) == 0 ||
                         memcmp(bytes, "MM\0+\0\x08\0\0", 8) == 0;
    if (!little && !big && !bigtiff)
        return NULL;
    const tiff t = {bytes, size, big};
    if (!bigtiff && tiff_is_raw(&t))
        return raw_name;
    *supported = true;
    return "tiff";
}

/* Formats with short signatures: more of the header has to fit. */
static const char *sniff_weak(const uint8_t *bytes, size_t size)
{
    if (size >= 26 && memcmp(bytes, "BM", 2) == 0 && bytes[14] >= 12 && bytes[14] <= 124 &&
        bytes[15] == 0 && bytes[16] == 0 && bytes[17] == 0)
        return "BMP";
    /* An icon's count is small, its first entry's reserved byte 0 and its planes 0 or 1. */
    if (size >= 22 && memcmp(bytes, "\0\0\1\0", 4) == 0 && bytes[4] > 0 && bytes[5] == 0 &&
        bytes[9] == 0 && bytes[10] <= 1 && bytes[11] == 0)
        return "ICO";
    if (size >= 5 && memcmp(bytes, "<?xml", 5) == 0 && memmem(bytes, size, "<svg", 4))
        return "SVG";
    return NULL;
}

static bool has_signature(const uint8_t *bytes, size_t size, size_t i)
{
    const size_t end = (size_t)signatures[i].offset + signatures[i].size;
    return size >= end &&
           memcmp(bytes + signatures[i].offset, signatures[i].bytes, signatures[i].size) == 0;
}

const char *fse_sniff(const uint8_t *bytes, size_t size, bool *supported)
{
    *supported = false;
    for (size_t i = 0; i < FSE_COUNT(signatures); i++) {
        if (!has_signature(bytes, size, i) ||
            (signatures[i].offset == 8 && memcmp(bytes, "RIFF", 4) != 0))
            continue;
        *supported = signatures[i].supported;
        return signatures[i].format;
    }
    const char *format = sniff_media(bytes, size, supported);
    if (!format)
        format = sniff_tiff(bytes, size, supported);
    return format ? format : sniff_weak(bytes, size);
}

static const char extensions[][6] = {
    "jpg",  "jpeg", "jpe", "jfif", "png", "webp", "heic", "heif", "hif", "avif", "tif", "tiff",
    "gif",  "jxl",  "bmp", "jp2",  "j2k", "psd",
    /* camera RAW */
    "3fr",  "arw",  "cr2", "cr3",  "crw", "dng",  "erf",  "iiq",  "kdc", "mrw",  "nef", "nrw",
    "orf",  "pef",  "raf", "raw",  "rw2", "rwl",  "sr2",  "srf",  "srw", "x3f",
};

bool fse_has_photo_extension(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *file = slash ? slash + 1 : name;
    const char *dot = strrchr(file, '.');
    if (!dot || dot == file)
        return false;
    for (size_t i = 0; i < FSE_COUNT(extensions); i++)
        if (strcasecmp(dot + 1, extensions[i]) == 0)
            return true;
    return false;
}
