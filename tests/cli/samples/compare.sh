# SPDX-License-Identifier: Apache-2.0
try facesearch compare obama.jpg photos/obama2.jpg 2>&1 | grep -o 'yes\|no match\|= [01]'
try facesearch compare obama.jpg biden.jpg 2>&1 | grep -o 'yes\|no match\|= [01]'
