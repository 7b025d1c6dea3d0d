/* SPDX-License-Identifier: Apache-2.0 */
#include "api/engine.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/thread.h"
#include "facesearch/models.h"

#define MAX_JOBS 256

void fse_engine_options_init(fse_engine_options *options)
{
    if (options)
        *options = (fse_engine_options){.struct_size = sizeof *options};
}

static fse_status check_options(const fse_engine_options *options, fse_error *error)
{
    if (options->struct_size != sizeof *options)
        return fse_fail(error, FSE_EINVAL, NULL,
                        "fse_engine_options was not filled by fse_engine_options_init()");
    if (options->jobs < 0 || options->jobs > MAX_JOBS)
        return fse_fail(error, FSE_EINVAL, NULL, "jobs must be 0..%d, not %d", MAX_JOBS,
                        options->jobs);
    return FSE_OK;
}

fse_status fse_engine_open(const char *models, const fse_engine_options *options,
                           fse_engine **engine, fse_error *error)
{
    fse_status status;
    fse_engine *made = NULL;
    char *folder = NULL;
    fse_engine_options defaults;
    fse_engine_options_init(&defaults);
    if (!engine)
        FSE_THROW(error, FSE_EINVAL, NULL, "engine is NULL");
    *engine = NULL;
    options = options ? options : &defaults;
    FSE_TRY(check_options(options, error));
    made = fse_alloc(1, sizeof *made);
    if (!made)
        FSE_TRY(fse_fail_memory(error));
    made->backend = fse_net_default();
    made->jobs = options->jobs > 0 ? options->jobs : fse_cpu_count();
    FSE_TRY(fse_pack_find(models, &folder, error));
    FSE_TRY(fse_pack_read(made->backend, folder, &made->pack, error));
    FSE_TRY(fse_analyser_open(made->backend, made->pack, options->precision, made->jobs,
                              &made->analyser, error));
    *engine = made;
    made = NULL;
cleanup:
    free(folder);
    fse_engine_close(&made);
    return status;
}

void fse_engine_close(fse_engine **engine)
{
    if (!engine || !*engine)
        return;
    fse_analyser_close(&(*engine)->analyser);
    fse_pack_free(&(*engine)->pack);
    free(*engine);
    *engine = NULL;
}

fse_engine_info fse_engine_describe(const fse_engine *engine)
{
    if (!engine)
        return (fse_engine_info){.model = NULL};
    const fse_pack *pack = engine->pack;
    return (fse_engine_info){.model = pack->name,
                             .contract = pack->contract,
                             .detector = fse_family_name(pack->family),
                             .runtime = engine->backend->version(),
                             .precision = fse_analyser_precision(engine->analyser),
                             .dim = pack->dim,
                             .jobs = engine->jobs,
                             .calibrated = pack->calibration.count > 0};
}

double fse_engine_threshold(const fse_engine *engine, double fmr)
{
    return engine ? fse_calibration_threshold(&engine->pack->calibration, fmr) : NAN;
}

double fse_engine_fmr(const fse_engine *engine, double threshold)
{
    return engine ? fse_calibration_fmr(&engine->pack->calibration, threshold) : NAN;
}

/* Where one false match in the gallery would ask for less, or the calibration for more than it
 * was measured on. */
#define LARGEST_FMR 1e-3
#define SMALLEST_FMR 1e-5
/* The plan's choice: of the two embedders calibrated here it is the cosine for an FMR below 1e-5. */
#define UNCALIBRATED_THRESHOLD 0.5

double fse_engine_default_threshold(const fse_engine *engine, uint64_t faces, uint64_t probes)
{
    if (!engine || engine->pack->calibration.count == 0)
        return UNCALIBRATED_THRESHOLD;
    const double pairs = (double)faces * (double)probes;
    return fse_engine_threshold(engine, fmin(fmax(1 / fmax(pairs, 1), SMALLEST_FMR), LARGEST_FMR));
}
