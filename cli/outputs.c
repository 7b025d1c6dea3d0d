/* SPDX-License-Identifier: Apache-2.0 */
#include "outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folders.h"
#include "interrupt.h"

/* ---- before ---- */

static int check_folder(const fse_command *command, const char *option, const char *folder,
                        const fse_list *targets)
{
    struct stat info;
    if (!folder)
        return 0;
    for (size_t i = 0; i < targets->count; i++) {
        const int inside = fse_is_inside(folder, targets->items[i]);
        if (inside > 0)
            return fse_misuse(command, "--%s: %s lies inside %s, which is searched: choose a "
                              "folder outside it", option, folder, targets->items[i]);
        if (inside < 0)
            return fse_misuse(command, "--%s: %s leads through a broken link or a missing folder",
                              option, folder);
    }
    if (stat(folder, &info) == 0 && !S_ISDIR(info.st_mode))
        return fse_misuse(command, "--%s: %s is not a folder", option, folder);
    return 0;
}

static int check_page(const fse_command *command, const char *file)
{
    struct stat info;
    if (!file)
        return 0;
    if (stat(file, &info) == 0 && !S_ISREG(info.st_mode))
        return fse_misuse(command, "--html: %s is not a file that can be replaced", file);
    const char *slash = strrchr(file, '/');
    if (slash && !slash[1])
        return fse_misuse(command, "--html: %s is a folder: give the page a file name", file);
    char *folder = !slash        ? fse_xstrdup(".")
                   : slash == file ? fse_xstrdup("/")
                                   : fse_xformat("%.*s", (int)(slash - file), file);
    const int error = access(folder, W_OK | X_OK) == 0 ? 0 : errno;
    free(folder);
    return error ? fse_complain(NULL, file, "cannot write the page there: %s", strerror(error))
                 : 0;
}

int fse_outputs_check(const fse_outputs *outputs, const fse_command *command,
                      const fse_list *targets)
{
    int status = check_folder(command, "annotate", outputs->annotate, targets);
    if (!status)
        status = check_folder(command, "copy", outputs->copy, targets);
    if (!status)
        status = check_folder(command, "link", outputs->link, targets);
    return status ? status : check_page(command, outputs->html);
}

/* ---- after ---- */

#define ANNOTATED_QUALITY 90 /* of a JPEG; the boxes' thin lines suffer first */

int fse_annotate(fse_console *console, struct fse_collection *collection, const char *path,
                 const fse_mark *marks, size_t count)
{
    fse_error error = {0};
    fse_picture *picture = NULL;
    fse_bytes jpeg = {0};
    fse_status status = fse_picture_open_file(path, 0, &picture, &error);
    if (status == FSE_OK)
        status = fse_picture_draw(picture, 0, ANNOTATED_QUALITY, marks, count, &jpeg, &error);
    fse_picture_free(&picture);
    if (status != FSE_OK) {
        fse_complain_error(console, &error);
        return FSE_EXIT_SKIPPED;
    }
    const int result = fse_collect_jpeg(collection, path, jpeg.data, jpeg.size);
    fse_bytes_free(&jpeg);
    return result;
}

static int annotate(fse_collection *collection, const fse_findings *findings,
                    const fse_matched_photo *photo)
{
    fse_mark *marks = fse_xalloc(photo->count, sizeof *marks);
    for (size_t i = 0; i < photo->count; i++) {
        const fse_match *match = &findings->result->matches[findings->members[photo->first + i]];
        memcpy(marks[i].box, match->box, sizeof marks[i].box);
        memcpy(marks[i].rgb, (const uint8_t[]){0x00, 0xc8, 0x53}, 3);
        snprintf(marks[i].caption, sizeof marks[i].caption, "%.3f", (double)match->score);
    }
    const char *path = fse_best_match(findings, photo)->path;
    const int status =
        fse_annotate(&findings->common->console, collection, path, marks, photo->count);
    free(marks);
    return status;
}

static int copy(fse_collection *collection, const fse_findings *findings,
                const fse_matched_photo *photo)
{
    return fse_collect_copy(collection, fse_best_match(findings, photo)->path);
}

static int link_to(fse_collection *collection, const fse_findings *findings,
                   const fse_matched_photo *photo)
{
    return fse_collect_link(collection, fse_best_match(findings, photo)->path);
}

typedef int (*collector)(fse_collection *collection, const fse_findings *findings,
                         const fse_matched_photo *photo);

/* Every photo found, into one folder. What fails with one of them does not stop the others. */
static int collect(const char *folder, const fse_findings *findings, collector put)
{
    fse_collection *collection = NULL;
    if (!folder)
        return 0;
    int worst =
        fse_collection_open(&findings->common->console, folder, findings->targets, &collection);
    for (size_t i = 0; collection && i < findings->photo_count; i++) {
        if (fse_interrupted() || fse_collection_is_full(collection)) {
            worst = fse_interrupted() ? FSE_EXIT_INTERRUPTED : worst;
            break;
        }
        const int status = put(collection, findings, &findings->photos[i]);
        worst = status > worst ? status : worst;
    }
    fse_collection_close(&collection);
    return worst;
}

int fse_outputs_write(const fse_outputs *outputs, const fse_findings *findings)
{
    const int statuses[] = {
        outputs->html ? fse_findings_html(findings, outputs->html) : 0,
        collect(outputs->annotate, findings, annotate),
        collect(outputs->copy, findings, copy),
        collect(outputs->link, findings, link_to),
    };
    int worst = 0; /* 0 < skipped < failed < interrupted, in numbers too */
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        worst = statuses[i] > worst ? statuses[i] : worst;
    return worst;
}
