#!/usr/bin/python3
"""The perturbation study's networks in PyTorch as published: every perturbed map is made, C·M maps a layer. See README.md beside it.

    perturb.py --model perturb-resnet18,width=128,first_filter_size=3,nmasks=64,mix_maps=true --batch 16 --runs 3   # one line of JSON
    perturb.py --model … --serve                                             # "ready", then answers "run K", "memory", "quit"

One run is a training step: forward, cross-entropy, backward, one step of SGD with Nesterov momentum. The formulas are those of
convscope/nn/perturb.h, the parameter names and the options are convscope's. `python3 perturb.py` without --model asserts parameter counts.
"""

import argparse
import json
import statistics

import pytorch  # sets the surroundings before torch is loaded

import torch
import torch.nn.functional as F
from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "lrelu": nn.LeakyReLU, "prelu": nn.PReLU, "rrelu": nn.RReLU, "elu": nn.ELU, "selu": nn.SELU,
               "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}
COMMON = {"nmasks": 1, "unique_masks": True, "train_masks": False, "mix_maps": False, "level": 0.5, "scale_noise": 1.0,
          "noise_type": "uniform", "use_act": False, "act": "relu"}


def make_masks(layer, shape, noise_type, trained):
    drawn = torch.rand(shape) * 2 - 1 if noise_type == "uniform" else torch.randn(shape)
    if trained:
        layer.masks = nn.Parameter(drawn)
    else:
        layer.register_buffer("masks", drawn)


