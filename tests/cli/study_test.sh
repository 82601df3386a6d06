# Studies say what is missing, keep what is done, and do not mix scales. (What they compute is tested where it is computed.)
source "$(dirname "$0")/lib.sh"
expect_fail 2 "no NAME 'atribution'; did you mean 'attribution'?" "$convscope" study atribution --run "$tmp/s"
expect_fail 2 '--run is missing' "$convscope" study attribution
expect_fail 2 "no 'small'" "$convscope" study attribution --run "$tmp/s" --scale small

# Without CIFAR-10 every part of this study is left open, and the page says so.
mkdir "$tmp/nothing" "$tmp/home"
run env -u CONVSCOPE_DATA HOME="$tmp/home" XDG_CACHE_HOME="$tmp/home" "$convscope" study from-scratch --run "$tmp/s" --data-root "$tmp/nothing"
[ "$status" -eq 1 ] || { show; die "exit status $status of a study without data"; }
grep -qF 'left open' "$tmp/.err" || { show; die "it does not say that parts are left open"; }
jq -e '.scale == "quick" and all(.parts[]; .state == "open")' "$tmp/s/study.json" >/dev/null || die "study.json is wrong"
grep -qF 'Published and here' "$tmp/s/report.html" || die "no page"
expect_fail 1 'quick scale already' "$convscope" study from-scratch --run "$tmp/s" --scale full --data-root "$tmp/nothing"
