#!/usr/bin/env bash
# Installs a build of convscope into a temporary place, builds this example against it and runs it.
# Usage: examples/consume/check.sh BUILD_DIR
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:?usage: examples/consume/check.sh BUILD_DIR}" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt"; }

cmake --install "$build" --prefix "$tmp/prefix" >"$tmp/install.log" || { cat "$tmp/install.log"; exit 1; }
cmake -S "$here" -B "$tmp/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$tmp/prefix" \
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
"$tmp/build/consume"
