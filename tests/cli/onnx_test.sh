# Networks of others as ONNX files: what they answer, what is said of those that cannot be read.
source "$(dirname "$0")/lib.sh"
failure() { expect_fail 1 "$@"; }
weights=${CONVSCOPE_DATA:-${XDG_CACHE_HOME:-$HOME/.cache}/convscope}/weights
small=$sources/tests/fuzz/corpus/onnx/right-small

cp "$small" "$tmp/small.onnx"
expect_json '.network.name == "small.onnx" and .image == [1, 6, 5] and .classes == 3 and (.layers | map(.kind) | contains(["conv2d", "linear"]))' \
  "$convscope" describe "$tmp/small.onnx" --json
echo '{"normalize": "0.5/0.25", "classes": ["cat", "dog", "bird"]}' >"$tmp/small.onnx.json"
expect_json '.layers[0].kind == "normalize"' "$convscope" describe "$tmp/small.onnx" --json
expect_json '.predictions[0].class | IN("cat", "dog", "bird")' "$convscope" predict "$tmp/small.onnx" "$sources/tests/cli/pictures/grey-28.png" --json
echo '{"normalise": "0.5/0.25"}' >"$tmp/small.onnx.json"
failure 'normalise' "$convscope" describe "$tmp/small.onnx"
rm "$tmp/small.onnx.json"
failure 'whole network' "$convscope" describe "$tmp/small.onnx" --model deep
head -c 100 "$small" >"$tmp/cut.onnx"
failure 'cut.onnx: not an ONNX file, or a damaged one' "$convscope" describe "$tmp/cut.onnx"
: >"$tmp/empty.onnx"
failure 'empty.onnx: not an ONNX file' "$convscope" describe "$tmp/empty.onnx"
sed 's/Flatten/Flotten/' "$small" >"$tmp/unknown.onnx"
failure 'node "Flotten" "f": convscope does not know this operator' "$convscope" describe "$tmp/unknown.onnx"

# What files say about themselves, and what they do not.
fixtures=$sources/tests/fixtures/onnx
picture=$sources/tests/cli/pictures/colour-32.png
cp "$fixtures/levels_channels_last.onnx" "$tmp/UPPER.ONNX"
expect_json '.predictions | length == 1' "$convscope" predict "$tmp/UPPER.ONNX" "$picture" --json
grep 'convscope: UPPER.ONNX: its input "x" takes whole levels from 0 to 255' "$tmp/.err" >/dev/null || die "8-bit pictures are not told"
failure 'no output "z"; it has' "$convscope" predict "$fixtures/channel_shuffle.onnx" "$picture" --output z
printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n' >"$tmp/pointer.onnx"
failure 'pointer.onnx: a pointer of Git LFS, not the file itself' "$convscope" describe "$tmp/pointer.onnx"
for net in transform_input convnext_block group_norm_of_version_21 squeeze_and_excitation_channels_last function_with_attribute quantised_by_pairs; do
  expect_json '.maps | length == 1' "$convscope" explain gradient "$fixtures/$net.onnx" --image "$picture" --out "$tmp/maps-$net" --json
done

[ -e "$weights/resnet20.onnx" ] || skip "the rest: $weights/resnet20.onnx is not there"
"$convscope" data check cifar10 >/dev/null 2>&1 || skip "the rest: CIFAR-10 is not there"
expect_json '.accuracy == 0.9173' "$convscope" eval "$weights/resnet20.onnx" --normalize imagenet --data cifar10 --json
expect_json '.accuracy == 0.8721' "$convscope" eval "$weights/mlperf_tiny_resnet8.onnx" --scale255 --data cifar10 --json
expect_json '.accuracy == 0.6925' "$convscope" eval "$weights/resnet_2b.onnx" --normalize .4914,.4822,.4465/.2471,.2435,.2616 --data cifar10 --json
expect_json '.maps | length == 1' "$convscope" explain gradient "$weights/resnet20.onnx" --normalize imagenet --data cifar10 --images 0 --out "$tmp/maps" --json

pictures=${CONVSCOPE_DATA:-none}/imagenette
[ -d "$pictures" ] || skip "the rest: imagenette is not there"
# Ten of a thousand classes, told by their ids.
expect_json '.total == 400 and .accuracy > 0.3 and .top5_accuracy > .accuracy' "$convscope" eval "$weights/mobilenet_v1_0.25_128.onnx" \
  --normalize 0.50196078/0.50196078 --data "$pictures" --class-names "${CONVSCOPE_DATA}/imagenet-sample/classes.txt" --json
