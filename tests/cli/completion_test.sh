# The shell is told what there is: commands, flags, members of families.
source "$(dirname "$0")/lib.sh"

"$convscope" completion bash >"$tmp/bash"
# completes 'words as typed' WANTED…: the last word, completed as bash would, offers all that is wanted.
completes() {
  local line=$1; shift
  offers=$(bash -c '
    source "$1"
    read -ra COMP_WORDS <<<"$2"
    [[ $2 == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    _convscope
    printf "%s\n" "${COMPREPLY[@]}"' - "$tmp/bash" "$line")
  local wanted
  for wanted in "$@"; do grep -qxF -- "$wanted" <<<"$offers" || die "'$wanted' is not offered for '$line': $offers"; done
}
completes 'convscope tr' train
completes 'convscope train --mod' --model
completes 'convscope train --model resnet2' resnet20
completes 'convscope train --preset scratch-p' scratch-published
completes 'convscope eval --data cif' cifar10
completes 'convscope completion ' bash zsh
completes 'convscope list mod' models

"$convscope" completion zsh >"$tmp/zsh"
grep -qF "'train:" "$tmp/zsh" || die "zsh is not told of train"
if command -v zsh >/dev/null; then zsh -n "$tmp/zsh" || die "zsh cannot read its script"; fi

expect_fail 2 "no SHELL 'fish'" "$convscope" completion fish
