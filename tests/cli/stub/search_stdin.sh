# SPDX-License-Identifier: Apache-2.0
facesearch -q - -t photos --quiet --json <ann.jpg | head -n 1
try facesearch -q - -t photos </dev/null
echo text | try facesearch -q - -t photos
try facesearch -q - -q - -t photos
