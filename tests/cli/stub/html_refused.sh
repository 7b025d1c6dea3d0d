# SPDX-License-Identifier: Apache-2.0
mkdir folder
try facesearch -q ann.jpg -t photos --html missing/page.html
try facesearch -q ann.jpg -t photos --html folder
try facesearch -q ann.jpg -t photos --html folder/
mkfifo fifo
try facesearch -q ann.jpg -t photos --html fifo
try facesearch -q ann.jpg -t photos --html ''
