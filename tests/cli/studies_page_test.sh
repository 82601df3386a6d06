# docs/studies.md is what docs/results/ gives, and the script that makes it tells what has changed, what has no command and what no reason.
source "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null || skip "no python3 on this machine"
page=(python3 "$sources/tools/studies_page.py")
run "${page[@]}" check
[ "$status" -eq 0 ] || { show; die "docs/studies.md is old: tools/studies_page.py write"; }

# A study's own file of results, and a page with a place for it.
mkdir -p "$tmp/docs/results" "$tmp/docs/images" "$tmp/run"
results() { # published ours note command
  cat >"$tmp/run/results.json" <<END
{"study": "rehearsal", "title": "A rehearsal", "scale": "medium", "precision": "bf16", "seed": 3, "network": {"name": "", "sha256": ""},
 "parts": [{"name": "first", "about": "the first | part", "folder": "", "state": "done", "seconds": 5400, "command": "$4", "version": "0.1.0",
            "processor": "a processor", "threads": 2, "date": "2026-11-27"},
           {"name": "second", "about": "the second", "folder": "", "state": "open", "seconds": 0, "command": ""}],
 "rows": [{"part": "first", "what": "accuracy", "published": $1, "ours": $2, "low": 70.04, "high": 73.5, "unit": "%", "note": "$3"}]}
END
}
printf 'Prose before.\n<!-- results of rehearsal -->\n<!-- end of results -->\nProse behind.\n' >"$tmp/docs/studies.md"
results 72 71.25 "" "convscope study rehearsal --run DIR"
run "${page[@]}" keep --docs "$tmp/docs" "$tmp/run"
[ "$status" -eq 0 ] || { show; die "results are not kept"; }
[ -s "$tmp/docs/results/rehearsal-medium.json" ] || die "no file of results"
for text in 'Prose before.' '| accuracy | 72 % | 71.2 % | 70.0 to 73.5 | medium |  |' 'the first \| part' 'Prose behind.' \
  '- medium: `convscope study rehearsal --run DIR` (seed 3, bf16): 90 minutes; version 0.1.0, a processor, 2 threads, 2026-11-27' \
  'not done yet: second'; do
  grep -qF -- "$text" "$tmp/docs/studies.md" || { cat "$tmp/docs/studies.md" >&2; die "the page lacks: $text"; }
done
run "${page[@]}" check --docs "$tmp/docs"
[ "$status" -eq 0 ] || { show; die "the page that was just written is called old"; }

sed -i 's/71.25/71.35/' "$tmp/docs/results/rehearsal-medium.json"
expect_fail 1 'is not what results/ gives' "${page[@]}" check --docs "$tmp/docs"
results 90.53 71.25 "" "convscope study rehearsal --run DIR"
expect_fail 1 'and no word on why' "${page[@]}" keep --docs "$tmp/docs" "$tmp/run"
results 72 71.25 "" ""
expect_fail 1 'has no command' "${page[@]}" keep --docs "$tmp/docs" "$tmp/run"

# Every command that the page names can be typed so.
grep -o '`convscope [^`]*`' "$sources/docs/studies.md" | tr -d '`' >"$tmp/commands"
[ "$(wc -l <"$tmp/commands")" -gt 20 ] || die "the page has lost its commands"
while read -r _ command rest; do
  [ -s "$tmp/$command.help" ] || "$convscope" "$command" --help >"$tmp/$command.help" || die "docs/studies.md: no command $command"
  for word in $rest; do
    [[ $word == --* ]] || continue
    grep -qE -- "^ *${word}( |$)" "$tmp/$command.help" || die "docs/studies.md: convscope $command has no $word"
  done
done <"$tmp/commands"
