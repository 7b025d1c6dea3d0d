# SPDX-License-Identifier: Apache-2.0
# --until counts the whole of what it names; --since starts with it.
d() { echo "$*"; facesearch -q ann.jpg -t photos --quiet --paths "$@"; }
d --since 2022
d --until 2022
d --until 2022-12-30
d --since 2022-12-31T23:59:59 --until 2022-12-31T23:59:59
d --until 2021-03-01T11:59
d --since 2021-03-01 --until '2021-03-01 12:00'
