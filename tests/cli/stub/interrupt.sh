# SPDX-License-Identifier: Apache-2.0
# The pack takes 300 ms a photo.
"$CLI_PHOTOS" pack packs/slow scrfd 128 300
for i in 1 2 3 4 5 6 7 8 9; do 
    cp ann.jpg photos/$i.jpg
    cp three.jpg photos/t$i.jpg
    echo $i | tee -a photos/$i.jpg >>photos/t$i.jpg # no copies of each other
done
for signal in INT TERM; do
    facesearch -q ann.jpg -t photos --models packs/slow --jobs 1 --paths --html page.html &
    sleep 2
    kill -$signal $!
    wait $!
    echo "= $?"
    ls page.html* 2>/dev/null
done
facesearch faces --models packs/slow --jobs 1 --quiet photos/*.jpg >faces.txt &
sleep 1
kill -TERM $!
wait $!
echo "= $?"
[ "$(grep -c jpg faces.txt)" -lt 10 ] && echo stopped early
