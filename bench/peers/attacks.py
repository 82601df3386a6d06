#!/usr/bin/python3
"""Attacks of torchattacks, Foolbox and the AutoAttack reference on PyTorch: robust accuracy and time on CIFAR-10's test images.

    attacks.py --library torchattacks --attack pgd --steps 10 --weights resnet20.th --data CIFAR10 --limit 1000 --epsilon 2/255
    attacks.py --library foolbox --attack pgd --epsilon 1/255,2/255,3/255 ...         # a curve
    attacks.py --library torchattacks --attack fgsm --epsilon 2/255 --compare DIR     # our pictures against theirs
    attacks.py --library autoattack --attack standard --epsilon 1/255 ...             # the suite; --scale 10: of the same network, surer

None of the libraries is a package of Debian's (python3-eagerpy, which Foolbox needs, is): put copies on PYTHONPATH (github.com/Harry24k/adversarial-attacks-pytorch,
github.com/bethgelab/foolbox,
github.com/fra31/auto-attack). WEIGHTS is a state dict of the CIFAR ResNet-20 or an .onnx file (read by onnx2torch from PyPI), DATA the folder with test_batch.bin. Pixels are in [0, 1];
normalisation is a part of the network that is attacked. DIR is the folder attacks/NAME that `convscope attack … --independent` left for one ε, with pictures.npy in it.
Compare accuracies with --double: softmax of a sure image is 1 in float32, so the true class drops out of PyTorch's gradient.
One line of JSON: accuracy at each ε, seconds of the attack without loading.
"""

import argparse
import json
import pathlib
import time

import pytorch  # sets the surroundings before torch is loaded

import numpy
import torch

import networks

