# SPDX-License-Identifier: Apache-2.0
# Completion of facesearch for bash.

_facesearch_packs() {
    facesearch models list --json 2>/dev/null | grep -o '"name": *"[^"]*"' | cut -d'"' -f4
}

_facesearch() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local commands='search index faces compare status why forget models bench help'
    local look='--models --detect-size --precision --jobs'
    local talk='--quiet --verbose --progress --no-progress --help'
    local match='--query --face --combine --threshold --fmr --min-face --since --until --exclude-query'
    local search="$match --target --include --exclude --index --no-update --no-index --top
        --best-per-photo --json --csv --paths --null --html --annotate --copy --link $look $talk"
    COMPREPLY=()

    case $before in
    -q | --query | --html | --index | --photo)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    -t | --target | --annotate | --copy | --link | --folder)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
        ;;
    --models)
        mapfile -t COMPREPLY < <(
            compgen -W "$(_facesearch_packs)" -- "$word"
            compgen -d -- "$word"
        )
        return
        ;;
    --precision) mapfile -t COMPREPLY < <(compgen -W 'auto f32 bf16' -- "$word") && return ;;
    --combine) mapfile -t COMPREPLY < <(compgen -W 'best mean' -- "$word") && return ;;
    --face) mapfile -t COMPREPLY < <(compgen -W 'all largest 0 1 2' -- "$word") && return ;;
    --include | --exclude | --since | --until | --threshold | --fmr | --top | --min-face | \
        --detect-size | --jobs | --from | --model | --vectors | --dim | --queries | --threads) return ;;
    esac

    local words options
    case ${COMP_WORDS[1]} in
    faces) options="--json --csv --embeddings --annotate --min-face $look $talk" ;;
    index) options="--index --min-face --prune --watch --no-wait --json $look $talk" ;;
    status) options="--index --json $talk" ;;
    why) options="$match --index --json $look $talk" ;;
    forget) options="--photo --folder --face --model --everything --yes --index $talk" ;;
    compare) options="--face --threshold --fmr --json --top $look $talk" ;;
    models)
        words='list pull verify'
        options="--accept-license --folder --from --json $talk"
        [ "$COMP_CWORD" -gt 2 ] && words=$(_facesearch_packs)
        ;;
    bench)
        words=scan
        [ "$COMP_CWORD" -gt 2 ] && words=
        options="--vectors --dim --queries --threads --json $talk"
        ;;
    help)
        words=$commands
        ;;
    *)
        options=$search
        [ "$COMP_CWORD" -eq 1 ] && words=$commands options="$search --version"
        ;;
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    elif [ -n "$words" ]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    else
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
    fi
}

complete -F _facesearch facesearch
