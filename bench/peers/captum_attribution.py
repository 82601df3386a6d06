#!/usr/bin/python3
"""Attribution methods of Captum on PyTorch: their time, and how far convscope's maps are from theirs.

    captum_attribution.py --method integrated-gradients --model resnet20 --batch 16 --serve      # as pytorch.py
    captum_attribution.py --method occlusion --model resnet20 --weights NET --normalize imagenet --compare DIR/attributions/QUESTION

Captum is no package of Debian's: put a copy on PYTHONPATH (github.com/pytorch/captum; 0.5 fits PyTorch 1.13). NET is a state dict.
--compare reads what `convscope explain` left (explain.json, pictures, maps) and prints the largest difference relative to the map's largest
number. The rules are those of README.md; integrated gradients are given `internal_batch_size` where their default would not fit.
"""

import argparse
import json
import pathlib
import statistics
import sys

import pytorch  # sets the surroundings before torch is loaded

import torch
from captum.attr import InputXGradient, IntegratedGradients, Occlusion, Saliency

import networks

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
MEANS = {"imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), "none": ((0, 0, 0), (1, 1, 1))}
STEPS = 50


def build(name):
    if name == "resnet50":
        import study_networks
        return study_networks.Resnet50(1000)
    return networks.build(name)


class Prepared(torch.nn.Module):
    def __init__(self, network, normalize):
        super().__init__()
        mean, deviation = (torch.tensor(v, dtype=torch.float32).view(1, -1, 1, 1) for v in MEANS[normalize])
        self.network, self.mean, self.deviation, self.plain = network, mean, deviation, normalize == "none"

    def forward(self, x):
        return self.network(x if self.plain else (x - self.mean) / self.deviation)


def method(chosen, network):
    """(x, targets) → maps."""
    window, stride = chosen.window, max(1, chosen.window // 2)
    if chosen.method == "gradient":
        return lambda x, y: Saliency(network).attribute(x, target=y, abs=False)
    if chosen.method == "gradient-x-input":
        return lambda x, y: InputXGradient(network).attribute(x, target=y)
    if chosen.method == "integrated-gradients":
        return lambda x, y: IntegratedGradients(network).attribute(
            x, target=y, n_steps=STEPS, method="riemann_middle", internal_batch_size=chosen.internal_batch or None)
    channels = networks.build(chosen.model).channels_in if chosen.model != "resnet50" else 3
    return lambda x, y: Occlusion(network).attribute(
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
    parser.add_argument("--method", choices=("gradient", "gradient-x-input", "integrated-gradients", "occlusion"), required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--weights", help="state dict; random ones without it")
    parser.add_argument("--normalize", choices=list(MEANS), default="none")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--window", type=int, default=4)
    parser.add_argument("--windows", type=int, default=1, help="windows a pass of occlusion; 1 is Captum's default")
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
    network = Prepared(plain, chosen.normalize).eval().to(memory_format=layout)
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    # Captum asks for gradients of the input only; ReLU in place would change what hooks see, so none are set.
    attribute = method(chosen, network)
    if chosen.compare:
        return compare(chosen, attribute)
    x = torch.rand(chosen.batch, plain.channels_in, plain.side, plain.side).contiguous(memory_format=layout)
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
