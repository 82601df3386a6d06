# Results are kept by their question: the same one replaces, another stands beside, fewer images replace more only where that is said.
source "$(dirname "$0")/lib.sh"
need_data
command -v jq >/dev/null || skip "no jq on this machine"
run=$tmp/run
"$convscope" train $tiny --run "$run" >/dev/null 2>&1 || die "no training"
has() { for file in "$@"; do [ -s "$run/$file" ] || die "$file is not there"; done; }
count() { find "$run/$1" -mindepth 1 -maxdepth 1 -type d | wc -l; }
less() { expect_fail 1 '--force replaces it' "$@"; one_line; }

# Maps of two targets, of other images and of another number lie in folders of their own.
"$convscope" explain gradient "$run" --json >"$tmp/usual" 2>/dev/null || die "no map"
expect_ok 'maps' "$convscope" explain gradient "$run" --target 3
expect_ok 'maps' "$convscope" explain gradient "$run" --target Bag --images 0-7
expect_ok 'maps' "$convscope" explain gradient "$run" --of softmax --images 0,7
has attributions/gradient{,-target-3,-target-Bag-images-0-7,-of-softmax-images-0+7}/{explain.json,maps.npy,sheet.svg}
[ "$(count attributions)" -eq 4 ] || die "not four questions"
jq -e 'all(.maps[]; .target == "predicted")' "$run/attributions/gradient/explain.json" >/dev/null || die "targets are mixed"
grep -qF '<b>gradient, target ' "$run/report.html" || die "the page lacks the maps of another target"
# The same question replaces: nothing of the earlier answer is left.
touch "$run/attributions/gradient/00099.npy"; echo mine >"$run/attributions/gradient/notes.txt"
expect_ok 'maps' "$convscope" explain gradient "$run"
[ ! -e "$run/attributions/gradient/00099.npy" ] || die "an earlier map is left"
has attributions/gradient/notes.txt
jq -r .array "$tmp/usual" | grep -F 'attributions/gradient/maps.npy' >/dev/null || die "the array's path"

# One ε does not destroy a curve.
expect_ok 'clean accuracy' "$convscope" attack fgsm "$run" --epsilon 1/255,2/255,0.1 --limit 40
expect_ok 'clean accuracy' "$convscope" attack fgsm "$run" --epsilon 0.1 --limit 10
has attacks/fgsm-linf-1_255+2_255+0.1/attack.json attacks/fgsm-linf-0.1/attack.json
jq -e '.curve | length == 3' "$run/attacks/fgsm-linf-1_255+2_255+0.1/attack.json" >/dev/null || die "the curve is gone"
less "$convscope" attack fgsm "$run" --epsilon 1/255,2/255,0.1 --limit 10
jq -e '.total == 40' "$run/attacks/fgsm-linf-1_255+2_255+0.1/attack.json" >/dev/null || die "it was replaced"
expect_ok 'clean accuracy' "$convscope" attack fgsm "$run" --epsilon 1/255,2/255,0.1 --limit 10 --force
jq -e '.total == 10' "$run/attacks/fgsm-linf-1_255+2_255+0.1/attack.json" >/dev/null || die "--force does not replace"
expect_ok 'clean accuracy' "$convscope" attack fgsm "$run" --epsilon 0.1 --limit 10 --split train
has attacks/fgsm-linf-0.1/attack.json
[ "$(count attacks)" -eq 3 ] || die "the training split's pictures do not stand beside"

# Another network's answer stands beside in one folder, whatever is asked.
cp "$run/model.safetensors" "$tmp/same.safetensors"
expect_ok 'maps' "$convscope" explain gradient "$run" --images 0 --out "$tmp/both"
"$convscope" train $tiny --seed 2 --run "$tmp/other" >/dev/null 2>&1 || die "no second training"
expect_ok 'maps' "$convscope" explain gradient "$tmp/other" --images 0 --out "$tmp/both"
expect_ok 'maps' "$convscope" explain gradient "$tmp/same.safetensors" --data fashion-mnist --images 0 --out "$tmp/both"
[ "$(find "$tmp/both/attributions" -name explain.json | wc -l)" -eq 2 ] || die "networks are mixed, or a copy is another network"

