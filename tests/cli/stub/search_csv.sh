# SPDX-License-Identifier: Apache-2.0
facesearch -q ann.jpg -t photos --csv --quiet
