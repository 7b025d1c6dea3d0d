# SPDX-License-Identifier: Apache-2.0
# Completion of facesearch for fish.

function __facesearch_packs
    facesearch models list --json 2>/dev/null | grep -o '"name": *"[^"]*"' | cut -d'"' -f4
end

function __facesearch_searches
    not __fish_seen_subcommand_from index faces compare status why forget models bench help
end

function __facesearch_matches
    __facesearch_searches; or __fish_seen_subcommand_from why
end

set -l commands search index faces compare status why forget models bench help
complete -c facesearch -n "not __fish_seen_subcommand_from $commands" -f -a search -d 'find the photos that show a person'
complete -c facesearch -n "not __fish_seen_subcommand_from $commands" -f -a index -d 'analyse the photos of a folder'
complete -c facesearch -n "not __fish_seen_subcommand_from $commands" -f -a faces -d 'list the faces in photos'
complete -c facesearch -n "not __fish_seen_subcommand_from $commands" -f -a compare -d 'similarity of the faces in two photos'
complete -c facesearch -n "not __fish_seen_subcommand_from $commands" -f -a status -d 'what an index holds'
complete -c facesearch -n "not __fish_seen_subcommand_from $commands" -f -a why -d 'why a photo is or is not in a result'
complete -c facesearch -n "not __fish_seen_subcommand_from $commands" -f -a forget -d 'remove faces from an index'
complete -c facesearch -n "not __fish_seen_subcommand_from $commands" -f -a models -d 'model packs'
complete -c facesearch -n "not __fish_seen_subcommand_from $commands" -f -a bench -d 'timings on this machine'
complete -c facesearch -n "not __fish_seen_subcommand_from $commands" -f -a help -d 'help on a command'
complete -c facesearch -n "not __fish_seen_subcommand_from $commands" -s V -l version -d version

complete -c facesearch -n __facesearch_matches -s q -l query -r -F -d 'photo of the person'
complete -c facesearch -n __facesearch_searches -s t -l target -x -a '(__fish_complete_directories)' -d 'folder to search'
complete -c facesearch -n '__facesearch_matches; or __fish_seen_subcommand_from compare' -l face -x -a 'all largest 0 1 2' -d 'which face'
complete -c facesearch -n __facesearch_matches -l combine -x -a 'best mean' -d 'how several query faces count'
complete -c facesearch -n __facesearch_searches -l include -x -d 'only photos that match'
complete -c facesearch -n __facesearch_searches -l exclude -x -d 'leave out what matches'
complete -c facesearch -n __facesearch_matches -l since -x -d 'taken at this date or later'
complete -c facesearch -n __facesearch_matches -l until -x -d 'taken at this date or earlier'
complete -c facesearch -n __facesearch_searches -l no-update -d 'search what the index has'
complete -c facesearch -n __facesearch_searches -l no-index -d 'keep nothing on disk'
complete -c facesearch -n '__facesearch_matches; or __fish_seen_subcommand_from compare' -l threshold -x -d 'score from which a face matches'
complete -c facesearch -n '__facesearch_matches; or __fish_seen_subcommand_from compare' -l fmr -x -d 'false match rate'
complete -c facesearch -n '__facesearch_searches; or __fish_seen_subcommand_from compare' -l top -x -d 'at most so many matches'
complete -c facesearch -n 'not __fish_seen_subcommand_from compare status forget models bench help' -l min-face -x -d 'size of faces'
complete -c facesearch -n __facesearch_searches -l best-per-photo -d 'only the best match of each photo'
complete -c facesearch -n __facesearch_matches -l exclude-query -d 'leave out the query photos'
complete -c facesearch -l json -d JSON
complete -c facesearch -l csv -d 'comma-separated values'
complete -c facesearch -n __facesearch_searches -l paths -d 'paths, one a line'
complete -c facesearch -n __facesearch_searches -s 0 -l null -d 'end paths with NUL'
complete -c facesearch -n __facesearch_searches -l html -r -F -d 'write a page'
complete -c facesearch -n '__facesearch_searches; or __fish_seen_subcommand_from faces' -l annotate -x -a '(__fish_complete_directories)' -d 'copies with boxes drawn'
complete -c facesearch -n __facesearch_searches -l copy -x -a '(__fish_complete_directories)' -d 'copy the photos found'
complete -c facesearch -n __facesearch_searches -l link -x -a '(__fish_complete_directories)' -d 'link the photos found'
complete -c facesearch -n '__fish_seen_subcommand_from faces' -l embeddings -d 'with the embeddings'

