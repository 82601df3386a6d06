#!/usr/bin/env python3
"""Writes tests/fixtures/corruptions.safetensors and corruptions.json: what the definition of CIFAR-10-C makes of a few pictures.

    tools/make_corruption_fixtures.py [FOLDER]        needs numpy, scipy, scikit-image, opencv-python-headless and Pillow

The definition is that of Hendrycks and Dietterich 2019 with the libraries that it is defined by; frost is left out, whose photos are not ours.

    corruptions.safetensors   `pictures` [N, 3, 32, 32] bytes; NAME, of those without chance, [5, 2, 3, 32, 32]: the first two pictures at five
                              severities; `grey/NAME` [5, 1, 1, 32, 32], the red plane of the first as a grey picture; `motion` [A, 32, 32], the
                              red plane of the first moved at given angles; `spatter-layer` with `spatter-shine`, a layer of drops and what
                              OpenCV makes of it
    corruptions.json          for each corruption with chance and each severity the mean of the change, x' − x in 255ths, and its deviation, over
                              1,000 draws on all pictures in turn, with the standard errors of both by pictures
"""

import io
import json
import pathlib
import struct
import sys

import cv2
import numpy as np
from PIL import Image
from scipy.ndimage import map_coordinates, zoom
from skimage.color import hsv2rgb, rgb2hsv
from skimage.filters import gaussian
from skimage.util import random_noise

ROOT = pathlib.Path(__file__).resolve().parent.parent
DRAWS = 1000
ANGLES = [0, 30, -45, -90, -120]
random = np.random.RandomState(1)


def scene(seed):
    """Slopes, disks and stripes: edges, flat parts and colours."""
    r = np.random.RandomState(seed)
    i, j = np.mgrid[0:32, 0:32]
    picture = np.stack([r.uniform(20, 200) + r.uniform(-4, 4) * i + r.uniform(-4, 4) * j for _ in range(3)], axis=-1)
    for _ in range(4):
        inside = (i - r.uniform(0, 32)) ** 2 + (j - r.uniform(0, 32)) ** 2 < r.uniform(3, 10) ** 2
        picture[inside] = r.uniform(0, 255, 3)
    stripes = (i * r.randint(-1, 2) + j) % r.randint(4, 9) < 2
    picture[stripes & (j > r.randint(16, 28))] += r.uniform(-90, 90)
    return np.clip(picture + r.normal(0, 6, picture.shape), 0, 255).astype(np.uint8)


def at(severity, *values):
    return values[severity - 1]


def disk(radius, soft):
    side = np.arange(-8, 9)
    across, down = np.meshgrid(side, side)
    kernel = (across**2 + down**2 <= radius**2).astype(np.float32)
    return cv2.GaussianBlur(kernel / kernel.sum(), (3, 3), soft)


def centre_zoom(x, factor):
    side = x.shape[0]
    cut = int(np.ceil(side / factor))
    first = (side - cut) // 2
    large = zoom(x[first : first + cut, first : first + cut], (factor, factor, 1), order=1)
    first = (large.shape[0] - side) // 2
    return large[first : first + side, first : first + side]


def motion(levels, radius, sigma, angle):
    """ImageMagick's MotionBlurImage on [H, W] or [H, W, C] bytes: a one-sided Gaussian, each step on the nearest pixel, edges repeated."""
    width = 2 * int(np.ceil(radius)) + 1
    weights = np.exp(-np.arange(width) ** 2 / (2 * sigma**2))
    down, across = np.sin(np.radians(angle)), np.cos(np.radians(angle))
    rows, columns = np.arange(levels.shape[0]), np.arange(levels.shape[1])
    total = 0
    for step, weight in enumerate(weights / weights.sum()):
        i = np.clip(rows + int(np.ceil(step * down - 0.5)), 0, len(rows) - 1)
        j = np.clip(columns + int(np.ceil(step * across - 0.5)), 0, len(columns) - 1)
        total = total + weight * levels[i][:, j].astype(float)
    return np.floor(np.clip(total, 0, 255) + 0.5).astype(np.uint8)


def plasma(side, decay):
    height, wibble, step = np.zeros((side, side)), 100.0, side
    noise = lambda like: wibble * random.uniform(-wibble, wibble, like.shape)
    while step >= 2:
        half = step // 2
        corners = height[::step, ::step]
        pairs = corners + np.roll(corners, -1, 0)
        four = pairs + np.roll(pairs, -1, 1)
        height[half::step, half::step] = four / 4 + noise(four)
        middles = height[half::step, half::step]
        four = middles + np.roll(middles, 1, 0) + corners + np.roll(corners, -1, 1)
        height[::step, half::step] = four / 4 + noise(four)
        four = middles + np.roll(middles, 1, 1) + corners + np.roll(corners, -1, 0)
        height[half::step, ::step] = four / 4 + noise(four)
        step, wibble = half, wibble / decay
    height -= height.min()
    return height / height.max()


