# Two hosts, each a network namespace with a name of its own, train together by Open MPI over TCP; then one is cut off in the middle of a run.
source "$(dirname "$0")/../cli/lib.sh"
source "$(dirname "$0")/../cli/mpi_lib.sh"
[[ " ${launchers[*]} " == *" open "* ]] || skip "no Open MPI"
[ "$(id -u)" -eq 0 ] && command -v ip >/dev/null && ip netns list >/dev/null 2>&1 || skip "only root can make network namespaces, with iproute2"
one=cv$$a two=cv$$b
trap 'ip netns del $one 2>/dev/null; ip netns del $two 2>/dev/null; rm -rf "$tmp"' EXIT
ip netns add $one && ip netns add $two || skip "no network namespaces here"
ip link add l$$a netns $one type veth peer name l$$b netns $two || skip "no pair of network devices here"
ip -n $one addr add 10.9.0.1/24 dev l$$a
ip -n $two addr add 10.9.0.2/24 dev l$$b
for place in "$one l$$a" "$two l$$b"; do ip -n ${place% *} link set lo up; ip -n ${place% *} link set ${place#* } up; done

# Stands for ssh: HOST command…
cat >"$tmp/agent" <<AGENT
#!/bin/bash
shift
exec ip netns exec $two unshare -u bash -c 'hostname second; exec bash -c "\$*"' agent "\$@"
AGENT
chmod +x "$tmp/agent"
on_two_hosts() {
  ip netns exec $one unshare -u bash -c 'hostname first; exec "$@"' first \
    mpirun.openmpi --allow-run-as-root --mca plm_rsh_agent "$tmp/agent" --mca btl tcp,self --mca btl_tcp_if_include 10.9.0.0/24 \
    --mca oob_tcp_if_include 10.9.0.0/24 --mca oob_tcp_keepalive_time 3 --mca oob_tcp_keepalive_intvl 1 --mca oob_tcp_keepalive_probes 3 \
    --host 10.9.0.1:1,10.9.0.2:1 -n 2 --bind-to none -x OMP_NUM_THREADS -x OMP_WAIT_POLICY "$@"
}

stripes "$tmp/stripes" 250 5
training="--preset none --model lenet,width=32 --data $tmp/stripes,grey=true --epochs 40 --batch 40 --lr 0.02 --threads 1 --shards 4"
run "$convscope" train $training --run "$tmp/alone"
run on_two_hosts "$convscope" train $training --run "$tmp/both"
[ "$status" -eq 0 ] || { show; die "two hosts: exit status $status"; }
cmp "$tmp/alone/model.safetensors" "$tmp/both/model.safetensors" || die "two hosts give other bytes"

on_two_hosts "$convscope" train $training --run "$tmp/cut" >"$tmp/.out" 2>"$tmp/.err" </dev/null &
process=$!
while ! [ -s "$tmp/cut/metrics.jsonl" ] && kill -0 $process 2>/dev/null; do sleep 0.05; done
ip -n $two link set l$$b down
begun=$(date +%s) status=0
wait $process || status=$?
took=$(($(date +%s) - begun))
[ $status -ne 0 ] || skip "too fast to be cut off"
[ $took -le 10 ] && grep -q 'lost communication with a remote daemon' "$tmp/.err" || { show; die "a host that was cut off is noticed after $took s"; }
echo "noticed after $took s"
run "$convscope" train --run "$tmp/cut" --resume --threads 1
[ "$status" -eq 0 ] && cmp "$tmp/alone/model.safetensors" "$tmp/cut/model.safetensors" || { show; die "the run does not go on to the same bytes"; }
