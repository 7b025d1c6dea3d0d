# SPDX-License-Identifier: Apache-2.0
try facesearch -q ann.jpg -t photos --quiet --top 1 --pretend-terminal 80 | cat -v
NO_COLOR=1 facesearch -q ann.jpg -t photos --quiet --top 1 --pretend-terminal 80 | cat -v
TERM=dumb facesearch -q ann.jpg -t photos --quiet --top 1 --pretend-terminal 80 | cat -v
facesearch -q ann.jpg -t photos --quiet --top 1 | cat -v
