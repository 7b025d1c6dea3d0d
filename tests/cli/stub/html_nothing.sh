# SPDX-License-Identifier: Apache-2.0
try facesearch -q dee.jpg -t photos --html page.html --quiet
grep -c 'no match\|0 matches' page.html
