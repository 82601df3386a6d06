# A rank that dies ends all within seconds, nothing is left half-written, and the run goes on with another count of ranks; signals end at a checkpoint.
source "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3, which makes the pictures"
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
modules=$(dirname "$convscope")/../lib/convscope
open() { exec mpirun.openmpi --allow-run-as-root --oversubscribe -n "$@"; }
hydra() { exec mpirun.mpich -n "$@"; }
launchers=()
[ -f "$modules/convscope_openmpi.so" ] && command -v mpirun.openmpi >/dev/null && launchers+=(open)
[ -f "$modules/convscope_mpich.so" ] && command -v mpirun.mpich >/dev/null && launchers+=(hydra)
[ ${#launchers[@]} -gt 0 ] || skip "no MPI was there when this was built, or its mpirun is not there now"

stripes "$tmp/stripes" 100 5
training="--preset none --model lenet,width=16 --data $tmp/stripes,grey=true --epochs 5 --batch 40 --lr 0.02 --threads 1 --shards 4"
"$convscope" train $training --run "$tmp/whole" >/dev/null 2>&1 || die "the training alone fails"

# ranks_of RUN: the processes of its ranks, the root first.
ranks_of() {
  local place
  for place in /proc/[0-9]*; do
    [[ "$(tr '\0' ' ' <"$place/cmdline")" == "$convscope train "*"--run $1 " ]] || continue
    echo "$(tr '\0' '\n' <"$place/environ" | sed -n 's/^\(OMPI_COMM_WORLD_RANK\|PMI_RANK\)=//p') ${place#/proc/}"
  done 2>/dev/null | sort -n | sed 's/.* //'
}

lives() { [ -n "$({ tr -d '\0' <"/proc/$1/cmdline"; } 2>/dev/null)" ]; }  # what is dead and not fetched yet has no words any more

# interrupt LAUNCHER NAME SIGNAL WHO: starts two ranks, waits for an epoch, sends the signal to rank 0 or 1 or to mpirun; waits for the end.
interrupt() {
  local run=$tmp/$2 process begun
  ($1 2 "$convscope" train $training --run "$run") >"$tmp/.out" 2>"$tmp/.err" </dev/null &
  process=$!
  while ! [ -s "$run/metrics.jsonl" ] && kill -0 $process 2>/dev/null; do sleep 0.02; done
  local pids; mapfile -t pids < <(ranks_of "$run")
  begun=$(date +%s%N)
  if [ "$4" = mpirun ]; then kill -"$3" $process; else kill -"$3" "${pids[$4]}"; fi 2>/dev/null || echo "too late for $3"
  status=0; wait $process || status=$?
  took=$((($(date +%s%N) - begun) / 1000000))
  [ $took -lt 10000 ] || { show; die "$took ms from $3 to the end"; }
  for pid in "${pids[@]}"; do ! lives "$pid" || sleep 1; ! lives "$pid" || { show; die "rank $pid lives on"; }; done
  find "$run" -name '*.part*' -o -name '*.tmp*' | grep . && die "something half-written is left"
  return 0
}
goes_on() {
  run "${@:2}" "$convscope" train --run "$tmp/$1" --resume --threads 1
  [ "$status" -eq 0 ] || { show; die "$1 does not go on: exit status $status"; }
  cmp "$tmp/whole/model.safetensors" "$tmp/$1/model.safetensors" || die "$1: other bytes than without the interruption"
}
launch_again() { local launch=$1; shift; ($launch "$@"); }

for launch in "${launchers[@]}"; do
  interrupt $launch $launch-killed KILL 1
  [ $status -ne 0 ] || echo "too fast to be killed"
  [ $status -eq 0 ] || grep -qiE 'signal 9|killed|EXIT CODE: 9' "$tmp/.out" "$tmp/.err" || { show; die "nobody says that a rank was killed"; }
  goes_on $launch-killed launch_again $launch 4
  interrupt $launch $launch-asked TERM 1
  [ $status -eq 0 ] || grep -q -- '--resume' "$tmp/.err" || { show; die "nothing says how to go on"; }
  goes_on $launch-asked
done
interrupt ${launchers[0]} usr1 USR1 mpirun
[ $status -eq 0 ] || grep -q -- '--resume' "$tmp/.err" || { show; die "nothing says how to go on after SIGUSR1 to mpirun"; }
goes_on usr1

# One rank that cannot go on says why, and nobody waits for it.
begun=$(date +%s)
run launch_again ${launchers[0]} 1 "$convscope" eval "$tmp/whole" --limit 50 : -n 1 "$convscope" eval "$tmp/nowhere" --limit 50
[ "$status" -ne 0 ] && grep -q 'rank 1 on .*nowhere' "$tmp/.err" || { show; die "a rank that fails does not say so"; }
[ $(($(date +%s) - begun)) -lt 10 ] || die "a rank that fails is waited for"
