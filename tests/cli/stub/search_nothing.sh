# SPDX-License-Identifier: Apache-2.0
mkdir none others
echo text >others/a.txt
try facesearch -q dee.jpg -t photos
try facesearch -q ann.jpg -t none
try facesearch -q ann.jpg -t others -t none
try facesearch -q ann.jpg -t none --json --quiet
try facesearch -q ann.jpg -t none --csv --quiet
