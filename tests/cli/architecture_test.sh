# Networks told in files of layers: written, read, changed by hand, trained; and what is said of files that are wrong.
source "$(dirname "$0")/lib.sh"
failure() { expect_fail 1 "$@"; one_line; }

# A built-in model as a file is the same network.
expect_json '.parameters == 269722' "$convscope" describe resnet20 --as-file "$tmp/mine.json" --json
grep 'mine.json: its layers' "$tmp/.err" >/dev/null || { show; die "the file is not told"; }
grep '"repeat": 3' "$tmp/mine.json" >/dev/null || die "blocks are not repeated"
"$convscope" describe resnet20 --json | jq '[.layers, .parameters, .macs]' >"$tmp/built-in"
"$convscope" describe "$tmp/mine.json" --json | jq '[.layers, .parameters, .macs]' >"$tmp/from-file"
cmp "$tmp/built-in" "$tmp/from-file" || die "the file is another network"
# Changed by hand.
sed 's/"layer": "relu"/"layer": "silu"/' "$tmp/mine.json" >"$tmp/changed.json"
expect_json '.parameters == 269722 and (.layers | map(.kind) | contains(["multiply"]))' "$convscope" describe "$tmp/changed.json" --json
expect_json '.classes == 7 and .image == [3, 16, 16]' "$convscope" describe "$tmp/mine.json" --classes 7 --image 3,16,16 --json
# A file of the program comes with its options and formulas.
expect_ok 'total' "$convscope" describe densenet121,growth=8 --image 3,64,64 --classes 5 --as-file "$tmp/dense.json"
grep '"value": 8' "$tmp/dense.json" >/dev/null && grep '=4\*growth' "$tmp/dense.json" >/dev/null || die "options are lost"
expect_json '.network.name | endswith("dense.json,growth=4")' "$convscope" describe "$tmp/dense.json,growth=4" --json

# What is wrong is one line.
echo '{"layers": [{"layer": "conv2d", "filter": 3}]}' >"$tmp/wrong.json"
failure "wrong.json: layers[0]: conv2d has no 'filter'; did you mean 'filters'?" "$convscope" describe "$tmp/wrong.json"
echo '{"layers": [{"layer": "relu"}' >"$tmp/wrong.json"
failure 'wrong.json' "$convscope" describe "$tmp/wrong.json"
echo '{"blocks": {"a": {"layers": [{"block": "a"}]}}, "layers": [{"block": "a"}]}' >"$tmp/wrong.json"
failure 'more than 32 deep' "$convscope" describe "$tmp/wrong.json"
failure 'nowhere.json' "$convscope" describe "$tmp/nowhere.json"
failure "no option 'widht'" "$convscope" describe "$tmp/dense.json,widht=3"
echo '{"mine": 1}' >"$tmp/edited.json"
failure 'another file is there, and it would be lost' "$convscope" describe resnet20 --as-file "$tmp/edited.json"
grep -q mine "$tmp/edited.json" || die "a file that somebody wrote was lost"
failure 'a name that ends in .json was wanted' "$convscope" describe resnet20 --as-file "$tmp/mine.txt"

need_data
echo '{"layers": [{"layer": "conv2d", "filter": 3}]}' >"$tmp/wrong.json"
failure "did you mean 'filters'?" "$convscope" train --model "$tmp/wrong.json" --data fashion-mnist --run "$tmp/wrong"
# The file trains to the bytes of the built-in model.
"$convscope" describe medium --as-file "$tmp/medium.json" >/dev/null 2>&1
rest=${tiny#*--model medium}
"$convscope" train $tiny --run "$tmp/a" >/dev/null 2>&1
"$convscope" train --preset none --model "$tmp/medium.json" $rest --run "$tmp/b" >/dev/null 2>&1
for run in a b; do
  "$convscope" export "$tmp/$run" --safetensors "$tmp/$run.safetensors" >/dev/null 2>&1
done
# The header tells where each came from; behind it are the weights.
cmp <(tail -c $((50176 * 4)) "$tmp/a.safetensors") <(tail -c $((50176 * 4)) "$tmp/b.safetensors") || die "other weights"
expect_json '.layers | map(.name) | contains(["conv2.2"])' "$convscope" describe "$tmp/b" --json
# Weights for other programs: with the file as the model, and to begin with.
expect_json '.parameters == 50176' "$convscope" describe "$tmp/b.safetensors" --model "$tmp/medium.json" --json
expect_ok 'test accuracy' "$convscope" train --preset none --model "$tmp/medium.json" $rest --from "$tmp/a.safetensors" --run "$tmp/c"
failure 'not the network of the run any more' bash -c "sed -i 's/\"max-pool\"/\"avg-pool\"/' '$tmp/medium.json'; '$convscope' train --run '$tmp/b' --resume --epochs 2 --schedule constant"
# A file beside an ONNX file tells what training on it begins with; the file's own preprocessing is overruled by a word.
"$convscope" export "$tmp/a" --onnx "$tmp/a.onnx" --normalization metadata >/dev/null 2>&1
echo '{"normalize": "0.25/0.5"}' >"$tmp/a.onnx.json"
"$convscope" train --from "$tmp/a.onnx" $rest --run "$tmp/d" >/dev/null 2>&1
expect_json '.layers[0].kind == "normalize"' "$convscope" describe "$tmp/d" --json
jq -e '.options.normalize == "0.25/0.5" or .normalize == "0.25/0.5"' "$tmp/d/run.json" >/dev/null || die "the side file is not heeded"
expect_json '.layers[0].kind == "conv2d"' "$convscope" describe "$tmp/a.onnx" --normalize none --json
