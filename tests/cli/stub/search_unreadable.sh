# SPDX-License-Identifier: Apache-2.0
# Root may read everything, so this runs as nobody.
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
chmod 000 photos/bob.jpg
mkdir -m 000 closed
chmod 000 photos/trip
try as facesearch -q ann.jpg -t photos --paths --threshold 0.5
try as facesearch -q ann.jpg -t closed
try as facesearch -q photos/bob.jpg -t photos/ann
