# SPDX-License-Identifier: Apache-2.0
: >empty.jpg
cp photos/notes.txt text.jpg
head -c 3000 ann.jpg >cut.jpg
"$CLI_PHOTOS" huge huge.jpg
mkfifo fifo.jpg
try facesearch faces --json empty.jpg text.jpg cut.jpg huge.jpg fifo.jpg photos missing.jpg /dev/null three.jpg
try facesearch faces missing.jpg
try facesearch faces nobody.jpg
try facesearch faces cut.jpg three.jpg
