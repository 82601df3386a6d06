# Networks for other programs: ONNX files that are read again, and by ONNX Runtime where it is installed; weights for PyTorch.
source "$(dirname "$0")/lib.sh"
picture=$sources/tests/cli/pictures/colour-32.png

expect_fail 2 'nothing is written: --onnx or --safetensors was wanted' "$convscope" export lenet; one_line
expect_fail 2 '--opset 16; 13, 17 or 18 was wanted' "$convscope" export lenet --onnx "$tmp/x.onnx" --opset 16; one_line
expect_fail 2 "--normalization 'out'" "$convscope" export lenet --onnx "$tmp/x.onnx" --normalization out; one_line
expect_fail 1 "$tmp/none/x.onnx" "$convscope" export lenet --onnx "$tmp/none/x.onnx"
[ ! -e "$tmp/x.onnx" ] || die "a file was written all the same"

expect_ok 'read again, its logits differ by at most' "$convscope" export resnet20 --onnx "$tmp/net.onnx" --safetensors "$tmp/net.safetensors"
expect_json '.files | map(.kind) == ["onnx", "safetensors"] and all(.bytes > 100000)' \
  "$convscope" export resnet20 --onnx "$tmp/net.onnx" --safetensors "$tmp/net.safetensors" --json
# No file that somebody names replaces a network or what a run keeps.
expect_fail 2 "a name that ends in .onnx was wanted" "$convscope" export resnet20 --onnx "$tmp/net.safetensors"; one_line
expect_fail 1 "the network is read from this file" "$convscope" export "$tmp/net.safetensors" --model resnet20 --safetensors "$tmp/net.safetensors"
expect_ok '' "$convscope" predict "$tmp/net.safetensors" --model resnet20 "$picture"
mkdir "$tmp/kept"
echo '{}' >"$tmp/kept/run.json"
cp "$tmp/net.safetensors" "$tmp/kept/model.safetensors"
for command in "export resnet20 --safetensors" "convert resnet20 --downsample blur:4 --out"; do
  # shellcheck disable=SC2086
  expect_fail 1 "a run folder keeps its own there" "$convscope" $command "$tmp/kept/model.safetensors"; one_line
done
ln -s "$tmp/kept/model.safetensors" "$tmp/link.safetensors"
mkdir "$tmp/kept/watch"
cp "$tmp/net.safetensors" "$tmp/kept/watch/images.safetensors"
for file in link.safetensors kept/watch/images.safetensors; do
  expect_fail 1 "a run folder keeps its own there" "$convscope" export resnet20 --safetensors "$tmp/$file"; one_line
done
for file in model watch/images; do cmp "$tmp/kept/$file.safetensors" "$tmp/net.safetensors" || die "a network was lost"; done
expect_ok '' "$convscope" export resnet20 --safetensors "$tmp/kept/another.safetensors"
expect_fail 2 "a name that ends in .html was wanted" "$convscope" report "$tmp/kept" --out "$tmp/kept/model.safetensors"; one_line
cp "$tmp/net.onnx" "$tmp/first.onnx"
expect_ok '' "$convscope" export resnet20 --onnx "$tmp/net.onnx"
cmp "$tmp/net.onnx" "$tmp/first.onnx" || die "the same network gives other bytes"
# The ONNX file and the weights are the same network.
expect_json '.predictions | length == 1' "$convscope" predict "$tmp/net.onnx" "$picture" --json
mkdir "$tmp/nothing"
run "$convscope" predict "$tmp/net.onnx" "$tmp/nothing" "$picture" --json
[ "$status" -eq 1 ] && grep -q 'no picture' "$tmp/.err" && grep -q '"file"' "$tmp/.out" || die "a folder without pictures kept the others from being named"
jq -c '.predictions[0].top | map([.index, .confidence])' "$tmp/.out" >"$tmp/a"
expect_json '.predictions | length == 1' "$convscope" predict "$tmp/net.safetensors" --model resnet20 "$picture" --json
jq -c '.predictions[0].top | map([.index, .confidence])' "$tmp/.out" >"$tmp/b"
jq -ne --slurpfile a "$tmp/a" --slurpfile b "$tmp/b" '[$a[0], $b[0]] | transpose | all(.[0][0] == .[1][0] and ((.[0][1] - .[1][1]) | fabs) < 1e-5)' >/dev/null ||
  die "an ONNX file and a safetensors file of one network differ: $(cat "$tmp/a" "$tmp/b")"
mkdir -p "$tmp/data/3" "$tmp/data/5"
cp "$picture" "$tmp/data/3/a.png"
cp "$picture" "$tmp/data/5/b.png"
for command in "explain gradient" "attack fgsm" alias; do
  verb=${command%% *} epsilon=()
  [ "$verb" != attack ] || epsilon=(--epsilon 2/255)
  # shellcheck disable=SC2086
  expect_json 'length > 0' "$convscope" $command "$tmp/net.onnx" --data "$tmp/data" "${epsilon[@]}" --out "$tmp/out-$verb" --json
done

# A network from elsewhere learns other classes: its last layer is made anew, the recipe takes small steps.
for class in cat dog emu; do
  mkdir -p "$tmp/pets/train/$class" "$tmp/pets/test/$class"
  for split in train test; do for i in 1 2; do cp "$picture" "$tmp/pets/$split/$class/$i.png"; done; done
done
expect_json '.epochs == 1 and .options.rates == "head=1+*=0.1" and .options.normalize == "none"' \
  "$convscope" train --from "$tmp/net.onnx" --data "$tmp/pets" --epochs 1 --run "$tmp/run" --json
