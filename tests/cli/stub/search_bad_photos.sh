# SPDX-License-Identifier: Apache-2.0
# None of these stops the others, and each is named with what is wrong.
mkdir bad
cp ann.jpg bad/good.jpg
: >bad/empty.jpg
cp photos/notes.txt bad/text.jpg
head -c 3000 ann.jpg >bad/cut.jpg
"$CLI_PHOTOS" huge bad/huge.jpg
mkfifo bad/fifo.jpg
ln -s loop.jpg bad/loop.jpg
ln -s missing.jpg bad/broken.jpg
ln -s . bad/self
ln -s /dev/zero bad/zero.jpg
cp ann.jpg bad/named.txt
try facesearch -q ann.jpg -t bad --threshold 0.5
try facesearch -q ann.jpg -t bad --threshold 0.5 -v --paths
try facesearch -q ann.jpg -t bad --threshold 0.5 --json --quiet
