# SPDX-License-Identifier: Apache-2.0
# What the index holds; nothing is looked at.
clean() { sed 's/, [0-9]* kB/, N kB/; s/20..-..-..T..:..:..\( UTC\)*/D/; s/"bytes": [0-9]*/"bytes": N/; s#/[^" ]*/photos#../photos#g'; }
try facesearch status photos
try facesearch status missing
facesearch index photos --quiet >/dev/null
echo bad >photos/bad.jpg
try facesearch status photos | clean
facesearch index photos --quiet >/dev/null
head -c 3000 ann.jpg >photos/cut.jpg
facesearch index photos --quiet >/dev/null
rm packs/stub/det.onnx # no model is needed
try facesearch status photos | clean
try facesearch status photos --json | clean
try facesearch status photos/trip | clean
