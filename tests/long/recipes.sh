# Trainings of which only network and data are said, 2 epochs of 5,000 pictures: every pair learns more than chance gives.
# Pairs whose data are absent are left out and told. A quarter of an hour and more.
source "$(dirname "$0")/../cli/lib.sh"

at_chance=0
try() {  # MODEL DATA
  local name="$1 on $2" folder="$tmp/run" accuracy
  rm -rf "$folder"
  if ! "$convscope" data check "${2%%,*}" >/dev/null 2>&1 && [ ! -d "${CONVSCOPE_DATA-}/${2%%,*}" ]; then echo "$name: no such data here"; return; fi
  run "$convscope" train --model "$1" --data "$2" --limit 5000 --epochs 2 --run "$folder" --json
  if [ "$status" -ne 0 ]; then
    if grep -qE 'too small|are wanted' "$tmp/.err"; then echo "$name: left out: $(tail -1 "$tmp/.err")"; return; fi
    show; echo "$name: FAILED"; at_chance=$((at_chance + 1)); return
  fi
  accuracy=$(jq -r '"\(.accuracy) (\(.accuracy_interval_95[0]) to \(.accuracy_interval_95[1]))"' "$tmp/.out")
  if jq -e --argjson classes "$(jq '.classes | length' "$folder/evaluation.json")" '.accuracy_interval_95[0] > 1 / $classes' "$tmp/.out" >/dev/null; then
    echo "$name: $accuracy"
  else
    echo "$name: AT CHANCE, $accuracy"; at_chance=$((at_chance + 1))
  fi
}

for data in fashion-mnist mnist; do for model in deep medium alexnet lenet; do try $model $data; done; done
for data in cifar10 cifar100; do
  for model in deep medium alexnet scratch resnet20 resnet32 resnet18,stem=cifar cifarnet perturb-resnet18 noise-resnet18; do try $model $data; done
done
for model in airbench vgg11 mobilenet-v2; do try $model cifar10; done
for model in oscillation-resnet fully-connected; do try $model oscillations; done
for model in deep medium alexnet scratch resnet20 lenet; do try $model flowers; done
[ "$at_chance" -eq 0 ] || die "$at_chance pairs learn nothing"
