#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# Tests of the command line. A test is a shell script NAME.sh in a suite's folder, and beside it what
# it should do:
#
#   NAME.stdout.exact   its standard output, to the byte
#   NAME.stdout.glob    its standard output, each line a pattern of the shell; a line "..." stands
#                       for any number of lines
#   NAME.stdout.ignore  it may print anything
#                       none of these: it prints nothing. The same for stderr.
#   NAME.exit           its exit status; without this file 0. 77: skipped
#
# It runs in a folder of its own, a copy of what the suite's `setup` made, where `facesearch` is the
# program under test, after cli/env, which has what tests share.
#
#   tests/cli/run.sh [--refresh] [--exec-prefix COMMAND] SUITE [NAME...]
#
#   --refresh        write what the tests print now into their .exact and .exit files: look at the
#                    difference before you commit it
#   --exec-prefix    run the program by this command, such as "valgrind -q --error-exitcode=99"
#
# In the environment: FACESEARCH (the program), CLI_PHOTOS (the program made of photos.c).
set -u
shopt -s nullglob
export LC_ALL=C.UTF-8 LANGUAGE= NO_COLOR=
unset NO_COLOR COLUMNS FACESEARCH_MODELS FACESEARCH_INDEX CDPATH
here=$(cd "${0%/*}" && pwd) || exit 1
refresh= prefix=
while [ $# -gt 0 ]; do
    case $1 in
    --refresh) refresh=yes ;;
    --exec-prefix) prefix=$2 && shift ;;
    *) break ;;
    esac
    shift
done
[ $# -ge 1 ] || { echo "usage: run.sh [--refresh] [--exec-prefix COMMAND] SUITE [NAME...]" >&2; exit 2; }
suite=$1 && shift
FACESEARCH=$(realpath "$FACESEARCH") || exit 1
[ -z "${CLI_PHOTOS-}" ] || CLI_PHOTOS=$(realpath "$CLI_PHOTOS") || exit 1
export FACESEARCH CLI_PHOTOS

work=$(mktemp -d) || exit 1
# shellcheck disable=SC2064
trap "chmod -R u+rwX '$work'; rm -rf '$work'" EXIT
chmod 755 "$work"
mkdir "$work/bin" "$work/setup" "$work/home"
printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$prefix" "$FACESEARCH" >"$work/bin/facesearch"
chmod +x "$work/bin/facesearch"
export PATH="$work/bin:$PATH" HOME="$work/home"
unset XDG_DATA_HOME

if ! (cd "$work/setup" && bash -eu "$here/$suite/setup") >"$work/log" 2>&1; then
    if [ "$(tail -n 1 "$work/log")" = skip ]; then
        echo "skipped: $suite: $(head -n 1 "$work/log")"
        exit 77
    fi
    cat "$work/log"
    echo "not ok - $suite: setup"
    exit 1
fi

# Standard input against the patterns in $1.
matches_glob() {
    local -a patterns lines
    mapfile -t patterns <"$1"
    mapfile -t lines <"$2"
    match_from 0 0
}

match_from() {
    local p=$1 l=$2
    while [ "$p" -lt ${#patterns[@]} ]; do
        if [ "${patterns[p]}" = ... ]; then
            for ((; l <= ${#lines[@]}; l++)); do
                match_from $((p + 1)) "$l" && return 0
            done
            return 1
        fi
        # shellcheck disable=SC2053
        [ "$l" -lt ${#lines[@]} ] && [[ ${lines[l]} == ${patterns[p]} ]] || return 1
        p=$((p + 1)) l=$((l + 1))
    done
    [ "$l" -eq ${#lines[@]} ]
}

# $1: test without .sh, $2: stdout or stderr, $3: what it printed.
check_stream() {
    if [ -e "$1.$2.ignore" ]; then
        return 0
    elif [ -e "$1.$2.glob" ]; then
        matches_glob "$1.$2.glob" "$3" && return 0
        echo "# $2 does not match $1.$2.glob:"
        diff "$1.$2.glob" "$3"
        return 1
    fi
    if [ -n "$refresh" ]; then
        rm -f "$1.$2.exact"
        [ ! -s "$3" ] || cp "$3" "$1.$2.exact"
        return 0
    fi
    local expected=$1.$2.exact
    [ -e "$expected" ] || expected=/dev/null
    cmp -s "$expected" "$3" && return 0
    echo "# $2:"
    diff -a "$expected" "$3"
    return 1
}

check_exit() {
    local expected=0
    if [ -n "$refresh" ]; then
        rm -f "$1.exit"
        [ "$2" = 0 ] || echo "$2" >"$1.exit"
        return 0
    fi
    [ ! -e "$1.exit" ] || expected=$(cat "$1.exit")
    [ "$expected" = "$2" ] && return 0
    echo "# exit status $2, expected $expected"
    return 1
}

failed=0 passed=0 skipped=0
run_test() {
    local test=${1%.sh} name=$suite/$(basename "${1%.sh}") status bad=
    cp -a "$work/setup" "$work/scratch"
    (cd "$work/scratch" && BASH_ENV=$here/env bash -u "$1") >"$work/stdout" 2>"$work/stderr" </dev/null
    status=$?
    chmod -R u+rwX "$work/scratch"
    rm -rf "$work/scratch"
    if [ $status = 77 ]; then
        echo "skipped: $name: $(head -n 1 "$work/stderr")"
        skipped=$((skipped + 1))
        return
    fi
    check_stream "$test" stdout "$work/stdout" || bad=yes
    check_stream "$test" stderr "$work/stderr" || bad=yes
    check_exit "$test" $status || bad=yes
    if [ -z "$bad" ]; then
        passed=$((passed + 1))
        echo "ok - $name"
    else
        failed=$((failed + 1))
        echo "not ok - $name"
    fi
}

if [ $# -gt 0 ]; then
    for name; do run_test "$here/$suite/$name.sh"; done
else
    for test in "$here/$suite"/*.sh; do run_test "$test"; done
fi
echo "# $suite: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
