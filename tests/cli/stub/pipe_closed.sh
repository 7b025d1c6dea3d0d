# SPDX-License-Identifier: Apache-2.0
# A reader that goes away is no error.
mkdir many
for i in $(seq 300); do ln photos/ann/1.jpg many/a-rather-long-name-so-that-the-pipe-fills-up-$i.jpg; done
for form in '' --json --csv --paths; do
    { facesearch -q ann.jpg -t many --quiet $form; echo "= $?" >&2; } | head -n 1 | wc -l
done
