# SPDX-License-Identifier: Apache-2.0
facesearch compare three.jpg ann.jpg --json --quiet --top 2
