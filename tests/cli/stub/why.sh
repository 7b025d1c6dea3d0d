# SPDX-License-Identifier: Apache-2.0
# Every answer.
w() { try facesearch why photos "$@" -q ann.jpg --threshold 0.5 2>&1 | grep -v '^ann.jpg: 1 face'; }
w photos/bob.jpg # there is no index yet
echo bad >photos/bad.jpg
"$CLI_PHOTOS" photo photos/small.jpg 640 480 1 60 60 30 0
facesearch index photos --quiet >/dev/null
cp ann.jpg photos/new.jpg
w photos/ann/1.jpg
w ann/1.jpg
w "$PWD/photos/ann/1.jpg" | sed "s|$PWD|..|"
w photos/bob.jpg
w photos/trip/view.jpg
w photos/bad.jpg
w photos/new.jpg
w photos/none.jpg
w photos/notes.txt
w ann.jpg 2>&1 | sed "s|$PWD|..|"
w photos/ann/1.jpg --min-face 120
w photos/ann/1.jpg --since 2024
facesearch forget photos --photo photos/ann/2.jpg --yes --quiet
w photos/ann/2.jpg
w photos/ann/1.jpg --json
w photos/bad.jpg --json
try facesearch why photos photos/bob.jpg
try facesearch why photos -q ann.jpg