complete -c facesearch -n 'not __fish_seen_subcommand_from faces compare models bench help' -l index -r -F -d 'the file of the index'
complete -c facesearch -n '__fish_seen_subcommand_from index' -l prune -d 'what is gone leaves the index'
complete -c facesearch -n '__fish_seen_subcommand_from index' -l watch -d 'go on until interrupted'
complete -c facesearch -n '__fish_seen_subcommand_from index' -l no-wait -d 'fail if it is being updated'
complete -c facesearch -n '__fish_seen_subcommand_from forget' -l photo -r -F -d 'forget a photo'
complete -c facesearch -n '__fish_seen_subcommand_from forget' -l folder -x -a '(__fish_complete_directories)' -d 'forget all below it'
complete -c facesearch -n '__fish_seen_subcommand_from forget' -l face -r -F -d 'forget a face, PHOTO:N'
complete -c facesearch -n '__fish_seen_subcommand_from forget' -l model -x -d 'forget a model'
complete -c facesearch -n '__fish_seen_subcommand_from forget' -l everything -d 'forget all'
complete -c facesearch -n '__fish_seen_subcommand_from forget' -l yes -d 'do not ask'

complete -c facesearch -n 'not __fish_seen_subcommand_from status forget models bench help' -l models -x -a '(__facesearch_packs) (__fish_complete_directories)' -d 'model pack'
complete -c facesearch -n 'not __fish_seen_subcommand_from status forget models bench help' -l detect-size -x -d 'look once, at this size'
complete -c facesearch -n 'not __fish_seen_subcommand_from status forget models bench help' -l precision -x -a 'auto f32 bf16' -d 'how the networks compute'
complete -c facesearch -n 'not __fish_seen_subcommand_from status forget models bench help' -l jobs -x -d 'photos worked on at once'
complete -c facesearch -l quiet -d 'say nothing but errors'
complete -c facesearch -s v -l verbose -d 'say more'
complete -c facesearch -l progress -d 'show progress'
complete -c facesearch -l no-progress -d 'show no progress'
complete -c facesearch -s h -l help -d help

complete -c facesearch -f -n '__fish_seen_subcommand_from models; and not __fish_seen_subcommand_from list pull verify' -a 'list pull verify'
complete -c facesearch -f -n '__fish_seen_subcommand_from pull verify' -a '(__facesearch_packs)'
complete -c facesearch -n '__fish_seen_subcommand_from pull' -l accept-license -d 'accept the licence'
complete -c facesearch -n '__fish_seen_subcommand_from pull' -l folder -x -a '(__fish_complete_directories)' -d 'install below it'
complete -c facesearch -n '__fish_seen_subcommand_from pull' -l from -x -d 'mirror'

complete -c facesearch -f -n '__fish_seen_subcommand_from bench; and not __fish_seen_subcommand_from scan' -a scan
complete -c facesearch -n '__fish_seen_subcommand_from bench' -l vectors -x -d 'how many are searched'
complete -c facesearch -n '__fish_seen_subcommand_from bench' -l dim -x -d 'numbers of each'
complete -c facesearch -n '__fish_seen_subcommand_from bench' -l queries -x -d 'queries at once'
complete -c facesearch -n '__fish_seen_subcommand_from bench' -l threads -x -d 'threads'
