# SPDX-License-Identifier: Apache-2.0
mkdir "photos/<img src=x onerror=alert(1)>"
cp ann.jpg "photos/<img src=x onerror=alert(1)>/\"'&.jpg"
try facesearch -q ann.jpg -q nobody.jpg -t photos --html page.html --quiet
stat -c %a page.html
ls
grep -c '<article' page.html
grep -o '<li data-score="[0-9.]*"' page.html
grep -o '<rect [^>]*>' page.html | head -n 1
grep -c 'data:image/jpeg;base64,/9j/' page.html
grep -o 'Enlarge[^>]*>' page.html | head -n 1
echo "unfilled: $(grep -c '{{' page.html), from elsewhere: $(grep -cE '(src|href)="?http|url\(' page.html)"
grep -c '<img src=x' page.html
# It replaces an older one, as a whole.
echo old >page.html
facesearch -q ann.jpg -t photos --html page.html --quiet >/dev/null
head -n 1 page.html
