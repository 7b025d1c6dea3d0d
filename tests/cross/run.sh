#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The tests of the search's kernels on CPUs that this machine is not: 64-bit Arm with and without
# the dot product, x86 without AVX and with AVX2 only. Cross-compiled, and run by qemu-user.
set -u
cd "${FACESEARCH_SOURCE:-$(dirname "$0")/../..}" || exit 1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0

sources='src/search/similarity.c src/search/kernel.c src/search/kernel_avx2.c
    src/search/kernel_avx512.c src/search/kernel_neon.c src/search/codes.c src/search/scan.c
    src/search/refine.c src/search/candidates.c src/base/cpu.c src/base/error.c src/base/alloc.c
    src/base/half.c src/base/thread.c'

# $1: compiler, $2: emulator, $3: CPU, $4: the best kernel that must be tested there, then the tests
try() {
    if ! command -v "$1" >/dev/null || ! command -v "$2" >/dev/null; then
        echo "ok - kernels on $3 # SKIP no $1 or no $2 (Debian: gcc-aarch64-linux-gnu, qemu-user)"
        return
    fi
    compiler=$1 emulator=$2 cpu=$3 best=$4
    shift 4
    for test; do
        # shellcheck disable=SC2086 # a list of files
        "$compiler" -std=c17 -O2 -static -D_GNU_SOURCE -ffp-contract=off -DFSE_TEST_QUICK -Itests/cross \
            -Itests -Isrc -Iinclude -o "$scratch/$test" "tests/unit/test_$test.c" $sources -lm \
            -lpthread || { echo "not ok - $test on $cpu: does not compile"; failed=1; continue; }
        if "$emulator" -cpu "$cpu" "$scratch/$test" >"$scratch/out" 2>&1 &&
            [ "$(grep '^kernel' "$scratch/out" | tail -n 1)" = "kernel $best" ]; then
            echo "ok - $test on $cpu: kernels up to $best"
        else
            tail -n 20 "$scratch/out"
            echo "not ok - $test on $cpu"
            failed=1
        fi
    done
}

try aarch64-linux-gnu-gcc qemu-aarch64 max neon kernels search_scan
try aarch64-linux-gnu-gcc qemu-aarch64 cortex-a53 scalar kernels
if [ "$(uname -m)" = x86_64 ]; then
    try "${CC:-cc}" qemu-x86_64 Westmere scalar kernels
    try "${CC:-cc}" qemu-x86_64 Haswell avx2 kernels
fi
exit $failed
