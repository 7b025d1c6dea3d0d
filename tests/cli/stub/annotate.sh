# SPDX-License-Identifier: Apache-2.0
cp photos/bob.jpg photos/bob.png
try facesearch -q ann.jpg -q photos/bob.jpg -t photos --annotate out --quiet >/dev/null
find out -type f | sort
facesearch faces out/trip/group.jpg | head -n 1
stat -c %a out/trip/group.jpg
cmp -s out/bob.jpg photos/bob.jpg || echo drawn
