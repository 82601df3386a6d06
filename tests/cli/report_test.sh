# A run folder, finished or not, becomes one page that needs nothing else.
source "$(dirname "$0")/lib.sh"
need_data
run=$tmp/run

# offline PAGE: no address in it but the name of SVG's namespace.
offline() { ! grep -oE '[a-z]+://[^"]*' "$1" | grep -vF 'http://www.w3.org/2000/svg' || die "$1 asks for something"; }

# Training ends with it, and it can be made again, to the same bytes.
expect_ok 'report.html' "$convscope" train $tiny --run "$run"
for words in 'medium on fashion-mnist' 'chosen on the test set' 'Most confused' 'most confident mistakes' 'data:image/png;base64,'; do
  grep -qF "$words" "$run/report.html" || die "the page does not say '$words'"
done
offline "$run/report.html"
cp "$run/report.html" "$tmp/first.html"
expect_ok "$run/report.html" "$convscope" report "$run"
cmp "$run/report.html" "$tmp/first.html" || die "the page is another one each time"
expect_json '.sections == ["training", "confusion", "predictions"] and .bytes > 10000' "$convscope" report "$run" --out "$tmp/page.html" --json
[ -s "$tmp/page.html" ] || die "no page where --out wants it"

# The sheet: images drawn at random in their order, then mistakes, the surest first; each with its picture.
jq -e '(.first | map(.index) | . == (sort | unique) and length == 48 and .[-1] > 48) and (.mistakes | length > 0 and all(.label != .predicted))
       and (.mistakes | map(.confidence)) == (.mistakes | map(.confidence) | sort | reverse) and .total == 10000
       and (.first | all((.top | length) == 5 and .confidence == .top[0].confidence))' "$run/predictions/predictions.json" >/dev/null || die "the sheet"
for picture in $(jq -r '(.first + .mistakes)[].picture' "$run/predictions/predictions.json"); do
  [ -s "$run/predictions/$picture" ] || die "no picture $picture"
done

# Every answer is a line of the table, integers but for the confidence.
[ "$(head -n 1 "$run/predictions/predictions.csv")" = index,label,predicted,confidence ] || die "the table's heading"
[ "$(wc -l <"$run/predictions/predictions.csv")" -eq 10001 ] || die "the table does not hold every image"
[ "$(awk -F, 'NR > 1 && $2 == $3' "$run/predictions/predictions.csv" | wc -l)" -eq "$(jq .correct "$run/evaluation.json")" ] ||
  die "the table and the evaluation count other images as right"

# An evaluation has a page of its own.
expect_ok "$tmp/evaluated/report.html" "$convscope" eval "$run" --data fashion-mnist --limit 200 --out "$tmp/evaluated"
grep -qF 'of 200 images' "$tmp/evaluated/report.html" || die "the page of an evaluation"
jq -e '.total == 200' "$tmp/evaluated/evaluation.json" >/dev/null || die "evaluation.json"

# Another one into the same folder replaces its pictures, and nothing that is not its own.
echo mine >"$tmp/evaluated/predictions/notes.txt"
expect_ok 'report.html' "$convscope" eval "$run" --data fashion-mnist --limit 5 --out "$tmp/evaluated" --force
[ "$(ls "$tmp/evaluated/predictions" | grep -c png)" -le 5 ] || die "pictures of an earlier evaluation stay"
[ -s "$tmp/evaluated/predictions/notes.txt" ] || die "somebody's file is gone"

# A run that is not finished: a line is being written, nothing is evaluated.
mkdir "$tmp/young"
jq '.options.epochs = 9' "$run/run.json" >"$tmp/young/run.json"
{ cat "$run/metrics.jsonl"; printf '{"epoch":2,"lr"'; } >"$tmp/young/metrics.jsonl"
expect_ok "$tmp/young/report.html" "$convscope" report "$tmp/young"
grep -qF '1 of 9 epochs so far' "$tmp/young/report.html" || die "an unfinished run does not say so"

# Several runs on one page.
expect_fail 2 '--out is missing' "$convscope" report "$run" "$tmp/young"
expect_ok "$tmp/both.html" "$convscope" report "$run" "$tmp/young" --out "$tmp/both.html"
grep -qF 'What differs' "$tmp/both.html" || die "runs are not compared"
offline "$tmp/both.html"

# Images on which two networks disagree are shown, also those that no sheet has.
other=$tmp/other
expect_ok 'accuracy' "$convscope" train ${tiny/--limit 600/--limit 200} --seed 9 --run "$other"
rm "$run"/predictions/*.png "$other"/predictions/*.png
expect_ok "$tmp/two.html" "$convscope" report "$run" "$other" --out "$tmp/two.html"
ls "$run/predictions" | grep '^disputed-.*\.png$' >/dev/null || die "no picture of a disputed image is kept"
! grep -qF '<li class="dispute"><div><span class="no-picture"' "$tmp/two.html" || die "a disputed image without its picture"
expect_fail 2 'the run folder of another network' "$convscope" explain gradient "$run" --images 0 --out "$other"

# Names are foreign text.
cp -r "$run" "$tmp/foreign"
for file in evaluation.json predictions/predictions.json; do
  LC_ALL=C sed -i 's|T-shirt/top|</script><b>\xff\&|g' "$tmp/foreign/$file"
done
expect_ok 'report.html' "$convscope" report "$tmp/foreign"
grep -qF '&lt;/script&gt;&lt;b&gt;' "$tmp/foreign/report.html" || die "the foreign name is not there"
for tag in '</script' '<b>'; do
  [ "$(grep -oF "$tag" "$tmp/foreign/report.html" | wc -l)" -eq "$(grep -oF "$tag" "$run/report.html" | wc -l)" ] || die "a name became markup: $tag"
done
iconv -f UTF-8 -t UTF-8 "$tmp/foreign/report.html" >/dev/null || die "bytes that are no UTF-8"

# What is no run says so.
mkdir "$tmp/empty"
expect_fail 1 'nothing to report in it' "$convscope" report "$tmp/empty"; one_line
expect_fail 1 'no such folder' "$convscope" report "$tmp/none"; one_line
expect_fail 2 'DIR is missing' "$convscope" report; one_line
printf '{' >"$tmp/empty/run.json"
expect_fail 1 'run.json' "$convscope" report "$tmp/empty"; one_line
