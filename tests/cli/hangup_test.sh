# A terminal that is closed stops a training as Ctrl-C does; one under nohup does not notice.
source "$(dirname "$0")/lib.sh"
need_data
long="${tiny/epochs 1/epochs 500}"

# begun RUN: waits until the training, a job of the background, has done an epoch.
begun() { while [ ! -s "$1/metrics.jsonl" ] && kill -0 $process 2>/dev/null; do sleep 0.05; done; }

env --default-signal=HUP "$convscope" train $long --run "$tmp/closed" >"$tmp/.out" 2>"$tmp/.err" &
process=$!
begun "$tmp/closed"
kill -HUP $process
status=0; wait $process || status=$?
[ $status -eq 130 ] || { show; die "exit status $status after a hangup"; }
grep -q -- '--resume' "$tmp/.err" || { show; die "nothing says how to go on"; }

env --ignore-signal=HUP "$convscope" train $long --run "$tmp/nohup" >"$tmp/.out" 2>"$tmp/.err" &
process=$!
begun "$tmp/nohup"
kill -HUP $process
sleep 0.5
kill -0 $process 2>/dev/null || { show; die "a training under nohup ends with its terminal"; }
kill -TERM $process
status=0; wait $process || status=$?
[ $status -eq 130 ] || { show; die "exit status $status after SIGTERM"; }
