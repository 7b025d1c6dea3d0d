# SPDX-License-Identifier: Apache-2.0
facesearch faces --json three.jpg nobody.jpg
