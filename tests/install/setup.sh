#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# scripts/setup: that it does nothing twice, and what it makes of broken and wrong downloads. pip and
# npm are stand-ins, so this needs no network.
set -u

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
tree=$scratch/tree
failed=0

try() {
    what=$1
    shift
    if "$@"; then
        echo "ok - $what"
    else
        sed 's/^/    /' "$scratch/log"
        echo "not ok - $what"
        failed=1
    fi
}

# A checkout with nothing but the script.
mkdir -p "$tree/scripts" "$tree/packs" "$scratch/bin"
cp "$FACESEARCH_SOURCE/scripts/setup" "$tree/scripts/"
echo '{}' >"$tree/packs/faceplugin.json"

# What the stand-ins bring: a wheel, and a source archive, that hold just what set-up takes.
(
    cd "$scratch" || exit 1
    mkdir -p wheel/openvino/cmake wheel/openvino/include wheel/openvino/libs \
        wheel/openvino-1.dist-info/licenses source/face_recognition-1/tests/test_images \
        npm/package/model
    echo x >wheel/openvino/cmake/OpenVINOConfig.cmake
    echo x >wheel/openvino-1.dist-info/licenses/LICENSE
    echo x >source/face_recognition-1/tests/test_images/obama.jpg
    for name in detect landmark feature; do echo x >npm/package/model/fr_$name.onnx; done
    echo x >npm/package/LICENSE
    (cd wheel && cmake -E tar cf ../openvino.whl --format=zip openvino openvino-1.dist-info)
    (cd source && cmake -E tar czf ../face_recognition.tar.gz face_recognition-1)
    (cd npm && cmake -E tar czf ../models.tgz package)
)
digest() { sha256sum "$1" | cut -d' ' -f1; }

# $1: name; standard input: the script
stand_in() {
    { echo '#!/bin/sh' && cat; } >"$scratch/bin/$1"
    chmod +x "$scratch/bin/$1"
}

# Where set-up would ask for the system's OpenVINO there is none; else CMake is CMake.
real_cmake=$(command -v cmake)
stand_in cmake <<EOS
[ "\$1" = -E ] && exec "$real_cmake" "\$@"
exit 1
EOS
# "python3 -m pip" is tried first.
stand_in python3 <<EOS
[ "\$3" = --version ] && exit 0
echo pip >>"$scratch/calls"
while [ "\$1" != --dest ]; do shift; done
case \$* in
*openvino* | *only-binary*) cp "$scratch/openvino.whl" "\$2/" ;;
*) cp "$scratch/face_recognition.tar.gz" "\$2/" ;;
esac
EOS
stand_in npm <<EOS
echo npm >>"$scratch/calls"
[ ! -e "$scratch/npm-fails" ] || { echo half >"\$4/x.tgz" && exit 1; }
cp "$scratch/models.tgz" "\$4/x.tgz"
EOS

run() {
    : >"$scratch/calls"
    PATH="$scratch/bin:$PATH" HOME="$scratch/home" "$tree/scripts/setup" "$@" >"$scratch/log" 2>&1
}
mkdir "$scratch/home"

# ---- The archive is not the one that the script pins: that of the real package

wrong_digest_is_refused() {
    run && return 1
    grep -q 'expected the SHA-256' "$scratch/log" && [ ! -e "$tree/build/models/faceplugin" ]
}

# ---- With the stand-ins' own digests pinned, all goes well

pin_stand_ins() {
    sed -e "s/^models_sha256=.*/models_sha256=$(digest "$scratch/models.tgz")/" \
        -e "s/\(fr_[a-z]*\.onnx\) [0-9a-f]*/\1 $(digest "$scratch/npm/package/LICENSE")/" \
        "$FACESEARCH_SOURCE/scripts/setup" >"$tree/scripts/setup"
}

broken_download_leaves_nothing() {
    : >"$scratch/npm-fails"
    run && return 1
    rm "$scratch/npm-fails"
    grep -q 'npm could not download' "$scratch/log" && [ ! -e "$tree/build/models/faceplugin" ] &&
        [ -z "$(ls -d "$tree"/build/setup/tmp.* 2>/dev/null)" ]
}

next_run_completes() {
    run && [ -s "$tree/build/models/faceplugin/fr_feature.onnx" ] &&
        [ -s "$tree/build/models/faceplugin/pack.json" ] &&
        [ -s "$tree/build/samples/obama.jpg" ] &&
        [ -s "$tree/build/setup/openvino/cmake/OpenVINOConfig.cmake" ]
}

keeps_what_is_there() { ! grep -q pip "$scratch/calls"; }

second_run_does_nothing() {
    run && [ ! -s "$scratch/log" ] && [ ! -s "$scratch/calls" ]
}

# Ten runs in less than a second, on any machine that can build this.
second_run_is_quick() {
    before=$(date +%s%N)
    for _ in 1 2 3 4 5 6 7 8 9 10; do run || return 1; done
    elapsed=$((($(date +%s%N) - before) / 10000000))
    echo "$elapsed ms a run" >"$scratch/log"
    [ "$elapsed" -lt 100 ]
}

damaged_model_is_replaced() {
    echo damaged >"$tree/build/models/faceplugin/fr_detect.onnx"
    rm "$tree/build/setup/done"
    run && [ "$(cat "$tree/build/models/faceplugin/fr_detect.onnx")" = x ]
}

new_manifest_is_taken_over() {
    echo '{"new": 1}' >"$tree/packs/faceplugin.json"
    run && cmp -s "$tree/packs/faceplugin.json" "$tree/build/models/faceplugin/pack.json" &&
        [ ! -s "$scratch/calls" ]
}

# A system that is not Debian and lacks things: their names, and the end.
other_system_is_told_what_to_install() {
    mkdir "$scratch/poor"
    for tool in sh uname cat cksum mkdir mktemp rm; do
        ln -s "$(command -v $tool)" "$scratch/poor/$tool"
    done
    rm -rf "$tree/build"
    PATH="$scratch/poor" "$tree/scripts/setup" >"$scratch/log" 2>&1 && return 1
    grep -q 'libvips-dev: decodes photos' "$scratch/log" && grep -q 'no apt-get' "$scratch/log"
}

unknown_option_is_refused() {
    run --nonsense && return 1
    grep -q usage "$scratch/log"
}

try 'an archive with another digest is refused' wrong_digest_is_refused
pin_stand_ins
try 'a broken download leaves nothing behind' broken_download_leaves_nothing
try 'the next run completes the set-up' next_run_completes
try 'a second run does nothing' second_run_does_nothing
try 'a second run takes less than 100 ms' second_run_is_quick
try 'a damaged model is replaced' damaged_model_is_replaced
try 'without getting the rest again' keeps_what_is_there
try 'a new manifest is taken over without a download' new_manifest_is_taken_over
try 'an unknown option is refused' unknown_option_is_refused
try 'another system is told what to install' other_system_is_told_what_to_install

exit $failed
