# Data are fetched from a server, resumed, checked and unpacked; ImageNet's tar becomes class folders. The server is on loopback.
source "$(dirname "$0")/lib.sh"
export no_proxy=127.0.0.1 CONVSCOPE_DATA=$tmp/data XDG_CACHE_HOME=$tmp/cache
python=/usr/bin/python3
command -v "$python" >/dev/null || skip "no $python on this machine"
mkdir "$tmp/data" "$tmp/site"

# Files of the right format and counts, not those of the makers: their checksums are warned of.
"$python" - "$tmp/site" <<'PYTHON'
import gzip, io, os, struct, sys, tarfile
site = sys.argv[1]

def tar(path, files, mode="w:gz"):
    with tarfile.open(path, mode, **({"compresslevel": 1} if mode == "w:gz" else {})) as out:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            out.addfile(info, io.BytesIO(content))

def cifar100(count): return b"".join(bytes([i % 20, i % 100]) + bytes([i % 251]) * 3072 for i in range(count))
tar(site + "/cifar-100-binary.tar.gz", [("cifar-100-binary/train.bin", cifar100(50000)), ("cifar-100-binary/test.bin", cifar100(10000)),
                                        ("cifar-100-binary/fine_label_names.txt", b"".join(b"class%d\n" % i for i in range(100)))])
os.mkdir(site + "/short")
tar(site + "/short/cifar-100-binary.tar.gz", [("cifar-100-binary/train.bin", cifar100(50000)), ("cifar-100-binary/test.bin", cifar100(9999))])
os.mkdir(site + "/noise")
open(site + "/noise/cifar-100-binary.tar.gz", "wb").write(os.urandom(100000))

for train, count in ((True, 60000), (False, 10000)):
    prefix = "train" if train else "t10k"
    with gzip.open(f"{site}/{prefix}-images-idx3-ubyte.gz", "wb", 1) as f:
        f.write(struct.pack(">IIII", 0x803, count, 28, 28) + bytes(count * 784))
    with gzip.open(f"{site}/{prefix}-labels-idx1-ubyte.gz", "wb", 1) as f:
        f.write(struct.pack(">II", 0x801, count) + bytes(i % 10 for i in range(count)))

kinds = [("daisy", 633), ("dandelion", 898), ("roses", 641), ("sunflowers", 699), ("tulips", 799)]
flowers = [("flower_photos/LICENSE.txt", b"free")]
flowers += [(f"flower_photos/{kind}/{i}.jpg", b"%d" % i) for kind, count in kinds for i in range(count)]
tar(site + "/flower_photos.tgz", flowers)
tar(site + "/short/flower_photos.tgz", flowers[:-1])

val = [(f"ILSVRC2012_val_{i:08}.JPEG", b"picture %d" % i) for i in (3, 1, 2)]
tar(site + "/val.tar", val, "w")
open(site + "/labels.txt", "w").write("n01440764\nn01443537\nn01440764\n")
PYTHON

# A server with byte ranges; under /breaking/ it ends a file's first answer in its middle, under /plain/ it knows no ranges.
cat >"$tmp/server.py" <<'PYTHON'
import http.server, os, sys
site, log = sys.argv[1], sys.argv[2]
broken = set()

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        name = self.path.lstrip("/")
        fault = name.split("/")[0] if name.split("/")[0] in ("breaking", "plain") else ""
        path = os.path.join(site, name[len(fault):].lstrip("/"))
        asked = self.headers.get("Range", "")
        open(log, "a").write(f"{self.path} {asked}\n")
        self.close_connection = True
        if not os.path.isfile(path):
            return self.send_error(404)
        content = open(path, "rb").read()
        begin = int(asked[len("bytes="):].rstrip("-")) if asked and fault != "plain" else 0
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - begin))
        self.end_headers()
        end = len(content)
        if fault == "breaking" and self.path not in broken:
            broken.add(self.path)
            end = len(content) // 2
        self.wfile.write(content[begin:end])

    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
