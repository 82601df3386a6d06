# What a network's inside looks like: weights, activations, what drives neurons, what a layer finds alike.
source "$(dirname "$0")/lib.sh"
usage() { expect_fail 2 "$@"; one_line; }
failure() { expect_fail 1 "$@"; one_line; }
need_data
run=$tmp/run
expect_ok 'report.html' "$convscope" train $tiny --run "$run"
has() { for file in "$@"; do [ -s "$run/inspect/$file" ] || die "$file is not there"; done; }

# Weights: the layer truly shown is said, each filter has its own scale.
expect_json '.node == "conv1" and (.about | startswith("the first of")) and .shape[1] == 1 and (.filters | length) == ([.shape[0], 64] | min)
             and all(.filters[]; .low < .high)' "$convscope" inspect weights "$run" --json
has weights-conv1/{weights.json,filters.png,filters.csv,sheet.svg,sheet.png,filter-000.png}
expect_ok 'a row each' "$convscope" inspect weights "$run" --node conv2 --count 4
expect_json '.colour == false and .filters[1].filter == 3 and .columns == .channels' "$convscope" inspect weights "$run" --node conv2.weight --channel 0,3 --json
failure 'known: conv1' "$convscope" inspect weights "$run" --node relu1
failure 'there are 0 to' "$convscope" inspect weights "$run" --channel 9999
usage '--limit is for neurons, clusters' "$convscope" inspect weights "$run" --limit 3

# Activations: behind the ReLU of the first convolution; numbers are those of the .npy file.
expect_json '.node == "relu1" and .sign == false and (.images | map(.image)) == [2, 5] and (.images[0].channels | all(.low >= 0 and .low <= .mean and .mean <= .high))
             and (.about | startswith("relu behind conv1"))' "$convscope" inspect activations "$run" --images 2,5 --json
has activations-relu1-images-2+5/{activations.json,activations.csv,00002-image.png,00002-maps.png,00002.npy,00005-sheet.svg,00005-sheet.png}
expect_json '.sign and (.images | length) == 1' "$convscope" inspect activations "$run" --node conv1 --json
expect_ok 'files' "$convscope" inspect activations "$run" --image "$sources/tests/cli/pictures/grey-28.png" --json
failure "did you mean 'relu1'?" "$convscope" inspect activations "$run" --node rleu1
failure 'not made of the pixels' "$convscope" inspect activations "$run" --node conv1.weight
failure 'no maps [C, H, W]' "$convscope" inspect activations "$run" --node "$(jq -r '.layers[-1].name' <("$convscope" describe "$run" --json))"

# Neurons: strongest first; of a position only there; the same whatever the batch.
expect_json '(.neurons | length) == 8 and .images == 300 and (.neurons | map(.selectivity) | . == (sort | reverse))
             and all(.neurons[]; .row == null and (.top | length) == 20 and (.top | map(.activation) | . == (sort | reverse)) and (.top | map(.image) | unique | length) == 20)' \
  "$convscope" inspect neurons "$run" --limit 300 --json
jq -c '[.neurons[] | [.channel, (.top | map(.image))]]' "$tmp/.out" >"$tmp/first"
node=$(jq -r .node "$tmp/.out") channel=$(jq .neurons[0].channel "$tmp/.out")
has "neurons-$node"/{neurons.json,neurons.csv}
expect_json 'true' "$convscope" inspect neurons "$run" --limit 300 --batch 7 --json
jq -c '[.neurons[] | [.channel, (.top | map(.image))]]' "$tmp/.out" | cmp - "$tmp/first" || die "the batch changes the top images"
expect_json '.neurons | length == 1 and .[0].channel == '"$channel"' and .[0].row == 1 and .[0].column == 2 and all(.[0].top[]; .row == 1 and .column == 2)' \
  "$convscope" inspect neurons "$run" --limit 300 --channel "$channel" --position 1,2 --json
expect_json '.neurons[0].top | length == 3 and all(.image < 5)' "$convscope" inspect neurons "$run" --images 0-4 --channel 0 --count 3 --json
failure 'there are 0 to' "$convscope" inspect neurons "$run" --channel 9999
failure 'positions, got row 999' "$convscope" inspect neurons "$run" --position 999,0
usage 'ROW,COLUMN was wanted' "$convscope" inspect neurons "$run" --position 3
usage 'did you mean' "$convscope" inspect neurons "$run" --chanel 3

# Clusters: every image in one, largest first; more than images is an error.
expect_json '(.clusters | length) == 6 and (.clusters | map(.size) | add) == 300 and (.clusters | map(.size) | . == (sort | reverse))
             and all(.clusters[]; (.histogram | add) == .size and (.nearest | length) == ([.size, 25] | min)) and .purity > .chance' \
  "$convscope" inspect clusters "$run" --limit 300 --clusters 6 --restarts 2 --json
has clusters-"$node"-clusters-6/{clusters.json,points.json,points.csv,sheet.svg,sheet.png,map.svg,map.png,map-of-pictures.svg,tsne.svg,tsne-of-pictures.png}
expect_json '.perplexity == 13 and .trustworthiness > .trustworthiness_pca - 0.2 and (.near | map(.image)) == [3, 7] and all(.near[]; (.nearest | length) == 12)' \
  "$convscope" inspect clusters "$run" --limit 40 --clusters 4 --near 3,7 --json
