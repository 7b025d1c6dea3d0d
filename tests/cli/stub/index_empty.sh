# SPDX-License-Identifier: Apache-2.0
# A folder without photos; no folder; a file.
mkdir none
try facesearch index none --json | sed 's/, "seconds.*//'
try facesearch index missing
try facesearch index ann.jpg
try facesearch index
try facesearch index photos none
