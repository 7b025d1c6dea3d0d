# SPDX-License-Identifier: Apache-2.0
# A photo, a face, a folder, a model, everything. What is forgotten is not found, and does not return.
"$CLI_PHOTOS" pack packs/two yunet 64 0
found() { facesearch -q ann.jpg -t photos --quiet --csv --threshold 0.5 | cut -d, -f1,2 | sed 1d; }
f() { try facesearch forget photos "$@" 2>&1; }
facesearch index photos --quiet >/dev/null
f --photo photos/ann/1.jpg </dev/null
f --photo photos/ann/1.jpg --yes
f --photo photos/ann/1.jpg --yes
f --face photos/trip/group.jpg:0 --yes
f --face photos/trip/group.jpg:9 --yes
f --face photos/trip/group.jpg --yes
found
cp photos/trip/group.jpg photos/copy.jpg
found
f --folder photos/ann --yes
f --folder photos/none --yes
found
touch photos/ann/1.jpg
echo x >>photos/ann/1.jpg
found
facesearch index photos --models packs/two --quiet >/dev/null
facesearch -q ann.jpg -t photos --quiet --csv --no-update --threshold 0.5 --models packs/two | cut -d, -f1,2 | sed 1d
f --model two --yes
f --model two --yes
f --model none --yes
found
f --everything --yes
facesearch -q ann.jpg -t photos --quiet --csv --no-update --threshold 0.5
f
f --everything --photo photos/bob.jpg --yes
facesearch forget elsewhere --everything --yes
