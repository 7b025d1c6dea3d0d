# SPDX-License-Identifier: Apache-2.0
try facesearch -q nobody.jpg -t photos
try facesearch -q nobody.jpg -q nobody.jpg -t photos
try facesearch -q nobody.jpg -q ann.jpg -t photos --paths --threshold 0.5
