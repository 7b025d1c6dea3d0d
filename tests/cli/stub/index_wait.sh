# SPDX-License-Identifier: Apache-2.0
# Two at once: the second waits and says for whom, or gives up; a search never waits.
"$CLI_PHOTOS" pack packs/slow scrfd 128 150
mkdir many
for i in $(seq 1 12); do
    cp ann.jpg many/$i.jpg
    echo $i >>many/$i.jpg
done
facesearch index many --models packs/slow --jobs 1 --quiet --json >first.json &
until facesearch status many --json 2>/dev/null | grep -q '"updating": true'; do sleep 0.05; done
process='s/by process [0-9]* on [^ ]* since [-0-9]* [0-9:]*[0-9]/by process P/'
try facesearch index many --models packs/slow --no-wait 2>&1 | sed "$process"
try facesearch -q ann.jpg -t many --models packs/slow --json --quiet | grep -c '"searched"'
facesearch -q ann.jpg -t many --models packs/slow --paths 2>&1 >/dev/null | grep running | sed "$process"
try facesearch forget many --everything --yes 2>&1 | sed "$process"
try facesearch index many --models packs/slow --json 2>&1 | sed "$process" | grep -o 'the index is.*\|"photos": [0-9]*\|"new": [0-9]*'
wait
grep -o '"photos": [0-9]*, "faces": [0-9]*\|"new": [0-9]*' first.json | head -2
