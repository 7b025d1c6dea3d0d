# SPDX-License-Identifier: Apache-2.0
# Nobody is at a terminal to accept it.
facesearch models pull buffalo_l </dev/null