open(sys.argv[3] + ".new", "w").write(str(server.server_address[1]))
os.rename(sys.argv[3] + ".new", sys.argv[3])
server.serve_forever()
PYTHON
"$python" "$tmp/server.py" "$tmp/site" "$tmp/log" "$tmp/port" &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$tmp"' EXIT
for _ in $(seq 100); do [ -s "$tmp/port" ] && break; sleep 0.1; done
at=http://127.0.0.1:$(cat "$tmp/port")

# Right counts, another checksum: a warning. A second time nothing is fetched.
expect_ok 'cifar100: 60 000 images in' "$convscope" data get cifar100 --from "$at"
grep -q 'warning: .*cifar-100-binary.tar.gz: MD5 is .*, the official one is 03b5dce01913d631647c71ecec9e9cb8' "$tmp/.out" || { show; die "no warning of the checksum"; }
[ -f "$tmp/data/cifar100/train.bin" ] || die "the archive is not unpacked"
[ ! -e "$tmp/data/cifar100/cifar-100-binary.tar.gz" ] || die "the archive is still there"
: >"$tmp/log"
expect_ok 'as before' "$convscope" data get cifar100 --from "$at"
[ ! -s "$tmp/log" ] || die "it was fetched a second time"
expect_json '.data[0].splits | .[0].images == 50000 and (.[0].per_class | length) == 100' "$convscope" data check cifar100 --json
expect_json '.data[0].splits[1].per_class | length == 20' "$convscope" data check cifar100,coarse=true --json
expect_json '.data[] | select(.name == "cifar100") | .found' "$convscope" data list --json

# The archive alone will do.
mkdir -p "$tmp/packed/cifar100"
cp "$tmp/site/cifar-100-binary.tar.gz" "$tmp/packed/cifar100"
expect_json '.data[0].files | any(.file | endswith("cifar-100-binary.tar.gz"))' "$convscope" data check cifar100 --data-root "$tmp/packed" --json

# What breaks off goes on from where it was; a server without ranges starts again.
rm -r "$tmp/data/cifar100"
expect_fail 1 'run again to go on from there' "$convscope" data get cifar100 --from "$at/breaking"
[ -s "$tmp/data/cifar100/cifar-100-binary.tar.gz.part" ] || die "no part is left"
: >"$tmp/log"
expect_json '.data[0].splits[0].images == 50000' "$convscope" data get cifar100 --from "$at/breaking" --json
grep -q 'bytes=[1-9][0-9]*-' "$tmp/log" || die "it did not ask for the rest: $(cat "$tmp/log")"
rm -r "$tmp/data/cifar100"
expect_fail 1 'run again to go on from there' "$convscope" data get cifar100 --from "$at/breaking/short"
expect_ok '60 000 images' "$convscope" data get cifar100 --from "$at/plain"

# Wrong counts and what is no archive are errors, and nothing wrong stays.
for wrong in short noise; do
  rm -r "$tmp/data/cifar100"
  expect_fail 1 'what was fetched is removed' "$convscope" data get cifar100 --from "$at/$wrong"
  grep -q 'the official one is 03b5dce01913d631647c71ecec9e9cb8' "$tmp/.err" || { show; die "the checksum is not named"; }
  [ -z "$(ls "$tmp/data/cifar100")" ] || die "left behind: $(ls "$tmp/data/cifar100")"
done
expect_fail 1 'of class 0' "$convscope" data get mnist --from "$at"
[ -z "$(ls "$tmp/data/mnist")" ] || die "left behind: $(ls "$tmp/data/mnist")"
expect_ok 'warning: ' "$convscope" data get fashion-mnist --data-root "$tmp/data" --from "$at/"
[ -f "$tmp/data/fashion-mnist/train-images-idx3-ubyte.gz" ] || die "the files are not where they were wanted"

# A folder of pictures is counted.
expect_fail 1 '3669 pictures in the class folders, 3670 were published' "$convscope" data get flower_photos --from "$at/short"
expect_ok 'flower_photos: 3 670 images' "$convscope" data get flower_photos --from "$at"
[ "$(ls "$tmp/data/flower_photos/tulips" | wc -l)" -eq 799 ] || die "tulips are not in their folder"
expect_ok 'as before' "$convscope" data get flower_photos --from "$at"

