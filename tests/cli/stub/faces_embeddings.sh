# SPDX-License-Identifier: Apache-2.0
command -v python3 >/dev/null || skip "python3 is not installed"
facesearch faces --json --embeddings three.jpg ann.jpg >out.jsonl
facesearch compare ann.jpg three.jpg --json --quiet >compare.json
python3 - <<'PY'
import base64, json, struct
v = {}
for line in open('out.jsonl'):
    photo = json.loads(line)
    for i, face in enumerate(photo['faces']):
        data = base64.b64decode(face['embedding'])
        v[photo['path'], i] = struct.unpack('<%df' % (len(data) // 4), data)
dot = lambda a, b: sum(x * y for x, y in zip(a, b))
print(sorted((k, len(e), round(dot(e, e), 3)) for k, e in v.items()))
# The embeddings are those that are compared: their dot product is the score, to the printed digit.
for pair in json.load(open('compare.json'))['pairs']:
    print(abs(pair['score'] - dot(v['ann.jpg', pair['a']], v['three.jpg', pair['b']])) < 1e-7)
# And they are float16 numbers.
print(all(x == struct.unpack('e', struct.pack('e', x))[0] for e in v.values() for x in e))
PY
