# SPDX-License-Identifier: Apache-2.0
mkdir -p a/photos b/photos
cp photos/ann/1.jpg a/photos/x.jpg
cp photos/ann/2.jpg b/photos/x.jpg
facesearch -q ann.jpg -t a/photos/ -t b/photos --copy new/out --quiet >/dev/null
find new -type f | sort