def shine(layer, strength):
    levels = (layer * 255).astype(np.uint8)
    far = cv2.distanceTransform(255 - cv2.Canny(levels, 50, 150), cv2.DIST_L2, 5)
    far = cv2.threshold(far, 20, 20, cv2.THRESH_TRUNC)[1]
    far = cv2.equalizeHist(cv2.blur(far, (3, 3)).astype(np.uint8))
    far = cv2.filter2D(far, cv2.CV_8U, np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]))
    amount = levels * cv2.blur(far, (3, 3)).astype(np.float32)
    return amount / max(amount.max(), 1e-9) * strength


def gaussian_noise(x, s):
    return x + random.normal(0, at(s, 0.04, 0.06, 0.08, 0.09, 0.10), x.shape)


def shot_noise(x, s):
    photons = at(s, 500, 250, 100, 75, 50)
    return random.poisson(x * photons) / photons


def impulse_noise(x, s):
    return random_noise(x, mode="s&p", amount=at(s, 0.01, 0.02, 0.03, 0.05, 0.07), rng=random.randint(1 << 30))


def speckle_noise(x, s):
    return x + x * random.normal(0, at(s, 0.06, 0.1, 0.12, 0.16, 0.2), x.shape)


def gaussian_blur(x, s):
    return gaussian(x, sigma=at(s, 0.4, 0.6, 0.7, 0.8, 1), channel_axis=-1)


def glass_blur(x, s):
    sigma, delta, times = at(s, (0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2))
    levels = np.uint8(gaussian(x, sigma=sigma, channel_axis=-1) * 255)
    for _ in range(times):
        for i in range(32 - delta, delta, -1):
            for j in range(32 - delta, delta, -1):
                across, down = random.randint(-delta, delta, 2)
                levels[i, j] = levels[i + down, j + across]
    return gaussian(levels / 255, sigma=sigma, channel_axis=-1)


def defocus_blur(x, s):
    kernel = disk(*at(s, (0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)))
    return np.stack([cv2.filter2D(x[..., c], -1, kernel) for c in range(x.shape[2])], axis=-1)


def motion_blur(x, s):
    return motion(np.uint8(x * 255 + 0.5), *at(s, (6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)), random.uniform(-45, 45)) / 255


def zoom_blur(x, s):
    factors = at(s, *(np.arange(1, end, 0.01) for end in (1.06, 1.11, 1.16, 1.21, 1.26)))
    return (x + sum(centre_zoom(x.astype(np.float32), factor) for factor in factors)) / (len(factors) + 1)


