# SPDX-License-Identifier: Apache-2.0
: >empty.jpg
cp photos/notes.txt text.jpg
head -c 400 ann.jpg >cut.jpg
"$CLI_PHOTOS" huge huge.jpg
mkfifo fifo.jpg
ln -s loop.jpg loop.jpg
for query in empty.jpg text.jpg cut.jpg huge.jpg fifo.jpg loop.jpg /dev/null /dev/zero; do
    try facesearch -q $query -t photos
done
try facesearch -q text.jpg -q ann.jpg -t photos --paths --threshold 0.5 --top 1
