# Every record tells where its numbers come from; what it tells holds wherever the program is called.
source "$(dirname "$0")/lib.sh"
need_data
command -v jq >/dev/null || skip "no jq on this machine"
cd "$tmp"
"$convscope" train $tiny --run run >/dev/null 2>&1 || die "no training"
digest=$(sha256sum run/model.safetensors | cut -d' ' -f1)
told='.network.sha256 == "'$digest'" and .network.file == "'$(realpath run/model.safetensors)'" and .network.parameters > 0 and .network.preprocessing == "none"
  and .network.name != "" and (.options | length) > 0 and .seed == 1 and .version != "" and (.processor | type) == "string"'
looked='.data.name == "fashion-mnist" and .data.split == "test" and (.data.digest | test("^[0-9a-f]{32}$"))'

expect_json "$told and $looked and .data.limit == 20 and .data.count == 20" "$convscope" eval run --limit 20 --json
expect_json "$told and $looked and .data.images == \"0,3\" and .options.target == \"Bag\"" "$convscope" explain gradient run --images 0,3 --target Bag --json
expect_json "$told and $looked and .data.limit == 10 and .options.epsilon == [0.1]" "$convscope" attack fgsm run --limit 10 --epsilon 0.1 --json
expect_json "$told and $looked and .data.limit == 3" "$convscope" alias run --limit 3 --json
expect_json "$told" "$convscope" inspect weights run --json
expect_json "$told and .options.batch == 2" "$convscope" describe run --batch 2 --json
expect_json "$told and $looked and .data.count == 1" "$convscope" inspect activations run --json
expect_json "$told and $looked and .data.count == 50" "$convscope" inspect neurons run --limit 50 --json
expect_json "$told and $looked and .data.count == 50 and .options.clusters == 3" "$convscope" inspect clusters run --limit 50 --clusters 3 --json
expect_json "$told and .data.name == \"files\" and .data.count == 1 and .options.resize == \"squash\"" \
  "$convscope" predict run "$sources/tests/cli/pictures/grey-28.png" --json
expect_json '.network.name == "deep" and .network.parameters > 0 and .options.batch == 2 and .version != ""' \
  "$convscope" bench predict --model deep --batch 2 --runs 1 --warm-up 0 --json
for file in run/evaluation.json run/predictions/predictions.json run/attributions/*/explain.json run/attacks/*/attack.json run/aliasing/aliasing.json \
  run/inspect/*/{neurons,clusters,activations}.json; do
  [ ! -e "$file" ] || jq -e "$told and $looked" "$file" >/dev/null || { jq '{network, data, options, seed, version}' "$file" >&2; die "$file does not tell its origin"; }
done
jq -e '.network.sha256 == "'$digest'" and .data.split == "test" and .options.epochs == 1' run/summary.json >/dev/null || die "summary.json"
jq -e '.network.parameters > 0 and .data.split == "train" and .data.count == 600 and (.data.digest | length) == 32 and .seed == 1 and .version != "" and has("processor")' \
  run/run.json >/dev/null || die "run.json"

# A recording and a series of trainings tell it too; what they are of has no one file.
series='.network.name == "medium" and .network.file == "" and .network.sha256 == "" and .network.parameters > 0 and .version != "" and .processor != ""'
"$convscope" train $tiny --seeds 2 --watch gradient --watch-images 0,3 --run seeds >/dev/null 2>&1 || die "no trainings"
jq -e "$series and $looked and .options.lr == 0.002 and (.options | has(\"seed\") | not) and .seed == 1" seeds/seeds.json >/dev/null || die "seeds.json"
jq -e "$series and $looked and .data.images == \"0,3\" and .options.watch == \"gradient\" and .seed == 2" seeds/seed-2/watch/watch.json >/dev/null || die "watch.json"

# The same images have one digest however they were asked for; others have another.
digest_of() { "$convscope" explain gradient run "$@" --out other --json 2>/dev/null | jq -r .data.digest; }
[ "$(digest_of --images 0-2)" = "$(digest_of --images 2,1,0)" ] || die "the order of images changes their digest"
[ "$(digest_of --images 0-2)" != "$(digest_of --images 0-3)" ] || die "other images have the same digest"

# A folder of pictures by a relative path is found from elsewhere.
mkdir -p pets/{cat,dog} elsewhere
pictures=("$sources/tests/cli/pictures/grey-28.png" run/predictions/*.png)
for i in 1 2 3 4 5 6; do cp "${pictures[$i]}" pets/cat/0000$i.png; cp "${pictures[$((i + 6))]}" pets/dog/0001$i.png; done
"$convscope" train --model medium --data ./pets,held_out=0.5 --epochs 1 --batch 2 --lr 0.01 --run flock >/dev/null 2>&1 || die "no training on a folder"
expect_json '.data.folder == "'"$tmp"'/pets" and .total == 8' "$convscope" eval flock --json
cd elsewhere
expect_json '.data.folder == "'"$tmp"'/pets" and .total == 8' "$convscope" eval ../flock --json
expect_json '.maps | length == 8' "$convscope" explain gradient ../flock --json
expect_ok 'accuracy' "$convscope" train --run ../flock --resume

# Pages of records of earlier versions, which knew network and data by their names alone.
cd ..
cp -r run earlier
for file in $(find earlier -name explain.json -o -name attack.json -o -name aliasing.json -o -name predictions.json -o -name neurons.json -o -name clusters.json); do
  jq '.network = .network.name | .data = "\(.data.name), \(.data.split)" | del(.options, .version, .processor)' "$file" >one && mv one "$file"
done
jq 'del(.network, .data, .options, .seed, .version, .processor)' earlier/evaluation.json >one && mv one earlier/evaluation.json
expect_ok 'report.html' "$convscope" report earlier
