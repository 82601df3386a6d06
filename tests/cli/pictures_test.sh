# A folder of pictures is a data set, and pictures of any size can be asked about.
source "$(dirname "$0")/lib.sh"
pictures=$sources/tests/cli/pictures
mkdir -p "$tmp/pets/train/cat" "$tmp/pets/train/dog" "$tmp/pets/test/cat" "$tmp/pets/test/dog"
for i in 1 2 3; do
  cp "$pictures/grey-28.png" "$tmp/pets/train/cat/$i.png"
  cp "$pictures/colour-32.png" "$tmp/pets/train/dog/$i.png"
done
cp "$pictures/grey-16.png" "$tmp/pets/test/cat/1.png"
cp "$pictures/colour-28.png" "$tmp/pets/test/dog/1.jpg"   # the first bytes decide
touch "$tmp/pets/test/.hidden" "$tmp/pets/test/notes.txt"

expect_ok 'accuracy' "$convscope" train --model medium --data "$tmp/pets,size=24,resize=crop" --epochs 1 --batch 2 --run "$tmp/run"
expect_json '.total == 2 and (.classes == null or .classes == ["cat", "dog"])' "$convscope" eval "$tmp/run" --data "$tmp/pets,size=24" --json
expect_json '.total == 3' "$convscope" eval "$tmp/run" --data "$tmp/pets,size=24,sample=3" --split train --json
expect_json '.predictions | length == 4 and all(.class == "cat" or .class == "dog")' \
  "$convscope" predict "$tmp/run" "$pictures"/*.png --json
cp "$tmp/.out" "$tmp/as-trained"
expect_ok '' "$convscope" predict "$tmp/run" "$pictures"/*.png --json --resize crop
cmp "$tmp/.out" "$tmp/as-trained" || die "predict does not resize as the training did"
expect_ok '' "$convscope" predict "$tmp/run" "$pictures"/*.png --json --resize squash
! cmp -s "$tmp/.out" "$tmp/as-trained" || die "--resize changes nothing"

# A picture that cannot be read does not take the others with it.
echo '<html>404</html>' >"$tmp/broken.png"
run "$convscope" predict "$tmp/run" "$pictures/grey-28.png" "$tmp/broken.png" "$pictures/colour-28.png" "$tmp/nothing.png" --json
[ "$status" -eq 1 ] || { show; die "exit status $status"; }
jq -e '(.predictions | length == 2) and (.errors | length == 2) and (.errors[0].file | endswith("broken.png"))' "$tmp/.out" >/dev/null ||
  { show; die "two pictures and two errors are wanted"; }
[ "$(grep -c '^convscope: ' "$tmp/.err")" -eq 2 ] || { show; die "a line for each broken picture is wanted"; }
expect_fail 1 'broken.png: not a JPEG, PNG, WebP, BMP or GIF image' "$convscope" predict "$tmp/run" "$tmp/broken.png" --json
one_line

expect_fail 1 'nothing is there: no such folder' "$convscope" eval "$tmp/run" --data "$tmp/nothing is there"
one_line
mkdir "$tmp/pets/test/emu"
expect_fail 1 'emu: no class folder of this name in' "$convscope" eval "$tmp/run" --data "$tmp/pets,size=24"
one_line
rmdir "$tmp/pets/test/emu"
echo '<html>404</html>' >"$tmp/pets/test/cat/2.jpg"
expect_fail 1 'cat/2.jpg: not a JPEG, PNG, WebP, BMP or GIF image' "$convscope" eval "$tmp/run" --data "$tmp/pets,size=24"
one_line
rm "$tmp/pets/test/cat/"*
expect_fail 1 'cat: the class folder holds no' "$convscope" eval "$tmp/run" --data "$tmp/pets,size=24"
one_line

# A folder stands for its pictures, in the order in which people count; what cannot be read is named.
mkdir "$tmp/photos"
for i in 1 2 10; do cp "$pictures/grey-28.png" "$tmp/photos/photo-$i.png"; done
echo 'about them' >"$tmp/photos/notes.txt"
expect_json '.predictions | map(.file | sub(".*/"; "")) == ["photo-1.png", "photo-2.png", "photo-10.png"]' "$convscope" predict "$tmp/run" "$tmp/photos" --json
cp "$tmp/broken.png" "$tmp/photos/photo-3.png"
run "$convscope" predict "$tmp/run" "$tmp/photos" --json
[ "$status" -eq 1 ] && grep -q 'photo-3.png' "$tmp/.err" || { show; die "a broken picture in a folder is not named"; }
jq -e '.predictions | length == 3' "$tmp/.out" >/dev/null || { show; die "a broken picture takes the others of its folder with it"; }
mkdir "$tmp/bare"
expect_fail 1 'no picture (.jpg, .jpeg, .jfif, .png, .webp, .bmp or .gif) lies in this folder' "$convscope" predict "$tmp/run" "$tmp/bare"; one_line

# GIF: the first picture of several, and that is said. Photos are turned as the training turned them.
kinds=$sources/tests/fixtures/pictures
mkdir -p "$tmp/turned/a" "$tmp/turned/b"
for i in 1 3 6 8; do cp "$kinds/turned-$i.jpg" "$tmp/turned/a/$i.jpg"; cp "$kinds/plain.gif" "$tmp/turned/b/$i.gif"; done
"$convscope" train --preset none --model lenet,width=4 --data "$tmp/turned,held_out=0.5,size=32,orient=true" --epochs 1 --batch 4 --run "$tmp/turning" >/dev/null 2>"$tmp/.err" ||
  { show; die "no training on photos that are turned"; }
expect_json '.predictions[0].confidence == .predictions[1].confidence and .options.orient' "$convscope" predict "$tmp/turning" "$kinds/turned-6.jpg" "$kinds/turned-6.jpg.png" --json
expect_json '.predictions | length == 2' "$convscope" predict "$tmp/turning" "$kinds/moves.gif" "$kinds/plain.gif" --json
grep 'moves.gif: it has several pictures; the first one alone is used' "$tmp/.err" >/dev/null || { show; die "more pictures are not told"; }
[ "$(grep -c 'several pictures' "$tmp/.err")" -eq 1 ] || die "told of a single picture"
