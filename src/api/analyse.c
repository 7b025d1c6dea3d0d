/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <unistd.h>

#include "api/engine.h"
#include "base/path.h"
#include "image/decode.h"

void fse_analyse_options_init(fse_analyse_options *options)
{
    if (!options)
        return;
    *options = (fse_analyse_options){.struct_size = sizeof *options,
                                     .min_face = 50,
                                     .max_bytes = (uint64_t)512 << 20,
                                     .max_pixels = 500000000};
}

fse_status fse_analyse_options_check(const fse_analyse_options *options, fse_error *error)
{
    if (options->struct_size != sizeof *options)
        return fse_fail(error, FSE_EINVAL, NULL,
                        "fse_analyse_options was not filled by fse_analyse_options_init()");
    if (options->min_face < 8 || options->min_face > 4096)
        return fse_fail(error, FSE_EINVAL, NULL, "min_face must be 8..4096, not %d",
                        options->min_face);
    if (options->detect_size != 0 && (options->detect_size < 64 || options->detect_size > 4096))
        return fse_fail(error, FSE_EINVAL, NULL, "detect_size must be 0 or 64..4096, not %d",
                        options->detect_size);
    return FSE_OK;
}

static fse_status analyse_fd(fse_engine *engine, int fd, const char *name,
                             const fse_analyse_options *options, fse_photo **photo,
                             fse_error *error)
{
    fse_analyse_options defaults;
    fse_analyse_options_init(&defaults);
    options = options ? options : &defaults;
    const fse_status status = fse_analyse_options_check(options, error);
    return status == FSE_OK ? fse_analyse(engine->analyser, fd, name, NULL, options, photo, error)
                            : status;
}

fse_status fse_analyse_file(fse_engine *engine, const char *path,
                            const fse_analyse_options *options, fse_photo **photo,
                            fse_error *error)
{
    int fd;
    uint64_t size;
    if (!engine || !path || !photo)
        return fse_fail(error, FSE_EINVAL, path, "engine, path or photo is NULL");
    *photo = NULL;
    fse_status status = fse_open_regular(path, &fd, &size, error);
    if (status != FSE_OK)
        return status;
    status = analyse_fd(engine, fd, path, options, photo, error);
    close(fd);
    return status;
}

fse_status fse_analyse_memory(fse_engine *engine, const void *bytes, size_t size,
                              const fse_analyse_options *options, fse_photo **photo,
                              fse_error *error)
{
    int fd;
    if (!engine || (!bytes && size > 0) || !photo)
        return fse_fail(error, FSE_EINVAL, NULL, "engine, bytes or photo is NULL");
    *photo = NULL;
    fse_status status = fse_memory_file(bytes, size, &fd, error);
    if (status != FSE_OK)
        return status;
    status = analyse_fd(engine, fd, "image in memory", options, photo, error);
    close(fd);
    return status;
}

void fse_photo_free(fse_photo **photo)
{
    if (!photo || !*photo)
        return;
    free(*photo);
    *photo = NULL;
}

int fse_photo_largest_face(const fse_photo *photo)
{
    int largest = -1;
    for (size_t i = 0; photo && i < photo->face_count; i++)
        if (largest < 0 || photo->faces[i].size > photo->faces[largest].size)
            largest = (int)i;
    return largest;
}
