# What tests of the program share. A test begins with:  source "$(dirname "$0")/lib.sh"
# Then $convscope is the program, $sources the source folder, $tmp an empty folder that goes away at the end.
# Pipes are read to their end (`sed -n 1p`, `grep … >/dev/null`): pipefail takes the signal of one that was cut short (`head`, `grep -q`) for a failure.
set -euo pipefail
convscope=$(realpath "$1") sources=$(realpath "$2")
tmp=$(mktemp -d)
# Tests often share their cores with others, where threads that wait by spinning starve each other.
export OMP_WAIT_POLICY=passive
trap 'rm -rf "$tmp"' EXIT

die() { echo "FAILED: $*" >&2; exit 1; }
skip() { echo "skipped: $*"; exit 77; }

# What the last command printed: $tmp/.out and $tmp/.err.
run() {
  status=0
  "$@" >"$tmp/.out" 2>"$tmp/.err" </dev/null || status=$?
}
show() { sed 's/^/  out: /' "$tmp/.out" >&2; sed 's/^/  err: /' "$tmp/.err" >&2; }

# expect_ok 'text' cmd…: exits with 0, and stdout holds the text.
expect_ok() {
  local text=$1; shift
  run "$@"
  [ "$status" -eq 0 ] || { show; die "exit status $status of: $*"; }
  grep -qF -- "$text" "$tmp/.out" || { show; die "'$text' is not printed by: $*"; }
}

# expect_fail CODE 'text' cmd…: exits with this code, stderr holds the text, stdout stays empty.
expect_fail() {
  local code=$1 text=$2; shift 2
  run "$@"
  [ "$status" -eq "$code" ] || { show; die "exit status $status, wanted $code, of: $*"; }
  grep -qF -- "$text" "$tmp/.err" || { show; die "'$text' is not on stderr of: $*"; }
  [ ! -s "$tmp/.out" ] || { show; die "something on stdout of: $*"; }
}

# expect_json 'filter' cmd…: exits with 0, stdout is one JSON document and nothing else, and the jq filter is true for it.
expect_json() {
  local filter=$1; shift
  command -v jq >/dev/null || skip "no jq on this machine"
  run "$@"
  [ "$status" -eq 0 ] || { show; die "exit status $status of: $*"; }
  jq -es 'length == 1' "$tmp/.out" >/dev/null 2>&1 || { show; die "stdout is not one JSON document: $*"; }
  jq -e "$filter" "$tmp/.out" >/dev/null || { show; die "'$filter' does not hold for: $*"; }
}

# The data set of the tests, and a training of seconds on it.
need_data() { "$convscope" data check fashion-mnist >/dev/null 2>&1 || skip "Fashion-MNIST is not there"; }
tiny="--preset none --model medium --data fashion-mnist --limit 600 --epochs 1 --batch 20 --lr 0.002 --optimiser adam"

# stripes FOLDER TRAIN TEST: a data set of small grey pictures in four classes, which can be told by where they are bright, so many of each.
stripes() {
  python3 - "$@" <<'PYTHON' || die "no pictures of stripes"
import os, random, struct, sys, zlib
folder, counts = sys.argv[1], {"train": int(sys.argv[2]), "test": int(sys.argv[3])}
draw = random.Random(5)
def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
for split, count in counts.items():
    for label, name in enumerate(["bottom", "lower", "top", "upper"]):
        os.makedirs(f"{folder}/{split}/{name}")
        for n in range(count):
            rows = b"".join(b"\0" + bytes((110 if 7 * label <= y < 7 * label + 6 else 0) + draw.randrange(120) for x in range(28)) for y in range(28))
            with open(f"{folder}/{split}/{name}/{n}.png", "wb") as file:
                file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0)) +
                           chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))
PYTHON
}

# one_line: stderr of the last command is one line that opens with the program's name.
one_line() { [ "$(wc -l <"$tmp/.err")" -eq 1 ] && grep -q '^convscope: ' "$tmp/.err" || { show; die "not one line on stderr"; }; }
