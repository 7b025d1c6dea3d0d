# SPDX-License-Identifier: Apache-2.0
# The figures differ from run to run; what they are called and what was measured does not.
digits() { sed 's/: [0-9][0-9.e+-]*\([,}]\)/: N\1/g'; }
try facesearch bench scan --vectors 3000 --dim 96 --queries 3 --threads 2 --json | digits |
    sed 's/"kernel": "[a-z0-9]*"/"kernel": K/'
FACESEARCH_CPU=scalar facesearch bench scan --vectors 70 --dim 5 --threads 1 --quiet |
    sed 's/[0-9.]* ms/N ms/; s/[0-9.]* GB/N GB/g; s/[0-9.]* %/N %/'
try facesearch bench
try facesearch bench scan --dim 1
try facesearch bench scan stray
FACESEARCH_CPU=steam try facesearch bench scan --vectors 10
