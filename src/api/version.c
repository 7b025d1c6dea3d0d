/* SPDX-License-Identifier: Apache-2.0 */
#include "facesearch/version.h"

const char *fse_version(void)
{
    return FSE_VERSION;
}
