# SPDX-License-Identifier: Apache-2.0
# Which face of a query with several.
try facesearch -q three.jpg -t photos --paths --threshold 0.5
try facesearch -q three.jpg -t photos --paths --threshold 0.5 --face all
try facesearch -q three.jpg -t photos --paths --threshold 0.5 --face 2
try facesearch -q three.jpg -t photos --paths --threshold 0.5 --face 3
try facesearch -q three.jpg -t photos --paths --threshold 0.5 --face largest
