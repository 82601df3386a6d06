#!/usr/bin/env python3
"""Where Captum, zennit and pytorch-grad-cam do something else than docs/attribution.md says convscope does: a line for each fact, measured on small
networks with random weights in double precision. Written with torch 2.15, captum 0.9.0, zennit 0.5.1, grad-cam 1.5.7.

    python3 -m pip install torch captum zennit grad-cam
    python3 tools/attribution_differences.py
"""

import warnings

import captum.attr
import torch
import zennit.attribution
import zennit.composites
import zennit.layer
from torch import nn

warnings.filterwarnings("ignore")
torch.manual_seed(3)
X = torch.rand(3, 3, 16, 16).double()
TARGETS = [0, 1, 2]


def net(*middle, head=()):
    layers = [nn.Conv2d(3, 8, 3, padding=1), *middle, nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5), *head]
    return nn.Sequential(*layers).double().eval()


def gradient(model):
    x = X.clone().requires_grad_()
    return torch.autograd.grad(model(x)[range(3), TARGETS].sum(), x)[0]


def same_as_gradient(activation):
    model = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), activation, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)).double().eval()
    plain = gradient(model)
    return bool((captum.attr.GuidedBackprop(model).attribute(X.clone().requires_grad_(), TARGETS) == plain).all())


def gap(model, baseline=0.0):
    """Captum's DeepLIFT: the mean gap over the mean difference from the baseline."""
    b = torch.full_like(X, baseline)
    maps = captum.attr.DeepLift(model).attribute(X.clone().requires_grad_(), b, TARGETS)
    difference = (model(X) - model(b))[range(3), TARGETS]
    return float((maps.sum((1, 2, 3)) - difference).abs().mean() / difference.abs().mean())


class Residual(nn.Module):
    def __init__(self, module):
        super().__init__()
        self.first, self.second = nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.Conv2d(8, 8, 3, padding=1, bias=False)
        self.relu1, self.relu2 = nn.ReLU(), nn.ReLU()
        self.sum = zennit.layer.Sum() if module else None
        self.pool, self.flat, self.dense = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5, bias=False)

    def forward(self, x):
        x = self.relu1(self.first(x))
        y = self.second(x)
        x = self.sum(torch.stack([x, y], dim=-1)) if self.sum else x + y
        return self.dense(self.flat(self.pool(self.relu2(x))))


class Twice(nn.Module):
    """Two convolutions, each with an activation."""

    def __init__(self, one, other):
        super().__init__()
        self.first, self.second, self.one, self.other, self.dense = nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3), one, other, nn.Linear(8 * 144, 5)
        self.double().eval()

    def forward(self, x):
        return self.dense(torch.flatten(self.other(self.second(self.one(self.first(x)))), 1))


class DeclaredLast(nn.Module):
    """What sees the pixels is declared behind the other convolution."""

    def __init__(self):
        super().__init__()
        self.second, self.first = nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.relu1, self.relu2, self.flat, self.dense = nn.ReLU(), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 256, 5, bias=False)

    def forward(self, x):
        return self.dense(self.flat(self.relu2(self.second(self.relu1(self.first(x))))))


def arrives(model, composite):
    """Share of the output that reaches the pixels; without biases all of it should."""
    with zennit.attribution.Gradient(model, composite) as attributor:
        y, r = attributor(X, lambda y: y * torch.nn.functional.one_hot(torch.tensor(TARGETS), 5).double())
    return [round(float(v), 4) for v in r.sum((1, 2, 3)) / y[range(3), TARGETS]]


def refusal(deed):
    try:
        deed()
        return "runs"
    except Exception as e:  # noqa: BLE001
        return f"{type(e).__name__}: {str(e).splitlines()[0][:90]}"


