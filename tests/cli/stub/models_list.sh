# SPDX-License-Identifier: Apache-2.0
facesearch models list | awk '{ print $1 }'
