# SPDX-License-Identifier: Apache-2.0
# With and without an index, at the first time and later: the same, to the byte.
cp ann.jpg photos/new.jpg
cp ann.jpg photos/trip/copy.jpg
ln -s ../bob.jpg photos/trip/link.jpg
echo bad >photos/bad.jpg
head -c 3000 ann.jpg >photos/cut.jpg
same() {
    facesearch --no-index --quiet -t photos "$@" >scan
    facesearch --quiet -t photos "$@" >first
    facesearch --quiet -t photos "$@" >second
    facesearch --quiet -t photos "$@" --no-update >third
    echo "$(grep -c . scan) lines"
    cmp scan first && cmp scan second && cmp scan third
}
same -q ann.jpg --json
ls -A photos | grep -c '^\.facesearch$'
same -q ann.jpg -q three.jpg --face 1 --json
same -q three.jpg --face all --threshold -1 --json
same -q three.jpg --face all --combine mean --threshold -1 --csv
same -q ann.jpg --top 3 --csv
same -q ann.jpg --best-per-photo --exclude-query --json
same -q ann.jpg --since 2022 --until 2022 --csv
same -q ann.jpg --include 'ann/**' --exclude 2.jpg --csv
same -q ann.jpg --exclude trip/ --csv
same -q ann.jpg -t photos/ann --csv
same -q ann.jpg --jobs 3 --threshold -1 --json
rm -r photos/.facesearch
facesearch -q ann.jpg -t photos --no-index --quiet --paths >/dev/null 2>&1
ls -d photos/.facesearch 2>&1 | sed 's/.*: //'
