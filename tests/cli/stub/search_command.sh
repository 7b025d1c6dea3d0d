# SPDX-License-Identifier: Apache-2.0
facesearch search --query ann.jpg --target=photos --threshold 0.5
