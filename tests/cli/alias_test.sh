# Where frequencies fold onto each other: of arrays, of networks with and without published labels; wrong questions are told in a line.
source "$(dirname "$0")/lib.sh"
usage() { expect_fail 2 "$@"; one_line; }
failure() { expect_fail 1 "$@"; one_line; }

# npy FILE DESCR SHAPE: an array whose bytes come on stdin.
npy() {
  local header="{'descr': '$2', 'fortran_order': False, 'shape': ($3), }"
  { printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "$header"; cat; } >"$1"
}
repeat() { for ((i = 0; i < $1; ++i)); do printf "$2"; done; }

# Arrays: a constant and an impulse have known counts, in both scalings; zeros pass nowhere.
{ repeat 64 '\x01'; printf '\x01'; repeat 63 '\x00'; repeat 64 '\x00'; } | npy "$tmp/three.npy" '|u1' '3, 8, 8'
expect_json '.counts | length == 3
             and .[0] == {published: {non_aliased: 1, aliased: 0, tangled: 24, no_pass: 39}, contribution: {non_aliased: 13, aliased: 0, tangled: 8, no_pass: 43}}
             and .[1].published.tangled == 64 and .[1].contribution.tangled == 64 and .[2].published.no_pass == 64' \
  "$convscope" alias --signal "$tmp/three.npy" --rate 2,2 --json
expect_ok 'non-aliased' "$convscope" alias --signal "$tmp/three.npy"
expect_json '.rate == [1, 3] and all(.counts[]; (.published | add) == 64 and (.contribution | add) == 64)' \
  "$convscope" alias --signal "$tmp/three.npy" --rate 1,3 --threshold mean --passing-db 3 --json
for kept in folds pixelwise channelwise layerwise; do
  expect_ok 'channel' "$convscope" alias --signal "$tmp/three.npy" --save $kept --out "$tmp/kept"
  [ -s "$tmp/kept/aliasing/$kept.npy" ] || die "no $kept.npy"
done

repeat 12 '\x01' | npy "$tmp/flat.npy" '|u1' '3, 4'
{ repeat 15 '\x00\x00\x80\x3f'; printf '\x00\x00\xc0\x7f'; } | npy "$tmp/nan.npy" '<f4' '1, 4, 4'
failure '[channels, rows, columns] was wanted' "$convscope" alias --signal "$tmp/flat.npy"
failure 'channel 0 of the signal holds a number that is not finite' "$convscope" alias --signal "$tmp/nan.npy"
failure 'smaller than the rate' "$convscope" alias --signal "$tmp/nan.npy" --rate 5,5
failure 'rate 0' "$convscope" alias --signal "$tmp/three.npy" --rate 0,2
failure 'ROWS,COLUMNS was wanted' "$convscope" alias --signal "$tmp/three.npy" --rate two
usage '--passing-db -5' "$convscope" alias --signal "$tmp/three.npy" --passing-db -5
expect_fail 2 '--limit is for a network' "$convscope" alias --signal "$tmp/three.npy" --limit 3
expect_fail 2 '--save-signals is for a network' "$convscope" alias --signal "$tmp/three.npy" --save-signals
expect_fail 2 '--out is for what --save keeps' "$convscope" alias --signal "$tmp/three.npy" --out "$tmp/nothing"
usage "no threshold 'most'" "$convscope" alias --signal "$tmp/three.npy" --threshold most
usage "did you mean 'pixelwise'" "$convscope" alias --signal "$tmp/three.npy" --save pixelwide --out "$tmp/x"
failure 'nothing.npy' "$convscope" alias --signal "$tmp/nothing.npy"
usage '--out is missing' "$convscope" alias --signal "$tmp/three.npy" --save folds
usage 'NET is missing' "$convscope" alias
usage 'not both' "$convscope" alias resnet20 --signal "$tmp/three.npy"

# A network: every node that drops samples, named as published; shares that add up; the same whatever the batch.
small=oscillation-resnet,depth=8,size=tiny,widths=incr
alias=("$convscope" alias $small --data oscillations --limit 21 --out "$tmp/net" --json)
adds_up='([.published, .contribution][] | add - 1 | fabs < 1e-9)'
expect_json '.images == 21 and .labelled == 21 and .accounting == "exclusive" and (.signals | map(.label)) == ["1", "*1", "2", "*2"]
             and (.signals[0] | .name == "layer2.0.conv1" and .channels == 16 and .rows == 32 and .columns == 32 and .rate == 2)
             and all(.signals[], .mean; '"$adds_up"')
             and (.mean.published.tangled - (.signals | map(.published.tangled) | add / 4) | fabs < 1e-9)' "${alias[@]}"
