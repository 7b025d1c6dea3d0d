# SPDX-License-Identifier: Apache-2.0
mkdir folder
try facesearch compare nobody.jpg ann.jpg
try facesearch compare ann.jpg missing.jpg
try facesearch compare ann.jpg folder
try facesearch compare ann.jpg three.jpg --face 1
try facesearch compare ann.jpg photos/notes.txt
