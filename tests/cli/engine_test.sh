# Who doubts a number has it checked: the same computed by another engine, or by two.
source "$(dirname "$0")/lib.sh"

expect_fail 1 "no engine 'onendnn'; did you mean 'onednn'?" "$convscope" describe deep --engine onendnn
expect_fail 1 "no option 'slack'" "$convscope" bench predict --model deep --engine check,slack=1
expect_ok '--engine' "$convscope" help eval
for engine in reference check,tolerance=0.01; do
  expect_json '.what == "train" and .ms_best > 0' "$convscope" bench train --model fully-connected --batch 2 --runs 1 --engine $engine --json
done

need_data
training="--model fully-connected --data fashion-mnist --limit 200 --epochs 1 --batch 20 --lr 0.02"
expect_ok 'accuracy' "$convscope" train $training --run "$tmp/run"
expect_ok 'accuracy' "$convscope" train $training --run "$tmp/checked" --engine check,tolerance=0.001
cmp "$tmp/run/model.safetensors" "$tmp/checked/model.safetensors" || die "a training that is checked gives other bytes"
[ "$(jq -r .options.engine "$tmp/run/run.json")" = onednn ] || die "run.json does not say what computed"

accuracy() { "$convscope" eval "$tmp/run" --data fashion-mnist --limit 500 --json "$@" | jq .accuracy; }
usual=$(accuracy)
[ "$(accuracy --engine check)" = "$usual" ] || die "checked, the accuracy is another one"
jq -en --argjson a "$usual" --argjson b "$(accuracy --engine reference)" '($a - $b) | fabs <= 0.004' >/dev/null ||
  die "the reference engine is not of the fast one's opinion"
expect_fail 1 'is off by' "$convscope" eval "$tmp/run" --data fashion-mnist --limit 500 --engine check,tolerance=0
expect_ok 'report:' "$convscope" explain gradient "$tmp/run" --images 0-1 --engine check,tolerance=0.001
picture=$(find "$tmp/run/predictions" -name "*.png" | sort | sed -n 1p)
expect_json '.predictions[0].class != ""' "$convscope" predict "$tmp/run" "$picture" --engine check --json

# What computes a program is told, and is what was asked for.
expect_json '([.kernels[][] | select(.kernel == "winograd")] | length) == 0 and ([.kernels.train[].steps] | add) > 20' \
  "$convscope" describe resnet20 --engine onednn,winograd=off --json
expect_json '[.kernels[][].kernel] | unique == ["reference"]' "$convscope" describe resnet20 --engine reference --json
if grep -qE 'avx2|avx512f' /proc/cpuinfo; then
  expect_json '[.kernels[][] | select(.kernel == "winograd")] | length == 3' "$convscope" describe resnet20 --batch 16 --json
fi
