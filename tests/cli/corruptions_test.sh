# Accuracy on corrupted pictures: table, JSON, record, figure and page; as augmentations; wrong questions are told in a line.
source "$(dirname "$0")/lib.sh"
need_data
"$convscope" train $tiny --run "$tmp/run" --augment fog,severity=2+gaussian_noise,share=0.2 >/dev/null 2>&1 || die "no training to evaluate"
eval_on() { "$convscope" eval "$tmp/run" "$@"; }
usage() { expect_fail 2 "$@"; one_line; }

expect_json '(.corruptions | length) == 6 and all(.corruptions[]; .total == 50 and .accuracy == .correct / .total and .severity <= 5)
  and (.corruptions | map(.name) | unique) == ["contrast", "fog", "spatter"] and .mean_over == "2 corruptions, severities 1, 5"
  and .mean_interval_95[0] <= .mean_accuracy and .mean_accuracy <= .mean_interval_95[1] and (.clean_accuracy | type) == "number"
  and (.means | length) == 3 and .network.sha256 != "" and .data.limit == 50' \
  eval_on --corruptions fog+spatter+contrast --severities 1,5 --limit 50 --out "$tmp/out" --json
cp "$tmp/.out" "$tmp/first"
eval_on --corruptions fog+spatter+contrast --severities 1,5 --limit 50 --json --threads 1 2>/dev/null >"$tmp/again"
diff <(jq '.corruptions' "$tmp/first") <(jq '.corruptions' "$tmp/again") || die "the same question twice gives two answers"
for file in corruptions.json figures/corruptions.svg figures/corruptions.csv report.html; do [ -s "$tmp/out/$file" ] || die "$file is not there"; done
expect_ok 'severity 5' eval_on --corruptions pixelate --limit 20
expect_ok 'elastic_transform' "$convscope" list corruptions
expect_ok 'jpeg_compression' "$convscope" list augmentations

usage "did you mean 'fog'?" eval_on --corruptions fogg
usage '--severities' eval_on --corruptions fog --severities 0
usage '--save-logits is for' eval_on --corruptions fog --save-logits --out "$tmp/x"
usage '--severities is for' eval_on --severities 1
expect_fail 1 'labels.npy' eval_on --cifar-c "$tmp/nowhere" --limit 5
expect_fail 1 '--force replaces it' eval_on --corruptions fog --severities 1 --limit 50 --out "$tmp/out"
