# SPDX-License-Identifier: Apache-2.0
# A link in the output folder leads nowhere else.
mkdir out elsewhere
ln -s ../elsewhere out/ann
ln -s ../elsewhere/1.jpg out/bob.jpg
try facesearch -q ann.jpg -q photos/bob.jpg -t photos --copy out --quiet >/dev/null
ls elsewhere
ls out