class Perturb(nn.Module):
    """Convolution, or masks; batch norm; activation; with mix_maps a 1×1 convolution, batch norm and activation more."""

    def __init__(self, channels, filters, side, filter_size, first, o):
        super().__init__()
        self.filter_size, self.mix_maps = filter_size, o["mix_maps"] and filter_size == 0
        if filter_size > 0:
            stride = 2 if first and filter_size == 7 else 1
            self.conv = nn.Conv2d(channels, filters, filter_size, stride, filter_size // 2, bias=filter_size == 1)
            self.out = (side - 1) // stride + 1
        else:
            self.nmasks, self.level, self.behind = o["nmasks"], o["level"] * (o["scale_noise"] if first else 1), not first or o["use_act"]
            make_masks(self, (channels if o["unique_masks"] else 1, self.nmasks, side, side), o["noise_type"], o["train_masks"])
            self.conv = nn.Conv2d(channels * self.nmasks, filters, 1, groups=channels if self.nmasks > 1 else 1)
            self.out = side
        self.bn = nn.BatchNorm2d(filters)
        self.act = ACTIVATIONS[o["act"]]()
        if self.mix_maps:
            self.mix, self.mix_bn = nn.Conv2d(filters, filters, 1), nn.BatchNorm2d(filters)

    def forward(self, x):
        if self.filter_size == 0:
            x = x[:, :, None] + self.level * self.masks  # [N, C, M, H, W]
            if self.behind:
                x = self.act(x)
            x = x.flatten(1, 2)
        x = self.act(self.bn(self.conv(x)))
        return self.act(self.mix_bn(self.mix(x))) if self.mix_maps else x


class SeparableConvolution(nn.Module):
    """Depthwise convolution; batch norm; activation; 1×1 convolution; batch norm; activation."""

    def __init__(self, channels, filters, size, o):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, size, padding=size // 2, groups=channels, bias=False)
        self.depthwise_bn, self.conv, self.bn = nn.BatchNorm2d(channels), nn.Conv2d(channels, filters, 1), nn.BatchNorm2d(filters)
        self.act = ACTIVATIONS[o["act"]]()

    def forward(self, x):
        return self.act(self.bn(self.conv(self.act(self.depthwise_bn(self.depthwise(x))))))


class WidePerturb(nn.Module):
    """The first layer of the authors' later network."""

    def __init__(self, channels, filters, side, o):
        super().__init__()
        self.level = 20 * o["level"] * o["scale_noise"]
        make_masks(self, (channels if o["unique_masks"] else 1, 5 * filters, side, side), o["noise_type"], o["train_masks"])
        self.masks_bn = nn.BatchNorm2d(5 * filters * channels)
        self.conv = nn.Conv2d(5 * filters * channels, filters * channels, 1, groups=channels)
        self.bn = nn.BatchNorm2d(filters * channels)
        self.mix_maps = o["mix_maps"]
        if self.mix_maps:
            self.mix, self.mix_bn = nn.Conv2d(filters * channels, filters * channels, 1), nn.BatchNorm2d(filters * channels)
        self.reduce, self.reduce_bn = nn.Conv2d(filters * channels, filters, 1, bias=False), nn.BatchNorm2d(filters)
        self.reduce_act = ACTIVATIONS[o["act"]]()

    def forward(self, x):
        x = torch.sigmoid(self.masks_bn((x[:, :, None] + self.level * self.masks).flatten(1, 2)))
        x = torch.sigmoid(self.bn(self.conv(x)))
        if self.mix_maps:
            x = torch.sigmoid(self.mix_bn(self.mix(x)))
        return self.reduce_act(self.reduce_bn(self.reduce(x)))


class Noise(nn.Module):
    def __init__(self, channels, filters, side, level):
        super().__init__()
        self.level = level
        make_masks(self, (channels, 1, side, side), "uniform", False)
        self.bn = nn.BatchNorm2d(channels)
        self.conv = nn.Conv2d(channels, filters, 1)

    def forward(self, x):
        return self.conv(self.bn(F.relu(x + self.level * self.masks[:, 0])))


def shortcut(channels, filters, stride):
    if stride == 1 and channels == filters:
        return nn.Identity()
    return nn.Sequential(nn.Conv2d(channels, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))


class PerturbBlock(nn.Module):
    def __init__(self, channels, filters, side, stride, o):
        super().__init__()
        self.perturb1 = self.layer(channels, filters, side, o)
        self.pool = nn.Identity() if stride == 1 else nn.MaxPool2d(2) if o["pool_type"] == "max" else nn.AvgPool2d(2)
        self.perturb2 = self.layer(filters, filters, side // stride, o)
        self.downsample = shortcut(channels, filters, stride)

    @staticmethod
    def layer(channels, filters, side, o):
        if o["separable"]:
            return SeparableConvolution(channels, filters, o["filter_size"], o)
        return Perturb(channels, filters, side, o["filter_size"], False, o)

    def forward(self, x):
        return F.relu(self.perturb2(self.pool(self.perturb1(x))) + self.downsample(x))


class NoiseBlock(nn.Module):
    def __init__(self, channels, filters, side, stride, o):
        super().__init__()
        self.noise1 = Noise(channels, filters, side, o["level"])
        self.pool = nn.MaxPool2d(stride)
        self.bn1 = nn.BatchNorm2d(filters)
        self.noise2 = Noise(filters, filters, side // stride, o["level"])
        self.bn2 = nn.BatchNorm2d(filters)
        self.downsample = shortcut(channels, filters, stride)

    def forward(self, x):
        return F.relu(self.bn2(self.noise2(F.relu(self.bn1(self.pool(self.noise1(x)))))) + self.downsample(x))


class Residual(nn.Module):
    """Four stages of two blocks; `self.stem` makes what goes into them."""

    side, channels_in = 32, 3

    def make_stages(self, block, side, classes, o):
        channels = o["width"]
        for stage in range(4):
            layer = []
            for n in range(2):
                filters, stride = o["width"] << stage, 2 if stage > 0 and n == 0 else 1
                layer.append(block(channels, filters, side, stride, o))
                channels, side = filters, side // stride
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layer))
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        x = self.stem(x)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class PerturbResnet18(Residual):
    defaults = {"width": 64, "first_filter_size": 0, "filter_size": 0, "separable": False, "wide_first": False, "pool_type": "max", **COMMON}

    def __init__(self, classes=10, **options):
        super().__init__()
        o = {**self.defaults, **options}
        self.perturb1 = WidePerturb(3, o["width"], 32, o) if o["wide_first"] else Perturb(3, o["width"], 32, o["first_filter_size"], True, o)
        self.pooled = o["first_filter_size"] == 7
        self.make_stages(PerturbBlock, 8 if self.pooled else 32, classes, o)

    def stem(self, x):
        x = self.perturb1(x)
        return F.max_pool2d(x, 3, 2, 1) if self.pooled else x


class NoiseResnet18(Residual):
    defaults = {"width": 64, "first_filter_size": 7, "level": 0.1}

    def __init__(self, classes=10, **options):
        super().__init__()
        o = {**self.defaults, **options}
        self.large = o["first_filter_size"] == 7
        self.conv1 = nn.Conv2d(3, o["width"], 7, 2, 3, bias=False) if self.large else nn.Conv2d(3, o["width"], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(o["width"])
        self.make_stages(NoiseBlock, 8 if self.large else 32, classes, o)

    def stem(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return F.max_pool2d(x, 3, 2, 1) if self.large else x


class Small(nn.Module):
    """lenet and cifarnet, without dropout."""

    defaults = {"width": 64, "first_filter_size": 3, "filter_size": 3, "pool_type": "max", **COMMON}

    def __init__(self, layers, features, channels_in, side, classes=10, **options):
        super().__init__()
        self.side, self.channels_in, self.layers = side, channels_in, layers
        o = {**self.defaults, **options}
        channels = channels_in
        for n in range(1, 3 * layers + 1):
            first = n == 1
            layer = Perturb(channels, o["width"], side, o["first_filter_size"] if first else o["filter_size"], first, o)
            setattr(self, f"layer{n}", layer)
            channels, side = o["width"], layer.out
            if n % layers == 0:
                side = (side - 1) // 2 + 1
        self.pool = nn.MaxPool2d(3, 2, 1) if o["pool_type"] == "max" else nn.AvgPool2d(3, 2, 1)
        self.linear1 = nn.Linear(channels * side * side, features)
        self.linear1.bn, self.linear1.act = nn.BatchNorm1d(features), ACTIVATIONS[o["act"]]()
        self.linear2 = nn.Linear(features, classes)

    def forward(self, x):
        for n in range(1, 3 * self.layers + 1):
            x = getattr(self, f"layer{n}")(x)
            if n % self.layers == 0:
                x = self.pool(x)
        x = self.linear1(x.flatten(1))
        return self.linear2(self.linear1.act(self.linear1.bn(x)))


networks = {
    "perturb-resnet18": PerturbResnet18,
    "noise-resnet18": NoiseResnet18,
    "lenet": lambda **options: Small(1, 128, 1, 28, **options),
    "cifarnet": lambda **options: Small(2, 256, 3, 32, **options),
}

MANY = "perturb-resnet18,width=128,first_filter_size=3,nmasks=64"
counts = [
    ("noise-resnet18,width=128,first_filter_size=7", 5_640_074),
    ("noise-resnet18,width=128,first_filter_size=3", 5_624_714),
    ("perturb-resnet18,width=128,first_filter_size=3,filter_size=1", 5_611_146),
    ("perturb-resnet18,width=128", 5_608_202),
    (MANY + ",mix_maps=true", 6_813_834),
    (MANY + ",unique_masks=false", 1_220_234),
]


def parsed(text):
    name, *pairs = text.split(",")
    options = {}
    for pair in pairs:
        key, value = pair.split("=")
        try:
            options[key] = json.loads(value)
        except json.JSONDecodeError:
            options[key] = value
    return name, options


def build(text):
    name, options = parsed(text)
    return networks[name](**options)


def parameters_of(network):
    return sum(p.numel() for p in network.parameters())


def check_counts():
    for text, wanted in counts:
        assert parameters_of(build(text)) == wanted, f"{text}: {parameters_of(build(text))} parameters, wanted {wanted}"
        print(f"{text}: {wanted} parameters")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--layout", choices=("channels-last", "contiguous"), default="contiguous")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--serve", action="store_true")
    chosen = parser.parse_args()
    if not chosen.model:
        return check_counts()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(7)
    torch.nn.Conv2d(1, 1, 3)(torch.rand(1, 1, 4, 4)).sum().backward()

    memory = pytorch.Memory()
    layout = torch.channels_last if chosen.layout == "channels-last" else torch.contiguous_format
    network = build(chosen.model).train().to(memory_format=layout)
    x = torch.rand(chosen.batch, network.channels_in, network.side, network.side).contiguous(memory_format=layout)
    y = torch.randint(10, (chosen.batch,))
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9, nesterov=True, weight_decay=1e-4)

    def train():
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(network(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    train()
    if chosen.serve:
        return pytorch.serve(train, memory)
    runs = [pytorch.timed_ms(train) for _ in range(chosen.runs)]
    print(json.dumps({"what": "train", "model": chosen.model, "batch": chosen.batch, "layout": chosen.layout, "threads": chosen.threads,
                      "ms_median": statistics.median(runs), "ms_best": min(runs), "runs": runs, "peak_memory_bytes": memory.peak()}))


if __name__ == "__main__":
    main()
