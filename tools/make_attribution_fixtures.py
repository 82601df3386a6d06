#!/usr/bin/env python3
"""Maps of a small network with random weights by others' programs, in double precision, for inspect/attribution/fixtures_test.cpp.

Guided backpropagation, deconvolution, Grad-CAM and DeepLIFT are Captum's, relevance is zennit's; both are asked only where they do what they
say: each ReLU is a module of its own, pools do not overlap, the sum of the residual block is a module, and for DeepLIFT a mean pool stands
for the max pool, with which Captum's maps miss the difference by more than itself. The
other class activation maps are their papers' formulas. Written with torch 2.15, captum 0.9.0, zennit 0.5.1.

    python3 -m pip install torch captum zennit safetensors
    python3 tools/make_attribution_fixtures.py
"""

import pathlib

import captum.attr
import torch
import zennit.attribution
import zennit.canonizers
import zennit.composites
import zennit.layer
from safetensors.torch import save_file

MEAN, STD = torch.tensor([0.5, 0.4, 0.3]).double(), torch.tensor([0.2, 0.25, 0.3]).double()
TARGETS = [3, 1]


class Net(torch.nn.Module):
    """conv, max pool, ReLU; conv, batch norm, ReLU; conv beside it; ReLU; mean of each map; dense."""

    def __init__(self, pool=torch.nn.MaxPool2d):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 6, 3, padding=1)
        self.pool = pool(2)
        self.relu1 = torch.nn.ReLU()
        self.conv2 = torch.nn.Conv2d(6, 8, 3, padding=1)
        self.norm2 = torch.nn.BatchNorm2d(8)
        self.relu2 = torch.nn.ReLU()
        self.conv3 = torch.nn.Conv2d(8, 8, 3, padding=1)
        self.sum = zennit.layer.Sum()
        self.relu3 = torch.nn.ReLU()
        self.mean = torch.nn.AdaptiveAvgPool2d(1)
        self.flatten = torch.nn.Flatten()
        self.fc = torch.nn.Linear(8, 5)

    def forward(self, x):
        x = self.relu1(self.pool(self.conv1(x)))
        x = self.relu2(self.norm2(self.conv2(x)))
        x = self.relu3(self.sum(torch.stack([x, self.conv3(x)], dim=-1)))
        return self.fc(self.flatten(self.mean(x)))


def network():
    torch.manual_seed(4)
    net = Net().double().eval()
    with torch.no_grad():
        net.norm2.weight.uniform_(0.5, 1.5)
        net.norm2.bias.normal_(0, 0.2)
        net.norm2.running_mean.normal_(0, 0.2)
        net.norm2.running_var.uniform_(0.5, 1.5)
    return net


def channels(v):
    return v.view(1, 3, 1, 1)


def cams(net, x):
    """At the last ReLU."""
    kept = {}
    handle = net.relu3.register_forward_hook(lambda module, inputs, output: kept.setdefault("a", output))
    y = net(x)
    handle.remove()
    a = kept["a"]
    (g,) = torch.autograd.grad(sum(y[n, t] for n, t in enumerate(TARGETS)), a)
    spread = lambda w: (w[:, :, None, None] * a).sum(1, keepdim=True)
    total = a.sum((2, 3), keepdim=True)
    alpha = torch.where(g != 0, g**2 / (2 * g**2 + total * g**3 + 1e-6), torch.zeros_like(g))
    maps = {
        "grad-cam++": spread((alpha * g.relu()).sum((2, 3))),
        "xgrad-cam": spread((g * a).sum((2, 3)) / (a.sum((2, 3)) + 1e-7)),
        "hires-cam": (g * a).sum(1, keepdim=True),
        "layer-cam": (g.relu() * a).sum(1, keepdim=True),
    }
    maps["grad-cam"] = captum.attr.LayerGradCam(net, net.relu3).attribute(x, TARGETS)
    signed = {name: m.detach() for name, m in maps.items()}
    return {name: torch.nn.functional.interpolate(m.relu(), x.shape[2:], mode="bilinear", align_corners=False) for name, m in signed.items()}


def relevance(net, x, composite):
    with zennit.attribution.Gradient(net, composite) as attributor:
        y, r = attributor(x, lambda y: y * torch.nn.functional.one_hot(torch.tensor(TARGETS), 5).double())
    return r.detach()


def main():
    net, means = network(), Net(torch.nn.AvgPool2d).double().eval()
    means.load_state_dict(net.state_dict())
    pixels = torch.rand(2, 3, 9, 8, generator=torch.Generator().manual_seed(7)).double()
    x = ((pixels - channels(MEAN)) / channels(STD)).requires_grad_()
    low, high = (channels(level - MEAN) / channels(STD) for level in (0.0, 1.0))
    out = {f"net.{name}": v for name, v in net.state_dict().items() if "num_batches" not in name}
    out["pixels"] = pixels
    out["logits"] = net(x)
    out["guided-backprop"] = captum.attr.GuidedBackprop(net).attribute(x, TARGETS) / channels(STD)
    out["deconvolution"] = captum.attr.Deconvolution(net).attribute(x, TARGETS) / channels(STD)
    out |= cams(net, x)
    for name, baseline in {"black": low, "white": high}.items():
        maps, gap = captum.attr.DeepLift(means).attribute(x, baseline.expand_as(x), TARGETS, return_convergence_delta=True)
        assert gap.abs().max() < 1e-9, f"Captum misses the difference from {name} by {gap}"
        out[f"deeplift,baseline={name}"] = maps
    canonizers = [zennit.canonizers.SequentialMergeBatchNorm()]
    c = zennit.composites
    for name, composite in {
        "epsilon-plus": c.EpsilonPlus(canonizers=canonizers),
        "epsilon-plus-flat": c.EpsilonPlusFlat(canonizers=canonizers),
        "epsilon-alpha2-beta1": c.EpsilonAlpha2Beta1(canonizers=canonizers),
        "epsilon-alpha2-beta1-flat": c.EpsilonAlpha2Beta1Flat(canonizers=canonizers),
        "epsilon-gamma-box": c.EpsilonGammaBox(low=low, high=high, canonizers=canonizers),
    }.items():
        out[f"lrp,composite={name}"] = relevance(net, x, composite)
    fixture = pathlib.Path(__file__).resolve().parent.parent / "tests/fixtures/attributions.safetensors"
    save_file({name: v.detach().float().contiguous() for name, v in out.items()}, fixture)
    print(fixture, fixture.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
