# A rank is killed at twenty random moments: each time a clear end within ten seconds, and the run goes on to the same bytes.
source "$(dirname "$0")/../cli/lib.sh"
source "$(dirname "$0")/../cli/mpi_lib.sh"
stripes "$tmp/stripes" 250 5
training="--preset none --model lenet,width=32 --data $tmp/stripes,grey=true --epochs 8 --batch 40 --lr 0.02 --threads 1 --shards 4"
begun=$(date +%s%N)
${launchers[0]} 2 "$convscope" train $training --run "$tmp/whole" >/dev/null 2>&1 || die "the training fails"
whole=$((($(date +%s%N) - begun) / 1000000))
echo "a training of $whole ms"
RANDOM=11
for kill in $(seq 20); do
  launch=${launchers[kill % ${#launchers[@]}]} run=$tmp/killed-$kill who=$((RANDOM % 2)) after=$((RANDOM % (2 * whole / 3)))
  interrupt "$launch" "$run" KILL $who "$(printf '%d.%03d' $((after / 1000)) $((after % 1000)))" "$convscope" train $training --run "$run"
  echo "$launch: rank $who killed after $after ms, the end $took ms later with status $status"
  if [ -e "$run/run.json" ]; then
    resume=(--run "$run" --resume)
  else
    rm -rf "$run"  # it had not begun
    resume=($training --run "$run")
  fi
  run $launch 4 "$convscope" train "${resume[@]}" --threads 1
  [ "$status" -eq 0 ] || { show; die "it does not go on: exit status $status"; }
  cmp "$tmp/whole/model.safetensors" "$run/model.safetensors" || die "other bytes than without the kill"
done
