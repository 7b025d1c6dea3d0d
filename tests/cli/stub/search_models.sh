# SPDX-License-Identifier: Apache-2.0
mkdir packs/text packs/cut packs/swapped packs/none
echo text >packs/text/det.onnx
cp packs/text/det.onnx packs/text/rec.onnx
head -c 20 packs/stub/det.onnx >packs/cut/det.onnx
cp packs/stub/rec.onnx packs/cut/
cp packs/stub/rec.onnx packs/swapped/det.onnx
cp packs/stub/rec.onnx packs/swapped/rec.onnx
for pack in text cut swapped none missing; do
    try facesearch -q ann.jpg -t photos --models packs/$pack
done
try facesearch -q ann.jpg -t photos --models nosuch 2>&1 | sed 's/looked in.*/looked in ../' >&2
