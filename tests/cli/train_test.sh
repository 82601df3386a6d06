# A network is trained, evaluated, asked and described, from its run folder alone.
source "$(dirname "$0")/lib.sh"
need_data
run=$tmp/run

expect_json '.ending == "finished" and .epochs == 1 and .accuracy > 0.12 and .best_epoch == 1 and .best_chosen_on == "test"
             and .accuracy == .best_accuracy' "$convscope" train $tiny --run "$run" --json
for file in run.json metrics.jsonl model.safetensors best.safetensors evaluation.json figures/learning-curves.svg \
            figures/learning-curves.png figures/learning-curves.csv figures/confusion-matrix.svg; do
  [ -s "$run/$file" ] || die "no $file in the run folder"
done
jq -e '.options.limit == 600 and .options.model == "medium" and (.version | length > 0)' "$run/run.json" >/dev/null || die "run.json"
jq -e '.epoch == 1 and .train_loss > 0 and .test_accuracy > 0.12 and .images_per_second > 0' "$run/metrics.jsonl" >/dev/null || die "metrics.jsonl"
trained=$(jq .accuracy "$run/evaluation.json")

# Event files have an epoch's numbers, all weights and the figures.
expect_ok 'test accuracy' "$convscope" train $tiny --run "$tmp/logged" --tensorboard "$tmp/events"
for tag in brain.Event:2 accuracy/test loss/train weights/ figures/learning-curves figures/confusion-matrix; do
  grep -a -c -F "$tag" "$tmp"/events/events.out.tfevents.* >/dev/null || die "no $tag in the event file"
done
cmp "$run/model.safetensors" "$tmp/logged/model.safetensors" || die "the log changed the training"

# The same number comes from every batch size, the last partial batch included.
for batch in 256 77; do
  expect_json ".accuracy == $trained and .total == 10000 and .correct == .accuracy * .total
               and .accuracy_interval_95[0] < .accuracy and .accuracy < .accuracy_interval_95[1] and .top5_accuracy > .accuracy
               and (.confusion | length) == 10 and (.confusion | add | add) == 10000 and .loss > 0 and .images_per_second > 0" \
    "$convscope" eval "$run" --data fashion-mnist --batch $batch --json
done
# An image may be looked at in its mirror image too: other logits, the same images.
loss=$(jq .loss "$run/evaluation.json")
expect_json ".total == 10000 and .accuracy > 0.12 and .loss != $loss and .options.views == \"mirror\"" \
  "$convscope" eval "$run" --data fashion-mnist --views mirror --json
expect_fail 2 "did you mean 'mirror'?" "$convscope" eval "$run" --data fashion-mnist --views miror
expect_ok 'interval' "$convscope" eval "$run/best.safetensors" --data fashion-mnist --limit 100

# A colour picture of grey things says what the grey picture says.
pictures=$sources/tests/cli/pictures
expect_json '.predictions | length == 2 and (.[0].class | type) == "string" and .[0].index == .[1].index and (.[0].top | length) == 5
             and .[0].confidence == .[0].top[0].confidence and (.[0].confidence - .[1].confidence | fabs) < 1e-4 and .[0].file != .[1].file' \
  "$convscope" predict "$run" "$pictures/grey-28.png" "$pictures/colour-28.png" --json
expect_ok '%' "$convscope" predict "$run" "$pictures/grey-28.png"
expect_ok '%' "$convscope" predict "$run" "$pictures/grey-16.png"
expect_fail 1 "did you mean 'crop'?" "$convscope" predict "$run" "$pictures/grey-16.png" --resize corp

expect_json '.parameters > 10000 and (.layers | map(.parameters) | add) == .parameters and (.layers | map(.macs) | add) == .macs
             and (.layers | all(has("name") and has("kind") and has("shape"))) and ([.memory.predict, .memory.explain, .memory.train] | all(.total > 0))' \
  "$convscope" describe "$run" --json --batch 16
