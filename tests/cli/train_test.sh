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

# The same number comes from every batch size, the last partial batch included.
for batch in 256 77; do
  expect_json ".accuracy == $trained and .total == 10000 and .correct == .accuracy * .total
               and .accuracy_interval_95[0] < .accuracy and .accuracy < .accuracy_interval_95[1] and .top5_accuracy > .accuracy
               and (.confusion | length) == 10 and (.confusion | add | add) == 10000 and .loss > 0 and .images_per_second > 0" \
    "$convscope" eval "$run" --data fashion-mnist --batch $batch --json
done
expect_ok 'interval' "$convscope" eval "$run/best.safetensors" --data fashion-mnist --limit 100

# A colour picture of grey things says what the grey picture says.
pictures=$sources/tests/cli/pictures
expect_json '.predictions | length == 2 and (.[0].class | type) == "string" and .[0].index == .[1].index and (.[0].top | length) == 5
             and .[0].confidence == .[0].top[0].confidence and (.[0].confidence - .[1].confidence | fabs) < 1e-4 and .[0].file != .[1].file' \
  "$convscope" predict "$run" "$pictures/grey-28.png" "$pictures/colour-28.png" --json
expect_ok '%' "$convscope" predict "$run" "$pictures/grey-28.png"
expect_fail 1 'the picture has 16 x 16 pixels (rows x columns), the network takes 28 x 28' "$convscope" predict "$run" "$pictures/grey-16.png"

expect_json '.parameters > 10000 and (.layers | map(.parameters) | add) == .parameters and (.layers | map(.macs) | add) == .macs
             and (.layers | all(has("name") and has("kind") and has("shape"))) and ([.memory.predict, .memory.explain, .memory.train] | all(.total > 0))' \
  "$convscope" describe "$run" --json --batch 16
expect_ok 'multiply-adds' "$convscope" describe resnet20
expect_json '.parameters == 269722' "$convscope" describe resnet20 --json

# A run is not written over by accident; a finished one says so.
expect_fail 1 '--resume goes on with it' "$convscope" train $tiny --run "$run"
expect_ok 'accuracy' "$convscope" train --run "$run" --resume
grep -q 'finished' "$tmp/.err" || die "a finished run does not say so"
expect_fail 1 'was started with' "$convscope" train --run "$run" --resume --lr 0.5

# A run.json is a recipe.
expect_json '.ending == "finished"' "$convscope" train --config "$run/run.json" --run "$tmp/again" --json
cmp "$run/model.safetensors" "$tmp/again/model.safetensors" || die "run.json does not repeat its training"

# Held-out samples choose the best epoch, and the numbers say so.
expect_json '.best_chosen_on == "validation" and .best_epoch >= 1' "$convscope" train $tiny --validation 100 --run "$tmp/validated" --json
