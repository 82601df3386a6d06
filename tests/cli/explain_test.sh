# Which pixels matter: maps as pictures and .npy, a sheet, a page; wrong questions are told in a line.
source "$(dirname "$0")/lib.sh"
need_data
"$convscope" train $tiny --run "$tmp/run" >/dev/null 2>&1 || die "no training to explain"

expect_json '.method == "gradient-x-input" and (.maps | length) == 3 and all(.maps[]; (.confidence > 0) and (.zero | not) and .class != "")' \
  "$convscope" explain gradient-x-input "$tmp/run" --images 0,4-5 --json
jq -r '.maps[] | .npy, .png, .input' "$tmp/.out" | while read -r file; do [ -s "$file" ] || die "$file is not there"; done
[ -s "$tmp/run/attributions/gradient-x-input-images-0+4-5/sheet.svg" ] || die "no sheet"
grep -qF 'id="attribution"' "$tmp/run/report.html" || die "the page does not show the maps"

expect_json '.maps[0] | .steps >= 50 and (.completeness_gap / .difference | fabs) <= 0.01' \
  "$convscope" explain integrated-gradients "$tmp/run" --images 0 --tolerance 1% --json
expect_json '.maps[0].target == "conv3:2" and (.maps[0] | has("confidence") | not)' \
  "$convscope" explain gradient "$tmp/run" --images 0 --target conv3:2 --json
expect_json '.maps[0].class == "Sandal" and .colour_scale == "shared" and .maps[0].high == .maps[1].high' \
  "$convscope" explain occlusion "$tmp/run" --images 0,1 --target Sandal --colour-scale shared --json
jq -e '.method == "occlusion,measure=target" and .explains == "the logit of the target" and (.legend | test("^red: it falls where"))' "$tmp/.out" \
  >/dev/null || die "occlusion of a target is not told"
expect_json '.maps[0].target == "all" and .maps[0].confidence > 0 and .explains == "the logits of all classes at once"' \
  "$convscope" explain occlusion "$tmp/run" --images 0 --json
expect_ok 'Of the loss of the true class. Red: the loss grows' "$convscope" explain loss-gradient "$tmp/run" --images 0
expect_fail 2 "it has no --target 'Sandal'" "$convscope" explain gradient-image "$tmp/run" --images 0 --target Sandal; one_line
expect_fail 2 'it is not --of softmax' "$convscope" explain random "$tmp/run" --images 0 --of softmax; one_line
grep -qF 'Of the loss of the true class. Red: the loss grows' "$tmp/run/report.html" || die "the page does not say what a map is of"
picture=$(find "$tmp/run/predictions" -name "*.png" | sort | sed -n 1p)
expect_ok 'report:' "$convscope" explain smoothgrad,count=2 "$tmp/run" --image "$picture" --out "$tmp/files"

expect_fail 2 "did you mean 'gradient'" "$convscope" explain gradeint "$tmp/run"
expect_fail 1 'there are 0 to 9999' "$convscope" explain gradient "$tmp/run" --images 10000
expect_fail 1 'conv3' "$convscope" explain gradient "$tmp/run" --images 0 --target conv33:0
expect_fail 1 'is outside' "$convscope" explain gradient "$tmp/run" --images 0 --target conv3:99
expect_fail 1 "no class 'Sandals'" "$convscope" explain gradient "$tmp/run" --images 0 --target Sandals
expect_fail 1 'nobody knows' "$convscope" explain gradient "$tmp/run" --image "$picture" --target true
expect_fail 2 'promises no completeness' "$convscope" explain gradient "$tmp/run" --images 0 --tolerance 1%
expect_fail 2 '--out is missing' "$convscope" explain gradient "$tmp/run/model.safetensors" --data fashion-mnist --images 0
one_line

# Ways back by rules: what a map misses stands beside it, and what went elsewhere.
expect_json '.maps[0] | (.completeness_gap / .difference | fabs) <= 1e-3 and .steps == 0' \
  "$convscope" explain deeplift,baseline=mean "$tmp/run" --images 0 --json
expect_json '.maps[0] | has("absorbed") and .completeness_gap <= 1e-3' "$convscope" explain lrp,composite=epsilon-plus "$tmp/run" --images 0 --json
expect_json '.explains | test("at node ")' "$convscope" explain grad-cam "$tmp/run" --images 0 --json
expect_json '.explains | test("at node conv3$")' "$convscope" explain hires-cam "$tmp/run" --images 0 --node conv3 --json
expect_fail 1 'has no positions' "$convscope" explain grad-cam "$tmp/run" --images 0 --node linear1; one_line
expect_fail 2 '--node is for class activation maps' "$convscope" explain lrp "$tmp/run" --images 0 --node conv3; one_line
expect_fail 1 'of a logit' "$convscope" explain lrp "$tmp/run" --images 0 --of softmax; one_line
expect_fail 2 "did you mean 'epsilon-plus'" "$convscope" explain lrp,composite=epsilon-pluss "$tmp/run" --images 0; one_line

