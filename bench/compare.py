#!/usr/bin/env python3
"""Times convscope and its peers by turns and prints medians, bests and ratios, as a table and as JSON.

    bench/compare.py [--program build/release/bin/convscope] [--only resnet20,train] [--turns 12] [--runs 3] [--json FILE]
    bench/compare.py --only attribution   # of Captum, zennit and pytorch-grad-cam, where --python has them; give few --turns
    bench/compare.py --only perturb       # training steps of the perturbation study's networks; give few --turns
    bench/compare.py --only aliasing --study FOLDER   # the aliasing study's own code, a copy of it in FOLDER

Both sides run as servers that have compiled and warmed up; then they take turns of a few runs each, so that whatever else the
machine does meets both alike. Each turn gives one ratio: the fastest of PyTorch's ways (its two memory layouts; with --compiled also
torch.compile) against ours. Quoted are the median of these ratios and the ratio of the best times. --python names a Python with PyTorch;
Debian's is on /usr/bin/python3 with python3-torch (and libopenblas0-pthread, else its matrix products are ten times slower). With
--before an earlier build of convscope takes turns too. Nothing else should run meanwhile.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent

# what, model, options of ours, options of the peer, batch, precision
CASES = [
    *[("train", "resnet20", [], [], 128, p) for p in ("fp32", "bf16")],
    *[("train", "resnet18", ["stem=cifar"], ["--stem", "cifar"], 128, p) for p in ("fp32", "bf16")],
    ("train", "scratch", [], ["--optimizer", "adam"], 50, "fp32"),
    *[("explain", "resnet20", [], [], 128, p) for p in ("fp32", "bf16")],
    *[("predict", "resnet20", [], [], 128, p) for p in ("fp32", "bf16")],
    ("predict", "resnet20", [], [], 1, "fp32"),
]

# method, model, options of ours, options of the peer, batch
ATTRIBUTIONS = [
    ("gradient", "resnet20", "", [], 128),
    ("gradient-x-input", "resnet20", "", [], 128),
    ("integrated-gradients", "resnet20", "", [], 16),
    ("occlusion", "resnet20", ",window=4,stride=2", [], 16),
    ("occlusion", "resnet20", ",window=4,stride=2", ["--windows", "16"], 16),
    *[(method, "resnet20", "", [], 128) for method in ("guided-backprop", "grad-cam", "deeplift", "lrp")],
    ("score-cam", "resnet20", "", [], 16),
    *[("rise", "resnet20", f",masks={masks}", ["--masks", str(masks), "--inputs", "128"], 1) for masks in (1000, 4000)],
    ("gradient", "resnet50", "", [], 8),
    ("gradient-x-input", "resnet50", "", [], 8),
    ("integrated-gradients", "resnet50", "", ["--internal-batch", "10"], 1),
    ("occlusion", "resnet50", ",window=32,stride=16", ["--window", "32", "--windows", "8"], 1),
    *[(method, "resnet50", "", [], 8) for method in ("guided-backprop", "grad-cam", "deeplift", "lrp")],
    # As many masks and channels as end within a minute; the time is in proportion to them.
    ("rise", "resnet50", ",masks=256", ["--masks", "256", "--inputs", "16"], 1),
    ("score-cam", "resnet50", "", ["--inputs", "16"], 1),
]

# name, model, batch: the study's runs 4 to 8, those with 64 masks at a smaller batch than its 16, which takes the peer minutes
PERTURBATIONS = [
    ("run-4", "perturb-resnet18,width=128,first_filter_size=3,filter_size=1", 16),
    ("run-5", "perturb-resnet18,width=128,first_filter_size=0,filter_size=0", 16),
    ("run-6", "perturb-resnet18,width=128,first_filter_size=3,filter_size=0,nmasks=64,mix_maps=true", 4),
    ("run-7", "perturb-resnet18,width=128,first_filter_size=3,filter_size=0,nmasks=64,unique_masks=false", 4),
    ("run-8", "perturb-resnet18,width=128,first_filter_size=3,filter_size=0,nmasks=64,unique_masks=false,train_masks=true", 4),
]

# model, batch; ResNet-34 is ours by name, the other one is the peer's, exported
ALIASINGS = [("resnet34", 4), ("mobilenet_v2", 4)]


class Side:
    """A server that does K runs when told so."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        line = self.process.stdout.readline().strip()
        if line != "ready":
            sys.exit(f"{' '.join(map(str, command))}: said '{line}' where 'ready' was wanted")
        self.milliseconds = []

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def turn(self, runs):
        times = self.ask(f"run {runs}")
        self.milliseconds += times
        return statistics.median(times)

    def close(self):
        memory = self.ask("memory")
        self.process.stdin.write("quit\n")
        self.process.stdin.close()
        self.process.wait()
        return memory["peak_memory_bytes"] if isinstance(memory, dict) else memory


