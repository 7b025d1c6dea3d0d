# SPDX-License-Identifier: Apache-2.0
facesearch -q ann.jpg -t photos/ann -t photos/trip --paths --quiet
echo
facesearch -q ann.jpg -t photos/ann -t photos --paths --quiet