expect_ok 'multiply-adds' "$convscope" describe resnet20
macs=$("$convscope" describe "$run" --json | jq .training_macs)
jq -e ".flops == 2 * $macs * 600" "$run/summary.json" >/dev/null || die "operations of 600 images"
# Three times the forward pass, but no gradient for the pixels of the first convolution: 16 filters of 3×3×3 at 32×32.
expect_json '.training_macs == 3 * .macs - 16 * 27 * 1024' "$convscope" describe resnet20 --json
expect_json '.parameters == 269722' "$convscope" describe resnet20 --json

# A run is not written over by accident; a finished one says so.
expect_fail 1 '--resume goes on with it' "$convscope" train $tiny --run "$run"
expect_ok 'accuracy' "$convscope" train --run "$run" --resume
grep -q 'finished' "$tmp/.err" || die "a finished run does not say so"
expect_fail 1 'a run keeps its options; resume without --lr, or start another --run, with --from' "$convscope" train --run "$run" --resume --lr 0.5
expect_fail 1 '--augment: the run' "$convscope" train --run "$run" --resume --augment pad-crop,pad=2

# A run.json is a recipe.
expect_json '.ending == "finished"' "$convscope" train --config "$run/run.json" --run "$tmp/again" --json
cmp "$run/model.safetensors" "$tmp/again/model.safetensors" || die "run.json does not repeat its training"

# Another network's weights are a start; what does not fit is refused before anything is written.
expect_json '.ending == "finished"' "$convscope" train $tiny --from "$run" --run "$tmp/from" --json
expect_fail 1 '--from' "$convscope" train ${tiny/medium/deep} --from "$run" --run "$tmp/misfit"
[ ! -e "$tmp/misfit" ] || die "a refused training left a folder"
expect_fail 1 "--normalize 'normalize'" "$convscope" train $tiny --normalize normalize --run "$tmp/misfit"
expect_fail 2 "--augment 'flip+flip': flip stands there twice" "$convscope" train $tiny --augment flip+flip --run "$tmp/misfit"

# A training that resists tells after each epoch what it withstands, and at the end of the last and of the best network.
expect_json '.robust_images == 40 and .robust_accuracy <= .accuracy + 0.2 and .best_robust_accuracy >= 0 and (.robust_accuracy_interval_95 | length) == 2' \
  "$convscope" train ${tiny/epochs 1/epochs 2} --adversarial fast,epsilon=8/255 --robust-images 40 --run "$tmp/resists" --json
[ "$(grep -c '"robust_accuracy".*"robust_train_accuracy"\|"robust_train_accuracy".*"robust_accuracy"' "$tmp/resists/metrics.jsonl")" = 2 ] || die "no accuracy under attack"
[ "$(grep -c '"aliased"' "$tmp/resists/metrics.jsonl")" = 2 ] || die "no share that aliases"
expect_fail 1 'one within an L∞ ball was wanted' "$convscope" train $tiny --adversarial fast --robust-attack pgd,norm=l2 --run "$tmp/misfit"
expect_fail 2 "no adversarial training 'fats'; did you mean 'fast'?" "$convscope" train $tiny --adversarial fats --run "$tmp/misfit"

# The averaged network is what is kept, evaluated and reported; published meters are logged beside the exact one; lines stay narrow.
expect_json '.ending == "finished" and .ended_by == "stop_at" and .epochs == 1' \
  "$convscope" train ${tiny/epochs 1/epochs 3} --stop-at 0.05 --ema 0.9 --clip-norm 1 --meters published --meter-batch 10 --validation 100 --run "$tmp/options" --json
grep -q 'ended after 1 of 3 epochs by --stop-at' "$tmp/.err" || { show; die "an early end is not told"; }
awk 'length($0) > 100 { exit 1 }' "$tmp/.err" || { show; die "lines of more than 100 columns"; }
jq -e '.train_loss_smoothed > 0 and .train_accuracy_smoothed > 0 and .test_loss_smoothed > 0 and .test_accuracy_smoothed >= 0 and (.test_accuracy_batch_mean - .validation_accuracy | fabs) < 1e-12' "$tmp/options/metrics.jsonl" >/dev/null || die "published meters"
expect_json ".accuracy == $(jq .accuracy "$tmp/options/evaluation.json")" "$convscope" eval "$tmp/options" --data fashion-mnist --json
expect_json '.ended_by == "stop_at"' "$convscope" train --run "$tmp/options" --resume --json

