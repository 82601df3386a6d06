#!/usr/bin/python3
"""Writes tests/fixtures/images.safetensors: what Pillow and NumPy say about small pictures and arrays.

    tools/make_image_fixtures.py [FOLDER]        needs Debian's python3-pil and python3-numpy; with $CONVSCOPE_DATA also images-photos.json

images.safetensors holds bytes (U8); its metadata list the cases.

    cases       a JSON list; pictures are [C, H, W]
      resize    `picture/NAME` → `resize/NAME/ROWSxCOLUMNS`, Image.resize(BILINEAR)
      grey      `picture/NAME` → `grey/NAME`, convert("L")
      file      `file/NAME`, a JPEG or PNG file → `decoded/NAME`, as grey or RGB
      npy       `npy/NAME`, a file; `numbers` is what is in it, row by row, `shape` its shape

images-photos.json tells of real photos that are not in the project: their FNV-1a hash as files, decoded, and after ImageNet's preparation
(shorter side 256, centre crop 224), planar, in colour. Tests compare them where $CONVSCOPE_DATA has the same files.
"""

import io
import json
import os
import pathlib
import struct
import sys

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent


def picture(rows, columns, channels, seed):
    """Half noise, half slopes: every rounding gets its chance, and JPEG stays small."""
    random = np.random.RandomState(seed)
    noise = random.randint(0, 256, (rows, columns, channels))
    slope = np.add.outer(np.arange(rows) * 5, np.arange(columns) * 3)[:, :, None] + np.arange(channels) * 40
    return np.where(random.rand(rows, columns, 1) < 0.5, noise, slope % 256).astype(np.uint8)


