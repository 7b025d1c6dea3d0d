# SPDX-License-Identifier: Apache-2.0
facesearch -q ann.jpg -t photos -0 --quiet | tr '\0' '|'
facesearch -q ann.jpg -t photos --paths --null --quiet | xargs -0 ls