jq -c '[.signals[] | .published, .contribution]' "$tmp/.out" >"$tmp/first"
jq -r '.per_image, .image_table, .signals[].maps[].npy' "$tmp/.out" | while read -r file; do [ -s "$file" ] || die "$file is not there"; done
expect_json 'true' "${alias[@]}" --batch 4
jq -c '[.signals[] | .published, .contribution]' "$tmp/.out" | cmp - "$tmp/first" || die "the batch changes the counts"
expect_json '.accounting == "legacy" and all(.signals[]; '"$adds_up"')' "${alias[@]}" --accounting legacy
# published non-aliased = n / (1 + a): the sum over all four of one image is no longer the count of frequencies.
expect_json '.images == 1' "${alias[@]}" --images 3
jq '.signals[0].published | .non_aliased / (1 + .aliased)' "$tmp/.out" >"$tmp/expected"
expect_json ".signals[0].published.non_aliased - $(cat "$tmp/expected") | fabs < 1e-9" "${alias[@]}" --images 3 --accounting legacy
for kept in folds pixelwise channelwise layerwise; do
  expect_json ".saved == \"$kept\"" "${alias[@]}" --images 0,2 --save $kept --save-signals
done
kept() { [ -s "$tmp/net/aliasing-save-$1-signals-images-0+2/$2.npy" ] || die "no $2.npy of --save $1"; }
kept folds folds/00-00002
kept folds signals/01-00002
kept pixelwise pixelwise/03-00000
kept channelwise channelwise-03
kept layerwise layerwise

# A signal that was kept says by itself what it said in the network: no image but its own counts.
expect_json '.channels == 16 and .rows == 32' "$convscope" alias --signal "$tmp/net/aliasing-save-folds-signals-images-0+2/signals/00-00002.npy" --json
jq '[.counts[].published.tangled] | add / (16 * 32 * 32)' "$tmp/.out" >"$tmp/expected"
expect_json ".signals[0].published.tangled - $(cat "$tmp/expected") | fabs < 1e-9" "${alias[@]}" --images 2

# Files as images, shortcuts without a convolution, other networks' own names.
expect_json '.labelled == 0 and (.signals | map(.name)) == ["layer2.0.conv1", "layer2.0.downsample.subsample", "layer3.0.conv1", "layer3.0.downsample.subsample"]' \
  "$convscope" alias resnet20 --image "$sources/tests/cli/pictures/grey-28.png" --out "$tmp/files" --json
expect_json '.signals | all(.label == .name)' "$convscope" alias medium --image "$sources/tests/cli/pictures/grey-28.png" --out "$tmp/files" --json

# A table says which images count; arrays are pictures; what goes into the last layer lies beside; the same under attack.
printf 'index,sure\n0,1\n1,0\n2,True\n' >"$tmp/mask.csv"
masked=("$convscope" alias $small --data oscillations --images 0-2 --mask "$tmp/mask.csv" --mask-column sure --out "$tmp/masked" --json)
expect_json '.images == 2 and .data.images == "0-2, sure of mask.csv"' "${masked[@]}"
expect_json '.images == 1 and .data.images == "0-2, not sure of mask.csv"' "${masked[@]}" --negate-mask
grep -q 'mask.csv: it has no row for' "$tmp/.err" && die "it misses rows that are there"
expect_json '.images == 2' "$convscope" alias $small --data oscillations --limit 3 --mask "$tmp/mask.csv" --mask-column sure --out "$tmp/x" --json
grep -q 'no row for 9 997 of the 10 000 images\|no row for 9997 of the 10000 images' "$tmp/.err" || { show; die "images without a row are not told"; }
usage '--mask and --mask-column' "$convscope" alias $small --data oscillations --mask "$tmp/mask.csv" --out "$tmp/x"
repeat 2048 '\x00\x00\x00\x3f' | npy "$tmp/pictures.npy" '<f4' '2, 1, 32, 32'
expect_json '.images == 2 and .labelled == 0' "$convscope" alias $small --image "$tmp/pictures.npy" --save-features --out "$tmp/arrays" --json
[ -s "$tmp/arrays/"aliasing-features*/features.npy ] || die "no features.npy"
attacked=("$convscope" alias $small --data oscillations --limit 6 --attack pgd,steps=2 --epsilon 0,0.01,8/255 --save layerwise --save-signals --out "$tmp/attacked")
expect_json '(.points | map(.epsilon) | length == 3 and .[1] == 0.01) and all(.points[]; .accuracy_interval_95[0] <= .accuracy and .low <= .median)
             and .attack == "pgd,steps=2" and .images == 6' "${attacked[@]}" --json
[ -s "$tmp/attacked/aliasing/under-attack/0.01/aliasing-save-layerwise-signals/layerwise.npy" ] || die "nothing kept of what was attacked"
grep -qF 'Under attack' "$tmp/attacked/report.html" || die "the page has no curve"
expect_ok '8/255' "${attacked[@]}"
usage '--epsilon 0.01 behind 0.02' "$convscope" alias $small --data oscillations --attack pgd --epsilon 0.02,0.01 --out "$tmp/x"
usage '--epsilon is for a network under attack (--attack)' "$convscope" alias $small --data oscillations --epsilon 0.01 --out "$tmp/x"

failure 'drops samples nowhere' "$convscope" alias fully-connected --data oscillations --out "$tmp/x"
failure 'there are 0 to' "$convscope" alias $small --data oscillations --images 999999999 --out "$tmp/x"
failure 'no signal has that channel' "$convscope" alias $small --data oscillations --limit 1 --map-channels 5000 --out "$tmp/x"
usage '--rate is for --signal' "$convscope" alias $small --data oscillations --rate 2,2 --out "$tmp/x"
usage '--out is missing' "$convscope" alias $small --data oscillations