def measure(arguments, environment, ours, peer, runs, compiles=False):
    """Both sides by turns; the peer in all its ways."""
    ways = {"channels-last": ["--layout", "channels-last"], "contiguous": ["--layout", "contiguous"]}
    if compiles and arguments.compiled:
        ways["compiled"] = ["--layout", "channels-last", "--compiled"]
    sides = {"convscope": Side([*ours, "--serve"], environment)}
    if arguments.before:
        sides["before"] = Side([arguments.before, *ours[1:], "--serve"], environment)
    sides |= {name: Side([*peer, *options, "--serve"], environment) for name, options in ways.items()}
    ratios = []
    for _ in range(arguments.turns):
        medians = {name: side.turn(runs) for name, side in sides.items()}
        ratios.append(min(medians[name] for name in ways) / medians["convscope"])
    median = {name: statistics.median(side.milliseconds) for name, side in sides.items()}
    best = {name: min(side.milliseconds) for name, side in sides.items()}
    memory = {name: side.close() for name, side in sides.items()}
    layout = min(ways, key=lambda name: median[name])
    before = {"before_ms_median": median["before"], "before_ms_best": best["before"]} if arguments.before else {}
    return {
        **before,
        "ms_median": median["convscope"], "ms_best": best["convscope"],
        "peer_layout": layout, "peer_ms_median": median[layout], "peer_ms_best": best[layout],
        "ratio_median": statistics.median(ratios), "ratio_best": min(best[name] for name in ways) / best["convscope"],
        "memory_bytes": memory["convscope"], "peer_memory_bytes": memory[layout], "memory_share": memory["convscope"] / memory[layout],
    }


def measure_engine(case, arguments, environment):
    what, model, own, others, batch, precision = case
    common = ["--batch", str(batch), "--precision", precision, "--threads", str(arguments.threads)]
    optimiser = ["--optimiser", "adam"] if "adam" in others else []
    ours = [arguments.program, "bench", what, "--model", ",".join([model, *own]), *common, *optimiser]
    peer = [arguments.python, str(HERE / "peers" / "pytorch.py"), "--what", what, "--model", model, *common, *others]
    primitives = json.loads(subprocess.run([*ours, "--runs", "10", "--json"], check=True, capture_output=True, text=True).stdout)
    result = measure(arguments, environment, ours, peer, arguments.runs if batch > 1 else 100 * arguments.runs, compiles=True)
    return {"what": what, "model": ",".join([model, *own]), "batch": batch, "precision": precision, "threads": arguments.threads,
            "ms_primitives": primitives["ms_primitives"], "over_primitives": result["ms_best"] / primitives["ms_primitives"], **result}


def measure_attribution(case, arguments, environment):
    method, model, own, others, batch = case
    common = ["--batch", str(batch), "--threads", str(arguments.threads)]
    ours = [arguments.program, "bench", "explain", "--model", model, "--method", method + own, *common]
    peer = [arguments.python, str(HERE / "peers" / "attribution.py"), "--method", method, "--model", model, *common, *others]
    return {"what": " ".join([method + own, *others]), "model": model, "batch": batch, "precision": "fp32", "threads": arguments.threads,
            "ms_primitives": float("nan"), **measure(arguments, environment, ours, peer, 1)}


