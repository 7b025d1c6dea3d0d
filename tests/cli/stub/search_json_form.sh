# SPDX-License-Identifier: Apache-2.0
# The keys and types that scripts rely on.
command -v python3 >/dev/null || skip "python3 is not installed"
cp ann.jpg "$(printf 'photos/\377.jpg')"
facesearch -q nobody.jpg -q three.jpg -q ann.jpg --face largest -t photos --json --quiet >out.json
python3 - <<'PY'
import base64, json
r = json.load(open('out.json', encoding='utf-8'))
print(list(r))
print([sorted(q) for q in r['query']])
print(list(r['searched']), r['expected_false_matches'], len(r['contract']))
m = [m for m in r['matches'] if 'path_bytes' in m]
print(list(m[0]), ascii(m[0]['path']), base64.b64decode(m[0]['path_bytes']))
print(r['matches'] == sorted(r['matches'], key=lambda m: -m['score']))
PY
