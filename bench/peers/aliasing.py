#!/usr/bin/python3
"""The aliasing study's own code on PyTorch: its time for the four categories at every layer that drops samples.

    aliasing.py --code FOLDER --model resnet34 --batch 4 --runs 3      # one line of JSON
    aliasing.py --code FOLDER --model mobilenet_v2 --batch 4 --serve   # "ready", then answers "run K", "memory", "quit"
    aliasing.py --code FOLDER --signal X.npy                           # counts of each channel, rate 2,2, to lay beside ours
    aliasing.py --code FOLDER --model mobilenet_v2 --export NET.onnx   # the network it times, for `convscope alias NET.onnx --normalize imagenet`
    aliasing.py --code FOLDER --model mobilenet_v2 --pictures A.png,B.png   # shares for files of 224×224 instead of random pixels

FOLDER is a copy of github.com/antonior92/aliasing-in-cnns, as it is. One run is what its evaluate.py does with a batch: the network, and in
hooks of spectral_analyse.py and torch_util.py the folded transform, the comparison with the threshold and the counts of each layer
(`layerwise_aliasing_info`, the least it can keep), stored. Weights and pixels are random: no step depends on them.
Two things are mended while it runs, see `mended`. Its counts of "no pass" hold what is aliased once more, as ours do with `--accounting legacy`.
"""

import argparse
import copy
import importlib
import json
import pathlib
import statistics
import sys
import time

import pytorch  # sets the surroundings before torch is loaded

import numpy
import torch
from torch import nn

import attacks
import networks

PASSING_DB, REFERENCE = 20, "max"  # the study's
CATEGORIES = {"nonaliased": "non_aliased", "aliased": "aliased", "tangled": "tangled", "nopass": "no_pass"}  # their names, and ours
SIDE = 224


def resnet34():
    return networks.ResNet("imagenet", (3, 4, 6, 3), (64, 128, 256, 512), "projection", "fc", 1000, SIDE)


class InvertedResidual(nn.Module):
    def __init__(self, channels, filters, stride, expansion):
        super().__init__()
        inner = channels * expansion
        layers = [convolution(channels, inner, 1)] if expansion > 1 else []
        self.conv = nn.Sequential(*layers, convolution(inner, inner, 3, stride, groups=inner),
                                  nn.Conv2d(inner, filters, 1, bias=False), nn.BatchNorm2d(filters))
        self.residual = stride == 1 and channels == filters

    def forward(self, x):
        return x + self.conv(x) if self.residual else self.conv(x)


def convolution(channels, filters, kernel, stride=1, groups=1):
    return nn.Sequential(nn.Conv2d(channels, filters, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(filters),
                         nn.ReLU6(inplace=True))


class MobileNetV2(nn.Module):
    """Sandler et al. 2018, table 2, with torchvision's names."""

    stages = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))  # t, c, n, s

    def __init__(self, classes=1000):
        super().__init__()
        layers, channels = [convolution(3, 32, 3, 2)], 32
        for expansion, filters, count, stride in self.stages:
            for n in range(count):
                layers.append(InvertedResidual(channels, filters, stride if n == 0 else 1, expansion))
                channels = filters
        self.features = nn.Sequential(*layers, convolution(channels, 1280, 1))
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(1280, classes))

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


# How many parameters, and how many layers drop samples.
models = {"resnet34": (resnet34, 21_797_672, 8), "mobilenet_v2": (MobileNetV2, 3_504_872, 5)}


def build(name):
    torch.manual_seed(7)
    make, parameters, _ = models[name]
    network = make()
    assert networks.parameters_of(network) == parameters, f"{name}: {networks.parameters_of(network)} parameters, wanted {parameters}"
    return network


def mended(folder):
    """The study's two modules, and what today's PyTorch asks of them."""
    place = pathlib.Path(folder) / "quantifying-aliasing"
    if not (place / "spectral_analyse.py").exists():
        sys.exit(f"--code {folder}: no quantifying-aliasing/spectral_analyse.py in it; a copy of github.com/antonior92/aliasing-in-cnns was wanted")
    sys.path.append(str(place))
    spectral, hooks = importlib.import_module("spectral_analyse"), importlib.import_module("torch_util")

    # torch.rfft left with PyTorch 1.8. This is what it called: a transform of real numbers whose other half is filled in, faster than fft2.
    def rfft(x, signal_ndim, normalized=False, onesided=True):
        return torch.view_as_real(torch._fft_r2c(x, list(range(x.dim() - signal_ndim, x.dim())), int(normalized), onesided))

    if not hasattr(torch, "rfft"):
        torch.rfft = rfft

    # Theirs hands the count of groups over as the padding mode, which PyTorch no longer takes, and depthwise layers need their groups.
    theirs = spectral.replace_subsampling2d

    def replace_subsampling2d(layer):
        if type(layer) != nn.Conv2d:
            return theirs(layer)
        dense = copy.deepcopy(layer)
        dense.stride = (1, 1)
        return nn.Sequential(dense, spectral.Downsample2D(layer.stride))

    spectral.replace_subsampling2d = replace_subsampling2d
    return spectral, hooks