def measure_perturbation(case, arguments, environment):
    name, model, batch = case
    common = ["--model", model, "--batch", str(batch), "--threads", str(arguments.threads)]
    ours = [arguments.program, "bench", "train", "--optimiser", "sgd,momentum=0.9,nesterov=true,weight_decay=1e-4", *common]
    peer = [arguments.python, str(HERE / "peers" / "perturb.py"), *common]
    return {"what": "perturb", "model": name, "batch": batch, "precision": "fp32", "threads": arguments.threads,
            "ms_primitives": float("nan"), **measure(arguments, environment, ours, peer, 1)}


def measure_aliasing(case, arguments, environment):
    model, batch = case
    common = ["--batch", str(batch), "--threads", str(arguments.threads)]
    script = [arguments.python, str(HERE / "peers" / "aliasing.py"), "--code", arguments.study, "--model", model]
    with tempfile.TemporaryDirectory() as folder:
        network = ["resnet34", "--image", "3,224,224"]
        if model != "resnet34":
            network = [str(pathlib.Path(folder) / "network.onnx")]
            subprocess.run([*script, "--export", network[0]], check=True, env=environment, stdout=subprocess.DEVNULL)
        ours = [arguments.program, "bench", "alias", "--model", *network, *common]
        result = measure(arguments, environment, ours, [*script, *common], 1)
    return {"what": "alias", "model": model, "batch": batch, "precision": "fp32", "threads": arguments.threads,
            "ms_primitives": float("nan"), **result}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(HERE.parent / "build/release/bin/convscope"))
    parser.add_argument("--before", default="", help="an earlier build of convscope")
    parser.add_argument("--python", default="/usr/bin/python3", help="a Python that has PyTorch")
    parser.add_argument("--compiled", action="store_true", help="also PyTorch's networks as torch.compile makes them; the fastest way counts")
    parser.add_argument("--only", default="", help="words that must all be in 'what model precision batch'")
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--runs", type=int, default=3, help="in each turn; a hundred times as many for one image")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--study", default="", help="copy of github.com/antonior92/aliasing-in-cnns")
    parser.add_argument("--json", default="", help="file for the numbers")
    arguments = parser.parse_args()
    # OpenBLAS is to choose its own kernels: some machines force old ones.
    environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    results = []
    print(f"{'what':8} {'model':20} {'batch':>5} {'prec':5} {'ours ms':>9} {'best':>8} {'sum of steps':>12} {'PyTorch ms':>10} {'best':>8} "
          f"{'ratio':>6} {'best':>6} {'memory MB':>10} {'PyTorch':>8} {'share':>6}")
    jobs = [(f"{c[0]} {c[1]} {c[5]} {c[4]}", measure_engine, c) for c in CASES]
    jobs += [(f"attribution {c[0]} {c[2].replace(',', ' ')} {c[1]} {c[4]} {' '.join(c[3])}", measure_attribution, c) for c in ATTRIBUTIONS]
    jobs += [(f"perturb {c[0]} {c[2]}", measure_perturbation, c) for c in PERTURBATIONS]
    jobs += [(f"aliasing {c[0]} {c[1]}", measure_aliasing, c) for c in ALIASINGS]
    apart = {"attribution", "perturb", "aliasing"}  # only when asked for
    wanted = [word for word in arguments.only.split(",") if word]
    for words, job, case in jobs:
        if not all(word in words.split() for word in wanted) or apart & set(words.split()) != apart & set(wanted):
            continue
        r = job(case, arguments, environment)
        results.append(r)
        print(f"{r['what']:8} {r['model']:20} {r['batch']:5} {r['precision']:5} {r['ms_median']:9.2f} {r['ms_best']:8.2f} "
              f"{r['ms_primitives']:12.2f} {r['peer_ms_median']:10.2f} {r['peer_ms_best']:8.2f} {r['ratio_median']:6.2f} {r['ratio_best']:6.2f} "
              f"{r['memory_bytes'] / 1e6:10.1f} {r['peer_memory_bytes'] / 1e6:8.1f} {r['memory_share']:6.2f}"
              + f"  {r['peer_layout']}" + (f"  before {r['before_ms_median']:.2f}, best {r['before_ms_best']:.2f}" if arguments.before else ""), flush=True)
    if not results:
        sys.exit(f"no row has all words of --only {arguments.only}")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps([{k: v for k, v in r.items() if v == v} for r in results], indent=2) + "\n")


if __name__ == "__main__":
    main()
