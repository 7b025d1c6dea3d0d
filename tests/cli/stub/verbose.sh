# SPDX-License-Identifier: Apache-2.0
facesearch -q ann.jpg -t photos -v --paths --top 1
