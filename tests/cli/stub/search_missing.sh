# SPDX-License-Identifier: Apache-2.0
try facesearch -q missing.jpg -t photos
try facesearch -q ann.jpg -t missing
try facesearch -q ann.jpg -q missing.jpg -t photos
try facesearch -q photos -t photos
try facesearch -q ann.jpg -t ann.jpg
try facesearch -q '' -t photos
