# SPDX-License-Identifier: Apache-2.0
# Where an index is: in the folder, above it, in a file of the user's choice.
s() { try facesearch -q ann.jpg --threshold 0.5 --paths "$@" 2>&1 | sed "s/ in [0-9.]* s\$//; s|$PWD|..|g"; }
s -t photos/ann
rm -r photos/ann/.facesearch
s -t photos
s -t photos/ann
ls -d photos/ann/.facesearch 2>&1 | sed 's/.*: //'
s -t ./photos/ --no-update
rm -r photos/.facesearch
s -t photos --index my.db
s -t photos/ann --index my.db
FACESEARCH_INDEX=my.db s -t photos
FACESEARCH_INDEX='' s -t photos --no-index
ls -d photos/.facesearch 2>&1 | sed 's/.*: //'
mkdir other
s -t other --index my.db 2>&1 | sed "s|$PWD|..|g"
s -t photos --index ann.jpg 2>&1 | sed "s|$PWD|..|g"
s -t photos --index /proc/none/my.db
s -t photos --no-update
s -t photos --no-index --no-update
s -t photos --no-index --index my.db
# Two folders, each with its own.
s -t photos/ann -t photos/trip
s -t photos/ann -t photos/trip
