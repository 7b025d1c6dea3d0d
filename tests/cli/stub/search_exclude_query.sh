# SPDX-License-Identifier: Apache-2.0
cp ann.jpg photos/copy-of-ann.jpg
facesearch -q ann.jpg -t photos --quiet --paths --top 1
facesearch -q ann.jpg -t photos --quiet --paths --top 1 --exclude-query
