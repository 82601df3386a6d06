# Networks from elsewhere: a state dict, the model it fits, and how its pixels are prepared.
source "$(dirname "$0")/lib.sh"
usage() { expect_fail 2 "$@"; one_line; }
failure() { expect_fail 1 "$@"; one_line; }
files=$sources/tests/fixtures/foreign
weights=${CONVSCOPE_DATA:-${XDG_CACHE_HOME:-$HOME/.cache}/convscope}/weights

failure 'its --model was wanted' "$convscope" describe "$files/plain.pt"
failure "needs the model's name (--model)" "$convscope" describe "$files/plain.safetensors"
failure "did you mean 'resnet20'?" "$convscope" describe "$files/plain.pt" --model resnet21
for file in plain.pt plain.th plain.safetensors training.pt beside.ckpt; do
  failure "do not fit the model's" "$convscope" describe "$files/$file" --model deep
done
failure '"conv1.weight" is [2, 1, 2, 2], wanted' "$convscope" describe "$files/plain.pt" --model deep
failure 'posix.system' "$convscope" describe "$files/runs.pt" --model deep
failure 'posix.system' "$convscope" predict "$files/runs.th" "$sources/tests/cli/pictures/grey-28.png" --model deep
[ ! -e /tmp/convscope-was-here ] || die "a pickle ran a command"
failure 'save its state_dict()' "$convscope" describe "$files/module.pt" --model deep
failure 'big' "$convscope" describe "$files/big-endian.pt" --model deep
head -c 1000 "$files/plain.pt" >"$tmp/cut.pt"
failure 'cut.pt' "$convscope" describe "$tmp/cut.pt" --model deep
failure 'nothing.pth' "$convscope" describe "$tmp/nothing.pth" --model deep
echo x >"$tmp/net.keras"
failure 'not a network file convscope reads' "$convscope" describe "$tmp/net.keras"
failure 'not a state dict convscope reads' "$convscope" describe "$tmp/net.keras" --model deep
failure 'MEAN/STD' "$convscope" describe "$files/plain.pt" --model deep --normalize imagenette
failure 'for networks from elsewhere' "$convscope" describe deep --scale255
mkdir "$tmp/run"
failure 'a run folder has its own' "$convscope" describe "$tmp/run" --model deep

[ -e "$weights/resnet20.th" ] || skip "the rest: $weights/resnet20.th is not there"
net=("$weights/resnet20.th" --model resnet20 --normalize imagenet)
expect_json '.parameters == 269722 and .network.name == "resnet20"' "$convscope" describe "${net[@]}" --json
expect_json '.layers[0].kind == "normalize"' "$convscope" describe "${net[@]}" --json
failure 'layer2.0.downsample.0.weight' "$convscope" describe "$weights/resnet20.th" --model resnet20,shortcut=projection
failure '[10, 64], wanted [100, 64]' "$convscope" describe "${net[@]}" --classes 100
# Names from a file; 255 in the deviations and 255 behind them cancel out.
picture=$sources/tests/cli/pictures/colour-32.png
seq 10 | sed 's/^/kind /' >"$tmp/names"
expect_json '.predictions[0].top | length == 5 and all(.class == "kind \(.index + 1)")' \
  "$convscope" predict "${net[@]}" --class-names "$tmp/names" "$picture" --json
head -n 9 "$tmp/names" >"$tmp/nine"
failure 'nine: 9 lines for a network with 10 classes' "$convscope" describe "${net[@]}" --class-names "$tmp/nine"
expect_json '.predictions | length == 1' "$convscope" predict "${net[@]}" "$picture" --json
jq .predictions "$tmp/.out" >"$tmp/imagenet"
expect_json true "$convscope" predict "$weights/resnet20.th" --model resnet20 --normalize .485,.456,.406/58.395,57.12,57.375 --scale255 "$picture" --json
jq -e --slurpfile a "$tmp/imagenet" '.predictions[0].index == $a[0][0].index and ((.predictions[0].confidence - $a[0][0].confidence) | fabs) < 1e-5' \
  "$tmp/.out" >/dev/null || die "--scale255 does not multiply by 255"

"$convscope" data check cifar10 >/dev/null 2>&1 || skip "the rest: CIFAR-10 is not there"
expect_json '.total == 10000 and .accuracy >= 0.9168 and .accuracy <= 0.9178' "$convscope" eval "${net[@]}" --data cifar10 --json
