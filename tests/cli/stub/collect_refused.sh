# SPDX-License-Identifier: Apache-2.0
mkdir elsewhere
ln -s photos link
ln -s missing broken
s() { try facesearch -q ann.jpg -t photos "$@"; }
s --copy photos
s --copy photos/new
s --copy ./photos/../photos/new/deep
s --link link/new
s --annotate "$PWD/photos" 2>&1 | sed "s|$PWD|..|" >&2
s --copy elsewhere/../photos/x
s --copy broken
s --copy ann.jpg
try facesearch -q ann.jpg -t link --copy photos/new
try facesearch -q ann.jpg -t . --html page.html --copy out
ls photos
