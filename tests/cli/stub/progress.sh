# SPDX-License-Identifier: Apache-2.0
# Drawn over itself on a terminal, and gone at the end; lines in a file; none where not wanted.
p() {
    rm -rf photos/.facesearch
    facesearch -q ann.jpg -t photos --paths --top 1 --threshold 0.5 "$@" 2>&1 | grep -v '^threshold\|searched\|index' | cat -v
}
p --pretend-terminal 80 | sed 's/of 5 photos.*/of 5 photos/'
p --progress
p --pretend-terminal 80 --no-progress
p --pretend-terminal 80 --quiet
p
p --no-index --progress
