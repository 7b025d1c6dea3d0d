# SPDX-License-Identifier: Apache-2.0
# A folder that lost most of its photos may be a disk that is not there.
mkdir away
facesearch index photos --quiet >/dev/null
mv photos/ann photos/trip photos/bob.jpg away
try facesearch index photos | grep update | sed 's/in .*/in T s/'
try facesearch -q ann.jpg -t photos --paths --threshold 0.5 2>&1 | grep -v searched
mv away/* photos
try facesearch index photos | grep update | sed 's/in .*/in T s/'
mv photos/ann photos/trip photos/bob.jpg away
try facesearch index photos --prune | grep 'update\|model' | sed 's/in .*/in T s/'
