# SPDX-License-Identifier: Apache-2.0
# Every photo of the one, none of the other.
facesearch -q obama.jpg -t photos --paths --quiet | sort
echo
facesearch -q biden.jpg -t photos --paths --quiet | sort
