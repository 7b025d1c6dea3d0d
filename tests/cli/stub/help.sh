# SPDX-License-Identifier: Apache-2.0
facesearch --help | head -n 2
facesearch help | head -n 2
facesearch help search | head -n 1
facesearch search --help | head -n 1
facesearch -q x --help | head -n 1
facesearch faces -h | head -n 1
facesearch help compare | head -n 1
facesearch models --help | head -n 1
facesearch help models pull | head -n 1
facesearch models verify --help | head -n 1
# Defaults are those of the code.
facesearch search --help | tr -s '\n ' ' ' | grep -oE '\(default: (50|best|auto)'
# Nothing but examples is wider than the terminal.
for width in 60 80 200; do
    for command in search faces compare 'models pull'; do
        facesearch $command --pretend-terminal $width --help | awk -v width=$width 'length > width' |
            grep -v '^  facesearch'
    done
done
true
