# SPDX-License-Identifier: Apache-2.0
facesearch -q ann.jpg -t photos --paths --quiet --threshold 0.88
echo
facesearch -q ann.jpg -t photos --paths --quiet --threshold -1
