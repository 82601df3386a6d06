# Pictures made for the channels of a trained network: nearly all reach 1.5 times the best image of the data, and random transforms leave less energy
# at high frequencies than none. Wants $CONVSCOPE_DATA with cifar10/ and weights/resnet20.th; a minute.
source "$(dirname "$0")/../cli/lib.sh"
weights=${CONVSCOPE_DATA-}/weights/resnet20.th
[ -f "$weights" ] && [ -d "$CONVSCOPE_DATA/cifar10" ] || skip "no resnet20.th or cifar10 in CONVSCOPE_DATA"
made() {
  "$convscope" inspect features "$weights" --model resnet20 --normalize imagenet --data cifar10 --limit 2000 --node layer2.2.relu2 --channel 0-31 --draws 1 \
    --out "$tmp/out" --json "$@" 2>/dev/null
}
made >"$tmp/with.json"
made --no-transforms >"$tmp/without.json"
jq -e '[.features[].pictures[0]] | (map(select(.times >= 1.5)) | length) >= 0.9 * length' "$tmp/with.json" >/dev/null ||
  die "fewer than nine channels of ten reach 1.5 times the best image"
median() { jq '[.features[].pictures[0].high_frequencies] | sort | .[length / 2 | floor]' "$1"; }
jq -ne "$(median "$tmp/with.json") < $(median "$tmp/without.json")" >/dev/null || die "transforms leave as much energy at high frequencies as none"