def snow(x, s):
    mean, deviation, factor, least, radius, sigma, left = at(
        s,
        (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
        (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
        (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
    )
    layer = centre_zoom(random.normal(mean, deviation, x.shape[:2])[..., None], factor)[..., 0]
    layer[layer < least] = 0
    layer = motion((np.clip(layer, 0, 1) * 255).astype(np.uint8), radius, sigma, random.uniform(-135, -45))[..., None] / 255
    grey = cv2.cvtColor(x.astype(np.float32), cv2.COLOR_RGB2GRAY)[..., None]
    return left * x + (1 - left) * np.maximum(x, grey * 1.5 + 0.5) + layer + np.rot90(layer, k=2)


def fog(x, s):
    thick, decay = at(s, (0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75))
    return (x + thick * plasma(32, decay)[..., None]) * x.max() / (x.max() + thick)


def contrast(x, s):
    mean = x.mean(axis=(0, 1), keepdims=True)
    return (x - mean) * at(s, 0.75, 0.5, 0.4, 0.3, 0.15) + mean


def brightness(x, s):
    hsv = rgb2hsv(x)
    hsv[..., 2] = np.clip(hsv[..., 2] + at(s, 0.05, 0.1, 0.15, 0.2, 0.3), 0, 1)
    return hsv2rgb(hsv)


def saturate(x, s):
    factor, more = at(s, (0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2))
    hsv = rgb2hsv(x)
    hsv[..., 1] = np.clip(hsv[..., 1] * factor + more, 0, 1)
    return hsv2rgb(hsv)


def through_pillow(x, deed):
    picture = np.asarray(deed(Image.fromarray(np.squeeze(np.uint8(x * 255 + 0.5)))))
    return picture.reshape(x.shape) / 255


def jpeg_compression(x, s):
    def deed(picture):
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=at(s, 80, 65, 58, 50, 40))
        return Image.open(file)

    return through_pillow(x, deed)


def pixelate(x, s):
    cells = int(32 * at(s, 0.95, 0.9, 0.85, 0.75, 0.65))
    return through_pillow(x, lambda picture: picture.resize((cells, cells), Image.BOX).resize((32, 32), Image.BOX))


def elastic_transform(x, s):
    alpha, sigma, most = (32 * v for v in at(s, (0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03)))
    x = x.astype(np.float32)
    before = np.float32([[26, 26], [26, 6], [6, 6]])
    after = before + random.uniform(-most, most, (3, 2)).astype(np.float32)
    turned = cv2.warpAffine(x, cv2.getAffineTransform(before, after), (32, 32), borderMode=cv2.BORDER_REFLECT_101)
    wave = lambda: gaussian(random.uniform(-1, 1, (32, 32)), sigma, mode="reflect", truncate=3) * alpha
    across, down = wave()[..., None], wave()[..., None]
    j, i, c = np.meshgrid(np.arange(32), np.arange(32), np.arange(3))
    places = (i + down).ravel(), (j + across).ravel(), c.ravel()
    return map_coordinates(turned, places, order=1, mode="reflect").reshape(x.shape)


def drops(s):
    mean, deviation, sigma, least = at(s, (0.62, 0.1, 0.7, 0.7), (0.65, 0.1, 0.8, 0.7), (0.65, 0.3, 1, 0.69), (0.65, 0.1, 0.7, 0.69), (0.65, 0.1, 0.5, 0.68))
    layer = gaussian(random.normal(mean, deviation, (32, 32)), sigma=sigma)
    layer[layer < least] = 0
    return layer, least


def spatter(x, s):
    layer, least = drops(s)
    if s <= 3:
        return x + shine(layer, 0.5)[..., None] * np.array([175, 238, 238]) / 255
    cover = gaussian((layer > least).astype(np.float32), sigma=0.6)
    cover[cover < 0.8] = 0
    return x * (1 - cover[..., None]) + cover[..., None] * np.array([63, 42, 20]) / 255


SURE = [defocus_blur, zoom_blur, brightness, contrast, pixelate, jpeg_compression, gaussian_blur, saturate]
CHANCE = [gaussian_noise, shot_noise, impulse_noise, glass_blur, motion_blur, snow, fog, elastic_transform, speckle_noise, spatter]


def corrupted(f, picture, severity):
    return np.uint8(np.clip(f(picture / 255, severity), 0, 1) * 255)


def planar(picture):
    return np.ascontiguousarray(np.moveaxis(picture, -1, 0))


def save(path, tensors):
    header, blob = {}, b""
    for name, t in sorted(tensors.items()):
        t = np.ascontiguousarray(t, dtype=np.uint8)
        header[name] = {"dtype": "U8", "shape": list(t.shape), "data_offsets": [len(blob), len(blob) + t.nbytes]}
        blob += t.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + blob)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "tests/fixtures")
    pictures = [scene(n) for n in range(8)]
    tensors = {"pictures": np.stack([planar(p) for p in pictures])}
    for f in SURE:
        tensors[f.__name__] = np.stack([[planar(corrupted(f, p, s)) for p in pictures[:2]] for s in range(1, 6)])
    for f in [defocus_blur, zoom_blur, contrast, pixelate, jpeg_compression, gaussian_blur]:
        tensors["grey/" + f.__name__] = np.stack([[planar(corrupted(f, pictures[0][..., :1], s))] for s in range(1, 6)])
    tensors["motion"] = np.stack([motion(pictures[0][..., 0], 8, 2, angle) for angle in ANGLES])
    layers = [drops(s)[0] for s in (1, 2, 3) for _ in range(3)]
    layers = [np.floor(layer * 255) / 255 for layer in layers]
    tensors["spatter-layer"] = np.stack([np.rint(layer * 255) for layer in layers])
    tensors["spatter-shine"] = np.stack([np.rint(shine((layer * 255 + 0.5) / 255, 1) * 255) for layer in layers])
    save(folder / "corruptions.safetensors", tensors)

    told = {}
    for f in CHANCE:
        told[f.__name__] = []
        for s in range(1, 6):
            change = [corrupted(f, pictures[n % 8], s).astype(float) - pictures[n % 8] for n in range(DRAWS)]
            means = np.array([c.mean() for c in change])
            squares = np.array([(c**2).mean() for c in change])
            # Errors within each picture: every picture has its part of the draws on both sides.
            error = lambda v: float(np.sqrt(np.mean([v[n::8].var() for n in range(8)]) / DRAWS))
            told[f.__name__].append({"mean": round(float(means.mean()), 4), "mean_error": round(error(means), 5),
                                     "root_mean_square": round(float(np.sqrt(squares.mean())), 4),
                                     "root_mean_square_error": round(error(squares) / 2 / float(np.sqrt(squares.mean())), 5)})
        print(f.__name__, told[f.__name__])
    (folder / "corruptions.json").write_text(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()
