# A rank that dies ends all within seconds, nothing is left half-written, and the run goes on with another count of ranks; signals end at a checkpoint.
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/mpi_lib.sh"
stripes "$tmp/stripes" 100 5
training="--preset none --model lenet,width=16 --data $tmp/stripes,grey=true --epochs 5 --batch 40 --lr 0.02 --threads 1 --shards 4"
"$convscope" train $training --run "$tmp/whole" >/dev/null 2>&1 || die "the training alone fails"

goes_on() {
  run "${@:2}" "$convscope" train --run "$tmp/$1" --resume --threads 1
  [ "$status" -eq 0 ] || { show; die "$1 does not go on: exit status $status"; }
  cmp "$tmp/whole/model.safetensors" "$tmp/$1/model.safetensors" || die "$1: other bytes than without the interruption"
}
for launch in "${launchers[@]}"; do
  interrupt $launch "$tmp/$launch-killed" KILL 1 epoch "$convscope" train $training --run "$tmp/$launch-killed"
  [ $status -ne 0 ] || echo "too fast to be killed"
  [ $status -eq 0 ] || grep -qiE 'signal 9|killed|EXIT CODE: 9|No such process' "$tmp/.out" "$tmp/.err" || { show; die "nobody says that a rank was killed"; }
  goes_on $launch-killed $launch 4
  interrupt $launch "$tmp/$launch-asked" TERM 1 epoch "$convscope" train $training --run "$tmp/$launch-asked"
  [ $status -eq 0 ] || grep -q -- '--resume' "$tmp/.err" || { show; die "nothing says how to go on"; }
  goes_on $launch-asked
done
interrupt ${launchers[0]} "$tmp/usr1" USR1 mpirun epoch "$convscope" train $training --run "$tmp/usr1"
[ $status -eq 0 ] || grep -q -- '--resume' "$tmp/.err" || { show; die "nothing says how to go on after SIGUSR1 to mpirun"; }
goes_on usr1

# An attack that takes long ends when it is asked to, on all ranks, and what both have found is kept.
attack="attack autoattack $tmp/whole --limit 20 --epsilon 2/255 --threads 1"
begun=$(date +%s%N)
"$convscope" $attack --out "$tmp/attacked" >/dev/null 2>&1 || die "the attack alone fails"
half=$((($(date +%s%N) - begun) / 2000000))
interrupt ${launchers[0]} "$tmp/none" USR1 mpirun "$((half / 1000)).$(printf %03d $((half % 1000)))" "$convscope" $attack --out "$tmp/ended"
if [ $status -eq 0 ]; then
  echo "the attack was too fast to be ended"
else
  grep -q 'stopped after .* is kept' "$tmp/.err" || { show; die "nobody says that the attack was stopped"; }
  run ${launchers[0]} 3 "$convscope" $attack --out "$tmp/ended"
  [ "$status" -eq 0 ] && grep -q 'goes on where it was stopped' "$tmp/.err" || { show; die "the attack does not go on"; }
fi
(cd "$tmp/attacked" && find . -name '*.npy' -o -name '*.csv') | while read -r file; do
  cmp "$tmp/attacked/$file" "$tmp/ended/$file" || die "another $file than without the interruption"
done

# One rank that cannot go on says why, and nobody waits for it.
begun=$(date +%s)
mkdir "$tmp/elsewhere"
run ${launchers[0]} 1 -wdir "$tmp" "$convscope" eval whole --limit 5 : -n 1 -wdir "$tmp/elsewhere" "$convscope" eval whole --limit 5
[ "$status" -ne 0 ] && grep -q 'convscope: rank 1 on .*: whole: ' "$tmp/.err" || { show; die "a rank that fails does not say so"; }
[ $(($(date +%s) - begun)) -lt 10 ] || die "a rank that fails is waited for"
