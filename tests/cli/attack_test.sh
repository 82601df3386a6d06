# Pictures that a network takes for something else: curve, arrays, pictures; wrong questions are told in a line.
source "$(dirname "$0")/lib.sh"
need_data
"$convscope" train $tiny --run "$tmp/run" >/dev/null 2>&1 || die "no training to attack"
attack() { "$convscope" attack "$@" --json; }
usage() { expect_fail 2 "$@"; one_line; }
failure() { expect_fail 1 "$@"; one_line; }

expect_json '.attack == "pgd,steps=10" and .total == 60 and (.curve | map(.epsilon)) == [0, 0.01, 0.1] and .curve[0].accuracy == .clean_accuracy
  and .curve[2].accuracy < .clean_accuracy and .curve[2].accuracy <= .curve[1].accuracy and .curve[2].linf_max <= 0.1000001
  and (.images | length) == .attacked and all(.images[]; has("index") and has("from") and has("to") and has("confidence") and
  has("iterations") and has("success") and has("success_8bit"))' \
  attack pgd "$tmp/run" --steps 10 --epsilon 0,0.01,0.1 --limit 60 --show 2
jq -r '.pictures, .indices, .csv, (.images[:2][] | .clean, .noise, .result)' "$tmp/.out" |
  while read -r file; do [ -s "$file" ] || die "$file is not there"; done
[ "$(find "$tmp/run/attacks" -name '*-noise.png' | wc -l)" -eq 2 ] || die "not two pictures of changes"
cp "$tmp/.out" "$tmp/first"
attack pgd "$tmp/run" --steps 10 --epsilon 0,0.01,0.1 --limit 60 --show 2 >"$tmp/again" 2>/dev/null
diff <(jq 'del(.seconds)' "$tmp/first") <(jq 'del(.seconds)' "$tmp/again") || die "the same attack twice gives two results"

# Published way: all steps, every image.
expect_json '.attacked == .total and all(.images[]; .iterations == 10) and .curve[0].epsilon == (8 / 255)' \
  attack ifgsm "$tmp/run" --epsilon 8/255 --limit 30 --independent
# Towards classes.
expect_json '.goal == "Bag" and .bounded == false and .confidence == 0.95 and all(.images[]; .from != "Bag" and .target == "Bag")
  and all(.images[] | select(.success); .confidence >= 0.95 and .to == "Bag") and .total == 10' \
  attack descent "$tmp/run" --target Bag --limit 10 --draw --iterations 50
expect_json '.total % 9 == 0 and all(.pairs[]; .from != .to and .attempts >= 0) and ([.pairs[] | .attempts] | add) == .total' \
  attack pgd,steps=3 "$tmp/run" --target each --limit 1 --epsilon 0.1
expect_json 'all(.images[]; .target != .from)' attack fgsm "$tmp/run" --target least-likely --limit 8 --epsilon 0.1
expect_ok 'as 8 bits' "$convscope" attack noise "$tmp/run" --epsilon 0.1 --limit 20
expect_ok 'random_start' "$convscope" list attacks

# What an attack leaves is a data set: the floats that were judged, under their classes.
"$convscope" attack pgd,steps=5 "$tmp/run" --epsilon 0.1 --limit 60 --out "$tmp/left" --json >"$tmp/pgd" 2>/dev/null || die "no attack to open"
left=$(dirname "$(jq -r .pictures "$tmp/pgd")")
expect_json '.total == 60 and .accuracy == '"$(jq .robust_accuracy "$tmp/pgd")" "$convscope" eval "$tmp/run" --data "$left" --json
expect_ok 'accuracy' "$convscope" eval "$tmp/run" --data "$tmp/left"
grep -q '60 pictures as floats: pgd,steps=5 of fashion-mnist, test' "$tmp/.err" || { show; die "what was read is not said"; }
expect_ok 'maps' "$convscope" explain gradient "$tmp/run" --data "$left" --images 0,3 --out "$tmp/maps"
for file in pairs.csv classes.csv dataset.json; do [ -s "$left/$file" ] || die "$file is not there"; done
expect_json 'all(.images[]; .success == (.outcome == "reached")) and any(.images[]; .outcome == "wrong before")' \
  attack fgsm "$tmp/run" --epsilon 0.1 --limit 60 --independent
failure 'are of the split test' "$convscope" eval "$tmp/run" --data "$left" --split train

failure "did you mean 'pgd'?" "$convscope" attack pdg "$tmp/run" --epsilon 0.1
usage 'it is below 0' "$convscope" attack pgd "$tmp/run" --epsilon -1/255 --limit 4
usage 'it is above 1' "$convscope" attack pgd "$tmp/run" --epsilon 8 --limit 4
usage 'numbers such as' "$convscope" attack pgd "$tmp/run" --epsilon nan --limit 4
usage 'numbers such as' "$convscope" attack pgd "$tmp/run" --epsilon 1/0 --limit 4
failure 'are both' "$convscope" attack descent "$tmp/run" --target Bag --source Bag
failure "did you mean 'Sandal'?" "$convscope" attack descent "$tmp/run" --target Sandel
failure 'no image to start from' "$convscope" attack descent "$tmp/run" --target Bag --min-confidence 0.9999999 --limit 1
usage 'share from 0' "$convscope" attack descent "$tmp/run" --target Bag --confidence 1.5
usage 'share from 0' "$convscope" attack descent "$tmp/run" --target Bag --confidence -0.5
expect_json '.confidence == 0.5' attack descent "$tmp/run" --target Bag --limit 1 --confidence 50%
usage "no norm 'l3'" "$convscope" attack pgd "$tmp/run" --norm l3 --epsilon 0.1
usage '--steps is for' "$convscope" attack fgsm "$tmp/run" --steps 3 --epsilon 0.1
usage '--epsilon is missing' "$convscope" attack pgd "$tmp/run"
usage '--out is missing' "$convscope" attack fgsm "$tmp/run/model.safetensors" --data fashion-mnist --epsilon 0.1

# An interrupt ends it, says how far it came, and leaves nothing: from the moment that the program, no longer the shell that starts it, catches
# SIGINT, the second bit of what the kernel says.
catches_interrupts() { [[ $(cat "/proc/$1/status") =~ ^Name:.convscope.*SigCgt:.[0-9a-f]*[2367abef]$'\n' ]]; }
"$convscope" attack pgd,steps=100000 "$tmp/run" --epsilon 0.001 --independent --out "$tmp/stopped" >"$tmp/.out" 2>"$tmp/.err" &
process=$!
until catches_interrupts $process || ! kill -0 $process; do sleep 0.02; done
kill -INT $process
status=0; wait $process || status=$?
[ "$status" -eq 130 ] || { show; die "an interrupted attack ends with $status"; }
grep -q 'stopped' "$tmp/.err" || { show; die "an interrupted attack does not say so"; }
[ ! -e "$tmp/stopped/attacks" ] || die "an interrupted attack left files"