def collapsing(spectral, granularity):
    return spectral.get_collapsing_fn(granularity, PASSING_DB, REFERENCE)


def by_definition(x):
    """The four counts of one channel, no pass as it should be, with complex numbers and loops."""
    n, m = x.shape
    folds = numpy.fft.fft2(x, (2 * n, 2 * m)).reshape(2, n, 2, m).transpose(0, 2, 1, 3)
    passes = abs(folds) ** 2 > abs(folds.mean((0, 1))).max() ** 2 / 10 ** (PASSING_DB / 10)
    counts = dict.fromkeys(CATEGORIES, 0)
    for u in range(n):
        for v in range(m):
            many, own = passes[:, :, u, v].sum(), passes[int(2 * u >= n), int(2 * v >= m), u, v]
            counts["nopass" if many == 0 else "tangled" if many > 1 else "nonaliased" if own else "aliased"] += 1
    return counts


def check_totals(counts, size):
    """The four share out all frequencies, those that are aliased twice."""
    total = sum(counts[name] for name in CATEGORIES)
    assert torch.equal(total, size + counts["aliased"]), f"{counts}: a total of {size} and what is aliased was wanted"


def check_on_a_small_example(spectral):
    """Low frequencies, a high one, and a little noise, so that all four categories are there."""
    draw = numpy.random.RandomState(7)
    rows, columns = numpy.mgrid[:16, :16] / 16
    x = numpy.stack([[numpy.sin(2 * numpy.pi * (f * rows + g * columns)) + 0.05 * draw.randn(16, 16) for f, g in ((2, 1), (7, 2), (1, 6))]
                     for _ in range(2)]).astype(numpy.float32)
    layer = spectral.Downsample2D(2)
    theirs = collapsing(spectral, "channelwise_aliasing_info")(torch.tensor(x), layer)
    for image in range(2):
        for channel in range(3):
            wanted = by_definition(x[image, channel].astype(numpy.float64))
            wanted["nopass"] += wanted["aliased"]
            counts = {name: int(theirs[name][image, channel]) for name in CATEGORIES}
            assert counts == wanted, f"image {image}, channel {channel}: {counts}, by definition {wanted}"
    assert all(theirs[name].sum() > 0 for name in CATEGORIES), f"{theirs}: an example with all four categories was wanted"
    check_totals(collapsing(spectral, "layerwise_aliasing_info")(torch.tensor(x), layer), 3 * 16 * 16)


class Spectra:
    """Their function of a signal, with a clock."""

    def __init__(self, collapse):
        self.collapse, self.seconds = collapse, 0.0

    def __call__(self, x, layer):
        start = time.perf_counter()
        counts = self.collapse(x, layer)
        self.seconds += time.perf_counter() - start
        check_totals(counts, x[0].numel())
        return counts


def shares_of(storage):
    """Means over images, then over layers, as their figures are made."""
    shares = {}
    for name, ours in CATEGORIES.items():
        of_layers = [(counts[name] / sum(counts[c] for c in CATEGORIES)).mean().item() for counts in storage.values()]
        shares[ours] = round(statistics.mean(of_layers), 4)
    return shares


def pixels(chosen):
    if not chosen.pictures:
        return torch.rand(chosen.batch, 3, SIDE, SIDE)
    from PIL import Image
    rows = [numpy.asarray(Image.open(file).convert("RGB")) for file in chosen.pictures.split(",")]
    return torch.tensor(numpy.stack(rows)).permute(0, 3, 1, 2).float() / 255


def export(chosen):
    """Batch norm stays apart from its convolution: signals lie between them."""
    torch.onnx.export(build(chosen.model).eval(), torch.rand(1, 3, SIDE, SIDE), chosen.export, training=torch.onnx.TrainingMode.PRESERVE,
                      do_constant_folding=False)


