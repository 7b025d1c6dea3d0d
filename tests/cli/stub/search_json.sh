# SPDX-License-Identifier: Apache-2.0
facesearch -q three.jpg --face 0 -t photos --json --quiet
