# SPDX-License-Identifier: Apache-2.0
# A precision that is asked for is had, also of an index that was made with another.
facesearch index --quiet photos >index.txt
facesearch -q obama.jpg -t photos --precision f32 --quiet --json >indexed.json
facesearch -q obama.jpg -t photos --precision f32 --quiet --json --no-index >scanned.json
cmp indexed.json scanned.json && echo same
