#!/usr/bin/python3
"""Times one network at one kind of work in PyTorch on the CPU; see README.md beside it.

    pytorch.py --what train --model resnet20 --batch 128 --runs 10      # one line of JSON
    pytorch.py --what explain --model resnet20 --serve                  # "ready", then answers "run K", "memory", "quit"

predict   evaluation mode, no_grad
explain   evaluation mode, weights without gradients: gradient of the highest logit with respect to the input
train     forward, cross-entropy, backward, one step of the optimiser

The rules: PyTorch at its best. Both layouts can be asked for; ReLU works in place; zero_grad sets to none; the batch is made once.
"""

import argparse
import json
import os
import statistics
import sys
import time

# Set for reproducible bytes on some machines; they slow the matrix products down.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)

import torch
import torch.nn.functional as F

import networks

LEAST_WARM_UP = 3


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--what", choices=("predict", "explain", "train"), required=True)
    parser.add_argument("--model", choices=list(networks.networks), required=True)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32", help="bf16: torch.autocast")
    parser.add_argument("--layout", choices=("channels-last", "contiguous"), default="channels-last")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--warm-up", type=int, default=LEAST_WARM_UP, help=f"runs before the first timed one, at least {LEAST_WARM_UP}")
    parser.add_argument("--input-size", type=int, help="rows and columns of the image; the model's own without it")
    parser.add_argument("--classes", type=int, help="the model's own without it")
    parser.add_argument("--stem", choices=("imagenet", "cifar"), help="resnet18")
    parser.add_argument("--width", type=int, help="resnet18: channels of the first stage")
    parser.add_argument("--shortcut", choices=("identity", "projection"), help="CIFAR ResNets")
    parser.add_argument("--norm", choices=("activation", "channel"), help="scratch")
    parser.add_argument("--optimizer", choices=("sgd", "adam"), default="sgd")
    parser.add_argument("--frozen", action="store_true", help="predict: traced, batch norm folded (torch.jit.optimize_for_inference)")
    parser.add_argument("--compiled", action="store_true", help="torch.compile")
    parser.add_argument("--serve", action="store_true", help="take orders from standard input")
    chosen = parser.parse_args()
    if chosen.frozen and chosen.what != "predict":
        parser.error("--frozen is for --what predict: a frozen network has no parameters to train and no gradients")
    return chosen


def resident_bytes(field):
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise RuntimeError(f"/proc/self/status has no {field}")


class Memory:
    """The peak of resident memory since it was made, above what was resident then."""

    def __init__(self):
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")  # the high-water mark starts again from here
        self.before = resident_bytes("VmRSS")

    def peak(self):
        return resident_bytes("VmHWM") - self.before


def autocast(chosen):
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=chosen.precision == "bf16")


def work(chosen):
    """The thing to be timed, as a function without arguments."""
    layout = torch.channels_last if chosen.layout == "channels-last" else torch.contiguous_format
    extras = {key: getattr(chosen, key) for key in ("classes", "stem", "width", "shortcut", "norm") if getattr(chosen, key) is not None}
    network = networks.build(chosen.model, **extras).to(memory_format=layout)
    side = chosen.input_size or network.side
    channels_in = network.channels_in
    if chosen.compiled:
        network = torch.compile(network)
    x = torch.rand(chosen.batch, channels_in, side, side).contiguous(memory_format=layout)

    if chosen.what == "train":
        network.train()
        with torch.no_grad():
            classes = network(x).shape[1]
        y = torch.randint(classes, (chosen.batch,))
        if chosen.optimizer == "adam":
            optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
        else:
            optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)

        def train():
            optimizer.zero_grad(set_to_none=True)
            with autocast(chosen):
                loss = F.cross_entropy(network(x), y)
            loss.backward()
            optimizer.step()
            return loss.item()

        return train

    network.eval()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    if chosen.what == "explain":
        x.requires_grad_()

        def explain():
            with autocast(chosen):
                logits = network(x)
            picked = logits.max(1).values  # its gradient goes to the highest logit alone
            return torch.autograd.grad(picked.sum(), x)[0]

        return explain

    if chosen.frozen:
        with torch.no_grad(), autocast(chosen):
            network = torch.jit.optimize_for_inference(torch.jit.trace(network, x))

    def predict():
        with torch.no_grad(), autocast(chosen):
            return network(x)

    return predict


def timed_ms(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e3


def serve(run, memory):
    print("ready", flush=True)
    for line in sys.stdin:
        order = line.split()
        if order == ["quit"]:
            return
        if order == ["memory"]:
            print(memory.peak(), flush=True)
        elif len(order) == 2 and order[0] == "run" and order[1].isdigit():
            print(json.dumps([round(timed_ms(run), 4) for _ in range(int(order[1]))]), flush=True)
        else:
            print(json.dumps({"error": f"'{line.strip()}': wanted 'run K', 'memory' or 'quit'"}), flush=True)


def main():
    chosen = options()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(7)
    # The libraries load themselves at the first convolution; that memory is nobody's network.
    tiny = torch.nn.Conv2d(1, 1, 3)
    with autocast(chosen):
        tiny(torch.rand(1, 1, 4, 4)).sum().backward()

    memory = Memory()
    run = work(chosen)
    for _ in range(max(LEAST_WARM_UP, chosen.warm_up)):
        run()
    if chosen.serve:
        return serve(run, memory)
    runs = [timed_ms(run) for _ in range(chosen.runs)]
    print(json.dumps({
        "peer": f"pytorch {torch.__version__}",
        **{key: getattr(chosen, key) for key in ("what", "model", "batch", "precision", "layout", "threads")},
        "ms_median": round(statistics.median(runs), 4),
        "ms_best": round(min(runs), 4),
        "runs": [round(ms, 4) for ms in runs],
        "peak_memory_bytes": memory.peak(),
    }))


if __name__ == "__main__":
    main()
