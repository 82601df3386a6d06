# The same seed gives the same bytes; a training that was interrupted and went on gives them too.
source "$(dirname "$0")/lib.sh"
need_data
options="--model deep --data fashion-mnist --limit 1500 --epochs 2 --batch 50 --lr 0.02 --augment pad-crop,pad=2+flip --seed 5"

expect_ok 'accuracy' "$convscope" train $options --run "$tmp/whole"
expect_ok 'accuracy' "$convscope" train $options --run "$tmp/twin"
cmp "$tmp/whole/model.safetensors" "$tmp/twin/model.safetensors" || die "the same seed gives other bytes"
expect_ok 'accuracy' "$convscope" train ${options/--seed 5/--seed 6} --run "$tmp/other"
cmp -s "$tmp/whole/model.safetensors" "$tmp/other/model.safetensors" && die "another seed gives the same bytes"

# interrupted SIGNAL STATUS: ended by a signal somewhere in its middle, resumed, compared.
interrupted() {
  local run=$tmp/interrupted-$1 status=0
  # A job of a script's background ignores SIGINT; `env --default-signal` undoes that.
  env --default-signal=INT "$convscope" train $options --run "$run" >"$tmp/.out" 2>"$tmp/.err" &
  local process=$!
  # Once the folder has its run.json the steps begin.
  while [ ! -s "$run/metrics.jsonl" ] && kill -0 $process 2>/dev/null; do sleep 0.05; done
  sleep "$2"
  kill -"$1" $process 2>/dev/null || true
  wait $process || status=$?
  if [ $status -eq 0 ]; then echo "too fast to be interrupted by $1"; return; fi
  if [ "$1" = INT ]; then
    [ $status -eq 130 ] || { show; die "exit status $status after an interrupt"; }
    grep -q -- '--resume' "$tmp/.err" || { show; die "nothing says how to go on"; }
  fi
  expect_ok 'accuracy' "$convscope" train --run "$run" --resume
  cmp "$tmp/whole/model.safetensors" "$run/model.safetensors" || die "interrupted by $1, resumed: other bytes"
  cmp <(jq -c 'del(.seconds, .images_per_second, .data_wait)' "$tmp/whole/metrics.jsonl") \
      <(jq -c 'del(.seconds, .images_per_second, .data_wait)' "$run/metrics.jsonl") || die "interrupted by $1, resumed: other metrics"
}
interrupted INT 0.2
interrupted KILL 0.2

# Where the system gives one thread alone, work is split for one.
options="--model noise-resnet18,width=8 --data cifar10 --limit 200 --epochs 1 --batch 50 --lr 0.02 --seed 5"
expect_ok 'accuracy' "$convscope" train $options --threads 1 --run "$tmp/one"
expect_ok 'accuracy' env OMP_THREAD_LIMIT=1 "$convscope" train $options --threads 2 --run "$tmp/limited"
cmp "$tmp/one/model.safetensors" "$tmp/limited/model.safetensors" || die "OMP_THREAD_LIMIT gives other bytes than --threads"
