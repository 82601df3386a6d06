# Ranks of an MPI share out a training and work over images: the same bytes for any count of them, by Open MPI and by MPICH.
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/mpi_lib.sh"

# One process without a launcher loads nothing.
if command -v strace >/dev/null; then
  strace -f -e trace=openat "$convscope" list models 2>&1 >/dev/null | grep -E 'libmpi|convscope_(openmpi|mpich)' && die "an MPI is loaded without a launcher"
fi
ldd "$convscope" | grep -i mpi && die "the program links an MPI"

# A training: alone with the same shards, and by 2 and 4 ranks. lenet has batch norm and dropout.
stripes "$tmp/stripes" 30 24
training="--preset none --model lenet,width=8 --data $tmp/stripes,grey=true --epochs 2 --batch 20 --optimiser adam --lr 0.003 --threads 1"
expect_ok 'accuracy' "$convscope" train $training --shards 4 --run "$tmp/alone"
same() {
  cmp "$tmp/alone/model.safetensors" "$1/model.safetensors" || die "$1: other bytes than of one process"
  cmp "$tmp/alone/best.safetensors" "$1/best.safetensors" || die "$1: another best network"
  cmp "$tmp/alone/predictions/predictions.csv" "$1/predictions/predictions.csv" || die "$1: other answers"
}
for launch in "${launchers[@]}"; do
  ranks=$([ "$launch" = open ] && echo 4 || echo 2)
  expect_ok 'accuracy' $launch $ranks "$convscope" train $training --shards 4 --run "$tmp/$launch"
  same "$tmp/$launch"
  [ "$(grep -c 'epoch 2/2' "$tmp/.err")" -eq 1 ] || { show; die "more than one rank talks"; }
  grep -q "^$ranks ranks by " "$tmp/.err" || { show; die "nobody says how many they are"; }
done
# Batch norm over the whole batch: other bytes than by shard, and the same by any count of ranks.
synchronised="${training/--epochs 2/--epochs 1} --shards 4 --sync-bn"
expect_ok 'accuracy' "$convscope" train $synchronised --run "$tmp/synchronised"
expect_ok 'accuracy' "$convscope" train ${synchronised/ --sync-bn/} --run "$tmp/by-shard"
cmp -s "$tmp/synchronised/model.safetensors" "$tmp/by-shard/model.safetensors" && die "--sync-bn changes nothing"
for launch in "${launchers[@]}"; do
  expect_ok 'accuracy' $launch 2 "$convscope" train $synchronised --run "$tmp/synchronised-$launch"
  cmp "$tmp/synchronised/model.safetensors" "$tmp/synchronised-$launch/model.safetensors" || die "--sync-bn by two ranks of $launch: other bytes"
  jq -e '.options.sync_bn' "$tmp/synchronised-$launch/run.json" >/dev/null || die "run.json does not tell of --sync-bn"
done

expect_ok 'accuracy' ${launchers[0]} 2 "$convscope" train ${training/--epochs 2/--epochs 1} --run "$tmp/usual"
jq -e '.options.shards == 8 and .machine.ranks == 2' "$tmp/usual/run.json" >/dev/null || die "run.json does not tell of 8 shards and 2 ranks"

jq 'del(.options.shards)' "$tmp/usual/run.json" >"$tmp/config.json"  # as somebody writes it by hand
expect_ok 'accuracy' ${launchers[0]} 2 "$convscope" train --config "$tmp/config.json" --epochs 1 --threads 1 --run "$tmp/configured"
jq -e '.options.shards == 8' "$tmp/configured/run.json" >/dev/null || die "--config without shards has not the usual ones"
cmp "$tmp/usual/model.safetensors" "$tmp/configured/model.safetensors" || die "--config without shards: other bytes"

