# SPDX-License-Identifier: Apache-2.0
facesearch -q ann.jpg -q photos/bob.jpg -t photos --quiet --combine best
facesearch -q ann.jpg -q photos/bob.jpg -t photos --quiet --combine mean
