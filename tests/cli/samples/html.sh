# SPDX-License-Identifier: Apache-2.0
facesearch -q obama.jpg -t photos --html page.html --quiet >/dev/null
grep -c '<article' page.html
grep -o 'about .* strangers' page.html | head -c 6
