# SPDX-License-Identifier: Apache-2.0
# In the order of the arguments, however many are worked on at once.
for i in $(seq 150); do ln three.jpg $i.jpg; done
ln ann.jpg 77.jpeg
facesearch faces --jobs 7 $(seq -f %g.jpg 150) 77.jpeg | grep -o '^[0-9]*[.]jpe*g' >got
{ seq -f %g.jpg 150; echo 77.jpeg; } | cmp - got
