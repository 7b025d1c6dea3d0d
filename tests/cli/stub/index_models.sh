# SPDX-License-Identifier: Apache-2.0
# Another pack: how many photos that are is said first, and the index keeps both.
"$CLI_PHOTOS" pack packs/two yunet 64 0
short() { grep -o '^{"photos": [0-9]*, "faces": [0-9]*\|"\(model\|min_face\|detect_size\)": [^,]*'; }
facesearch index photos --json --quiet | short
facesearch index photos --models packs/two --json | short
facesearch index photos --min-face 20 --json | short
facesearch index photos --min-face 40 --json | short
facesearch index photos --detect-size 320 --json | short
# Searching under a pack that the index does not have.
echo >>photos/bob.jpg
"$CLI_PHOTOS" pack packs/three scrfd 64 0
try facesearch -q ann.jpg -t photos --models packs/three --no-update --paths --threshold 0.5
try facesearch -q ann.jpg -t photos --models packs/three --paths --threshold 0.5 2>&1 | grep -v searched
