#!/usr/bin/env bash
# Installs a build of convscope into a temporary place, builds the examples against it and runs them on a network that the build trains.
# Usage: tests/install/check.sh BUILD_DIR
set -euo pipefail
examples=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../examples" && pwd)
build=$(cd "${1:?usage: tests/install/check.sh BUILD_DIR}" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }

cmake --install "$build" --prefix "$tmp/prefix" >"$tmp/install.log" || { cat "$tmp/install.log"; exit 1; }
cmake -S "$examples" -B "$tmp/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$tmp/prefix" \
  -DCMAKE_CXX_COMPILER="$(cached CMAKE_CXX_COMPILER)"
cmake --build "$tmp/build"

# Our own warning flags are no affair of those who use the library.
if grep -rq --include='*.cmake' -e -Wshadow -e -Werror "$tmp/prefix" || grep -q -e -Wshadow -e -Werror "$tmp/build/build.ninja"; then
  echo "the installed package hands warning flags to those who use it" >&2
  exit 1
fi
# Tests and their helpers stay at home.
if find "$tmp/prefix" -name '*_test*' | grep .; then
  echo "the files above are installed and should not be" >&2
  exit 1
fi

data=oscillations,n_freq=2
"$tmp/prefix/bin/convscope" train --model lenet --data "$data" --limit 64 --epochs 1 --run "$tmp/run" >"$tmp/train.log" 2>&1 ||
  { cat "$tmp/train.log"; exit 1; }
picture=$(find "$tmp/run/predictions" -name '*.png' | sort | sed -n 1p)
"$tmp/build/explain" "$tmp/run" "$picture" "$tmp/explained"
"$tmp/build/robustness" "$tmp/run" "$data" "$tmp/attacked"
[ -n "$(find "$tmp/explained/attributions" -name '*.npy')" ] || { echo "explain left no map" >&2; exit 1; }
[ -n "$(find "$tmp/attacked/attacks" -name 'robustness-curve.svg')" ] || { echo "robustness left no curve" >&2; exit 1; }
