#!/usr/bin/env bash
# Sets up, checks the format, builds with warnings as errors and runs all tests, those of what reads foreign files under sanitizers too.
# The last line is `N passed, N failed` (and `, N skipped`); the exit status says whether all went well.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

passed=0 failed=0 skipped=0
logs=$(mktemp -d)
finish() {
  # Once more at the end, where nobody has to look for it.
  if [ -s "$logs/failures" ]; then
    heading "What failed"
    tail -n 90 "$logs/failures"
  fi
  rm -rf "$logs"
  local line="$passed passed, $failed failed"
  if [ "$skipped" -gt 0 ]; then line+=", $skipped skipped"; fi
  echo "$line"
  exit $((failed > 0))
}
trap finish EXIT
trap 'failed=$((failed + 1)); exit 1' INT TERM

heading() { if [ -t 1 ]; then printf '\n\033[1m%s\033[0m\n' "$1"; else printf '\n== %s\n' "$1"; fi; }

# step HEADING command…: a step that is no test itself; without it the rest makes no sense.
step() {
  heading "$1"
  "${@:2}" && return
  echo "failed: $1"
  failed=$((failed + 1))
  exit 1
}

# run_tests PRESET: adds what ctest says to the sums.
run_tests() {
  local log=$logs/$1 total=0 bad=0 skips
  heading "Tests ($1)"
  ctest --preset "$1" 2>&1 | tee "$log"
  local status=${PIPESTATUS[0]}
  if [[ $(grep -E 'tests passed, .* out of' "$log") =~ ([0-9]+)\ tests?\ failed\ out\ of\ ([0-9]+) ]]; then
    bad=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
  fi
  skips=$(grep -cE '\*\*\*Skipped' "$log")
  # What a failed test printed stands between its line and the next test's.
  awk -v preset="$1" '/\*\*\*(Failed|Timeout|Exception|Not Run)/ { print preset ": " $0; on = 1; next }
                      /^ +Start +[0-9]+:|^ *[0-9]+\/[0-9]+ Test +#/ { on = 0 }
                      on' "$log" >>"$logs/failures"
  if [ "$status" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1 total=$((total + 1)); fi  # ctest itself failed
  passed=$((passed + total - bad - skips)) failed=$((failed + bad)) skipped=$((skipped + skips))
}

# Versions lay some things out differently; the layout is that of this one.
layout_version=14
lays_out_like_us() { [[ $(clang-format --version) =~ version\ ([0-9]+)\. ]] && [ "${BASH_REMATCH[1]}" -eq "$layout_version" ]; }
sources() { git ls-files -z '*.h' '*.cpp' 2>/dev/null || find . -path ./build -prune -o \( -name '*.h' -o -name '*.cpp' \) -print0; }
formatted() { sources | xargs -0 -r clang-format --dry-run -Werror; }

# Old libraries of the thread sanitizer cannot start where the kernel spreads addresses widely.
thread_sanitizer_works() {
  echo 'int main() {}' >"$logs/probe.cpp" && c++ -fsanitize=thread "$logs/probe.cpp" -o "$logs/probe" 2>/dev/null && "$logs/probe" 2>/dev/null
}

preset() { cmake --preset "$1" && cmake --build --preset "$1"; }

step "Set-up" tools/setup.sh tests
heading "Format"
if ! lays_out_like_us; then
  echo "left out: the layout is that of clang-format $layout_version; this is $(clang-format --version)"
elif ! formatted; then
  echo "the layout of some sources is not that of clang-format $layout_version" | tee -a "$logs/failures"
  failed=$((failed + 1))
fi
step "Build (dev)" preset dev
run_tests dev
step "Build (asan)" preset asan
run_tests asan
if thread_sanitizer_works; then
  step "Build (tsan)" preset tsan
  run_tests tsan
else
  heading "The thread sanitizer does not start on this machine; its tests are left out"
fi
