# A training that is watched computes the same bytes, also when it is interrupted, and leaves frames, videos and a part of the page.
source "$(dirname "$0")/lib.sh"
need_data
options="--model medium --data fashion-mnist --limit 1200 --epochs 2 --batch 40 --lr 0.002 --optimiser adam --seed 5"
watch="--watch gradient-x-input,absolute=true+loss-gradient --watch-images 0,1,7,40"

expect_ok 'accuracy' "$convscope" train $options --run "$tmp/plain"
expect_ok 'accuracy' "$convscope" train $options $watch --run "$tmp/run"
cmp "$tmp/plain/model.safetensors" "$tmp/run/model.safetensors" || die "watching changes the training"
cmp "$tmp/plain/best.safetensors" "$tmp/run/best.safetensors" || die "watching changes the best network"
cmp "$tmp/plain/run.json" "$tmp/run/run.json" || die "watching changes run.json"
grep -q '^watched: 60 frames of 4 images; the updates took .* with them, .* without' "$tmp/.err" || { show; die "what watching took"; }
[ ! -e "$tmp/plain/watch" ] || die "a recording that nobody wanted"

# 60 updates: a frame before each, and the network at the end.
cd "$tmp/run/watch"
jq -e '.every == 1 and .target == "true" and (.methods | map(.method)) == ["gradient-x-input,absolute=true", "loss-gradient"]
       and (.images | map(.image)) == [0, 1, 7, 40] and (.images | all(.target == .label))' watch.json >/dev/null || die "watch.json"
frames=0
for file in frames-*.bin; do frames=$((frames + $(head -n 1 "$file" | jq .frames))); done
[ "$frames" -eq 61 ] || die "$frames frames"
head -n 1 path.bin | jq -e '.shape == [4, 1, 28, 28] and .states == 61 and .until == 61' >/dev/null || die "path.bin"
for video in gradient-x-input-absolute-true.webp loss-gradient.webp; do
  [ "$(head -c 4 $video)$(tail -c +9 $video | head -c 4)" = RIFFWEBP ] || die "$video is no WebP"
  grep -qa ANMF $video || die "$video does not move"
done
[ ! -s changes.jsonl ] || jq -e '.from != .to and .update > 0 and .update <= 60' changes.jsonl >/dev/null || die "changes.jsonl"
cd - >/dev/null

# The page has it, and is small.
grep -qF 'While it learned' "$tmp/run/report.html" || die "no slider on the page"
[ "$(stat -c %s "$tmp/run/report.html")" -lt 4000000 ] || die "the page is large"
cp "$tmp/run/report.html" "$tmp/page.html"
expect_json '.sections | index("watch") != null' "$convscope" report "$tmp/run" --json
cmp "$tmp/page.html" "$tmp/run/report.html" || die "the page is another one each time"

# The sum over the training is an attribution; it knows the images that were watched and no others.
expect_ok 'scale' "$convscope" explain training-path "$tmp/run" --images 7,0
[ -s "$tmp/run/attributions/training-path-images-7+0/00007.npy" ] || die "no map of the training path"
expect_ok 'scale' "$convscope" explain training-path,mean=true "$tmp/run" --images 1 --out "$tmp/mean"
expect_fail 1 'image 2 was not watched' "$convscope" explain training-path "$tmp/run" --images 1,2; one_line
expect_fail 1 'is not the one that was watched' "$convscope" explain training-path "$tmp/run" --images 1 --split train; one_line
expect_fail 1 'nothing was recorded in this run' "$convscope" explain training-path "$tmp/plain" --images 1; one_line

# interrupted SIGNAL SECONDS: ended somewhere in its second epoch, resumed without a word about watching, compared.
interrupted() {
  local run=$tmp/interrupted-$1 status=0
  # A job of a script's background ignores SIGINT; `env --default-signal` undoes that.
  env --default-signal=INT "$convscope" train $options $watch --run "$run" >"$tmp/.out" 2>"$tmp/.err" &
  local process=$!
  while [ ! -s "$run/metrics.jsonl" ] && kill -0 $process 2>/dev/null; do sleep 0.02; done
  sleep "$2"
  kill -"$1" $process 2>/dev/null || true
  wait $process || status=$?
  if [ $status -eq 0 ]; then echo "too fast to be interrupted by $1"; return; fi
  expect_fail 1 'was begun with 0,1,7,40' "$convscope" train --run "$run" --resume --watch-images 0,1; one_line
  expect_ok 'accuracy' "$convscope" train --run "$run" --resume
  cmp "$tmp/plain/model.safetensors" "$run/model.safetensors" || die "interrupted by $1: other bytes"
  for file in path.bin watch.json changes.jsonl loss-gradient.webp gradient-x-input-absolute-true.webp; do
    cmp "$tmp/run/watch/$file" "$run/watch/$file" || die "interrupted by $1: another $file"
  done
}
interrupted INT 0.05
interrupted KILL 0.05

# Fewer frames of one class.
expect_ok 'accuracy' "$convscope" train $options --watch gradient --watch-every 7 --watch-target Bag --run "$tmp/few"
head -n 1 "$tmp/few/watch/path.bin" | jq -e '.states == 10 and .shape[0] == 8' >/dev/null || die "each seventh update and the last"
jq -e '.images | all(.target == 8)' "$tmp/few/watch/watch.json" >/dev/null || die "the class that was asked for"

expect_ok 'over 10 of the 61 states of the training, one each 7 updates' "$convscope" explain training-path "$tmp/few" --images 0
expect_fail 2 "it has no --target 'Bag'" "$convscope" explain training-path "$tmp/few" --images 0 --target Bag; one_line

# What cannot be watched is told before anything is written.
expect_fail 1 "no attribution method 'gradiant'" "$convscope" train $options --watch gradiant --run "$tmp/no"; one_line
expect_fail 1 "no class 'Bog'" "$convscope" train $options --watch gradient --watch-target Bog --run "$tmp/no"; one_line
expect_fail 1 'there are 0 to 9999' "$convscope" train $options --watch gradient --watch-images 10000 --run "$tmp/no"; one_line
expect_fail 1 'loss-gradient takes no target' "$convscope" train $options --watch loss-gradient --watch-target Bag --run "$tmp/no"; one_line
expect_fail 1 'kept beside whatever is watched' "$convscope" train $options --watch training-path --run "$tmp/no"; one_line
expect_fail 2 '--watch-images is for one with --watch' "$convscope" train $options --watch-images 1 --run "$tmp/no"; one_line
[ ! -e "$tmp/no" ] || die "a folder for a training that was refused"
expect_fail 1 'was started without it' "$convscope" train --run "$tmp/plain" --resume --watch gradient; one_line
