# SPDX-License-Identifier: Apache-2.0
facesearch faces - three.jpg <ann.jpg | grep faces\\?
facesearch faces --json - <ann.jpg | cut -c 1-60
