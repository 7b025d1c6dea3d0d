# SPDX-License-Identifier: Apache-2.0
# Names that a terminal or a parser might stumble over.
mkdir odd
for name in $'new\nline' $'esc\e[31m' 'space ' ' lead' '-dash' $'\377\376' 'a"b' "it's" '$(x)' 'é' '<b>&amp;'; do
    cp ann.jpg "odd/$name.jpg"
done
facesearch -q ann.jpg -t odd --quiet
facesearch -q ann.jpg -t odd --paths --quiet
echo
facesearch -q ann.jpg -t odd --paths --quiet --pretend-terminal 80
facesearch -q ann.jpg -t odd -0 --quiet | xargs -0 ls | wc -l
cp ann.jpg ./-q.jpg
facesearch -q ./-q.jpg -t odd/ --quiet --top 1 --paths
facesearch --query=-q.jpg -t odd --quiet --top 1 --paths
facesearch faces -- -q.jpg
cp ann.jpg ./-dash.jpg
facesearch faces -- -dash.jpg | head -n 1
