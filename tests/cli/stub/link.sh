# SPDX-License-Identifier: Apache-2.0
try facesearch -q ann.jpg -t photos --link out --quiet >/dev/null
try facesearch -q ann.jpg -t photos --link out --quiet >/dev/null
find out -type l | sort
cmp out/trip/group.jpg photos/trip/group.jpg
readlink out/ann/1.jpg | sed "s|$PWD|.|"