def smooth(rows, columns, channels, seed):
    small = Image.fromarray(picture(max(2, rows // 6), max(2, columns // 6), 3, seed)).resize((columns, rows), Image.BICUBIC)
    return np.asarray(small)[:, :, :channels]


def image(pixels):
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def planar(picture):
    pixels = np.asarray(picture)
    return pixels[None] if pixels.ndim == 2 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def saved(picture, **how):
    file = io.BytesIO()
    picture.save(file, **how)
    return file.getvalue()


def make_resize(tensors, cases):
    for name, rows, columns, channels, sizes in [
        ("dot", 1, 1, 1, [(1, 1), (3, 2)]),
        ("line", 1, 37, 1, [(1, 5), (2, 37), (1, 64), (4, 90)]),
        ("post", 41, 1, 3, [(7, 1), (41, 2), (50, 3)]),
        ("odd", 23, 31, 3, [(23, 31), (7, 5), (22, 30), (24, 32), (23, 8), (5, 31), (40, 70), (1, 1), (46, 62), (11, 63)]),
        ("grey", 64, 48, 1, [(16, 16), (28, 28), (63, 47), (9, 100), (3, 2)]),
        ("wide", 12, 200, 3, [(8, 8), (24, 33)]),
    ]:
        pixels = picture(rows, columns, channels, len(tensors))
        tensors[f"picture/{name}"] = planar(image(pixels))
        for r, c in sizes:
            result = f"resize/{name}/{r}x{c}"
            tensors[result] = planar(image(pixels).resize((c, r), Image.BILINEAR))
            cases.append({"kind": "resize", "picture": f"picture/{name}", "result": result})
    for name in ["post", "odd", "wide"]:
        colour = Image.fromarray(tensors[f"picture/{name}"].transpose(1, 2, 0))
        tensors[f"grey/{name}"] = planar(colour.convert("L"))
        cases.append({"kind": "grey", "picture": f"picture/{name}", "result": f"grey/{name}"})


def make_files(tensors, cases):
    colour, grey = image(smooth(27, 35, 3, 1)), image(smooth(27, 35, 1, 2))
    palette = image(smooth(15, 18, 3, 3)).quantize(8)
    inks = Image.merge("CMYK", [*image(smooth(19, 22, 3, 4)).split(), image(smooth(19, 22, 1, 5))])
    alpha = image(smooth(9, 11, 3, 6)).convert("RGBA")
    alpha.putalpha(image(smooth(9, 11, 1, 7)))
    for name, file in {
        "444.jpg": saved(colour, format="JPEG", quality=90, subsampling=0),
        "422.jpg": saved(colour, format="JPEG", quality=75, subsampling=1),
        "420.jpg": saved(colour, format="JPEG", quality=75, subsampling=2),
        "progressive.jpg": saved(colour, format="JPEG", quality=75, progressive=True),
        "restarts.jpg": saved(colour, format="JPEG", quality=50, restart_marker_rows=1),
        "grey.jpg": saved(grey, format="JPEG", quality=80),
        "inks.jpg": saved(inks, format="JPEG", quality=90),
        "colour.png": saved(colour, format="PNG"),
        "grey.png": saved(grey, format="PNG"),
        "palette.png": saved(palette, format="PNG"),
        "alpha.png": saved(alpha, format="PNG"),
        "grey-alpha.png": saved(alpha.convert("LA"), format="PNG"),
        "bits.png": saved(grey.convert("1"), format="PNG"),
    }.items():
        opened = Image.open(io.BytesIO(file))
        decoded = opened.convert("L" if opened.mode in ["L", "LA", "1"] else "RGB")
        tensors[f"file/{name}"] = np.frombuffer(file, np.uint8)
        tensors[f"decoded/{name}"] = planar(decoded)
        cases.append({"kind": "file", "file": f"file/{name}", "result": f"decoded/{name}"})


def make_npy(tensors, cases):
    counted = np.arange(24).reshape(2, 3, 4)
    for name, array, version in [
        ("f4", (counted / 8 - 1).astype("<f4"), (1, 0)),
        ("f8", (counted / 8 - 1).astype("<f8"), (2, 0)),
        ("u1", counted.astype("u1"), (1, 0)),
        ("i4", (counted - 12).astype("<i4"), (3, 0)),
        ("i8", (counted * 2**20).astype("<i8"), (1, 0)),
        ("bool", counted % 3 == 0, (1, 0)),
        ("fortran", np.asfortranarray(counted.astype("<f4")), (1, 0)),
        ("fortran-plane", np.asfortranarray(counted[0].astype("<i4")), (1, 0)),
        ("number", np.array(2.5, "<f4"), (1, 0)),
        ("none", np.zeros((2, 0, 3), "<f4"), (1, 0)),
        ("row", np.arange(5, dtype="<f8"), (1, 0)),
    ]:
        file = io.BytesIO()
        np.lib.format.write_array(file, array, version=version)
        tensors[f"npy/{name}"] = np.frombuffer(file.getvalue(), np.uint8)
        numbers = [float(v) for v in array.flatten()]
        cases.append({"kind": "npy", "file": f"npy/{name}", "shape": list(array.shape), "numbers": numbers})


def write(path, tensors, metadata):
    header, offset = {"__metadata__": metadata}, 0
    for name, t in tensors.items():
        header[name] = {"dtype": "U8", "shape": list(t.shape), "data_offsets": [offset, offset + t.size]}
        offset += t.size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(t.tobytes() for t in tensors.values()))


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def prepared(photo):
    """torchvision's Resize(256) and CenterCrop(224), whose sources these lines follow."""
    width, height = photo.size
    short, long = min(width, height), max(width, height)
    other = int(256 * long / short)
    photo = photo.resize((256, other) if width <= height else (other, 256), Image.BILINEAR)
    width, height = photo.size
    top, left = int(round((height - 224) / 2.0)), int(round((width - 224) / 2.0))
    return photo.crop((left, top, left + 224, top + 224))


def make_photos(path, data):
    chosen = sorted((data / "flowers").glob("*/*/*.jpg"))[::80] + sorted((data / "imagenet-sample").glob("val/*/*"))[::25]
    chosen += [p for p in sorted((data / "imagenette").glob("val/*/*")) if Image.open(p).mode == "L"][:4]
    photos = []
    for file in chosen:
        photo = Image.open(file)
        colour = photo.convert("RGB")
        decoded = photo if photo.mode == "L" else colour
        photos.append({"file": str(file.relative_to(data)), "bytes": fnv1a(file.read_bytes()), "decoded": fnv1a(planar(decoded).tobytes()),
                       "prepared": fnv1a(planar(prepared(colour)).tobytes())})
    path.write_text("[\n" + ",\n".join(json.dumps(p) for p in photos) + "\n]\n")


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    tensors, cases = {}, []
    make_resize(tensors, cases)
    make_files(tensors, cases)
    make_npy(tensors, cases)
    write(folder / "images.safetensors", tensors, {"cases": json.dumps(cases)})
    if "CONVSCOPE_DATA" in os.environ:
        make_photos(folder / "images-photos.json", pathlib.Path(os.environ["CONVSCOPE_DATA"]))


if __name__ == "__main__":
    main()
