# SPDX-License-Identifier: Apache-2.0
facesearch faces three.jpg nobody.jpg
