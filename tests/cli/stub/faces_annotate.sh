# SPDX-License-Identifier: Apache-2.0
try facesearch faces three.jpg photos/bob.jpg --annotate out --quiet >/dev/null
ls out
facesearch faces out/three.jpg | head -n 1
cmp -s out/three.jpg three.jpg || echo drawn
