# SPDX-License-Identifier: Apache-2.0
s() { facesearch -q ann.jpg -t photos --quiet "$@"; }
s --top 2
s --best-per-photo
s --min-face 100
s --include '*.jpg' --exclude ann
s --include 'trip/**'
s --detect-size 640 --top 1 --paths
s --precision f32 --jobs 2 --top 1 --paths --no-index
