/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Photos and packs for the tests of the command line:
 *
 *     cli_photos pack FOLDER DETECTOR DIM SLOW_MS      see support/stub_photos.h
 *     cli_photos portrait FILE SIDE PERSON LOOK
 *     cli_photos photo FILE WIDTH HEIGHT [PERSON X Y SIZE LOOK]...
 *     cli_photos huge FILE        a small JPEG that says it has 65000 x 65000 pixels
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/stub_photos.h"

static void draw(int argc, char **argv)
{
    fse_image image = stub_background(atoi(argv[1]), atoi(argv[2]));
    for (int i = 3; i + 5 <= argc; i += 5)
        stub_face(&image, atof(argv[i]), atof(argv[i + 1]), atof(argv[i + 2]), atof(argv[i + 3]),
                  (unsigned)atoi(argv[i + 4]));
    stub_save(&image, argv[0]);
    fse_image_free(&image);
}

/* Write other dimensions into the frame header (marker FF C0, ITU-T T.81, B.2.2). */
static int make_huge(const char *path)
{
    static const char dimensions[] = {'\xfd', '\xe8', '\xfd', '\xe8'};
    unsigned char bytes[65536];
    stub_portrait(path, 64, 1, 0);
    FILE *file = fopen(path, "r+b");
    const size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    int status = 1;
    for (size_t i = 2; status && i + 9 < size; i += 2 + (size_t)(bytes[i + 2] << 8 | bytes[i + 3]))
        if (bytes[i + 1] == 0xc0 && fseek(file, (long)i + 5, SEEK_SET) == 0 &&
            fwrite(dimensions, 1, sizeof dimensions, file) == sizeof dimensions)
            status = 0;
    if (file && fclose(file) != 0)
        status = 1;
    return status;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "pack") == 0)
        stub_pack(argv[2], argv[3], atoi(argv[4]), atoi(argv[5]));
    else if (argc == 6 && strcmp(argv[1], "portrait") == 0)
        stub_portrait(argv[2], atoi(argv[3]), atof(argv[4]), (unsigned)atoi(argv[5]));
    else if (argc >= 5 && (argc - 5) % 5 == 0 && strcmp(argv[1], "photo") == 0)
        draw(argc - 2, argv + 2);
    else if (argc == 3 && strcmp(argv[1], "huge") == 0)
        return make_huge(argv[2]);
    else
        return 2;
    return 0;
}
