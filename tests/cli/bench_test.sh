# Each work can be timed, at once or by orders.
source "$(dirname "$0")/lib.sh"

for what in train predict explain; do
  expect_json ".what == \"$what\" and .model == \"deep\" and .batch == 8 and .precision == \"fp32\" and .threads == 1 and .ms_best > 0
               and .ms_median >= .ms_best and .ms_primitives > 0 and .images_per_second > 0 and .peak_memory_bytes > 0" \
    "$convscope" bench $what --model deep --batch 8 --runs 3 --threads 1 --json
done
expect_json '(.steps | length > 5) and ([.steps[].ms] | add) > 0' "$convscope" bench predict --model deep --batch 2 --runs 2 --steps --json
expect_ok 'peak memory' "$convscope" bench train --model deep --batch 4 --runs 2 --optimiser adam

printf 'run 3\nmemory\nwalk\nquit\nrun 1\n' | "$convscope" bench explain --model deep --batch 2 --serve >"$tmp/served"
[ "$(sed -n 1p "$tmp/served")" = ready ] || die "not ready"
sed -n 2p "$tmp/served" | jq -e 'length == 3 and all(. > 0)' >/dev/null || die "no three times"
sed -n 3p "$tmp/served" | jq -e '. > 0' >/dev/null || die "no memory"
sed -n 4p "$tmp/served" | jq -e '.error | test("walk")' >/dev/null || die "an unknown order is not told"
[ "$(wc -l <"$tmp/served")" -eq 4 ] || die "goes on after quit"
