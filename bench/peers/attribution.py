#!/usr/bin/python3
"""Attribution methods on PyTorch, by the libraries that are known for them: their time, and how far convscope's maps are from theirs.

    attribution.py --method integrated-gradients --model resnet20 --batch 16 --serve      # as pytorch.py
    attribution.py --method occlusion --model resnet20 --weights NET --normalize imagenet --compare DIR/attributions/QUESTION

    gradient, gradient-x-input, integrated-gradients, occlusion, guided-backprop, grad-cam, deeplift     Captum
    lrp (its composite EpsilonPlusFlat)                                                                  zennit
    score-cam                                                                                            pytorch-grad-cam
    rise (masks made once and not timed, as its authors do)                                              a loop of ours over their definition

None is a package of Debian's: `pip install torch captum zennit grad-cam`, or copies on PYTHONPATH. NET is a state dict.
--compare reads what `convscope explain` left (explain.json, pictures, maps) and prints the largest difference relative to the map's largest
number; it is for methods that both define alike: not for rise (masks of chance) nor score-cam (theirs are scaled to [0, 1]), and ours of
occlusion is to be had with `measure=target`. LRP is compared at the normalised input, and starts from the logit. The rules are those of README.md; integrated gradients are given `internal_batch_size` where their default would not fit. Methods
with rules hook modules: for them, and for rise, batch norm is folded into the convolutions, and every rectifier, sum and mean over positions
made a module of its own. Networks that use a module twice (medium) are not for lrp.
"""

import argparse
import json
import pathlib
import statistics
import sys

import pytorch  # sets the surroundings before torch is loaded

import torch
import torch.nn.functional as F
from captum import attr

