# SPDX-License-Identifier: Apache-2.0
# Text and JSON; a second time nothing is new and no model is loaded.
i() { try facesearch index photos "$@" 2>&1 | sed 's/in [0-9.]* s$/in T s/; s/, [0-9]* kB/, N kB/
    s/"\(seconds\|bytes\)": [0-9.e+-]*/"\1": N/g; s/"updated": "[^"]*"/"updated": D/; s#/[^" ]*/photos#../photos#g'; }
i
stat -c '%a %n' photos/.facesearch photos/.facesearch/index.db
i --json
cp ann.jpg photos/new.jpg
mv photos/bob.jpg photos/trip/rob.jpg
echo more >>photos/ann/1.jpg
rm photos/ann/2.jpg
echo bad >photos/bad.jpg
head -c 3000 ann.jpg >photos/cut.jpg
i --json
i
# The model is opened only where a photo needs it.
i -v | grep -c '^model stub: det'
touch photos/trip/view.jpg
i -v | grep -c '^model stub: det'
echo x >>photos/trip/view.jpg
i -v | grep -c '^model stub: det'
