#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs into a scratch prefix, moves it, and uses it as a user and a programmer would, without
# the help of anything in the environment. Prints "ok - .." or "not ok - .." for each thing tried.
set -u

build=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
prefix="$scratch/moved to here"
failed=0

# $1: what is tried; then the command. Its output is shown if it fails.
try() {
    what=$1
    shift
    if "$@" >"$scratch/log" 2>&1; then
        echo "ok - $what"
    else
        sed 's/^/    /' "$scratch/log"
        echo "not ok - $what"
        failed=1
    fi
}

bare() { env -i PATH=/usr/bin:/bin "$@"; }

# ---- The program

install_and_move() {
    cmake --install "$build" --prefix "$scratch/first" && mv "$scratch/first" "$prefix"
}

# Status 0: found; the sample photos show him several times.
finds_someone() {
    cd / && bare "$prefix/bin/facesearch" -q "$FACESEARCH_SAMPLES/obama.jpg" \
        -t "$FACESEARCH_SAMPLES" --paths | grep -q 'obama2\.jpg$'
}

# An OpenVINO that was shipped must be the one that is used, and nothing of the build folder.
loads_from_the_prefix() {
    bare ldd "$prefix/bin/facesearch" >"$scratch/libraries"
    cat "$scratch/libraries"
    ! grep -F "$build" "$scratch/libraries" && ! grep -F "$FACESEARCH_SOURCE" "$scratch/libraries" &&
        ! grep 'not found' "$scratch/libraries"
}

no_path_of_the_build() {
    ! grep -rlF "$FACESEARCH_SOURCE/build" "$prefix/bin" "$prefix/lib/pkgconfig" \
        "$prefix"/lib/libfacesearch.so
}

everything_is_there() {
    for file in bin/facesearch lib/libfacesearch.so lib/libfacesearch.a \
        include/facesearch/facesearch.h lib/pkgconfig/facesearch.pc share/man/man1/facesearch.1 \
        share/bash-completion/completions/facesearch share/zsh/site-functions/_facesearch \
        share/fish/vendor_completions.d/facesearch.fish share/doc/facesearch/LICENSE \
        share/doc/facesearch/THIRD_PARTY.md share/facesearch/models/faceplugin/LICENSE \
        share/facesearch/models/faceplugin/pack.json; do
        [ -s "$prefix/$file" ] || { echo "missing: $file" && return 1; }
    done
    if [ -d "$prefix/lib/facesearch" ]; then
        [ -s "$prefix/share/doc/facesearch/openvino/LICENSE" ]
    fi
}

# ---- The library

export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"

# The words of pkg-config are quoted for a shell. $1: options of pkg-config, $2: the compiler and
# its options, $3: the other arguments, $4: what sed does to the libraries
with_flags() {
    eval "$2 $(pkg-config --cflags facesearch) $3 $(pkg-config $1 --libs facesearch | sed "$4")"
}

# $1: source, $2: program. Both libraries have one name: `-l:` asks for the static one.
shared_program() { with_flags "" "cc -std=c17 -Wall -Wextra -Werror" "'$1' -o '$2'" ""; }

static_program() {
    with_flags --static "cc -std=c17 -Wall -Wextra -Werror" "'$1' -o '$2'" \
        's/-lfacesearch/-l:libfacesearch.a/' &&
        ! readelf -d "$2" | grep 'libfacesearch\.so'
}

# The examples take a query photo and a folder. $1: program
example_runs() {
    cd / && bare LD_LIBRARY_PATH="$prefix/lib" FACESEARCH_MODELS_PATH="$prefix/share/facesearch/models" \
        "$1" "$FACESEARCH_SAMPLES/obama.jpg" "$FACESEARCH_SAMPLES" | tee /dev/stderr |
        grep -q 'obama2\.jpg'
}

# $1: compiler and flags, $2: header
header_compiles() {
    printf '#include <%s>\n' "$2" >"$scratch/header.c"
    $1 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$prefix/include" "$scratch/header.c"
}

# What the library exports is what the headers declare as FSE_API, no more and no less.
exports_the_api() {
    nm -D --defined-only "$prefix/lib/libfacesearch.so" | awk '{ print $3 }' | sort >"$scratch/exported"
    cat "$prefix"/include/facesearch/*.h | tr '\n' ' ' | grep -oE 'FSE_API [^;(]*\(' |
        grep -oE 'fse_[a-z0-9_]+\($' | tr -d '(' | sort -u >"$scratch/declared"
    [ -s "$scratch/declared" ] && diff "$scratch/declared" "$scratch/exported"
}

archive_has_fse_names_only() {
    nm -g --defined-only "$prefix/lib/libfacesearch.a" 2>/dev/null |
        awk 'NF == 3 { all++ } NF == 3 && $3 !~ /^fse_/ { print "not ours:", $3; bad = 1 }
            END { exit bad || !all }'
}

# ---- All of it

try 'installs into a prefix, which is moved' install_and_move
try 'all files are there' everything_is_there
try 'names no path of the build' no_path_of_the_build
try 'loads its libraries from the prefix' loads_from_the_prefix
try 'finds someone, with an empty environment' finds_someone
try 'says its version' bare "$prefix/bin/facesearch" --version

try 'the shared library exports what the headers declare' exports_the_api
try 'the static library has fse_ names only' archive_has_fse_names_only
for header in "$prefix"/include/facesearch/*.h; do
    name=facesearch/${header##*/}
    try "$name compiles alone as C17" header_compiles 'cc -std=c17' "$name"
    try "$name compiles alone as C++17" header_compiles 'c++ -std=c++17 -x c++' "$name"
done
for example in "$FACESEARCH_SOURCE"/examples/*.c; do
    name=${example##*/}
    try "$name builds against the shared library" shared_program "$example" "$scratch/shared"
    try "$name runs with it" example_runs "$scratch/shared"
    try "$name builds against the static library" static_program "$example" "$scratch/static"
    try "$name runs with it" example_runs "$scratch/static"
done

exit $failed
