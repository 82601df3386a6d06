"""The networks that convscope is measured against, in PyTorch, with the parameter names convscope uses.

    build("resnet20")                                   # CIFAR ResNet-20, identity shortcuts
    build("resnet18", classes=1000, stem="imagenet")
    parameters_of(network)

Shapes are [N, C, H, W]; every network returns logits.
"""

import torch
import torch.nn.functional as F
from torch import nn


class Deep(nn.Module):
    """Nine 3×3 convolutions for 28×28 grey images; a 2×2 pool behind each of the first four (28 → 14 → 7 → 3 → 1)."""

    side, channels_in = 28, 1
    widths = (16, 16, 16, 32, 32, 32, 64, 64, 64)
    pools = 4

    def __init__(self, classes=10):
        super().__init__()
        channels = self.channels_in
        for n, width in enumerate(self.widths, 1):
            setattr(self, f"conv{n}", nn.Conv2d(channels, width, 3, padding=1))
            channels = width
        self.linear1 = nn.Linear(channels, 512)
        self.linear2 = nn.Linear(512, 50)
        self.linear3 = nn.Linear(50, classes)

    def forward(self, x):
        for n in range(1, len(self.widths) + 1):
            x = F.relu(getattr(self, f"conv{n}")(x), inplace=True)
            if n <= self.pools:
                x = F.max_pool2d(x, 2)
        return dense_head(self, x)


