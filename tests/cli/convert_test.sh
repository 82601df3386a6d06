# Another way to drop samples in a network that there is: what is written, what is told, and that it can be used.
source "$(dirname "$0")/lib.sh"
picture=$sources/tests/cli/pictures/colour-32.png

expect_fail 2 '--downsample is missing' "$convscope" convert resnet20 --out "$tmp/x.safetensors"; one_line
expect_fail 2 "no downsampling 'blurr'" "$convscope" convert resnet20 --downsample blurr --out "$tmp/x.safetensors"; one_line
expect_fail 2 "a .safetensors file was wanted" "$convscope" convert resnet20 --downsample blur:4 --out "$tmp/x.onnx"; one_line
expect_fail 1 'it drops no samples' "$convscope" convert fully-connected --downsample blur:4 --out "$tmp/x.safetensors"; one_line
[ ! -e "$tmp/x.safetensors" ] || die "a file was written all the same"

# The weights are the old ones, and a model by name with the option has the same graph.
expect_json '.places | map(.node) | index("layer2.0.conv1") != null' \
  "$convscope" convert resnet20 --downsample blur:4 --out "$tmp/blur.safetensors" --json
jq -e '.macs_after > .macs_before and .parameters > 200000 and .stem == "keep"' "$tmp/.out" >/dev/null || die "what was added is not told"
expect_json '.predictions | length == 1' "$convscope" predict "$tmp/blur.safetensors" "$picture" --json
jq -c '.predictions[0].top' "$tmp/.out" >"$tmp/a"
expect_ok '' "$convscope" export resnet20 --safetensors "$tmp/weights.safetensors"
expect_json '.predictions | length == 1' "$convscope" predict "$tmp/weights.safetensors" --model resnet20,downsample=blur:4 "$picture" --json
jq -c '.predictions[0].top' "$tmp/.out" >"$tmp/b"
cmp "$tmp/a" "$tmp/b" || die "a network that was changed is not the model with that option"

# An ONNX file that somebody brings becomes one, which goes out again.
expect_ok '' "$convscope" export resnet18,width=8 --onnx "$tmp/net.onnx"
for how in blur:3 lanczos flc asap aps; do
  expect_ok 'multiply-adds of an image' "$convscope" convert "$tmp/net.onnx" --downsample "$how" --out "$tmp/${how%:*}.safetensors"
done
expect_ok 'read again' "$convscope" export "$tmp/blur.safetensors" --onnx "$tmp/blur.onnx"
expect_json '.layers | map(.kind) | index("polyphase-take") != null' "$convscope" describe "$tmp/aps.safetensors" --json

# It is looked at and trained on like any other.
for class in cat dog; do
  mkdir -p "$tmp/pets/train/$class" "$tmp/pets/test/$class"
  for split in train test; do for i in 1 2; do cp "$picture" "$tmp/pets/$split/$class/$i.png"; done; done
done
expect_json '.epochs == 1' "$convscope" train --from "$tmp/blur.safetensors" --data "$tmp/pets" --epochs 1 --run "$tmp/run" --json
expect_json '.consistency.circular <= 1 and .consistency.worst <= .consistency.circular and (.consistency.by_shift | length) == 3 and .total == 4' \
  "$convscope" eval "$tmp/run" --data "$tmp/pets" --shifts 1 --out "$tmp/out" --json
[ -s "$tmp/out/consistency.json" ] && [ -s "$tmp/out/figures/consistency.png" ] || die "the shifts are not kept"
grep '<h2[^>]*>Consistency' "$tmp/out/report.html" >/dev/null || die "the page has no section of the shifts"
expect_json '.signals | length > 0' "$convscope" alias "$tmp/run" --data "$tmp/pets" --out "$tmp/alias" --json
expect_fail 2 '--shifts -1' "$convscope" eval "$tmp/run" --data "$tmp/pets" --shifts -1; one_line