import networks

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
MEANS = {"imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), "none": ((0, 0, 0), (1, 1, 1))}
STEPS = 50
HOOKED = ("guided-backprop", "grad-cam", "deeplift", "lrp", "score-cam")


def build(name):
    if name == "resnet50":
        import study_networks
        return study_networks.Resnet50(1000)
    return networks.build(name)


class Add(torch.nn.Module):
    """A sum that zennit has a rule for; for Captum a plain one."""

    def __init__(self, of_zennit):
        super().__init__()
        self.sum = None
        if of_zennit:
            from zennit.layer import Sum
            self.sum = Sum()

    def forward(self, a, b):
        return a + b if self.sum is None else self.sum(torch.stack([a, b], dim=-1))


def of_modules(network, of_zennit):
    """(the same network with batch norm folded and each rectifier, sum and mean a module of its own, its last rectifier with positions)"""
    import operator
    from torch.fx.experimental.optimization import fuse
    from torch.fx.passes.shape_prop import ShapeProp
    traced, last = fuse(network.eval()), None
    ShapeProp(traced).propagate(torch.zeros(1, network.channels_in, network.side, network.side))
    kinds = {F.relu: torch.nn.ReLU, F.adaptive_avg_pool2d: lambda: torch.nn.AdaptiveAvgPool2d(1),
             operator.add: lambda: Add(of_zennit), operator.iadd: lambda: Add(of_zennit)}
    for n, node in enumerate(list(traced.graph.nodes)):
        if node.target not in kinds:
            continue
        made = kinds[node.target]()
        traced.add_module(f"made{n}", made)
        with traced.graph.inserting_after(node):
            new = traced.graph.call_module(f"made{n}", node.args[:1] if not isinstance(made, Add) else node.args)
        if node.target is F.relu and len(node.meta["tensor_meta"].shape) == 4:
            last = made
        node.replace_all_uses_with(new)
        traced.graph.erase_node(node)
    traced.recompile()
    return traced.eval(), last


class Prepared(torch.nn.Module):
    def __init__(self, network, normalize):
        super().__init__()
        mean, deviation = (torch.tensor(v, dtype=torch.float32).view(1, -1, 1, 1) for v in MEANS[normalize])
        self.network, self.mean, self.deviation, self.plain = network, mean, deviation, normalize == "none"

    def prepared(self, x):
        return x if self.plain else (x - self.mean) / self.deviation

    def forward(self, x):
        return self.network(self.prepared(x))


def rise(network, chosen, side):
    """Petsiuk et al. 2018: 8×8 random squares, enlarged and moved; mean answer to the pictures seen through them."""
    cells, step = 8, -(-side // 8)
    grid = (torch.rand(chosen.masks, 1, cells, cells) < 0.5).float()
    large = F.interpolate(grid, size=(cells + 1) * step, mode="bilinear", align_corners=False)
    shifts = torch.randint(0, step, (chosen.masks, 2)).tolist()
    masks = torch.stack([large[n, :, i:i + side, j:j + side] for n, (i, j) in enumerate(shifts)])

    def attribute(x, y):
        maps = []
        with torch.no_grad():
            for image, target in zip(x, y):
                answers = torch.cat([network(part * image).softmax(1)[:, target] for part in masks.split(chosen.inputs)])
                maps.append((answers @ masks.flatten(1)).view(1, side, side) / (len(masks) * 0.5))
        return torch.stack(maps)
    return attribute


def method(chosen, network, last, side, channels):
    """(x, targets) → maps."""
    window, stride = chosen.window, max(1, chosen.window // 2)
    if chosen.method == "gradient":
        return lambda x, y: attr.Saliency(network).attribute(x, target=y, abs=False)
    if chosen.method == "gradient-x-input":
        return lambda x, y: attr.InputXGradient(network).attribute(x, target=y)
    if chosen.method == "integrated-gradients":
        return lambda x, y: attr.IntegratedGradients(network).attribute(
            x, target=y, n_steps=STEPS, method="riemann_middle", internal_batch_size=chosen.internal_batch or None)
    if chosen.method == "guided-backprop":
        return lambda x, y: attr.GuidedBackprop(network).attribute(x, target=y)
    if chosen.method == "grad-cam":
        return lambda x, y: attr.LayerAttribution.interpolate(
            attr.LayerGradCam(network, last).attribute(x, target=y, relu_attributions=True), (side, side), "bilinear")
    if chosen.method == "deeplift":
        return lambda x, y: attr.DeepLift(network).attribute(x, torch.zeros_like(x), target=y)
    if chosen.method == "lrp":
        from zennit.attribution import Gradient
        from zennit.composites import EpsilonPlusFlat
        attributor = Gradient(network.network, EpsilonPlusFlat()).__enter__()
        return lambda x, y: attributor(network.prepared(x), lambda logits: logits * F.one_hot(y, chosen.classes))[1]
    if chosen.method == "score-cam":
        from pytorch_grad_cam import ScoreCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
        import pytorch_grad_cam.score_cam
        pytorch_grad_cam.score_cam.tqdm.tqdm = lambda steps, **_: steps  # its bars
        cam = ScoreCAM(network, [last])
        cam.batch_size = chosen.inputs
        return lambda x, y: torch.from_numpy(cam(x, [ClassifierOutputTarget(int(c)) for c in y]))[:, None]
    if chosen.method == "rise":
        return rise(network, chosen, side)
    return lambda x, y: attr.Occlusion(network).attribute(
        x, target=y, sliding_window_shapes=(channels, window, window), strides=(channels, stride, stride),
        perturbations_per_eval=chosen.windows)


def compare(chosen, attribute):
    import numpy
    from PIL import Image
    folder = pathlib.Path(chosen.compare)
    worst = []
    for map in json.loads((folder / "explain.json").read_text())["maps"]:
        picture = numpy.asarray(Image.open(folder / map["input"]))
        x = torch.tensor(picture.reshape(*picture.shape[:2], -1)).permute(2, 0, 1)[None].float() / 255
        theirs = attribute(x, torch.tensor([map["index"]])).detach().numpy()[0]
        ours = numpy.load(folder / map["npy"])
        worst.append(float(abs(ours - theirs[:ours.shape[0]]).max() / abs(theirs).max()))
    print(json.dumps({"method": chosen.method, "images": len(worst), "largest_relative_difference": max(worst),
                      "median_relative_difference": statistics.median(worst)}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--method", required=True,
                        choices=("gradient", "gradient-x-input", "integrated-gradients", "occlusion", *HOOKED, "rise"))
    parser.add_argument("--model", required=True)
    parser.add_argument("--weights", help="state dict; random ones without it")
    parser.add_argument("--normalize", choices=list(MEANS), default="none")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--window", type=int, default=4)
    parser.add_argument("--windows", type=int, default=1, help="windows a pass of occlusion; 1 is Captum's default")
    parser.add_argument("--masks", type=int, default=4000, help="of rise")
    parser.add_argument("--inputs", type=int, default=64, help="pictures a pass of rise and score-cam")
    parser.add_argument("--internal-batch", type=int, default=0, help="points a pass of integrated gradients; 0: all, Captum's default")
    parser.add_argument("--layout", choices=("channels-last", "contiguous"), default="channels-last")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--compare", help="folder that `convscope explain` made")
    parser.add_argument("--serve", action="store_true")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(7)
    torch.nn.Conv2d(1, 1, 3)(torch.rand(1, 1, 4, 4)).sum().backward()

    memory = pytorch.Memory()
    layout = torch.channels_last if chosen.layout == "channels-last" else torch.contiguous_format
    plain = build(chosen.model)
    if chosen.weights:
        state = torch.load(chosen.weights, map_location="cpu")
        state = state.get("state_dict", state)
        plain.load_state_dict({k.removeprefix("module."): v for k, v in state.items()})
    side, channels, last = plain.side, plain.channels_in, None
    if chosen.method in (*HOOKED, "rise"):
        plain, last = of_modules(plain, chosen.method == "lrp")
    network = Prepared(plain, chosen.normalize).eval().to(memory_format=layout)
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    with torch.no_grad():
        chosen.classes = network(torch.zeros(1, channels, side, side)).shape[1]
    attribute = method(chosen, network, last, side, channels)
    if chosen.compare and chosen.method in ("rise", "score-cam"):
        parser.error(f"--compare: {chosen.method} of both sides is not defined alike")
    if chosen.compare:
        return compare(chosen, attribute)
    x = torch.rand(chosen.batch, channels, side, side).contiguous(memory_format=layout)
    with torch.no_grad():
        y = network(x).argmax(1)
    run = lambda: attribute(x, y)
    run()
    if chosen.serve:
        return pytorch.serve(run, memory)
    runs = [pytorch.timed_ms(run) for _ in range(chosen.runs)]
    print(json.dumps({"method": chosen.method, "model": chosen.model, "batch": chosen.batch, "ms_median": statistics.median(runs),
                      "ms_best": min(runs), "peak_memory_bytes": memory.peak()}))


if __name__ == "__main__":
    main()