# Work over images: the same files and the same document, but for what took how long.
untimed() { jq -S 'walk(if type == "object" then del(.seconds, .images_per_second) else . end)' "$1"; }
# compare NAME LAUNCHERS command…: by one process, then by two or three ranks of each of these MPIs that is there.
compare() {
  local name=$1 by=$2; shift 2
  "$convscope" "$@" --out "$tmp/$name/alone" --json --threads 1 >"$tmp/$name.json" 2>"$tmp/.err" || { show; die "$name alone fails"; }
  for launch in "${launchers[@]}"; do
    [[ $by == *$launch* ]] || continue
    local ranks=$([ "$launch" = open ] && echo 3 || echo 2) out=$tmp/$name/$launch
    run $launch $ranks "$convscope" "$@" --out "$out" --json --threads 1
    [ "$status" -eq 0 ] || { show; die "$name by $ranks ranks: exit status $status"; }
    grep -q "^$ranks ranks by " "$tmp/.err" || { show; die "$name is not shared out"; }
    cmp <(untimed "$tmp/$name.json" | sed "s#$tmp/$name/alone#OUT#g") <(untimed "$tmp/.out" | sed "s#$out#OUT#g") ||
      die "$name by $ranks ranks of $launch: another document"
    (cd "$tmp/$name/alone" && find . -type f ! -name '*.json' ! -name '*.html' | sort) >"$tmp/files"
    [ -s "$tmp/files" ] || die "$name leaves no files"
    while read -r file; do
      cmp "$tmp/$name/alone/$file" "$out/$file" || die "$name by $ranks ranks of $launch: another $file"
    done <"$tmp/files"
    [ "$(cd "$out" && find . -type f ! -name '*.json' ! -name '*.html' | sort)" = "$(cat "$tmp/files")" ] || die "$name: other files"
  done
}
net=$tmp/alone
compare eval open+hydra eval "$net" --save-logits --batch 10 --fourier --fourier-grid 3 --fourier-images 20 --shifts 1 --shift-draws 2
compare corruptions hydra eval "$net" --limit 30 --corruptions gaussian_noise+fog --severities 2,4 --batch 25
compare attack open attack pgd "$net" --limit 20 --epsilon 4/255,16/255 --steps 5 --verdict
compare autoattack open+hydra attack autoattack "$net" --limit 6 --epsilon 8/255
compare neurons open+hydra inspect neurons "$net" --limit 50 --batch 8 --count 4
compare alias open+hydra alias "$net" --limit 20 --batch 4 --save layerwise --save-signals
compare features open+hydra inspect features "$net" --channel 0-4 --steps 12 --draws 2 --limit 30 --batch 8
compare gradient open explain gradient-x-input "$net" --limit 11 --batch 4
compare integrated hydra explain integrated-gradients "$net" --limit 7 --tolerance 2%
compare smoothgrad open+hydra explain smoothgrad,count=6 "$net" --limit 5
mkdir "$tmp/pictures"
cp "$tmp"/stripes/test/top/*.png "$tmp/pictures"
for n in 1 2 3 4 5 6 7 8 9; do cp "$tmp/stripes/test/upper/$n.png" "$tmp/pictures/upper-$n.png"; done
echo no picture >"$tmp/pictures/broken.png"
"$convscope" predict "$net" "$tmp/pictures" --json >"$tmp/predict.json" 2>"$tmp/predict.err" && die "a broken picture is no failure"
for launch in "${launchers[@]}"; do
  run $launch 2 "$convscope" predict "$net" "$tmp/pictures" --json
  [ "$status" -eq 1 ] || { show; die "exit status $status of predict with a broken picture"; }
  cmp "$tmp/predict.json" "$tmp/.out" || die "predict by two ranks of $launch: another document"
  grep -qF "$(cat "$tmp/predict.err")" "$tmp/.err" || { show; die "nobody says which picture is broken"; }
done

launch=${launchers[0]}
$launch 2 "$convscope" bench train --model lenet,width=4 --batch 16 --runs 3 --warm-up 1 --threads 1 --json >"$tmp/bench.json" 2>/dev/null || die "bench train by two ranks"
jq -e '.ranks == 2 and .shards == 8 and .communication > 0 and .communication < 1' "$tmp/bench.json" >/dev/null || die "bench train does not tell of communication"
expect_json '.ranks == 1 and .shards == 1 and (has("communication") | not)' "$convscope" bench train --model lenet,width=4 --batch 16 --runs 1 --warm-up 0 --threads 1 --json

$launch 2 "$convscope" bench train --model lenet,width=4 --batch 16 --shards 4 --runs 2 --warm-up 0 --threads 1 --steps --json >"$tmp/bench.json" 2>/dev/null || die "bench train --steps"
jq -e '[.steps[] | select(.step == "sum of shards")] | length == 1' "$tmp/bench.json" >/dev/null || die "no step is the sum of shards"

# What is not shared out is done once, by the first rank, and that is said.
run $launch 3 "$convscope" describe "$net" --json
[ "$status" -eq 0 ] || { show; die "describe under mpirun: exit status $status"; }
jq -es 'length == 1' "$tmp/.out" >/dev/null || die "several ranks print"
grep -qx 'describe is not shared out between ranks: rank 0 does it alone, without the other 2' "$tmp/.err" || { show; die "nobody says that rank 0 is alone"; }
# It has the cores that the others do not use.
cores=$(env -u OMP_NUM_THREADS nproc)
if [ "$cores" -gt 1 ] && [[ " ${launchers[*]} " == *" hydra "* ]]; then  # which binds nobody
  hydra 2 "$convscope" bench predict --model lenet,width=4 --runs 1 --warm-up 0 --json >"$tmp/bench.json" 2>/dev/null || die "bench predict under mpirun"
  jq -e ".threads == $cores" "$tmp/bench.json" >/dev/null || die "who computes alone takes $(jq .threads "$tmp/bench.json") of $cores cores"
fi
# A launcher that says nonsense stops what computes, not what prints.
PMI_SIZE=two PMI_RANK=0 "$convscope" --help >/dev/null || die "no help where PMI_SIZE is no number"
PMI_SIZE=two PMI_RANK=0 "$convscope" list models >/dev/null || die "no list where PMI_SIZE is no number"
expect_fail 1 'PMI_SIZE=two' env PMI_SIZE=two PMI_RANK=0 "$convscope" describe "$net"
run $launch 2 "$convscope" list models
[ "$(grep -c '^  *resnet20 ' "$tmp/.out")" -eq 1 ] || { show; die "a list is printed by each rank"; }
run $launch 2 "$convscope" list nonsense
[ "$status" -ne 0 ] && [ "$(grep -c '^convscope: ' "$tmp/.err")" -eq 1 ] || { show; die "wrong words are told more than once"; }

# Ranks that are not of one mind are refused, and the odd one is named.
run $launch 1 "$convscope" train $training --shards 4 --run "$tmp/odd" : -n 1 "$convscope" train ${training/0.003/0.5} --shards 4 --run "$tmp/odd"
[ "$status" -ne 0 ] && [ ! -e "$tmp/odd" ] && grep -q 'rank 1 on .*: the command is .*--lr 0.5 .*, that of rank 0 on .* is ' "$tmp/.err" ||
  { show; die "two trainings as one"; }
run $launch 3 "$convscope" train $training --run "$tmp/odd"
[ "$status" -ne 0 ] && grep -q -- '--shards 8: 3 ranks' "$tmp/.err" && [ ! -e "$tmp/odd/run.json" ] || { show; die "8 shards by 3 ranks"; }