def main():
    for name, activation in {"ReLU": nn.ReLU(), "ReLU6": nn.ReLU6(), "SiLU": nn.SiLU(), "Hardswish": nn.Hardswish()}.items():
        print(f"Captum GuidedBackprop, {name}: the plain gradient to the last bit: {same_as_gradient(activation)}")
    for name, middle in {
        "ReLU": [nn.ReLU()], "ReLU6": [nn.ReLU6()], "GELU": [nn.GELU()], "SiLU": [nn.SiLU()], "Hardswish": [nn.Hardswish()],
        "ReLU, max pool 2/2": [nn.ReLU(), nn.MaxPool2d(2)], "max pool 3/2, ReLU": [nn.MaxPool2d(3, 2, 1), nn.ReLU()], "ReLU, max pool 3/2": [nn.ReLU(), nn.MaxPool2d(3, 2, 1)],
    }.items():
        torch.manual_seed(5)
        model = net(*middle)
        with torch.no_grad():
            model[0].weight.mul_(4)
        print(f"Captum DeepLift, {name}: gap {100 * gap(model):.1f} % of the difference from 0, {100 * gap(model, 0.5):.1f} % from 0.5")
    torch.manual_seed(5)
    model = net(nn.ReLU(), head=[nn.Softmax(1)])
    together = captum.attr.DeepLift(model).attribute(X.clone().requires_grad_(), torch.zeros_like(X), TARGETS)[:1]
    alone = captum.attr.DeepLift(model).attribute(X[:1].clone().requires_grad_(), torch.zeros_like(X[:1]), TARGETS[:1])
    print(f"Captum DeepLift, softmax: gap {100 * gap(model):.1f} %; an image's map alone and beside two others differ by {float((together - alone).abs().max() / alone.abs().max()):.2g} of its largest number")
    torch.manual_seed(5)
    model = net(nn.ReLU())
    cam = captum.attr.LayerGradCam(model, model[3]).attribute(X, TARGETS)
    print(f"Captum LayerGradCam: {float((cam < 0).double().mean()):.0%} of its numbers are below 0")
    for name, activation in {"ReLU": nn.ReLU(), "ReLU6": nn.ReLU6(), "SiLU": nn.SiLU()}.items():
        print(f"Captum LRP, {name}: {refusal(lambda: captum.attr.LRP(Twice(activation, nn.ReLU())).attribute(X.clone().requires_grad_(), TARGETS))}")
    for module in (True, False):
        torch.manual_seed(5)
        print(f"zennit EpsilonPlus, residual sum {'a module' if module else 'a +'}: of each output arrives {arrives(Residual(module).double().eval(), zennit.composites.EpsilonPlus())}")
    torch.manual_seed(5)
    declared = DeclaredLast().double().eval()
    with zennit.composites.EpsilonPlusFlat().context(declared):
        x = X.clone().requires_grad_()
        r = torch.autograd.grad(declared(x)[range(3), TARGETS].sum(), x)[0]
    print(f"zennit EpsilonPlusFlat, first layer declared last: pixels of a channel have {'one' if bool((r[:, 0] - r[:, 1]).abs().max() < 1e-12) else 'several'} number(s), as by the flat rule one")
    torch.manual_seed(5)
    before = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.ReLU(), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 256, 5, bias=False)).double().eval()
    with torch.no_grad():
        before[2].running_mean.uniform_(0.1, 0.5)
        before[2].bias.uniform_(-0.5, 0.5)
    print(f"zennit Epsilon with Pass of a batch norm before a convolution: of each output arrives {arrives(before, zennit.composites.EpsilonPlus())}")
    from pytorch_grad_cam import EigenCAM, GradCAM, GuidedBackpropReLUModel
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    torch.manual_seed(5)
    model = net(nn.ReLU()).float()
    targets = [ClassifierOutputTarget(t) for t in TARGETS]
    maps = GradCAM(model, [model[3]])(X.float(), targets)
    print(f"pytorch-grad-cam GradCAM: largest number of each map {[round(float(m.max()), 3) for m in maps]}, whatever the evidence")
    with torch.no_grad():
        model[-1].weight.copy_(-model[-1].weight.abs())
    print(f"pytorch-grad-cam GradCAM where nothing speaks for the class: {[round(float(m.max()), 3) for m in GradCAM(model, [model[3]])(X.float(), targets)]}, in silence")
    print(f"pytorch-grad-cam EigenCAM: of two classes the same map: {bool((EigenCAM(model, [model[3]])(X.float(), targets) == EigenCAM(model, [model[3]])(X.float(), targets[::-1])).all())}")

    class Functional(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.dense = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, 5)

        def forward(self, x):
            return self.dense(torch.relu(self.conv(x)).mean((2, 3)))

    functional = Functional().eval()
    guided = GuidedBackpropReLUModel(model=functional, device="cpu")(X[:1].float(), target_category=0)
    x = X[:1].float().requires_grad_()
    plain = torch.autograd.grad(functional(x)[0, 0], x)[0][0].permute(1, 2, 0).numpy()
    print(f"pytorch-grad-cam guided backprop, functional ReLU: the plain gradient: {bool(abs(guided - plain).max() < 1e-7)}")


if __name__ == "__main__":
    main()
