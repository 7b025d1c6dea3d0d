/* SPDX-License-Identifier: Apache-2.0 */
#include "common.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "interrupt.h"

static const fse_choice precisions[] = {
    {"auto", FSE_PRECISION_AUTO},
    {"f32", FSE_PRECISION_F32},
    {"bf16", FSE_PRECISION_BF16},
    {NULL, 0},
};

#define AT(field) offsetof(fse_common, field)

const fse_option fse_model_options[] = {
    {"models", 0, "PACK", &fse_kind_text, AT(models),
     "model pack: a name, or a folder if it has a slash (default: $FACESEARCH_MODELS, else the "
     "first of 'facesearch models list')", 0, 0, NULL, NULL},
    {"detect-size", 0, "N", &fse_kind_integer, AT(analyse.detect_size),
     "look at each photo once, at N x N pixels (64 to 4096), as the InsightFace package does "
     "(default: at several sizes)", 64, 4096, NULL, NULL},
    {"precision", 0, "P", &fse_kind_choice, AT(engine.precision),
     "auto, f32 or bf16: how the networks compute; auto lets the detector use bfloat16 where the "
     "CPU has it", 0, 0, precisions, NULL},
    {"jobs", 0, "N", &fse_kind_integer, AT(engine.jobs),
     "photos worked on at once, 1 to 256 (default: one for each CPU)", 1, 256, NULL, NULL},
    FSE_OPTIONS_END,
};

const fse_option fse_talk_options[] = {
    {"quiet", 0, NULL, &fse_kind_flag, AT(quiet), "say nothing but errors", 0, 0, NULL, "talk"},
    {"verbose", 'v', NULL, &fse_kind_flag, AT(verbose), "say more, such as every skipped file", 0,
     0, NULL, "talk"},
    {"progress", 0, NULL, &fse_kind_set, AT(progress),
     "show progress (default: if standard error is a terminal)", 1, 0, NULL, "progress"},
    {"no-progress", 0, NULL, &fse_kind_set, AT(progress), "show no progress", 0, 0, NULL,
     "progress"},
    {"help", 'h', NULL, &fse_kind_flag, AT(help), "this help", 0, 0, NULL, NULL},
    {"pretend-terminal", 0, "COLUMNS", &fse_kind_integer, AT(pretend), NULL, 20, 1000, NULL, NULL},
    FSE_OPTIONS_END,
};

void fse_common_init(fse_common *common)
{
    common->progress = -1;
    fse_engine_options_init(&common->engine);
    fse_analyse_options_init(&common->analyse);
}

int fse_open_engine(fse_common *common, fse_engine **engine)
{
    fse_error error = {0};
    const double start = fse_seconds();
    if (fse_engine_open(common->models, &common->engine, engine, &error) != FSE_OK)
        return fse_complain_error(&common->console, &error);
    if (common->verbose) {
        const fse_engine_info info = fse_engine_describe(*engine);
        fse_note(&common->console, "model %s: detector %s, embeddings of %d numbers, %s, %s, "
                 "%d at once; opened in %.2f s", info.model, info.detector, info.dim,
                 info.precision, info.runtime, info.jobs, fse_seconds() - start);
    }
    return 0;
}

int fse_read_stdin(fse_common *common, uint64_t max, char **data, size_t *size)
{
    static const char name[] = "standard input";
    fse_text text = {0};
    char chunk[65536];
    for (;;) {
        const ssize_t got = read(STDIN_FILENO, chunk, sizeof chunk);
        if (got == 0)
            break;
        int status = 0;
        if (fse_interrupted())
            status = FSE_EXIT_INTERRUPTED;
        else if (got < 0 && errno != EINTR)
            status = fse_complain(&common->console, name, "cannot read: %s", strerror(errno));
        else if (got > 0 && text.size + (size_t)got > max)
            status = fse_complain(&common->console, name, "larger than the limit of %.0f MiB",
                                  (double)max / 1048576);
        if (status) {
            free(text.data);
            return status;
        }
        if (got > 0)
            fse_text_add(&text, chunk, (size_t)got);
    }
    *size = text.size;
    *data = text.data ? text.data : fse_xalloc(1, 1);
    return 0;
}

fse_status fse_load_photo(fse_engine *engine, fse_common *common, const char *path,
                          fse_photo **photo, fse_error *error)
{
    if (strcmp(path, "-") != 0)
        return fse_analyse_file(engine, path, &common->analyse, photo, error);
    char *data = NULL;
    size_t size = 0;
    if (fse_read_stdin(common, common->analyse.max_bytes, &data, &size) != 0) {
        *error = (fse_error){.status = fse_interrupted() ? FSE_ECANCELLED : FSE_EIO};
        snprintf(error->message, sizeof error->message, "could not be read");
        snprintf(error->subject, sizeof error->subject, "standard input");
        return error->status;
    }
    const fse_status status =
        fse_analyse_memory(engine, data, size, &common->analyse, photo, error);
    if (status != FSE_OK)
        snprintf(error->subject, sizeof error->subject, "standard input");
    free(data);
    return status;
}

const char *fse_count_text(char *text, size_t size, uint64_t count, const char *one,
                           const char *many)
{
    snprintf(text, size, "%llu %s", (unsigned long long)count, count == 1 ? one : many);
    return text;
}

double fse_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

const char *fse_time_text(char *text, size_t size, int64_t time)
{
    struct tm parts;
    const time_t seconds = (time_t)time;
    if (time == FSE_NO_TIME || !gmtime_r(&seconds, &parts) ||
        strftime(text, size, "%Y-%m-%dT%H:%M:%S", &parts) == 0)
        text[0] = '\0';
    return text;
}
