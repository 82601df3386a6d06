# The page in a browser: it loads without an error or a request, all its controls work, also by keyboard, in both themes and on a phone.
source "$(dirname "$0")/lib.sh"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || skip "no Chromium on this machine"
need_data
run=$tmp/run

expect_ok 'accuracy' "$convscope" train $tiny --run "$run" --watch gradient-x-input --watch-images 0,1
for method in gradient-x-input integrated-gradients,steps=5 occlusion; do expect_ok report "$convscope" explain "$method" "$run" --images 0-3; done
expect_ok report "$convscope" attack fgsm "$run" --epsilon 1/255,8/255 --limit 20
expect_ok report "$convscope" inspect weights "$run"
expect_ok report "$convscope" inspect activations "$run" --images 0
expect_ok report "$convscope" inspect neurons "$run" --count 300
expect_ok report "$convscope" inspect clusters "$run" --limit 200 --clusters 6

# A second network that was asked the same, and the page of both.
other=$tmp/other
expect_ok 'accuracy' "$convscope" train ${tiny/--model medium/--model deep} --run "$other"
expect_ok report "$convscope" explain gradient-x-input "$other" --images 0-3
expect_ok report "$convscope" attack fgsm "$other" --epsilon 1/255,8/255 --limit 20
expect_ok both.html "$convscope" report "$run" "$other" --out "$tmp/both.html"

# driven PAGE: the page as it is, with one script before its own that notes errors, and one behind that plays the user.
driven() {
  echo '<script>window.told = []; addEventListener("error", e => told.push(e.message)); console.error = (...words) => told.push(words.join(" "));</script>'
  cat "$1"
  echo '<script>'; cat "$sources/tests/cli/page/driver.js"; echo '</script>'
}
driven "$run/report.html" >"$tmp/one-driven.html"
driven "$tmp/both.html" >"$tmp/both-driven.html"
has_all='.images > 10 and .plots > 0 and .attacks > 0 and .sheets > 0 and .overlays > 0 and .films > 0 and .maps > 0 and .closed > 0'

# look PAGE WIDTH WHAT [option…]: what the page's user found; a telephone is a frame in a window, for windows are not so narrow.
look() {
  local page=$tmp/$1-driven.html width=$2 what=$3; shift 3
  if [ "$width" -lt 500 ]; then
    printf '<script>onmessage = e => document.body.append(e.data)</script><iframe style="width: %dpx; height: 800px" src="%s"></iframe>' \
      "$width" "file://$page" >"$tmp/phone.html"
    page=$tmp/phone.html width=800
  fi
  timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$tmp/browser" --hide-scrollbars \
    --window-size="$width,900" --virtual-time-budget=8000 --enable-logging=stderr "$@" --dump-dom "file://$page" >"$tmp/dom" 2>"$tmp/log" ||
    { cat "$tmp/log" >&2; die "the browser failed"; }
  ! grep -F 'CONSOLE' "$tmp/log" || die "the browser's console"
  grep -oP 'TOLD \K.*(?= END)' "$tmp/dom" | tail -n 1 >"$tmp/told"
  [ -s "$tmp/told" ] || die "the page's scripts did not come to their end"
  jq -e ".found == [] and $what" "$tmp/told" >/dev/null || { cat "$tmp/told" >&2; die "$page, $width pixels wide $*"; }
}
look one 1280 "$has_all and .height < 12000"
look one 1280 "$has_all" --force-dark-mode --enable-features=WebContentsForceDark
look one 390 "$has_all and .width == 390"
look both 1280 "$has_all and .compared > 0"
look both 390 "$has_all and .compared > 0"
