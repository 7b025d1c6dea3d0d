# SPDX-License-Identifier: Apache-2.0
[ -w /dev/full ] || skip "there is no /dev/full"
try facesearch -q ann.jpg -t photos --quiet >/dev/full
try facesearch faces ann.jpg >/dev/full
try facesearch --help >/dev/full
