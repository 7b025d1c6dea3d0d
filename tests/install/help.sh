#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The manual page and the completions know every command and every option of `facesearch help`, and
# no others.
set -u

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# $1: what is tried. Standard input: what is wrong.
try() {
    wrong=$(cat)
    if [ -z "$wrong" ]; then
        echo "ok - $1"
    else
        printf '%s\nnot ok - %s\n' "$wrong" "$1"
        : >"$scratch/failed" # a variable would stay in the pipeline's subshell
    fi
}

# The commands that a help text lists; two blanks end a name.
listed() {
    awk '/^Commands:/ { on = 1; next } /^[^ ]/ { on = 0 }
        on && /^  [a-z]/ { sub(/^  /, ""); sub(/  .*/, ""); print }'
}

"$FACESEARCH" help >"$scratch/program"
cp "$scratch/program" "$scratch/help"
listed <"$scratch/program" >"$scratch/commands"
while read -r command; do
    "$FACESEARCH" help "$command" >"$scratch/command" </dev/null || exit 1
    cat "$scratch/command" >>"$scratch/help"
    listed <"$scratch/command" >>"$scratch/subcommands"
done <"$scratch/commands"
if [ -s "$scratch/subcommands" ]; then
    while read -r command; do
        # shellcheck disable=SC2086 # "models pull" is two words
        "$FACESEARCH" help $command >>"$scratch/help" </dev/null || exit 1
    done <"$scratch/subcommands"
fi

# The options that are explained: a line that begins with one.
grep -oE '^  (-.,|   )? *--[a-z-]+' "$scratch/help" | grep -oE -- '--[a-z-]+' | sort -u >"$scratch/options"
[ -s "$scratch/options" ] && [ -s "$scratch/commands" ] || { echo 'not ok - help lists commands and options'; exit 1; }

# $1: what it is called, $2: a file with one option a line
compare() {
    sort -u "$2" | comm -23 "$scratch/options" - | sed 's/^/missing: /' | try "$1 knows every option"
    sort -u "$2" | comm -13 "$scratch/options" - | sed 's/^/there is no option /' |
        try "$1 knows no other option"
}

# $1: what it is called, $2: the file
commands_in() {
    while read -r command; do
        grep -qw -- "$command" "$2" || echo "missing: $command"
    done <"$scratch/commands" | try "$1 knows every command"
}

cd "$FACESEARCH_SOURCE" || exit 1
sed 's/\\-/-/g' man/facesearch.1 | grep -oE -- '--[a-z][a-z-]+' >"$scratch/man"
compare 'the manual' "$scratch/man"
commands_in 'the manual' man/facesearch.1

grep -oE -- '--[a-z][a-z-]+' completions/facesearch.bash >"$scratch/bash"
compare 'completion for bash' "$scratch/bash"
commands_in 'completion for bash' completions/facesearch.bash

grep -oE -- "--[a-z][a-z-]+[]['} ]" completions/_facesearch | tr -d "[]'} " >"$scratch/zsh"
compare 'completion for zsh' "$scratch/zsh"
commands_in 'completion for zsh' completions/_facesearch

grep '^complete ' completions/facesearch.fish | grep -oE -- ' -l [a-z][a-z-]+' | sed 's/ -l /--/' >"$scratch/fish"
compare 'completion for fish' "$scratch/fish"
commands_in 'completion for fish' completions/facesearch.fish

for shell in bash zsh fish; do
    file=completions/facesearch.$shell
    [ -f "$file" ] || file=completions/_facesearch
    if command -v $shell >/dev/null; then
        $shell -n "$file" 2>&1 | try "$shell reads its completion"
    else
        echo "ok - $shell reads its completion # SKIP there is no $shell here"
    fi
done

version=$("$FACESEARCH" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+')
{ grep -q "^\.TH .*facesearch $version" man/facesearch.1 || echo "it is not $version"; } |
    try 'the manual states the version'
if command -v groff >/dev/null; then
    groff -man -ww -Tutf8 man/facesearch.1 2>&1 >/dev/null | try 'the manual is well-formed'
else
    echo 'ok - the manual is well-formed # SKIP there is no groff here'
fi

[ ! -e "$scratch/failed" ]
