# SPDX-License-Identifier: Apache-2.0
# What is done is kept, and said; the next run goes on from there.
"$CLI_PHOTOS" pack packs/slow scrfd 128 100
mkdir many
for i in $(seq 1 24); do
    cp ann.jpg many/$i.jpg
    echo $i >>many/$i.jpg
done
for signal in INT TERM; do
    facesearch index many --models packs/slow --jobs 1 &
    sleep 0.8
    kill -$signal $!
    wait $!
    echo "= $?"
done
facesearch status many --json | grep -c '"photos": [1-9]'
try facesearch index many --models packs/slow --json | grep -o '"photos": 24, "faces": 24\|"new": [0-9]*' | sed 's/"new": 1*[0-9]$/"new": fewer/'
