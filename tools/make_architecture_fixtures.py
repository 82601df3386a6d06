#!/usr/bin/env python3
"""Writes tests/fixtures/architectures.safetensors: torchvision's own networks, made small, in double precision.

    tools/make_architecture_fixtures.py [FOLDER]

The same cases and rules as networks.safetensors (tests/fixtures/README.md). Needs torch and torchvision; neither building nor testing convscope does.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from torch import nn
from torchvision.models import convnext, densenet, efficientnet, mobilenetv2, vgg

import make_fixtures
from make_fixtures import DEEP_TOLERANCE, ROOT, SEED, answers, check_tolerance, rounded, uniform, write

# A ReLU whose input lies within rounding of 0 takes the other side, and 121 layers of batch norm over 16 numbers carry that on.
TOLERANCE = {**DEEP_TOLERANCE, "gradients": 3e-2}
DENSENET_TOLERANCE = {**DEEP_TOLERANCE, "gradients": 1e-1}
CLASSES, SIDE, BATCH = 10, 64, 4


def parameter(name, shape):
    """As in make_fixtures; our layer norm and layer scale are convolutions of each channel by itself, with weights [C, 1, 1, 1]."""
    if name.endswith("layer_scale"):
        return rounded(uniform(SEED, name, int(np.prod(shape))), shape)
    if parameter.layer_norms and name.endswith(".weight") and len(shape) == 1:
        return original(name, (*shape, 1, 1, 1)).reshape(shape)
    return original(name, shape)


original = make_fixtures.parameter
make_fixtures.parameter = parameter


def vgg_of(cut, width, batch_norm):
    plan = [entry if entry == "M" else entry * width // 64 for entry in vgg.cfgs[cut]]
    network = vgg.VGG(vgg.make_layers(plan, batch_norm=batch_norm), num_classes=CLASSES, init_weights=False, dropout=0)
    last = max(entry for entry in plan if entry != "M")
    network.classifier[0], network.classifier[3], network.classifier[6] = nn.Linear(last * 49, 32), nn.Linear(32, 32), nn.Linear(32, CLASSES)
    return network


def efficientnet_of(width):
    mb = efficientnet.MBConvConfig
    rows = [(1, 3, 1, 32, 16, 1), (6, 3, 2, 16, 24, 2), (6, 5, 2, 24, 40, 2), (6, 3, 2, 40, 80, 3), (6, 5, 1, 80, 112, 3), (6, 5, 2, 112, 192, 4),
            (6, 3, 1, 192, 320, 1)]

    class Config(mb):
        @staticmethod
        def adjust_channels(channels, width_mult, min_value=None):
            return int(channels * width_mult)

    setting = [Config(e, k, s, c, o, n, width_mult=width / 32, depth_mult=1.0) for e, k, s, c, o, n in rows]
    return efficientnet.EfficientNet(setting, dropout=0, stochastic_depth_prob=0, num_classes=CLASSES)


def convnext_of(width):
    c = convnext.CNBlockConfig
    setting = [c(width, 2 * width, 3), c(2 * width, 4 * width, 3), c(4 * width, 8 * width, 9), c(8 * width, None, 3)]
    return convnext.ConvNeXt(setting, stochastic_depth_prob=0, num_classes=CLASSES)


NETWORKS = [
    ("vgg11", {"width": 8, "hidden": 32, "dropout": 0}, lambda: vgg_of("A", 8, False)),
    ("vgg16", {"width": 8, "hidden": 32, "dropout": 0, "batch_norm": True}, lambda: vgg_of("D", 8, True)),
    ("densenet121", {"growth": 4, "width": 8}, lambda: densenet.DenseNet(4, (6, 12, 24, 16), 8, num_classes=CLASSES)),
    ("mobilenet-v2", {"width": 8, "last": 160, "dropout": 0}, lambda: mobilenet_of(8, 160)),
    ("efficientnet-b0", {"width": 8, "dropout": 0, "depth_rate": 0}, lambda: efficientnet_of(8)),
    ("convnext-tiny", {"width": 8, "depth_rate": 0}, lambda: convnext_of(8)),
]


def mobilenet_of(width, last):
    network = mobilenetv2.MobileNetV2(num_classes=CLASSES, width_mult=width / 32, round_nearest=1, dropout=0)
    before = network.features[17].out_channels
    network.features[18] = mobilenetv2.Conv2dNormActivation(before, last, kernel_size=1, norm_layer=nn.BatchNorm2d, activation_layer=nn.ReLU6)
    network.classifier[1] = nn.Linear(last, CLASSES)
    return network


def made(build):
    network = build()
    network.channels_in, network.side = 3, SIDE
    parameter.layer_norms = any(isinstance(module, nn.LayerNorm) for module in network.modules())
    return network


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "fixtures"
    torch.manual_seed(0)
    torch.set_num_threads(1)
    tensors, cases = {}, []
    for model, options, build in NETWORKS:
        tolerance = DENSENET_TOLERANCE if model == "densenet121" else TOLERANCE
        truth, single = answers(made(build), BATCH), answers(made(build), BATCH, torch.float32)
        # Of the gradients a few from the network's beginning, middle and end, so that the file stays small; a bias before batch norm has none
        # but rounding.
        names = [key for key in truth if key.startswith("grad/") and truth[key].norm() > 1e-9]
        kept = set(names[:3] + names[len(names) // 2 : len(names) // 2 + 3] + names[-3:])
        truth = {key: value for key, value in truth.items() if not key.startswith("grad") or key in kept}
        check_tolerance(model, truth, single, tolerance)
        tensors.update({f"{model}/{key}": value for key, value in truth.items()})
        cases.append({"name": model, "model": model, "options": options, "input": [BATCH, 3, SIDE, SIDE], "classes": CLASSES,
                      "tolerance": tolerance})
    write(folder / "architectures.safetensors", tensors, {"cases": json.dumps(cases)})


if __name__ == "__main__":
    main()
