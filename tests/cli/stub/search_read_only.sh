# SPDX-License-Identifier: Apache-2.0
# Where nothing can be written, an index that is there is used as it is.
[ "$(id -u)" != 0 ] || command -v setpriv >/dev/null || skip "setpriv is not installed"
as() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all "$@"
    else
        "$@"
    fi
}
chmod 755 . photos
as cat "$FACESEARCH" >/dev/null 2>&1 && as test -x "$PWD" || skip "another user cannot reach the program"
s() { try as facesearch -q ann.jpg -t photos --threshold 0.5 --paths "$@" 2>&1 | sed 's/ in [0-9.]* s$//'; }
facesearch index photos --quiet >/dev/null
cp ann.jpg photos/new.jpg
chmod 755 photos/.facesearch
chmod 444 photos/.facesearch/*
chmod 555 photos/.facesearch photos
s
s --no-update
try as facesearch index photos 2>&1 | sed "s|$PWD|..|"
try as facesearch status photos --json | grep -c '"photos": 5'
# Nobody can read that one, and it may not be his business: without it.
chmod 000 photos/.facesearch/index.db
s 2>&1 | sed "s|[^ ]*/photos/.f|../photos/.f|"
# The user's data folder, where the folder cannot be written.
chmod 755 photos photos/.facesearch
rm -r photos/.facesearch
chmod 555 photos
mkdir data
chmod 777 data
export XDG_DATA_HOME=$PWD/data
s | sed "s|$PWD|..|; s|indexes/[0-9a-f]*/|indexes/X/|"
s
