# SPDX-License-Identifier: Apache-2.0
# Every wrong usage says what is wrong with what, and where help is.
s() { try facesearch "$@"; }
s -q ann.jpg
s -t photos
s -q ann.jpg -t photos stray
s -q ann.jpg -t photos -- --stray
s -q ann.jpg -t
s -q -t photos
s -q ann.jpg -t photos --top
s -q ann.jpg -t photos --top --json
s -q ann.jpg -t photos --thresold 0.5
s -q ann.jpg -t photos -x
s -q ann.jpg -t photos -vx
s -q ann.jpg -t photos --json=yes
s -q ann.jpg -t photos --threshold 1.5
s -q ann.jpg -t photos --threshold nan
s -q ann.jpg -t photos --threshold ''
s -q ann.jpg -t photos --fmr 0
s -q ann.jpg -t photos --fmr 1e-4 --threshold 0.5
s -q ann.jpg -t photos --top 0
s -q ann.jpg -t photos --top 5x
s -q ann.jpg -t photos --min-face 5000
s -q ann.jpg -t photos --min-face 7
s -q ann.jpg -t photos --detect-size 63
s -q ann.jpg -t photos --jobs 257
s -q ann.jpg -t photos --face first
s -q ann.jpg -t photos --combine median
s -q ann.jpg -t photos --precision bf61
s -q ann.jpg -t photos --since 2024-13
s -q ann.jpg -t photos --until yesterday
s -q ann.jpg -t photos --since 2023 --until 2022
s -q ann.jpg -t photos --json --csv
s -q ann.jpg -t photos --paths --json
s -q ann.jpg -t photos -0 --json
s -q ann.jpg -t photos --quiet -v
s -q ann.jpg -t photos --progress --no-progress
s faces
s faces three.jpg --embeddings
s faces - -
s compare ann.jpg
s compare ann.jpg three.jpg photos/bob.jpg
s compare - -
s models
s models lst
s models pull
s models pull bufalo_l
s models list stray
s serach
s help serach
s help models lst
s frobnicate photos