def work(chosen, spectral, hooks):
    """One batch through the network and the study's hooks, as a function without arguments that returns the shares; and the clock."""
    plain, signals = build(chosen.model), models[chosen.model][2]
    layout = torch.channels_last if chosen.layout == "channels-last" else torch.contiguous_format
    network = attacks.Prepared(plain).eval().to(memory_format=layout)
    x = pixels(chosen).contiguous(memory_format=layout)
    with torch.no_grad():
        wanted = network(x[:1])

    # What attach_hooks of evaluate.py does; that file cannot be loaded without pandas, tqdm and torchattacks.
    names = [name for name, _ in hooks.get_layers(network, fn=spectral.is_subsampling2d_layer)]
    network = hooks.replace_all_layers(network, names, replace_fn=spectral.replace_subsampling2d)
    with torch.no_grad():
        assert torch.allclose(network(x[:1]), wanted, rtol=1e-3, atol=1e-4), f"{chosen.model}: computes something else once its layers are replaced"
    spectra = Spectra(collapsing(spectral, "layerwise_aliasing_info"))
    recorder = hooks.SaveIntermediaryValues(spectra, lambda layer: type(layer) == spectral.Downsample2D, n_samples=chosen.batch)
    network = recorder.save_forward_hooks(network)
    assert len(recorder.layer_names) == signals, f"{recorder.layer_names}: {signals} signals were wanted"

    def run():
        with torch.no_grad():
            network(x)
        shares = shares_of(recorder.storage)
        recorder.reset()
        return shares

    return run, spectra


def of_signal(chosen, spectral):
    x = torch.tensor(numpy.load(chosen.signal)).float()[None]
    if x.dim() != 4 or x.shape[2] != x.shape[3]:
        sys.exit(f"{chosen.signal}: an array {list(x.shape[1:])}; [channels, rows, columns] was wanted, as many rows as columns")
    twice = torch.cat([x, x])  # a batch of one would be squeezed away
    counts = collapsing(spectral, "channelwise_aliasing_info")(twice, spectral.Downsample2D(2))
    first = {ours: counts[name].reshape(2, -1)[0] for name, ours in CATEGORIES.items()}
    return {"signal": chosen.signal, "accounting": "legacy",
            "counts": [{"published": {ours: int(first[ours][c]) for ours in first}} for c in range(x.shape[1])]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--code", required=True, help="copy of the study's repository")
    parser.add_argument("--model", choices=list(models), default="resnet34")
    parser.add_argument("--batch", type=int, default=4, help="at least 2: the study's code squeezes a batch of one away")
    parser.add_argument("--layout", choices=("channels-last", "contiguous"), default="contiguous", help="contiguous is the study's")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--signal", help="an .npy file [channels, rows, columns] instead of a network")
    parser.add_argument("--pictures", help="files of 224×224 with commas between, instead of --batch random ones; at least 2")
    parser.add_argument("--export", help="only write the network, with the weights it is timed with, to this .onnx file")
    parser.add_argument("--serve", action="store_true")
    chosen = parser.parse_args()
    if chosen.pictures:
        chosen.batch = len(chosen.pictures.split(","))
    if chosen.batch < 2:
        parser.error(f"--batch {chosen.batch}: at least 2 was wanted; the study's code squeezes a batch of one away and then fails")
    torch.set_num_threads(chosen.threads)
    torch.nn.Conv2d(1, 1, 3)(torch.rand(1, 1, 4, 4)).sum().backward()
    spectral, hooks = mended(chosen.code)
    check_on_a_small_example(spectral)
    if chosen.signal:
        return print(json.dumps(of_signal(chosen, spectral)))
    if chosen.export:
        return export(chosen)

    memory = pytorch.Memory()
    run, spectra = work(chosen, spectral, hooks)
    shares = run()
    if chosen.serve:
        return pytorch.serve(run, memory)
    spectra.seconds = 0.0
    runs = [pytorch.timed_ms(run) for _ in range(chosen.runs)]
    print(json.dumps({
        "what": "alias", **{key: getattr(chosen, key) for key in ("model", "batch", "layout", "threads")},
        "ms_median": statistics.median(runs), "ms_best": min(runs), "ms_spectra": 1e3 * spectra.seconds / chosen.runs, "runs": runs,
        "peak_memory_bytes": memory.peak(), "shares": shares,
    }))


if __name__ == "__main__":
    main()
