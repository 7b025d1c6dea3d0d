# SPDX-License-Identifier: Apache-2.0
# The legal options are listed.
facesearch faces x.jpg --jsn
