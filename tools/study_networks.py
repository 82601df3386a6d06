"""The studies' networks in PyTorch, with the parameter names convscope uses; those that convscope is also timed against are in bench/peers.

    build("oscillation-resnet", depth=8, size="tiny", widths="const")

Every network has `channels_in` and `side`, the pictures it is made for, and returns logits. There is no dropout.
"""

import torch
import torch.nn.functional as F
from torch import nn

import networks

SIZES = ("tiny", "small", "medium", "large")


class Alexnet(nn.Module):
    """Batch norm as in Keras: eps 1e-3, 1 % of the batch in the running statistics, the variance biased."""

    def __init__(self, classes, side=28, channels_in=1):
        super().__init__()
        self.side, self.channels_in = side, channels_in
        self.conv1 = nn.Conv2d(channels_in, 96, 11, 4)
        self.bn1 = KerasBatchNorm(96)
        self.conv2 = nn.Conv2d(96, 256, 5, padding=2)
        self.bn2 = KerasBatchNorm(256)
        self.conv3 = nn.Conv2d(256, 384, 3, padding=1)
        self.conv4 = nn.Conv2d(384, 384, 3, padding=1)
        self.conv5 = nn.Conv2d(384, 256, 3, padding=1)
        self.large = side >= 67  # three pools have a whole window each
        left = {28: 2, 67: 1, 256: 6}[side]
        self.linear1 = nn.Linear(256 * left * left, 2048)
        self.linear2 = nn.Linear(2048, 2048)
        self.linear3 = nn.Linear(2048, classes)

    def pool(self, x):
        return F.max_pool2d(x, 3, 2) if self.large else x

    def forward(self, x):
        x = self.bn1(F.max_pool2d(F.relu(self.conv1(x)), 3, 2))
        x = self.bn2(self.pool(F.relu(self.conv2(x))))
        x = F.relu(self.conv4(F.relu(self.conv3(x))))
        x = self.pool(F.relu(self.conv5(x))).flatten(1)
        x = F.relu(self.linear2(F.relu(self.linear1(x))))
        return self.linear3(x)


class KerasBatchNorm(nn.BatchNorm2d):
    def __init__(self, channels):
        super().__init__(channels, eps=1e-3, momentum=0.01)

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
        self.running_mean = 0.99 * self.running_mean + 0.01 * mean.detach()
        self.running_var = 0.99 * self.running_var + 0.01 * variance.detach()
        per_channel = (1, -1, 1, 1)
        normal = (x - mean.view(per_channel)) / (variance.view(per_channel) + self.eps).sqrt()
        return normal * self.weight.view(per_channel) + self.bias.view(per_channel)


class FullyConnected(nn.Module):
    side, channels_in = 32, 1

    def __init__(self, classes, size="tiny", hidden=1):
        super().__init__()
        features = {1: (58, 200, 800, 3000), 2: (55, 180, 600, 1500)}[hidden][SIZES.index(size)]
        self.linear1 = nn.Linear(1024, features)
        self.linear2 = nn.Linear(features, features if hidden == 2 else classes)
        if hidden == 2:
            self.linear3 = nn.Linear(features, classes)

    def forward(self, x):
        x = self.linear2(F.relu(self.linear1(x.flatten(1))))
        return self.linear3(F.relu(x)) if hasattr(self, "linear3") else x


class GreyResNet(networks.ResNet):
    def __init__(self, blocks, widths, classes):
        super().__init__("cifar", blocks, widths, "projection", "linear", classes, 32)
        self.channels_in = 1
        self.conv1 = nn.Conv2d(1, widths[0], 3, 1, 1, bias=False)


def oscillation_resnet(classes, depth=20, size="small", widths="incr"):
    factor = 2 ** SIZES.index(size)
    filters = (20 * factor,) * 3 if widths == "const" else (8 * factor, 16 * factor, 32 * factor)
    return GreyResNet(((depth - 2) // 6,) * 3, filters, classes)


class Bottleneck(nn.Module):
    """torchvision's: the stride stands in the 3×3."""

    def __init__(self, channels, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = nn.Identity()
        if stride != 1 or channels != 4 * width:
            self.downsample = nn.Sequential(nn.Conv2d(channels, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x))


class Resnet50(nn.Module):
    channels_in = 3

    def __init__(self, classes, width=64, side=224):
        super().__init__()
        self.side = side
        self.conv1 = nn.Conv2d(3, width, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        channels = width
        for stage, count in enumerate((3, 4, 6, 3), 1):
            filters, blocks = width * 2 ** (stage - 1), []
            for block in range(count):
                blocks.append(Bottleneck(channels, filters, 2 if stage > 1 and block == 0 else 1))
                channels = 4 * filters
            setattr(self, f"layer{stage}", nn.Sequential(*blocks))
        self.fc = nn.Linear(channels, classes)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Lenet(nn.Module):
    """Three stages of one layer (lenet) or two (cifarnet), the study's order of things in each."""

    def __init__(self, classes, layers, features, channels_in, side, width=64, first_filter_size=3, filter_size=3, pool_type="max", act="relu"):
        super().__init__()
        self.side, self.channels_in, self.layers = side, channels_in, layers
        self.act = {"relu": F.relu, "tanh": torch.tanh, "elu": F.elu}[act]
        self.pool = nn.MaxPool2d(3, 2, 1) if pool_type == "max" else nn.AvgPool2d(3, 2, 1)
        channels = channels_in
        for n in range(1, 3 * layers + 1):
            window = first_filter_size if n == 1 else filter_size
            layer = nn.Module()
            layer.conv = nn.Conv2d(channels, width, window, 2 if n == 1 and window == 7 else 1, window // 2, bias=window == 1)
            layer.bn = nn.BatchNorm2d(width)
            setattr(self, f"layer{n}", layer)
            channels = width
        left = side // (2 if first_filter_size == 7 else 1)
        for _ in range(3):
            left = (left + 1) // 2
        self.linear1 = nn.Linear(width * left * left, features)
        self.linear1.bn = nn.BatchNorm1d(features)
        self.linear2 = nn.Linear(features, classes)

    def forward(self, x):
        for n in range(1, 3 * self.layers + 1):
            layer = getattr(self, f"layer{n}")
            x = self.act(layer.bn(layer.conv(x)))
            if n % self.layers == 0:
                x = self.pool(x)
        return self.linear2(self.act(self.linear1.bn(self.linear1(x.flatten(1)))))


studies = {
    "alexnet": Alexnet,
    "fully-connected": FullyConnected,
    "oscillation-resnet": oscillation_resnet,
    "resnet50": Resnet50,
    "lenet": lambda classes, **options: Lenet(classes, 1, 128, 1, 28, **options),
    "cifarnet": lambda classes, **options: Lenet(classes, 2, 256, 3, 32, **options),
}


def build(name, classes, **options):
    return studies[name](classes, **options)
