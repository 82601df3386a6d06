# What there is to choose from is listed, for people and for programs; help and reference come from the same tables.
source "$(dirname "$0")/lib.sh"

expect_json '[.families[].name] | index("models") != null and index("data") != null and index("presets") != null and index("ops") != null' \
  "$convscope" list --json
expect_json '.families[0].members | any(.name == "resnet20" and (.options | any(.name == "shortcut")))' "$convscope" list models --json
expect_ok 'shortcut=' "$convscope" list models
expect_json '.data | any(.name == "fashion-mnist" and has("found") and (.how_to_get | length > 0))' "$convscope" data list --json
expect_ok 'cifar10' "$convscope" data list

expect_ok 'Examples:' "$convscope" --help
expect_ok 'convscope 0.' "$convscope" --version
"$convscope" list commands --json | jq -r '.families[0].members[].name' >"$tmp/commands"
while read -r command; do
  expect_ok "Usage: convscope $command" "$convscope" "$command" --help
  expect_ok "Usage: convscope $command" "$convscope" help "$command"
done <"$tmp/commands"
expect_ok '--augment' "$convscope" train --help
expect_ok 'pad=4' "$convscope" list augmentations

"$convscope" reference >"$tmp/reference.md"
diff -u "$sources/docs/reference.md" "$tmp/reference.md" || die "docs/reference.md is old: convscope reference > docs/reference.md"

"$convscope" data check fashion-mnist >/dev/null 2>&1 || exit 0
expect_json '.data[0].splits | length == 2 and .[0].images == 60000 and (.[0].per_class | length) == 10 and (.[0].mean[0] > 0.28)' \
  "$convscope" data check fashion-mnist --json
