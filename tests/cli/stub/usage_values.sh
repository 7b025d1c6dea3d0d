# SPDX-License-Identifier: Apache-2.0
# What a value must be is said before anything is opened.
facesearch search -q x -t . --include '['
echo "= $?"
facesearch search -q x -t . --exclude 'a\'
echo "= $?"
facesearch search -q x -t . --jobs 0
echo "= $?"
facesearch faces -dash.jpg
echo "= $?"
