# How threads wait, and how many there are.
source "$(dirname "$0")/lib.sh"
unset OMP_WAIT_POLICY GOMP_SPINCOUNT

# spins COMMAND…: what libgomp read of the environment in the process that computes, the last one to say it.
spins() { OMP_DISPLAY_ENV=verbose "$@" 2>&1 >/dev/null | sed -n "s/.*GOMP_SPINCOUNT = '\(.*\)'/\1/p"; }
few="bench predict --model deep --batch 1 --runs 1"

[ "$(nproc)" -gt 1 ] || skip "one core: no thread waits for another"
usual=$(spins "$convscope" list | tail -1)
[ -n "$usual" ] || skip "this OpenMP does not say how it waits"

# Short waits, said once; the words come through, odd ones too, and the name in the list of processes.
spins "$convscope" $few --threads 2 >"$tmp/counts"
[ "$(wc -l <"$tmp/counts")" -eq 2 ] || die "begun $(wc -l <"$tmp/counts") times, wanted twice"
[ "$(sed -n 1p "$tmp/counts")" = "$usual" ] || die "it began otherwise than as usual"
[ "$(sed -n 2p "$tmp/counts")" -lt "$usual" ] || die "waits are not short: $(cat "$tmp/counts")"
expect_fail 1 'no such file, and a "quoted" one.onnx' "$convscope" predict 'no such file, and a "quoted" one.onnx' x.png --threads 2
printf 'run 1\nquit\n' | "$convscope" bench predict --model deep --batch 1 --threads 2 --serve >"$tmp/served"
[ "$(wc -l <"$tmp/served")" -eq 2 ] || die "what is on stdin is lost"

# Nobody is overruled, and what waits for nobody begins once.
[ "$(GOMP_SPINCOUNT=4321 spins "$convscope" $few --threads 2)" = 4321 ] || die "GOMP_SPINCOUNT is overruled"
[ "$(OMP_WAIT_POLICY=passive spins "$convscope" $few --threads 2)" = 0 ] || die "OMP_WAIT_POLICY is overruled"
[ "$(spins "$convscope" $few --threads 1)" = "$usual" ] || die "one thread begins anew"
[ "$(spins "$convscope" list models)" = "$usual" ] || die "a list begins anew"

# --threads 0 stays on the cores that it may run on.
expect_json '.threads == 1' taskset -c "$(taskset -cp $$ | sed 's/.*: *//; s/[,-].*//')" "$convscope" $few --json