class Medium(nn.Module):
    """Four convolutions, each with ReLU and a 2×2 pool; the second and the third share their weights."""

    side, channels_in = 28, 1

    def __init__(self, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(self.channels_in, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1)
        self.conv3 = nn.Conv2d(16, 32, 3, padding=1)
        self.linear1 = nn.Linear(32, 512)
        self.linear2 = nn.Linear(512, 50)
        self.linear3 = nn.Linear(50, classes)

    def forward(self, x):
        for conv in (self.conv1, self.conv2, self.conv2, self.conv3):
            x = F.max_pool2d(F.relu(conv(x), inplace=True), 2)
        return dense_head(self, x)


def dense_head(network, x):
    x = F.relu(network.linear1(x.flatten(1)), inplace=True)
    x = F.relu(network.linear2(x), inplace=True)
    return network.linear3(x)


class ActivationBatchNorm(nn.Module):
    """
    Batch norm with statistics for every (channel, row, column) over the batch alone, and one gamma and one beta for the layer.
    eps 1e-7; running = 0.99 running + 0.01 batch, the variance biased in both places.
    """

    eps, momentum = 1e-7, 0.01

    def __init__(self, channels, side):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.bias = nn.Parameter(torch.zeros(1))
        # Rank 4, so that .to(memory_format=…) moves them along with the activations.
        self.register_buffer("running_mean", torch.zeros(1, channels, side, side))
        self.register_buffer("running_var", torch.ones(1, channels, side, side))

    def forward(self, x):
        if not self.training:
            scale = self.weight * torch.rsqrt(self.running_var + self.eps)
            return torch.addcmul(self.bias - self.running_mean * scale, x, scale)
        # As batch norm over [N, H·W·C] in the order the numbers lie in memory: no copy in either layout, several times as fast as var_mean.
        order = (0, 2, 3, 1) if x.is_contiguous(memory_format=torch.channels_last) else (0, 1, 2, 3)
        lying = x.permute(order)
        flat = lying.reshape(len(x), -1)
        normal, mean, inverse = torch.native_batch_norm(flat, None, None, None, None, True, self.momentum, self.eps)
        with torch.no_grad():
            as_one = (1,) + lying.shape[1:]
            self.running_mean.permute(order).lerp_(mean.view(as_one), self.momentum)
            self.running_var.permute(order).lerp_((inverse.pow(-2) - self.eps).view(as_one), self.momentum)
        back = (0, 3, 1, 2) if order[1] == 2 else order
        return (normal * self.weight + self.bias).view(lying.shape).permute(back)


class Scratch(nn.Module):
    """Six convolutions for 32×32 colour images, conv → ReLU → batch norm; after every second one a 2×2 pool and dropout .2, .3, .4."""

    side, channels_in = 32, 3
    widths = (32, 32, 64, 64, 128, 128)

    def __init__(self, classes=10, norm="activation", dropout=True):
        super().__init__()
        channels, side = self.channels_in, self.side
        self.dropout = (0.2, 0.3, 0.4) if dropout else (0, 0, 0)
        for n, width in enumerate(self.widths, 1):
            setattr(self, f"conv{n}", nn.Conv2d(channels, width, 3, padding=1))
            bn = ActivationBatchNorm(width, side) if norm == "activation" else nn.BatchNorm2d(width, eps=1e-7, momentum=0.01)
            setattr(self, f"bn{n}", bn)
            channels, side = width, side // 2 if n % 2 == 0 else side
        self.linear = nn.Linear(channels * side * side, classes)

    def forward(self, x):
        for n in range(1, 7):
            x = getattr(self, f"bn{n}")(F.relu(getattr(self, f"conv{n}")(x), inplace=True))
            if n % 2 == 0:
                x = F.dropout(F.max_pool2d(x, 2), self.dropout[n // 2 - 1], self.training, inplace=True)
        return self.linear(x.flatten(1))


class Shortcut(nn.Module):
    """Every second pixel, and as many zero channels before as behind (He et al. 2016, option A)."""

    def __init__(self, stride, zeros):
        super().__init__()
        self.stride, self.zeros = stride, zeros

    def forward(self, x):
        return F.pad(x[:, :, ::self.stride, ::self.stride], (0, 0, 0, 0, self.zeros // 2, self.zeros - self.zeros // 2))


class BasicBlock(nn.Module):
    def __init__(self, channels, width, stride, shortcut):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = nn.Identity()
        if stride != 1 or channels != width:
            if shortcut == "identity":
                self.downsample = Shortcut(stride, width - channels)
            else:
                self.downsample = nn.Sequential(nn.Conv2d(channels, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=True)
        y = self.bn2(self.conv2(y))
        y += self.downsample(x)
        return F.relu(y, inplace=True)


class ResNet(nn.Module):
    """Stages of basic blocks, the first block of every stage but the first with stride 2; the last layer is `head`."""

    def __init__(self, stem, blocks, widths, shortcut, head, classes, side):
        super().__init__()
        self.side, self.channels_in, self.head = side, 3, head
        imagenet = stem == "imagenet"
        self.conv1 = nn.Conv2d(3, widths[0], 7, 2, 3, bias=False) if imagenet else nn.Conv2d(3, widths[0], 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.maxpool = nn.MaxPool2d(3, 2, 1) if imagenet else nn.Identity()
        channels = widths[0]
        for stage, (count, width) in enumerate(zip(blocks, widths), 1):
            layer = []
            for block in range(count):
                layer.append(BasicBlock(channels, width, 2 if stage > 1 and block == 0 else 1, shortcut))
                channels = width
            setattr(self, f"layer{stage}", nn.Sequential(*layer))
        self.stages = len(widths)
        setattr(self, head, nn.Linear(channels, classes))

    def forward(self, x):
        x = self.maxpool(F.relu(self.bn1(self.conv1(x)), inplace=True))
        for stage in range(1, self.stages + 1):
            x = getattr(self, f"layer{stage}")(x)
        return getattr(self, self.head)(F.adaptive_avg_pool2d(x, 1).flatten(1))


def cifar_resnet(depth, classes=10, shortcut="identity"):
    blocks = (depth - 2) // 6
    return ResNet("cifar", (blocks,) * 3, (16, 32, 64), shortcut, "linear", classes, 32)


def resnet18(classes=None, stem="imagenet", width=64):
    widths = tuple(width * 2**stage for stage in range(4))
    imagenet = stem == "imagenet"
    return ResNet(stem, (2,) * 4, widths, "projection", "fc", classes or (1000 if imagenet else 10), 224 if imagenet else 32)


networks = {
    "deep": Deep,
    "medium": Medium,
    "scratch": Scratch,
    **{f"resnet{depth}": lambda depth=depth, **options: cifar_resnet(depth, **options) for depth in (20, 32, 44, 56, 110)},
    "resnet18": resnet18,
}

# Known from the papers, from torchvision or by hand; `check_counts` holds the code against them.
counts = [
    ("deep", {}, 179_728),
    ("medium", {}, 50_176),
    ("scratch", {}, 307_510),
    ("scratch", {"norm": "channel"}, 308_394),
    ("resnet20", {}, 269_722),
    ("resnet20", {"shortcut": "projection"}, 272_474),
    ("resnet32", {}, 464_154),
    ("resnet44", {}, 658_586),
    ("resnet56", {}, 853_018),
    ("resnet110", {}, 1_727_962),
    ("resnet18", {}, 11_689_512),
    ("resnet18", {"stem": "cifar"}, 11_173_962),
]


def build(name, **options):
    if name not in networks:
        raise SystemExit(f"no network '{name}'; known: {', '.join(networks)}")
    return networks[name](**options)


def parameters_of(network):
    return sum(p.numel() for p in network.parameters())


def check_counts():
    for name, options, wanted in counts:
        network = build(name, **options)
        assert parameters_of(network) == wanted, f"{name} {options}: {parameters_of(network)} parameters, wanted {wanted}"
        network.eval()(torch.zeros(1, network.channels_in, network.side, network.side))
        print(f"{name} {options}: {wanted} parameters")


if __name__ == "__main__":
    check_counts()
