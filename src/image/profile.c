/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most profiles in photos say "sRGB", and the way through the colour engine costs more than the
 * decoding (80 ms for 12 megapixels). Names prove nothing, so the numbers are looked at
 * (ICC.1:2022, chapters 7 to 10): a matrix and curves that are sRGB's to within half a level.
 */
#include <math.h>
#include <string.h>

#include "image/codec.h"

typedef struct tag {
    const uint8_t *bytes;
    size_t size; /* 0: the profile has no such tag */
} tag;

static uint32_t number16(const uint8_t *b)
{
    return (uint32_t)b[0] << 8 | b[1];
}

static uint32_t number32(const uint8_t *b)
{
    return number16(b) << 16 | number16(b + 2);
}

/* An s15Fixed16Number. */
static double fixed(const uint8_t *b)
{
    return (int32_t)number32(b) / 65536.0;
}

static tag find_tag(const uint8_t *bytes, size_t size, const char *name)
{
    const uint32_t count = number32(bytes + 128);
    for (uint32_t i = 0; i < count && 132 + ((size_t)i + 1) * 12 <= size; i++) {
        const uint8_t *entry = bytes + 132 + (size_t)i * 12;
        const size_t offset = number32(entry + 4);
        const size_t length = number32(entry + 8);
        if (memcmp(entry, name, 4) == 0 && offset <= size && length <= size - offset)
            return (tag){bytes + offset, length};
    }
    return (tag){NULL, 0};
}

/* The primaries of IEC 61966-2-1, adapted to D50. 0.001 is a tenth of a level at white. */
static bool is_colorant(tag t, const double xyz[3])
{
    if (t.size < 20 || memcmp(t.bytes, "XYZ ", 4) != 0)
        return false;
    for (int i = 0; i < 3; i++)
        if (fabs(fixed(t.bytes + 8 + 4 * i) - xyz[i]) > 0.001)
            return false;
    return true;
}

/* The transfer function of IEC 61966-2-1. */
static double linear_to_srgb(double v)
{
    return v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

/* A curve's value at x, 0..1; NaN for kinds that do not occur with sRGB. */
static double curve_at(tag t, double x)
{
    if (t.size >= 32 && memcmp(t.bytes, "para", 4) == 0 && number16(t.bytes + 8) == 3) {
        const double g = fixed(t.bytes + 12);
        const double a = fixed(t.bytes + 16);
        const double b = fixed(t.bytes + 20);
        const double c = fixed(t.bytes + 24);
        const double d = fixed(t.bytes + 28);
        return x >= d ? pow(a * x + b, g) : c * x;
    }
    if (t.size < 12 || memcmp(t.bytes, "curv", 4) != 0)
        return NAN;
    const uint32_t count = number32(t.bytes + 8);
    if (count < 2 || count > (t.size - 12) / 2)
        return NAN;
    const double at = x * (count - 1);
    const uint32_t low = (uint32_t)fmin(floor(at), count - 2);
    const double a = number16(t.bytes + 12 + (size_t)low * 2);
    const double b = number16(t.bytes + 14 + (size_t)low * 2);
    return (a + (at - low) * (b - a)) / 65535;
}

static bool is_curve(tag t)
{
    for (int level = 0; level < 256; level++) {
        const double back = 255 * linear_to_srgb(curve_at(t, level / 255.0));
        if (!(fabs(back - level) < 0.5))
            return false;
    }
    return true;
}

bool fse_profile_is_srgb(const uint8_t *bytes, size_t size)
{
    static const double red[3] = {0.43607, 0.22249, 0.01392};
    static const double green[3] = {0.38515, 0.71687, 0.09708};
    static const double blue[3] = {0.14307, 0.06061, 0.71410};
    if (size < 132 || memcmp(bytes + 16, "RGB XYZ ", 8) != 0 || memcmp(bytes + 36, "acsp", 4) != 0)
        return false;
    /* A table, where there is one, overrules matrix and curves. */
    if (find_tag(bytes, size, "A2B0").size || find_tag(bytes, size, "A2B1").size ||
        find_tag(bytes, size, "D2B0").size || find_tag(bytes, size, "D2B1").size)
        return false;
    return is_colorant(find_tag(bytes, size, "rXYZ"), red) &&
           is_colorant(find_tag(bytes, size, "gXYZ"), green) &&
           is_colorant(find_tag(bytes, size, "bXYZ"), blue) &&
           is_curve(find_tag(bytes, size, "rTRC")) && is_curve(find_tag(bytes, size, "gTRC")) &&
           is_curve(find_tag(bytes, size, "bTRC"));
}
