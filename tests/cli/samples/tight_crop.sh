# SPDX-License-Identifier: Apache-2.0
# A query that is hardly more than a face.
facesearch faces obama.jpg --annotate out --quiet >/dev/null
ls out
try facesearch -q photos/obama_partial_face.jpg -t photos --paths --quiet | sort | head -n 1