grep 'preset auto' "$tmp/.err" >/dev/null || die "what auto chose is not told"
expect_json '.classes == 3' "$convscope" describe "$tmp/run" --json
expect_fail 1 "no trained parameter is called so" "$convscope" train --from "$tmp/net.onnx" --data "$tmp/pets" --rates 'nothing=0' --run "$tmp/other"
[ ! -e "$tmp/other" ] || die "a run was begun all the same"
# What is told of a file that is opened is told of one that is trained from.
expect_json '.epochs == 1' "$convscope" train --from "$sources/tests/fixtures/onnx/halves.onnx" --data "$tmp/pets" --epochs 1 --run "$tmp/halves" --json
grep 'its weights of float16 became float32' "$tmp/.err" >/dev/null || die "what was guessed of the ONNX file is not told"
expect_fail 2 "is a whole network, its layers too: --model does not go with it" \
  "$convscope" train --from "$tmp/net.onnx" --model resnet20 --data "$tmp/pets" --run "$tmp/other"; one_line
# The same command goes on; another model of a preset gives way to the file's own.
(cd "$tmp" && expect_json '.epochs == 1' "$convscope" train --from net.onnx --data pets --epochs 1 --run run --resume --json) || exit 1
expect_json '.options.preset == "cifar-resnet-fast"' "$convscope" train --from "$tmp/net.onnx" --preset cifar-resnet-fast --data "$tmp/pets" --augment none --epochs 1 --run "$tmp/preset" --json
expect_fail 2 "--rates 'x'" "$convscope" train --from "$tmp/net.onnx" --data "$tmp/pets" --rates x --run "$tmp/other"; one_line

python=${CONVSCOPE_PYTHON:-python3}
"$python" -c 'import onnxruntime, numpy, PIL' 2>/dev/null || skip "the rest: $python has no onnxruntime (CONVSCOPE_PYTHON names another one)"
cat >"$tmp/compare.py" <<'PYTHON'
"""Logits of ONNX Runtime beside the confidences that convscope gives: differences of their logarithms are differences of logits."""
import json, math, sys
import numpy, onnxruntime
from PIL import Image
session = onnxruntime.InferenceSession(sys.argv[1])
shape = session.get_inputs()[0].shape
image = Image.open(sys.argv[2]).convert("RGB" if shape[1] == 3 else "L")
assert image.size == (shape[3], shape[2]), (image.size, shape)
x = numpy.asarray(image, numpy.float32).reshape(shape[2], shape[3], -1).transpose(2, 0, 1)[None] / numpy.float32(255)
for batch in (1, 3):
    logits = session.run(["logits"], {"pixels": numpy.repeat(x, batch, 0)})[0][batch - 1].astype(float)
    top = json.load(open(sys.argv[3]))["predictions"][0]["top"]
    for a in top:
        for b in top:
            if min(a["confidence"], b["confidence"]) < 1e-30:
                continue
            ours, theirs = math.log(a["confidence"]) - math.log(b["confidence"]), logits[a["index"]] - logits[b["index"]]
            assert abs(ours - theirs) <= 1e-4 * max(1, abs(logits).max()), (sys.argv[1], ours, theirs)
PYTHON
for model in $("$convscope" list models --json | jq -r '.. | .name? // empty' | sort -u); do
  "$convscope" describe "$model" --image 3,32,32 --json >"$tmp/describe" 2>/dev/null || continue
  for how in '' '--opset 13 --fold' '--opset 17'; do
    # shellcheck disable=SC2086
    expect_ok '' "$convscope" export "$model" --image 3,32,32 --classes 10 --onnx "$tmp/model.onnx" $how
    expect_json true "$convscope" predict "$tmp/model.onnx" "$picture" --json
    cp "$tmp/.out" "$tmp/predicted"
    "$python" -W ignore "$tmp/compare.py" "$tmp/model.onnx" "$picture" "$tmp/predicted" || die "ONNX Runtime gives other logits for $model $how"
    compared=$((${compared:-0} + 1))
  done
done
[ "${compared:-0}" -ge 30 ] || die "only ${compared:-0} files were compared with ONNX Runtime"

"$python" -c 'import torch, torchvision' 2>/dev/null || skip "the rest: $python has no torchvision"
cat >"$tmp/load.py" <<'PYTHON'
"""The weights in torchvision's own network, by their names, and the ONNX file: the same logits."""
import json, struct, sys
import numpy, onnxruntime, torch, torchvision
content = open(sys.argv[1], "rb").read()
length = struct.unpack("<Q", content[:8])[0]
header, data = json.loads(content[8:8 + length]), content[8 + length:]
weights = {}
for name, entry in header.items():
    if name != "__metadata__":
        begin, end = entry["data_offsets"]
        weights[name] = torch.from_numpy(numpy.frombuffer(data[begin:end], numpy.float32).reshape(entry["shape"]).copy())
net = torchvision.models.resnet18(num_classes=10).eval()
net.load_state_dict(weights)
x = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
ours, theirs = onnxruntime.InferenceSession(sys.argv[2]).run(None, {"pixels": x.numpy()})[0], net(x).detach().numpy()
assert abs(ours - theirs).max() <= 1e-5 * max(1, abs(theirs).max())
PYTHON
expect_ok '' "$convscope" export resnet18 --image 3,64,64 --classes 10 --onnx "$tmp/18.onnx" --safetensors "$tmp/18.safetensors"
"$python" -W ignore "$tmp/load.py" "$tmp/18.safetensors" "$tmp/18.onnx" || die "torchvision's ResNet-18 gives other logits with these weights"
