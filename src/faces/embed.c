/* SPDX-License-Identifier: Apache-2.0 */
#include "faces/embed.h"

#include <math.h>

#include "base/half.h"

bool fse_canonical(float *vector, int dim, float *norm)
{
    double square = 0;
    for (int i = 0; i < dim; i++)
        square += (double)vector[i] * (double)vector[i];
    const double length = sqrt(square);
    *norm = (float)length;
    if (!isfinite(length) || length < 1e-6)
        return false;
    for (int i = 0; i < dim; i++)
        vector[i] = fse_half_to_float(fse_half_from_float((float)((double)vector[i] / length)));
    return true;
}

fse_status fse_embed(const fse_net_backend *backend, fse_net *net, const fse_image *crop, int dim,
                     float *embedding, float *norm, fse_error *error)
{
    fse_net_result result = {.output_count = 0};
    fse_status status;
    FSE_TRY(backend->run(net, crop->pixels, 1, crop->height, crop->width, &result, error));
    const fse_net_output *out = &result.outputs[0];
    if (out->rows * out->columns != (size_t)dim)
        FSE_THROW(error, FSE_EMODEL, NULL, "the embedder gave %zu numbers instead of %d",
                  out->rows * out->columns, dim);
    for (int i = 0; i < dim; i++)
        embedding[i] = out->data[i];
    if (!fse_canonical(embedding, dim, norm))
        status = fse_fail(error, FSE_EFACE, NULL, "the embedder's answer has no direction");
cleanup:
    backend->release(net, &result);
    return status;
}
