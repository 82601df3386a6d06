# Whatever is wrong is told in one line that names it; the exit status tells wrong usage from failure.
source "$(dirname "$0")/lib.sh"
usage() { expect_fail 2 "$@"; one_line; }
failure() { expect_fail 1 "$@"; one_line; }

usage "did you mean 'train'?" "$convscope" trian
usage 'no command' "$convscope"
usage "did you mean '--epochs'?" "$convscope" train --epoch 3
usage '--epochs takes a whole number, got' "$convscope" train --epochs three --model deep --data fashion-mnist --run "$tmp/r"
usage '--run is missing' "$convscope" train --model deep --data fashion-mnist
usage '--model is missing' "$convscope" train --data fashion-mnist --run "$tmp/r"
usage 'NET is missing' "$convscope" eval --data fashion-mnist
usage 'one word too many' "$convscope" list models data
usage 'said twice' "$convscope" list --threads 1 --threads 2
usage '--threads takes' "$convscope" list --threads -1
usage "did you mean 'check'?" "$convscope" data chek
usage "did you mean 'predict'?" "$convscope" bench predit --model deep
usage 'bench: --method is for explain and attack' "$convscope" bench train --model deep --method fgsm
usage 'alias: --data is missing' "$convscope" alias deep --out "$tmp/r"
usage 'or give files with --image' "$convscope" alias deep --out "$tmp/r"

failure "did you mean 'resnet20'?" "$convscope" describe resnt20
failure "did you mean 'shortcut'?" "$convscope" describe resnet20,shortcutt=projection
failure "did you mean 'fashion-mnist'?" "$convscope" train --model deep --data fashion-mnits --run "$tmp/r"
usage "did you mean 'deep'?" "$convscope" train --model deeep --data fashion-mnist --run "$tmp/r"
failure "no preset" "$convscope" train --preset nothing --run "$tmp/r"
failure "no precision 'fp64'" "$convscope" describe deep --precision fp64
failure "did you mean 'models'?" "$convscope" list modles
usage 'C,H,W' "$convscope" describe deep --image 3,32
usage 'batch' "$convscope" describe deep --batch 0
failure '' "$convscope" eval "$tmp/nothing" --data fashion-mnist
[ ! -e "$tmp/r" ] || die "a training that could not start left its folder"

# Checkpoints that are cut, empty or something else.
failure 'no.json' "$convscope" train --config "$tmp/no.json" --run "$tmp/r"
head -c 100 /dev/urandom >"$tmp/noise.safetensors"
failure 'noise.safetensors' "$convscope" eval "$tmp/noise.safetensors" --data fashion-mnist
: >"$tmp/empty.safetensors"
failure 'empty.safetensors' "$convscope" describe "$tmp/empty.safetensors"

# Data that are not there, or cut.
mkdir -p "$tmp/data/fashion-mnist"
failure 'cifar10' env CONVSCOPE_DATA="$tmp/data" XDG_CACHE_HOME="$tmp" "$convscope" train --model resnet20 --data cifar10 --data-root "$tmp/data" --run "$tmp/r"
debian=/usr/share/datasets/fashion-mnist
if [ -d $debian ]; then
  cp $debian/*labels* "$tmp/data/fashion-mnist/"
  for file in train-images-idx3-ubyte.gz t10k-images-idx3-ubyte.gz; do head -c 50000 $debian/$file >"$tmp/data/fashion-mnist/$file"; done
  failure 'images-idx3-ubyte' "$convscope" data check fashion-mnist --data-root "$tmp/data"
fi
need_data
expect_ok 'accuracy' "$convscope" train ${tiny/--limit 600/--limit 64} --run "$tmp/run"
size=$(stat -c %s "$tmp/run/model.safetensors")
head -c $((size / 2)) "$tmp/run/model.safetensors" >"$tmp/cut.safetensors"
failure 'cut.safetensors' "$convscope" eval "$tmp/cut.safetensors" --data fashion-mnist
failure 'cut.safetensors' "$convscope" predict "$tmp/cut.safetensors" "$sources/tests/cli/pictures/grey-28.png"
failure 'nothing.png' "$convscope" predict "$tmp/run" "$tmp/nothing.png"
head -c 60 "$sources/tests/cli/pictures/grey-28.png" >"$tmp/cut.png"
failure 'cut.png' "$convscope" predict "$tmp/run" "$tmp/cut.png"

# Places where nothing can be written.
echo file >"$tmp/file"
failure 'file' "$convscope" train $tiny --run "$tmp/file/below"
if [ "$(id -u)" -ne 0 ]; then
  mkdir -m 555 "$tmp/locked"
  failure 'locked' "$convscope" train $tiny --run "$tmp/locked/run"
fi
if [ -w /dev/full ]; then
  status=0
  "$convscope" list --json >/dev/full 2>"$tmp/.err" || status=$?
  [ $status -eq 1 ] || die "exit status $status where stdout is full"
  one_line
fi

# What is wrong is named: the folder that is not there, the order of two words, the file that nobody can go on from.
mkdir -p "$tmp/pictures/flowers/rose"
expect_fail 1 "flwers: no such folder; did you mean '$tmp/pictures/flowers'?" "$convscope" train --model deep --data "$tmp/pictures/flwers" --run "$tmp/no"; one_line
expect_fail 2 'METHOD comes first, then NET: `convscope explain gradient-x-input run`' "$convscope" explain run gradient-x-input; one_line
expect_fail 2 'METHOD comes first, then NET: `convscope attack pgd,steps=3 run`' "$convscope" attack run pgd,steps=3 --epsilon 0.1; one_line
expect_fail 2 'KIND comes first, then NET: `convscope inspect weights run`' "$convscope" inspect run weights; one_line
touch "$tmp/x.th"
failure 'neither of the two formats of torch.save' "$convscope" train $tiny --from "$tmp/x.th" --run "$tmp/no"
run "$convscope" attack --help
grep -q 'of pgd: how far each pixel (linf) or the whole picture (l2, l1) goes' <(tr -s ' \n' ' ' <"$tmp/.out") || { show; die "the help of --alpha is that of another attack"; }

# A limit on file sizes in the middle of a training: the error is a line, and the network that stood there still does.
env --default-signal=INT "$convscope" train ${tiny/--limit 600 --epochs 1/--limit 64 --epochs 500} --run "$tmp/long" >/dev/null 2>&1 &
process=$!
while [ ! -s "$tmp/long/metrics.jsonl" ] && kill -0 $process 2>/dev/null; do sleep 0.05; done
kill -INT $process
wait $process || true
cp "$tmp/long/model.safetensors" "$tmp/before.safetensors"
status=0
(ulimit -f 64; exec "$convscope" train --run "$tmp/long" --resume) >"$tmp/.out" 2>"$tmp/.err" </dev/null || status=$?
[ $status -eq 1 ] || { show; die "exit status $status under a limit on file sizes"; }
tail -n 1 "$tmp/.err" | grep '^convscope: .*safetensors' >/dev/null || { show; die "no line about the file that could not be written"; }
cmp "$tmp/before.safetensors" "$tmp/long/model.safetensors" || die "the old checkpoint is gone"

if grep -qE 'avx512_bf16|amx_bf16' /proc/cpuinfo; then
  expect_ok 'accuracy' "$convscope" eval "$tmp/run" --data fashion-mnist --limit 64 --precision bf16
else
  failure 'does not compute in bf16' "$convscope" eval "$tmp/run" --data fashion-mnist --precision bf16
fi
