# What tests of several ranks share, behind lib.sh: `launchers`, the MPIs that are there, as functions that take a count of ranks and a command.
command -v python3 >/dev/null || skip "no python3, which makes the pictures"
export OMP_NUM_THREADS=1 OMP_WAIT_POLICY=passive
modules=$(dirname "$convscope")/../lib/convscope
open() { mpirun.openmpi --allow-run-as-root --oversubscribe -n "$@"; }
hydra() { mpirun.mpich -n "$@"; }
launchers=()
[ -f "$modules/convscope_openmpi.so" ] && command -v mpirun.openmpi >/dev/null && launchers+=(open)
[ -f "$modules/convscope_mpich.so" ] && command -v mpirun.mpich >/dev/null && launchers+=(hydra)
[ ${#launchers[@]} -gt 0 ] || skip "no MPI was there when this was built, or its mpirun is not there now"
[ ${#launchers[@]} -eq 2 ] || echo "one MPI alone: ${launchers[*]}"

# ranks_of RUN: the processes of its ranks, the root first.
ranks_of() {
  local place
  for place in /proc/[0-9]*; do
    [[ "$(tr '\0' ' ' <"$place/cmdline")" == "$convscope train "*"--run $1 " ]] || continue
    echo "$(tr '\0' '\n' <"$place/environ" | sed -n 's/^\(OMPI_COMM_WORLD_RANK\|PMI_RANK\)=//p') ${place#/proc/}"
  done 2>/dev/null | sort -n | sed 's/.* //'
}

lives() { [ -n "$({ tr -d '\0' <"/proc/$1/cmdline"; } 2>/dev/null)" ]; }  # what is dead and not fetched yet has no words any more

# interrupt LAUNCHER RUN SIGNAL WHO SECONDS command…: starts two ranks, waits for an epoch, or so long, sends the signal to rank 0 or 1 or to mpirun,
# and waits for the end: `status` and, in milliseconds, `took`.
interrupt() {
  local launcher=$1 run=$2 signal=$3 who=$4 seconds=$5 process begun hit pids pid
  shift 5
  case $launcher in
    open) mpirun.openmpi --allow-run-as-root --oversubscribe -n 2 "$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null & ;;
    hydra) mpirun.mpich -n 2 "$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null & ;;
  esac
  process=$!
  if [ "$seconds" = epoch ]; then
    while ! [ -s "$run/metrics.jsonl" ] && kill -0 $process 2>/dev/null; do sleep 0.02; done
  else
    sleep "$seconds"
  fi
  mapfile -t pids < <(ranks_of "$run")
  begun=$(date +%s%N) hit=1
  if [ "$who" = mpirun ]; then kill -"$signal" $process; else kill -"$signal" "${pids[$who]-}"; fi 2>/dev/null ||
    { echo "nobody was there for $signal"; hit=0; }
  status=0; wait $process || status=$?
  took=$((($(date +%s%N) - begun) / 1000000))
  [ $hit -eq 0 ] || [ $took -lt 10000 ] || { show; die "$took ms from $signal to the end"; }
  for pid in "${pids[@]}"; do ! lives "$pid" || sleep 1; ! lives "$pid" || { show; die "rank $pid lives on"; }; done
  # What lies there under its own name is whole.
  local file
  for file in "$run"/*.json "$run"/metrics.jsonl; do
    [ ! -e "$file" ] || ! command -v jq >/dev/null || jq -es . "$file" >/dev/null || die "$file is half-written"
  done
}
