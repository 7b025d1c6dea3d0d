# SPDX-License-Identifier: Apache-2.0
try facesearch compare three.jpg ann.jpg
try facesearch compare photos/bob.jpg ann.jpg
try facesearch compare three.jpg photos/trip/group.jpg --top 3 --quiet
try facesearch compare three.jpg ann.jpg --face largest --quiet
try facesearch compare three.jpg photos/trip/group.jpg --face 1 --quiet
try facesearch compare three.jpg ann.jpg --threshold 0.99999 --quiet
try facesearch compare - ann.jpg --quiet <ann.jpg