has clusters-"$node"-clusters-4-near-3+7/near-{3,7}.png
failure 'that image is not among the 40' "$convscope" inspect clusters "$run" --limit 40 --clusters 4 --images 100-139 --near 3
expect_ok 'by chance' "$convscope" inspect clusters "$run" --limit 40 --clusters 40 --restarts 1 --standardise
failure '--clusters 40 of 20 images' "$convscope" inspect clusters "$run" --limit 20
usage '--clusters is for clusters' "$convscope" inspect neurons "$run" --clusters 3

# All of it is on the page, which asks nobody for anything.
for words in 'id="weights"' 'id="activations"' 'id="neurons"' 'id="clusters"' 'by chance' 'Selectivity:'; do
  grep -qF "$words" "$run/report.html" || [ "$words" = ] || die "the page does not say '$words'"
done
! grep -oE '[a-z]+://[^"]*' "$run/report.html" | grep -vF 'http://www.w3.org/2000/svg' || die "the page asks for something"
[ "$(wc -c <"$run/report.html")" -lt 4000000 ] || die "the page is large"

# Names are foreign text.
cp -r "$run" "$tmp/foreign"
LC_ALL=C sed -i 's|T-shirt/top|</script><b>\xff\&|g' "$tmp/foreign"/inspect/*/*.json
expect_ok 'report.html' "$convscope" report "$tmp/foreign"
grep -qF '&lt;/script&gt;&lt;b&gt;' "$tmp/foreign/report.html" || die "the foreign name is not there"
[ "$(grep -oF '</script' "$tmp/foreign/report.html" | wc -l)" -eq "$(grep -oF '</script' "$run/report.html" | wc -l)" ] || die "a name became markup"

# A word that is no kind, a network that is not there, results that have no place.
usage 'weights, activations, neurons' "$convscope" inspect wieghts "$run"
failure 'nothing.safetensors' "$convscope" inspect weights "$tmp/nothing.safetensors" --out "$tmp/x"
usage '--out is missing' "$convscope" inspect weights "$run/model.safetensors"

# Features: pictures made for channels, beside the data's own.
expect_json '.node == "relu2" and (.features | map(.channel)) == [0, 3] and
             all(.features[]; (.pictures | length) == 2 and all(.pictures[]; .end >= .begin) and (.top | length) == 4 and (.top | map(.activation) | . == (sort | reverse)))' \
  "$convscope" inspect features "$run" --node relu2 --channel 0,3 --steps 20 --count 4 --limit 100 --json
has features-relu2-channel-0+3-count-4/{features.json,channel-000-0.png,channel-003-1.npy,channel-000.svg,channel-003-tiles.png}
grep -qF 'What channels look for' "$run/report.html" || die "the page does not show features"
expect_json '(.features | map(.objective)) == ["relu2:0 - 0.5*relu2:3", "relu2"] and all(.features[].pictures[]; .end >= .begin)' \
  "$convscope" inspect features "$run" --objective 'relu2:0 - 0.5*relu2:3; relu2' --steps 10 --limit 50 --json
expect_json '.spectrum_images == 60 and .spectrum == "spectrum.npy"' \
  "$convscope" inspect features "$run" --node relu2 --channel 0 --parametrisation maco --steps 5 --crops 2 --limit 60 --json
has features-relu2-channel-0-maco/{spectrum.npy,channel-000-0-seen.png,channel-000-0-transparency.npy}
failure 'a term was wanted' "$convscope" inspect features "$run" --objective ' ; '
usage '--objective says it already' "$convscope" inspect features "$run" --objective relu2 --channel 3
usage 'there are fourier and pixels' "$convscope" inspect features "$run" --parametrisation wavelets
usage '--steps is for features' "$convscope" inspect neurons "$run" --steps 3

# Concepts: brought in folders, and found in the images of a class.
mkdir "$tmp/concepts" "$tmp/concepts/some" "$tmp/concepts/single"
for n in 0 1 2; do cp "$run"/inspect/features-relu2-channel-0+3-count-4/channel-000-0.png "$tmp/concepts/some/made-$n.png"; done
cp "$tmp/concepts/some/made-0.png" "$tmp/concepts/single"
expect_json '.drawn >= 3 and .sets == 3 and (.concepts | map(.name)) == ["some"] and all(.concepts[].classes[]; .score >= 0 and .score <= 1 and has("p"))' \
  "$convscope" inspect concepts "$run" --concepts "$tmp/concepts/some" --sets 3 --limit 60 --count 5 --json
failure 'has 1 picture; at least 2 were wanted' "$convscope" inspect concepts "$run" --concepts "$tmp/concepts/single" --limit 60
expect_json '(.concepts | length) == 3 and (.concepts | map(.importance) | . == (sort | reverse)) and (.explained | length) >= 2' \
  "$convscope" inspect concepts "$run" --rank 3 --count 6 --limit 100 --json
grep -qF 'id="concepts"' "$run/report.html" || die "the page does not show concepts"
usage '--rank is for concepts' "$convscope" inspect clusters "$run" --rank 3