expect_fail 1 "the server answers 404" "$convscope" data get cifar10 --from "$at"
expect_fail 1 "http:// or https:// was wanted" "$convscope" data get cifar10 --from "file://$tmp/site"
expect_fail 1 "did you mean 'cifar100'?" "$convscope" data get cifar1000
expect_fail 1 "did you mean 'fashion-mnist'?" "$convscope" data check fashion-mnits
expect_fail 1 "by permission" "$convscope" data get imagenet
expect_fail 2 "which? known: " "$convscope" data get
expect_fail 2 "--from is for data get" "$convscope" data list --from "$at"

# Ctrl-C leaves the part, and says what to do.
rm -rf "$tmp/data/cifar100"
"$python" - "$tmp/slow" <<'PYTHON' &
import http.server, os, sys, time
class Slow(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        try:
            for _ in range(600):
                self.wfile.write(b"x" * 100)
                time.sleep(0.1)
        except OSError:
            pass
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
open(sys.argv[1] + ".new", "w").write(str(server.server_address[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
PYTHON
slow=$!
trap 'kill "$server" "$slow" 2>/dev/null; rm -rf "$tmp"' EXIT
for _ in $(seq 100); do [ -s "$tmp/slow" ] && break; sleep 0.1; done
# A shell has its background jobs ignore interrupts; Python gives them back.
"$python" -c 'import os, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); os.execv(sys.argv[1], sys.argv[1:])' \
  "$convscope" data get cifar100 --from "http://127.0.0.1:$(cat "$tmp/slow")" >"$tmp/.out" 2>"$tmp/.err" &
getting=$!
part=$tmp/data/cifar100/cifar-100-binary.tar.gz.part
for _ in $(seq 100); do [ -s "$part" ] && break; sleep 0.1; done
kill -INT "$getting"
status=0
wait "$getting" || status=$?
[ "$status" -eq 130 ] || { show; die "exit status $status after an interrupt"; }
grep -q 'run again to go on' "$tmp/.err" || { show; die "it does not say how to go on"; }
[ -s "$part" ] || die "the interrupt did not leave the part"

# ImageNet's validation set.
prepare() { expect_json "$1" "$convscope" data prepare imagenet "$tmp/site/val.tar" --labels "$tmp/site/labels.txt" --out "$tmp/imagenet" --json; }
prepare '.prepared | .images == 3 and .classes == 2 and .written == 3 and (.warnings | length) == 1'
[ "$(cat "$tmp/imagenet/val/n01443537/ILSVRC2012_val_00000002.JPEG")" = "picture 2" ] || die "a picture is in the wrong class"
prepare '.prepared | .images == 3 and .written == 0'
expect_ok '3 images in 2 classes' "$convscope" data prepare imagenet "$tmp/site/val.tar" --labels "$tmp/site/labels.txt" --out "$tmp/imagenet"
echo n01440764 >"$tmp/one.txt"
expect_fail 1 'has no label in' "$convscope" data prepare imagenet "$tmp/site/val.tar" --labels "$tmp/one.txt" --out "$tmp/other"
expect_fail 2 '--labels is missing' "$convscope" data prepare imagenet "$tmp/site/val.tar" --out "$tmp/other"
expect_fail 2 '--out is missing' "$convscope" data prepare imagenet "$tmp/site/val.tar" --labels "$tmp/one.txt"
expect_fail 2 'TAR is missing' "$convscope" data prepare imagenet
expect_fail 2 "did you mean 'imagenet'?" "$convscope" data prepare imagnet "$tmp/site/val.tar"

# The list fits a terminal of 100 columns, names of folders apart.
expect_ok 'cifar100' "$convscope" data list
! grep -vE '/|http' "$tmp/.out" | awk 'length > 100' | grep . >/dev/null || { show; die "a line is too wide"; }

# Unpacked files of which nobody published a checksum are not called published for their counts.
mkdir "$tmp/unpacked"
tar -xzf "$tmp/site/cifar-100-binary.tar.gz" -C "$tmp/unpacked"
CONVSCOPE_DATA=$tmp/unpacked expect_ok 'counts as published; there are no published checksums of unpacked files' "$convscope" data check cifar100
if grep -q '^as published' "$tmp/.out"; then show; die "pictures of one grey are called as published"; fi
