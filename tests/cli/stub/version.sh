# SPDX-License-Identifier: Apache-2.0
facesearch --version
facesearch -V
