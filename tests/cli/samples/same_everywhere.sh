# SPDX-License-Identifier: Apache-2.0
# The same scores whatever the number of jobs and the form of the call.
facesearch -q obama.jpg -t photos --csv --quiet --jobs 1 >one
facesearch search --query=obama.jpg --target=photos/ --csv --quiet --jobs 5 --no-index >two
cmp one two
facesearch -q - -t photos --csv --quiet <obama.jpg | cmp one -
