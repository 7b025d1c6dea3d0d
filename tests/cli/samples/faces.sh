# SPDX-License-Identifier: Apache-2.0
facesearch faces photos/obama.jpg photos/biden.jpg photos/32bit.png | grep face[s,]*$
facesearch faces --json --embeddings photos/obama.jpg | grep -o '"embedding": "[A-Za-z0-9+/]*=*"' | wc -lc
