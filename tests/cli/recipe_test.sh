# A training of which only network and data are said: it learns, and where one does not learn, that is told.
source "$(dirname "$0")/lib.sh"
need_data

quick="--data fashion-mnist --limit 5000 --epochs 2"
for model in deep medium; do
  expect_json '.accuracy_interval_95[0] > 0.1' "$convscope" train --model $model $quick --run "$tmp/$model" --json
  grep -q '^preset auto, and what was said: 2 epochs, batch .* learning rate .* normalised by .* augmented by ' "$tmp/.err" || { show; die "the recipe is not told"; }
  ! grep -q 'NOTHING LEARNT after epoch 2' "$tmp/.err" || { show; die "$model learns nothing"; }
done
expect_json '.options.preset == "auto" and .options.epochs == 2 and .options.schedule == "one-cycle"' cat "$tmp/deep/run.json"
expect_ok 'accuracy' "$convscope" train --run "$tmp/deep" --resume
expect_fail 1 'its schedule one-cycle has come down by then; start another --run with --from' "$convscope" train --run "$tmp/deep" --resume --epochs 3

still="--model medium --data fashion-mnist --limit 100 --epochs 1 --batch 50 --run $tmp/still"
expect_ok 'accuracy' "$convscope" train $still --preset none --lr 0
grep -q 'NOTHING LEARNT after epoch 1: .* by chance 10.00 %.* What to try: .*--preset auto' "$tmp/.err" || { show; die "nothing is learnt, and that is not told"; }
! grep -q 'preset auto, and' "$tmp/.err" || { show; die "the recipe auto, though --preset none"; }

if [ -d "${CONVSCOPE_DATA-}/flowers" ]; then
  expect_ok 'accuracy' "$convscope" train --model medium --data "$CONVSCOPE_DATA/flowers" --epochs 1 --run "$tmp/flowers"
  { grep -q 'shrunk to 28×28, 1/8' "$tmp/.err" && grep -q 'size=56 keeps more' "$tmp/.err"; } || { show; die "photos lose their details in silence"; }
fi
