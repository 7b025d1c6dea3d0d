#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh PROGRAM: run one of the accuracy programs on the packs at hand, the default one first.
set -eu
program=$1
set -- faceplugin
for pack in insightface-lite yunet-lite; do
    if [ -d "${FACESEARCH_SHARED:-}/models/$pack" ]; then
        set -- "$@" "$FACESEARCH_SHARED/models/$pack"
    fi
done
exec "$program" "$@"
