# SPDX-License-Identifier: Apache-2.0
facesearch -q ann.jpg -t photos --paths --quiet
facesearch -q ann.jpg -t photos/ --paths --quiet --top 1
facesearch -q ann.jpg -t ./photos --paths --quiet --top 1
