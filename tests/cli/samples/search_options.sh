# SPDX-License-Identifier: Apache-2.0
facesearch -q obama.jpg -t photos --quiet --json --threshold 0.5 | sed 's/"score": 0[^,]*/"score": 0../g; s/\(box": \[\)[^]]*/\1../g' | cut -c 1-60
facesearch -q obama.jpg -t photos --quiet --paths --fmr 1e-5 | sort
facesearch -q obama.jpg -t photos --quiet --paths --exclude-query --precision f32 --jobs 1 | sort
facesearch -q obama.jpg -t photos --quiet --paths --detect-size 640 --top 1
facesearch -q obama.jpg -q photos/obama2.jpg -t photos --quiet --paths --combine mean --include '*.png'