MEANS_AND_DEVIATIONS = {"imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), "cifar10": ((0.4914, 0.4822, 0.4465), (0.2471, 0.2435, 0.2616))}


class Prepared(torch.nn.Module):
    def __init__(self, network, normalize):
        super().__init__()
        self.network = network
        mean, deviation = MEANS_AND_DEVIATIONS[normalize]
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("deviation", torch.tensor(deviation).view(1, 3, 1, 1))

    def forward(self, x):
        return self.network((x - self.mean) / self.deviation)


def read_network(weights, normalize, scale):
    """Of pixels in [0, 1]; the last layer's weights and bias times `scale`."""
    if weights.endswith(".onnx"):
        import onnx2torch
        network = onnx2torch.convert(weights)
    else:
        network = networks.build("resnet20")
        state = torch.load(weights, map_location="cpu")
        network.load_state_dict({k.removeprefix("module."): v for k, v in state.get("state_dict", state).items()})
    with torch.no_grad():
        for parameter in [m for m in network.modules() if isinstance(m, torch.nn.Linear)][-1].parameters():
            parameter.mul_(scale)
    return Prepared(network, normalize)


def images(folder, limit):
    rows = numpy.fromfile(pathlib.Path(folder) / "test_batch.bin", numpy.uint8).reshape(-1, 3073)[:limit]
    return torch.tensor(rows[:, 1:].reshape(-1, 3, 32, 32)).float() / 255, torch.tensor(rows[:, 0]).long()


def of_torchattacks(chosen, network, x, y):
    """One ε after the other: the library knows no curves."""
    import torchattacks
    made = []
    for epsilon in chosen.epsilons:
        step = chosen.step * epsilon
        attack = {
            "fgsm": lambda: torchattacks.FGSM(network, eps=epsilon),
            "pgd": lambda: torchattacks.PGD(network, eps=epsilon, alpha=step, steps=chosen.steps, random_start=chosen.random_start),
            "pgd-l2": lambda: torchattacks.PGDL2(network, eps=epsilon, alpha=step, steps=chosen.steps, random_start=chosen.random_start),
        }[chosen.attack]()
        made.append(torch.cat([attack(x[i:i + chosen.batch], y[i:i + chosen.batch]) for i in range(0, len(x), chosen.batch)]))
    return made


def of_foolbox(chosen, network, x, y):
    import foolbox
    model = foolbox.PyTorchModel(network, bounds=(0, 1), device="cpu")
    attack = {
        "fgsm": lambda: foolbox.attacks.FGSM(random_start=False),
        "pgd": lambda: foolbox.attacks.LinfProjectedGradientDescentAttack(
            rel_stepsize=chosen.step, steps=chosen.steps, random_start=chosen.random_start),
        "pgd-l2": lambda: foolbox.attacks.L2ProjectedGradientDescentAttack(
            rel_stepsize=chosen.step, steps=chosen.steps, random_start=chosen.random_start),
    }[chosen.attack]()
    parts = [attack(model, x[i:i + chosen.batch], y[i:i + chosen.batch], epsilons=chosen.epsilons)[1] for i in range(0, len(x), chosen.batch)]
    return [torch.cat(of_one) for of_one in zip(*parts)]


def of_autoattack(chosen, network, x, y):
    """Its standard suite, one ε after the other."""
    import autoattack
    norm = "L2" if chosen.attack == "standard-l2" else "Linf"
    return [autoattack.AutoAttack(network, norm=norm, eps=epsilon, version="standard", device="cpu", verbose=chosen.verbose, seed=7)
            .run_standard_evaluation(x, y, bs=chosen.batch) for epsilon in chosen.epsilons]


def accuracy(network, x, y, batch):
    with torch.no_grad():
        return sum((network(x[i:i + batch]).argmax(1) == y[i:i + batch]).sum().item() for i in range(0, len(x), batch)) / len(x)


def number(text):
    above, _, below = text.partition("/")
    return float(above) / float(below or 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", choices=("torchattacks", "foolbox", "autoattack"), required=True)
    parser.add_argument("--attack", choices=("fgsm", "pgd", "pgd-l2", "standard", "standard-l2"), required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--normalize", choices=MEANS_AND_DEVIATIONS, default="imagenet")
    parser.add_argument("--data", required=True)
    parser.add_argument("--epsilon", default="2/255", help="1/255,2/255; in norms of the attack")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--step", type=float, default=0.25, help="of one step, as a share of ε")
    parser.add_argument("--random-start", action="store_true")
    parser.add_argument("--limit", type=int, default=1000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--layout", choices=("channels-last", "contiguous"), default="channels-last")
    parser.add_argument("--double", action="store_true", help="in float64: the gradient of an image that is named surely is lost in PyTorch's float32")
    parser.add_argument("--scale", type=float, default=1, help="factor of the last layer's weights and bias: no answer changes, all are surer")
    parser.add_argument("--verbose", action="store_true", help="what the suite says of its parts")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compare", help="folder that `convscope attack` made")
    chosen = parser.parse_args()
    chosen.epsilons = [number(text) for text in chosen.epsilon.split(",")]
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(7)

    layout = torch.channels_last if chosen.layout == "channels-last" else torch.contiguous_format
    network = read_network(chosen.weights, chosen.normalize, chosen.scale).eval().to(memory_format=layout)
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    x, y = images(chosen.data, chosen.limit)
    x = x.contiguous(memory_format=layout)
    if chosen.double:
        network, x = network.double(), x.double()
    clean = accuracy(network, x, y, chosen.batch)  # also warms up
    start = time.perf_counter()
    made = {"torchattacks": of_torchattacks, "foolbox": of_foolbox, "autoattack": of_autoattack}[chosen.library](chosen, network, x, y)
    seconds = time.perf_counter() - start
    result = {"library": chosen.library, "attack": chosen.attack, "images": len(x), "steps": chosen.steps, "clean_accuracy": clean,
              "curve": [{"epsilon": e, "accuracy": accuracy(network, a, y, chosen.batch)} for e, a in zip(chosen.epsilons, made)],
              "seconds": seconds, "layout": chosen.layout, "double": chosen.double}
    if chosen.compare:
        ours = torch.tensor(numpy.load(pathlib.Path(chosen.compare) / "pictures.npy"))
        apart = (ours - made[-1]).abs()
        result["largest_difference"] = apart.max().item()
        result["pixels_that_differ"] = (apart > 1e-6).float().mean().item()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
