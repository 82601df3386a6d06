#!/usr/bin/env python3
"""Writes tests/fixtures/pictures/: small WebP and BMP files, and beside each what Pillow decodes of it, as PNG.

    tools/make_picture_kinds.py [FOLDER]        needs Pillow and NumPy
"""

import pathlib
import sys

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(5)
    small = Image.fromarray(random.randint(0, 256, (5, 4, 4)).astype(np.uint8), "RGBA")
    smooth = small.resize((22, 17), Image.BICUBIC)
    colour = smooth.convert("RGB")
    files = {
        "lossless.webp": (colour, {"lossless": True}),
        "lossy.webp": (colour, {"quality": 60}),
        "alpha.webp": (smooth, {"lossless": True, "exact": True}),
        "colour.bmp": (colour, {}),
        "alpha.bmp": (smooth, {}),
        "palette.bmp": (colour.convert("P", palette=Image.ADAPTIVE, colors=60), {}),
        "grey.bmp": (colour.convert("L"), {}),
    }
    for name, (picture, options) in files.items():
        picture.save(folder / name, **options)
        Image.open(folder / name).convert("RGBA").convert("RGB").save(folder / (name + ".png"))
    colour.save(folder / "moves.webp", save_all=True, append_images=[Image.new("RGB", colour.size)], duration=100)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "fixtures" / "pictures")
