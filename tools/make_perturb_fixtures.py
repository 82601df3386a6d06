#!/usr/bin/python3
"""Writes tests/fixtures/perturbation.safetensors: what PyTorch, in double precision, says about networks of perturbation layers.

    tools/make_perturb_fixtures.py [FOLDER]

The networks are bench/peers/perturb.py's, which make every perturbed map; files and rules are those of make_fixtures.py and
tests/fixtures/README.md. Masks are 2 u − 1.
"""

import json
import pathlib
import sys

import numpy as np
import torch

import make_fixtures
from make_fixtures import ROOT, SEED, answers, check_tolerance, rounded, uniform, write

import perturb  # of bench/peers

BATCH = 4
# Each mask gives every number another chance to lie within rounding of a ReLU's corner, and there are 18 layers.
TOLERANCE = {"logits": 2e-4, "running": 1e-4, "gradients": 4e-2}
PERTURB = {"width": 8, "first_filter_size": 3}
SMALL = {"first_filter_size": 0, "filter_size": 0}
CASES = [
    ("noise-7", "noise-resnet18", {"width": 8}),
    ("noise-3", "noise-resnet18", {"width": 8, "first_filter_size": 3, "level": 0.5}),
    ("perturb-convolutions", "perturb-resnet18", {**PERTURB, "filter_size": 1}),
    ("perturb-everywhere", "perturb-resnet18", {"width": 8, "scale_noise": 2.0, "use_act": True}),
    ("perturb-mix", "perturb-resnet18", {**PERTURB, "nmasks": 4, "mix_maps": True}),
    ("perturb-shared", "perturb-resnet18", {**PERTURB, "nmasks": 4, "unique_masks": False}),
    ("perturb-trained", "perturb-resnet18", {**PERTURB, "nmasks": 3, "train_masks": True, "act": "elu"}),
    ("perturb-shared-trained", "perturb-resnet18",
     {**PERTURB, "nmasks": 3, "unique_masks": False, "train_masks": True, "act": "tanh", "pool_type": "avg"}),
    ("perturb-one-trained", "perturb-resnet18", {**PERTURB, "train_masks": True, "act": "sigmoid"}),
    ("perturb-one-shared-trained", "perturb-resnet18",
     {**PERTURB, "unique_masks": False, "train_masks": True, "first_filter_size": 7, "act": "selu"}),
    ("perturb-separable", "perturb-resnet18", {**PERTURB, "filter_size": 3, "separable": True}),
    ("perturb-wide-first", "perturb-resnet18", {"width": 4, "wide_first": True, "level": 0.1}),
    ("lenet-masks", "lenet", {**SMALL, "width": 8, "nmasks": 3, "act": "prelu", "mix_maps": True, "use_act": True}),
    ("cifarnet-one-mask", "cifarnet", {**SMALL, "width": 8, "act": "prelu", "unique_masks": False, "pool_type": "avg"}),
    ("cifarnet-masks", "cifarnet", {**SMALL, "width": 9, "nmasks": 3, "scale_noise": 3.0, "act": "lrelu"}),
    ("cifarnet-shared", "cifarnet", {**SMALL, "width": 12, "nmasks": 2, "unique_masks": False, "act": "selu", "mix_maps": True}),
]

plain = make_fixtures.parameter


def parameter(name, shape):
    if name.endswith("masks"):
        return rounded(2 * uniform(SEED, name, int(np.prod(shape))) - 1, shape)
    return plain(name, shape)


def main():
    make_fixtures.parameter = parameter
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "tests" / "fixtures")
    tensors, cases = {}, []
    for name, model, options in CASES:
        network = perturb.networks[model](**options)
        names = [parameter for parameter, _ in network.named_parameters()]
        # The first and the last, which all others pass through or meet, and what only these networks have.
        special = [n for n in names if n.endswith(("masks", "act.weight"))]
        inner = [n for n in names if n.endswith(("perturb2.conv.weight", "layer2.conv.weight", "noise2.conv.weight"))]
        chosen = {names[0], names[-1], *special[:1], *special[-1:], *inner[:1]}
        kept = {f"{of}/{parameter}" for of in ("grad", "grad_norm") for parameter in chosen}
        truth = {key: value for key, value in answers(network, BATCH).items() if not key.startswith("grad") or key in kept}
        check_tolerance(name, truth, answers(network, BATCH, torch.float32), TOLERANCE)
        tensors.update({f"{name}/{key}": value for key, value in truth.items()})
        without_dropout = {"dropout": 0} if model in ("lenet", "cifarnet") else {}
        cases.append({"name": name, "model": model, "options": {**options, **without_dropout},
                      "input": [BATCH, network.channels_in, network.side, network.side], "classes": 10, "tolerance": TOLERANCE})
    write(folder / "perturbation.safetensors", tensors, {"cases": json.dumps(cases)})


if __name__ == "__main__":
    main()
