# SPDX-License-Identifier: Apache-2.0
try facesearch -q ann.jpg -t photos --copy out --quiet >/dev/null
find out | sort
cmp out/ann/1.jpg photos/ann/1.jpg
stat -c '%a %n' out
[ out/ann/1.jpg -nt photos/ann/1.jpg ] && echo newer
# Again: nothing new. A file that was there is kept, and the new one gets a number.
echo mine >out/ann/1.jpg
try facesearch -q ann.jpg -t photos --copy out --quiet >/dev/null
try facesearch -q ann.jpg -t photos --copy out --quiet >/dev/null
find out -type f | sort
cat out/ann/1.jpg
