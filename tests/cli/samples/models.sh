# SPDX-License-Identifier: Apache-2.0
# Files that are no models, half a model, and models of another kind.
pack=$(dirname "$(find -L ${FACESEARCH_MODELS_PATH//:/ } -name fr_detect.onnx | head -n 1)")
mkdir text cut wrong
echo text >text/det.onnx
echo text >text/rec.onnx
head -c 100000 "$pack/fr_detect.onnx" >cut/det.onnx
cp "$pack/fr_feature.onnx" cut/rec.onnx
cp "$pack/fr_landmark.onnx" wrong/det.onnx
cp "$pack/fr_landmark.onnx" wrong/rec.onnx
for models in text cut wrong; do
    try facesearch -q obama.jpg -t photos --models ./$models
done
cp -r "$pack" changed
truncate -s -1 changed/fr_feature.onnx
try facesearch models verify ./changed >/dev/null
try facesearch -q obama.jpg -t photos --models ./changed
