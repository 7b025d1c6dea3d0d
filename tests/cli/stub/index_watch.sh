# SPDX-License-Identifier: Apache-2.0
# What changes is indexed: files, new folders with what is in them, renames, removals. The index may
# lie in the folder: its own files are no change.
wait_for() { # $1: how often the log has to hold $2
    for _ in $(seq 200); do
        [ "$(grep -c "$2" log)" -ge "$1" ] && return
        sleep 0.1
    done
    echo "not $1 times: $2"
    cat log
}
facesearch index photos --watch -v --index photos/my.db >report 2>log &
wait_for 1 'watching'
grep -o 'update.*new' report
cp ann.jpg photos/new.jpg
wait_for 1 '^index: 1 new'
mkdir -p photos/x/y
cp three.jpg photos/x/y/
wait_for 2 '^index: 1 new'
cp dee.jpg photos/x/y/dee.jpg
wait_for 3 '^index: 1 new'
mv photos/x/y photos/y
wait_for 1 '^index: 2 renamed'
rm photos/bob.jpg
touch photos/.hidden
wait_for 1 '^index: 1 removed'
sleep 1.5
lines=$(wc -l <log)
sleep 2.5
[ "$lines" = "$(wc -l <log)" ] || echo "it does not come to rest"
kill -INT %1
wait %1
echo "= $?"
grep 'index: \|watch' log | grep -v 'nothing new\|kept in'
: >reports
facesearch index photos --watch --quiet --json --index photos/my.db >>reports &
until grep -q photos reports; do sleep 0.1; done
sleep 0.3
cp nobody.jpg photos/nobody.jpg
until [ "$(wc -l <reports)" = 2 ]; do sleep 0.1; done
kill -TERM %1
wait %1
echo "= $?"
grep -o '"photos": [0-9]*, "faces": [0-9]*\|"new": [0-9]*' reports | grep -v '"dim"'
