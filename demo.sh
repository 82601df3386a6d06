#!/usr/bin/env bash
# Builds convscope, trains a network on Fashion-MNIST, and looks inside it; all is on one page at the end. Run it again: it goes on where it
# was, and builds nothing twice.
# Usage: ./demo.sh [more options for `convscope train`]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
run=runs/fashion

heading() { if [ -t 1 ]; then printf '\n\033[1m%s\033[0m\n' "$1"; else echo "$1"; fi; }

heading "Setting up"
tools/setup.sh

heading "Building"
cmake --preset release >build.log 2>&1 || { cat build.log; exit 1; }
rm -f build.log
cmake --build --preset release

resume=()
if [ -e "$run/run.json" ]; then resume=(--resume); fi
heading "Training"
convscope=build/release/bin/convscope
"$convscope" train --preset fashion-deep-fast --run "$run" "${resume[@]}" "$@"

heading "Looking inside"
for method in gradient-x-input integrated-gradients occlusion smoothgrad; do
  "$convscope" explain "$method" "$run" --images 0-7 >/dev/null
done
for kind in weights activations neurons clusters; do
  "$convscope" inspect "$kind" "$run" >/dev/null
done

heading "Done"
shopt -s nullglob
pictures=("$run"/figures/*.png "$run"/figures/*.svg)
if [ ${#pictures[@]} -gt 0 ]; then
  echo "Pictures:"
  printf '  %s\n' "${pictures[@]/#/$PWD/}"
fi
if [ -e "$run/report.html" ]; then printf 'All on one page, for a browser:\n  %s\n' "$PWD/$run/report.html"; fi