# What is looked at inside, likewise.
expect_ok 'pictures' "$convscope" inspect neurons "$run" --limit 60
less "$convscope" inspect neurons "$run" --limit 20
expect_ok 'pictures' "$convscope" inspect neurons "$run" --images 0-19
expect_ok 'pictures' "$convscope" inspect activations "$run"
expect_ok 'pictures' "$convscope" inspect activations "$run" --images 2,5
has inspect/activations-relu1{,-images-2+5}/activations.npy
[ ! -e "$run/inspect/activations-relu1/00002.npy" ] || die "maps of two questions are mixed"
[ "$(find "$run/inspect" -name neurons.json | wc -l)" -eq 2 ] || die "other images do not stand beside"

# Aliasing.
expect_ok 'non-aliased' "$convscope" alias "$run" --limit 6
expect_ok 'non-aliased' "$convscope" alias "$run" --limit 6 --threshold mean --maps 0
less "$convscope" alias "$run" --limit 2
expect_ok 'non-aliased' "$convscope" alias "$run" --limit 6 --save folds
has aliasing/aliasing.json aliasing-threshold-mean/aliasing.json aliasing-save-folds/{aliasing.json,folds} figures/aliasing-pie-published.svg \
  aliasing-threshold-mean/figures/aliasing-pie-published.svg
[ "$(grep -oF 'aliasing-threshold-mean' "$run/report.html" | wc -l)" -ge 1 ] || die "the page does not show the other question"

# An evaluation of all images is not replaced by one of ten, nor by another network's.
expect_ok 'accuracy' "$convscope" eval "$run" --out "$tmp/judged" --limit 200
less "$convscope" eval "$run" --out "$tmp/judged" --limit 10
less "$convscope" eval "$tmp/other" --out "$tmp/judged" --limit 200
less "$convscope" eval "$run" --out "$tmp/judged" --limit 200 --split train
jq -e '.total == 200' "$tmp/judged/evaluation.json" >/dev/null || die "it was replaced"
expect_ok 'accuracy' "$convscope" eval "$run" --out "$tmp/judged" --limit 10 --force

# Whole tables: logits, features, labels and numbers of every image.
expect_ok 'accuracy' "$convscope" eval "$run" --out "$tmp/judged" --limit 50 --save-logits --save-features relu1
header() { head -c 128 "$1" | tr -d '\0' | grep -aF "$2" >/dev/null || { head -c 128 "$1" >&2; die "$1 is not of $2"; }; }
header "$tmp/judged/predictions/logits.npy" "'descr': '<f4', 'fortran_order': False, 'shape': (50, 10)"
header "$tmp/judged/predictions/features.npy" "'descr': '<f4', 'fortran_order': False, 'shape': (50, "
header "$tmp/judged/predictions/labels.npy" "'descr': '<i8', 'fortran_order': False, 'shape': (50,)"
header "$tmp/judged/predictions/indices.npy" "'descr': '<i8'"
header "$(find "$run/attacks" -name indices.npy | sed -n 1p)" "'descr': '<i8'"
header "$run/aliasing/images.npy" "'descr': '<i8', 'fortran_order': False, 'shape': (6, 4)"
header "$run/attributions/gradient/maps.npy" "'shape': (8, 1, 28, 28)"
expect_ok 'accuracy' "$convscope" eval "$run" --out "$tmp/judged" --limit 50
[ ! -e "$tmp/judged/predictions/logits.npy" ] || die "logits of an earlier evaluation are left"
expect_fail 2 '--out is missing' "$convscope" eval "$run" --save-logits --limit 5; one_line
cp "$tmp/judged/predictions/predictions.csv" "$tmp/before.csv"
expect_fail 1 "did you mean 'relu1'" "$convscope" eval "$run" --save-features rleu1 --out "$tmp/judged" --limit 60
cmp -s "$tmp/before.csv" "$tmp/judged/predictions/predictions.csv" || die "a wrong layer was told after the answers were replaced"
