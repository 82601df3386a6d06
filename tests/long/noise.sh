# A network trained with noise is less often wrong under noise of high frequency than one trained without (Yin et al. 2019, figure 3, of CIFAR-10
# and noise of norm 4): the mean over the outer three quarters of the Fourier map (farther than half of what it reaches down or across). Also what the
# noise costs beside clean pictures is less, for a network that has learnt less is wrong more often anyway. Six epochs on 10,000 images are enough:
# 51.5 and 45.9 % wrong of 200 images, 37.0 and 44.5 % without noise (seed 1). Wants $CONVSCOPE_DATA with cifar10/; some ten minutes.
source "$(dirname "$0")/../cli/lib.sh"
command -v jq >/dev/null || skip "no jq on this machine"
[ -d "${CONVSCOPE_DATA-}/cifar10" ] || skip "no cifar10 in CONVSCOPE_DATA"
# fourier_of NAME AUGMENT: the map of a network trained so, in $tmp/NAME-looks.
fourier_of() {
  expect_ok accuracy "$convscope" train --preset cifar-resnet-fast --epochs 6 --limit 10000 --precision bf16 --augment "$2" --run "$tmp/$1"
  expect_ok report "$convscope" eval "$tmp/$1" --limit 200 --fourier --fourier-images 200 --out "$tmp/$1-looks"
}
# high_error NAME: its high-frequency half; clean_error NAME: without noise.
high_error() {
  jq '.fourier.errors | (length / 2 | floor) as $middle |
      [to_entries[] | (.key - $middle | fabs) as $down | .value | to_entries[] | (.key - $middle | fabs) as $across |
       select(2 * $down > $middle or 2 * $across > $middle) | .value] | add / length' "$tmp/$1-looks/fourier.json"
}
clean_error() { jq .fourier.clean_error "$tmp/$1-looks/fourier.json"; }
fourier_of without pad-crop,pad=4+flip
fourier_of with pad-crop,pad=4+flip+gaussian_noise,severity=5,share=1
without=$(high_error without) with=$(high_error with) clean_without=$(clean_error without) clean_with=$(clean_error with)
echo "wrong under noise of high frequency: $without, clean $clean_without; trained with noise: $with, clean $clean_with"
jq -ne "$with < $without" >/dev/null || die "noise in training made it no better: $with, without $without"
jq -ne "$with - $clean_with < $without - $clean_without" >/dev/null || die "noise costs it no less: $with of $clean_with, without $without of $clean_without"