# A stopped training tells its best epoch.
env --default-signal=INT "$convscope" train ${tiny/epochs 1/epochs 500} --run "$tmp/stopped" --json >"$tmp/.out" 2>"$tmp/.err" &
process=$!
while [ ! -s "$tmp/stopped/metrics.jsonl" ] && kill -0 $process 2>/dev/null; do sleep 0.1; done
kill -INT $process
status=0; wait $process || status=$?
[ $status -eq 130 ] || { show; die "exit status $status after an interrupt"; }
jq -e '.ending == "stopped" and .ended_by == "" and .best_epoch >= 1 and .best_accuracy > 0 and .best_chosen_on == "test"
       and .best_accuracy_interval_95[0] < .best_accuracy and (has("accuracy") | not)' "$tmp/.out" >/dev/null || { show; die "the JSON of a stopped training"; }

# Several seeds, each a run of its own; what is there already is kept, what is missing is made.
expect_json '.ending == "finished" and .seeds == [3, 4] and (.accuracies | length) == 2 and (.accuracy_interval_95 | length) == 2
             and ((.accuracies | add) / 2 - .accuracy_mean | fabs) < 1e-12 and .accuracy_interval_95[0] < .accuracy_mean and .best_accuracy_mean > 0' \
  "$convscope" train $tiny --seeds 2 --seed 3 --run "$tmp/seeds" --json
jq -e '.options.seed == 4' "$tmp/seeds/seed-4/run.json" >/dev/null || die "a seed's run.json"
cmp -s "$tmp/seeds/seed-3/model.safetensors" "$tmp/seeds/seed-4/model.safetensors" && die "two seeds give the same bytes"
expect_fail 1 '--resume goes on with it' "$convscope" train $tiny --seeds 3,4 --run "$tmp/seeds"
cp "$tmp/seeds/seeds.json" "$tmp/two.json"
rm -r "$tmp/seeds/seed-4"
expect_ok 'standard deviation' "$convscope" train --run "$tmp/seeds" --resume
cmp "$tmp/two.json" "$tmp/seeds/seeds.json" || die "a resumed series gives other numbers"
grep -qF '95 % interval of the mean' "$tmp/seeds/report.html" || die "the page of several seeds does not sum them up"
expect_json '.seeds == [3, 4, 1] and (.accuracies | length) == 3' "$convscope" train --run "$tmp/seeds" --resume --seeds 3,4,1 --json
cmp "$run/model.safetensors" "$tmp/seeds/seed-1/model.safetensors" || die "a seed's training is not the one that a single run makes"
expect_fail 2 "--seeds takes seeds, 1,2,3, or how many" "$convscope" train $tiny --seeds 1,x --run "$tmp/misfit"
expect_fail 2 '--seeds names 2 twice' "$convscope" train $tiny --seeds 2,2 --run "$tmp/misfit"
expect_fail 2 'leave one of them out' "$convscope" train $tiny --seeds 1,2 --seed 3 --run "$tmp/misfit"

# Held-out samples choose the best epoch, and the numbers say so.
expect_json '.best_chosen_on == "validation" and .best_epoch >= 1' "$convscope" train $tiny --validation 100 --run "$tmp/validated" --json
# Held-out figures are validation; the best epoch's test accuracy is in a file.
jq -e '.validation_accuracy >= 0 and .validation_loss > 0 and (has("test_accuracy") | not)' "$tmp/validated/metrics.jsonl" >/dev/null || die "validation figures"
jq -e '.best_accuracy >= 0 and .best_chosen_on == "validation" and .best_epoch >= 1' "$tmp/validated/summary.json" >/dev/null || die "summary.json"
