# A network trained with noise is less often wrong under noise of high frequency than one trained without (Yin et al. 2019, figure 3): the mean over
# the outer three quarters of the Fourier map (farther than half of what it reaches down or across). Wants $CONVSCOPE_DATA with cifar10/; some minutes.
source "$(dirname "$0")/../cli/lib.sh"
command -v jq >/dev/null || skip "no jq on this machine"
[ -d "${CONVSCOPE_DATA-}/cifar10" ] || skip "no cifar10 in CONVSCOPE_DATA"
# high_error NAME AUGMENT: of a network trained so.
high_error() {
  expect_ok accuracy "$convscope" train --preset cifar-resnet-fast --epochs 6 --limit 10000 --precision bf16 --augment "$2" --run "$tmp/$1"
  expect_ok report "$convscope" eval "$tmp/$1" --limit 200 --fourier --fourier-images 200 --out "$tmp/$1-looks"
  jq '.fourier.errors | (length / 2 | floor) as $middle |
      [to_entries[] | (.key - $middle | fabs) as $down | .value | to_entries[] | (.key - $middle | fabs) as $across |
       select(2 * $down > $middle or 2 * $across > $middle) | .value] | add / length' "$tmp/$1-looks/fourier.json"
}
without=$(high_error without pad-crop,pad=4+flip)
with=$(high_error with pad-crop,pad=4+flip+gaussian_noise,severity=5,share=1)
echo "wrong under noise of high frequency: $without; trained with noise: $with"
jq -ne "$with < $without" >/dev/null || die "noise in training made it no better: $with, without $without"
