#!/usr/bin/env python3
"""Writes tests/fixtures/pictures/: small WebP, BMP, GIF and odd JPEG files, and beside each what Pillow decodes of it, as PNG.

    tools/make_picture_kinds.py [FOLDER]        needs Pillow, NumPy, a C compiler and libjpeg
"""

import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from PIL import Image, ImageOps

ROOT = pathlib.Path(__file__).resolve().parent.parent


# Pillow writes usual sampling alone. This one takes red, green and blue from stdin and has three columns of brightness to one of colour.
ODD_JPEG = r"""
#include <stdio.h>
#include <stdlib.h>
#include <jpeglib.h>
int main(int argc, char** argv) {
  struct jpeg_compress_struct c;
  struct jpeg_error_mgr errors;
  int columns = atoi(argv[1]), rows = atoi(argv[2]);
  unsigned char* row = malloc(3 * columns);
  (void)argc;
  c.err = jpeg_std_error(&errors);
  jpeg_create_compress(&c);
  jpeg_stdio_dest(&c, stdout);
  c.image_width = columns;
  c.image_height = rows;
  c.input_components = 3;
  c.in_color_space = JCS_RGB;
  jpeg_set_defaults(&c);
  jpeg_set_quality(&c, 80, TRUE);
  c.comp_info[0].h_samp_factor = 3;
  c.comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(&c, TRUE);
  while (rows-- > 0 && fread(row, 3, columns, stdin) > 0) jpeg_write_scanlines(&c, &row, 1);
  jpeg_finish_compress(&c);
  return 0;
}
"""


def odd_jpeg(picture):
    with tempfile.TemporaryDirectory() as folder:
        source, program = pathlib.Path(folder, "odd.c"), pathlib.Path(folder, "odd")
        source.write_text(ODD_JPEG)
        subprocess.run(["cc", "-o", program, source, "-ljpeg"], check=True)
        columns, rows = picture.size
        return subprocess.run([program, str(columns), str(rows)], input=picture.tobytes(), stdout=subprocess.PIPE, check=True).stdout


def with_orientation(picture, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return {"quality": 90, "exif": exif.tobytes()}


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
    (folder / "odd.jpg").write_bytes(odd_jpeg(colour))
    Image.open(folder / "odd.jpg").save(folder / "odd.jpg.png")
    for orientation in (1, 3, 6, 8, 5):
        name = f"turned-{orientation}.jpg"
        colour.save(folder / name, **with_orientation(colour, orientation))
        ImageOps.exif_transpose(Image.open(folder / name)).save(folder / (name + ".png"))
    palette = colour.convert("P", palette=Image.ADAPTIVE, colors=60)
    gifs = {"plain.gif": (palette, {"interlace": 0}), "interlaced.gif": (palette, {"interlace": 1}), "grey.gif": (colour.convert("L"), {}),
            "moves.gif": (palette, {"save_all": True, "append_images": [Image.new("RGB", colour.size, "red")], "duration": 100})}
    for name, (picture, options) in gifs.items():
        picture.save(folder / name, **options)
    # A picture smaller than its screen, which no writer makes by itself: 30 × 20 around it, at 5, 2.
    plain = bytearray((folder / "plain.gif").read_bytes())
    plain[6:10] = bytes([30, 0, 20, 0])
    at = plain.index(b"\x2c" + bytes([0, 0, 0, 0, *colour.size[:1], 0, colour.size[1], 0]))
    plain[at + 1 : at + 5] = bytes([5, 0, 2, 0])
    (folder / "placed.gif").write_bytes(plain)
    for name in [*gifs, "placed.gif"]:
        Image.open(folder / name).convert("RGBA").convert("RGB").save(folder / (name + ".png"))
    colour.save(folder / "moves.webp", save_all=True, append_images=[Image.new("RGB", colour.size)], duration=100)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "fixtures" / "pictures")
