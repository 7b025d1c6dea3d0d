# SPDX-License-Identifier: Apache-2.0
facesearch -q obama.jpg -t photos --top 2
