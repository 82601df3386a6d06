# Studies say what is missing, keep what is done, and do not mix scales. (What they compute is tested where it is computed.)
source "$(dirname "$0")/lib.sh"
expect_fail 2 "no NAME 'atribution'; did you mean 'attribution'?" "$convscope" study atribution --run "$tmp/s"
expect_fail 2 '--run is missing' "$convscope" study attribution
expect_fail 2 "no 'mediun'; did you mean 'medium'?" "$convscope" study attribution --run "$tmp/s" --scale mediun
expect_fail 2 '--epsilon is for aliasing' "$convscope" study attribution --run "$tmp/s" --epsilon 0.1
expect_fail 2 'each larger than the one before' "$convscope" study aliasing --run "$tmp/s" --epsilon 0.1,0.01

# Without CIFAR-10 every part of this study that computes is left open, and the page says so.
mkdir "$tmp/nothing" "$tmp/home"
run env -u CONVSCOPE_DATA HOME="$tmp/home" XDG_CACHE_HOME="$tmp/home" "$convscope" study from-scratch --run "$tmp/s" --data-root "$tmp/nothing"
[ "$status" -eq 1 ] || { show; die "exit status $status of a study without data"; }
grep -qF 'left open' "$tmp/.err" || { show; die "it does not say that parts are left open"; }
jq -e '.scale == "quick" and all(.parts[] | select(.name != "quoted"); .state == "open" and .command == "")' "$tmp/s/study.json" >/dev/null || die "study.json is wrong"
# What is kept: rows with the command that made them, and nothing of where the folder lay.
jq -e '.rows[0] | .published == 94 and (has("ours") | not)' "$tmp/s/results.json" >/dev/null || die "results.json lacks a row"
jq -e '.parts[0] | .state == "done" and .command == "convscope study from-scratch --run s" and (.date | length == 10)' "$tmp/s/results.json" >/dev/null || die "no command in results.json"
! grep -qF "$tmp" "$tmp/s/results.json" || die "results.json tells where the folder lay"
grep -qF 'Published and here' "$tmp/s/report.html" || die "no page"
expect_fail 1 'quick scale already' "$convscope" study from-scratch --run "$tmp/s" --scale full --data-root "$tmp/nothing"