# --limit is the most images; without it there are eight, or all that are named.
expect_json '.maps | length == 3' "$convscope" explain gradient "$tmp/run" --limit 3 --out "$tmp/limited" --json
expect_json '.maps | map(.image) == [5, 6]' "$convscope" explain gradient "$tmp/run" --images 5-9 --limit 2 --out "$tmp/limited" --json
expect_json '.maps | length == 10' "$convscope" explain gradient "$tmp/run" --images 0-9 --out "$tmp/limited" --json
expect_json '.maps | length == 8' "$convscope" explain gradient "$tmp/run" --out "$tmp/limited" --json

# Another precision or colour scale is another question.
"$convscope" explain gradient "$tmp/run" --limit 2 --precision bf16 --out "$tmp/kept" >/dev/null 2>&1 || die "no map in bf16"
"$convscope" explain gradient "$tmp/run" --limit 2 --out "$tmp/kept" >/dev/null 2>&1 || die "no map"
"$convscope" explain gradient "$tmp/run" --limit 2 --colour-scale shared --out "$tmp/kept" >/dev/null 2>&1 || die "no map of shared scale"
[ -d "$tmp/kept/attributions/gradient" ] && [ -d "$tmp/kept/attributions/gradient-bf16" ] && [ -d "$tmp/kept/attributions/gradient-scale-shared" ] ||
  die "one answer replaced another: $(ls "$tmp/kept/attributions")"

# How good maps are: beside their controls, in the record, on the page, and in one table with others of the same images.
expect_json '(.quality | map(.metric) | index("deletion") != null and index("model-randomisation") != null) and .cost.backward == 1 and
             all(.quality[]; (.interval | length) == 2 and (.controls | has("random") and has("centre") and has("random_network")))' \
  "$convscope" explain gradient-x-input "$tmp/run" --limit 4 --check --check-steps 7 --out "$tmp/checked" --json
expect_ok 'no better than noise' "$convscope" explain random "$tmp/run" --limit 4 --check --check-steps 7 --out "$tmp/checked"
grep -qF 'gradient-x-input ' "$tmp/.out" || die "methods that were checked on the same images do not stand together"
grep -qF 'How good the maps are' "$tmp/checked/report.html" || die "the page does not tell how good the maps are"
expect_fail 2 'the probability of a class' "$convscope" explain gradient "$tmp/run" --images 0 --target conv3:2 --check; one_line

# Parts that are hidden: how well such models fit, and budgets that tell nothing.
expect_json '.maps | all(.superpixels > 1 and .samples == 400 and .r2 <= 1 and .stability <= 1)' \
  "$convscope" explain lime,samples=400,segments=12 "$tmp/run" --limit 2 --out "$tmp/hidden" --json
expect_ok 'two seeds agree to' "$convscope" explain kernel-shap,segments=10 "$tmp/run" --limit 1 --out "$tmp/hidden"
expect_json '.maps[0] | (.completeness_gap | fabs) < 0.001' "$convscope" explain shapley-sampling,permutations=3 "$tmp/run" --limit 1 --out "$tmp/hidden" --json
expect_ok 'Red: it grows where masks' "$convscope" explain rise,masks=200 "$tmp/run" --limit 1 --out "$tmp/hidden"
expect_fail 2 'masks is 1 to' "$convscope" explain rise,masks=0 "$tmp/run"; one_line
expect_fail 2 'of one superpixel nothing can be told' "$convscope" explain lime,segments=1 "$tmp/run"; one_line

# A level is a number, also where the option takes words.
expect_json '.method == "occlusion,fill=\"0.5\"" and .maps[0].high > 0' "$convscope" explain occlusion,fill=0.5 "$tmp/run" --limit 1 --out "$tmp/hidden" --json
expect_fail 2 'fill is black, mean or a level' "$convscope" explain occlusion,fill=1.5 "$tmp/run"; one_line

# A sweep over layers: a record for each.
expect_json '.sweep | map(.method) == ["layer-cam,node=relu1", "layer-cam,node=relu2"]' \
  "$convscope" explain layer-cam "$tmp/run" --limit 1 --node relu1,relu2 --out "$tmp/hidden" --json
expect_fail 1 "no node 'relu9'" "$convscope" explain layer-cam "$tmp/run" --limit 1 --node relu1,relu9 --out "$tmp/hidden"; one_line
