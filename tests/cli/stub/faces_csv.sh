# SPDX-License-Identifier: Apache-2.0
facesearch faces --csv three.jpg | cut -d, -f1-8
