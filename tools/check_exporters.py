#!/usr/bin/env python3
"""Networks of torchvision, as PyTorch writes them today, read by convscope: their answers beside ONNX Runtime's.

    tools/check_exporters.py CONVSCOPE [--folder DIR] [--only NAME,…] [--opsets 11,13,17,18,20] [--commands]

Random weights of a fixed seed, running statistics that a training could have left, pictures of 64×64 (75×75 for Inception, 224×224 for VGG and AlexNet). The dynamo exporter writes NAME.onnx and NAME.onnx.data at its own
version of the operators; the older one each of `--opsets`. Compared are differences of logits, to 1e-4 of the largest. With `--commands`, `explain gradient`, `attack fgsm` and `alias` run on each too.
Needs torch, torchvision, onnx, onnxscript, onnxruntime and Pillow.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy
import onnxruntime
import torch
import torchvision
from PIL import Image

FAMILIES = ["resnet18", "resnet50", "resnext50_32x4d", "wide_resnet50_2", "regnet_x_400mf", "regnet_y_400mf", "vgg11", "vgg11_bn", "alexnet", "mobilenet_v2",
            "mobilenet_v3_small", "efficientnet_b0", "efficientnet_v2_s", "densenet121", "squeezenet1_0", "googlenet", "inception_v3", "shufflenet_v2_x0_5",
            "convnext_tiny", "mnasnet0_5"]


def network(name):
    torch.manual_seed(3)
    options = {"num_classes": 10}
    if name in ("googlenet", "inception_v3"):
        options |= {"transform_input": True, "init_weights": False}
    net = getattr(torchvision.models, name)(weights=None, **options).eval()
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(0, .1)
                module.running_var.uniform_(.5, 1.5)
    return net


def exported(net, x, path, opset, dynamo):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if dynamo:
            torch.onnx.export(net, (x,), path, dynamo=True, opset_version=opset, verbose=False)
        else:
            torch.onnx.export(net, (x,), path, dynamo=False, opset_version=opset, input_names=["x"], dynamic_axes={"x": {0: "n"}})


def run(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit status {done.returncode}")
    return done


def differs(program, path, picture, x):
    session = onnxruntime.InferenceSession(str(path))
    logits = session.run(None, {session.get_inputs()[0].name: x})[0][0].astype(float)
    top = json.loads(run(program, "predict", path, picture, "--json").stdout)["predictions"][0]["top"]
    worst = 0
    for a in top:
        for b in top:
            if min(a["confidence"], b["confidence"]) < 1e-30:
                continue
            ours = math.log(a["confidence"]) - math.log(b["confidence"])
            worst = max(worst, abs(ours - (logits[a["index"]] - logits[b["index"]])))
    return worst / max(1, abs(logits).max())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--folder")
    parser.add_argument("--only", default=",".join(FAMILIES))
    parser.add_argument("--opsets", default="11,13,17,20")
    parser.add_argument("--dynamo", default="18,20")
    parser.add_argument("--commands", action="store_true")
    args = parser.parse_args()
    folder = pathlib.Path(args.folder or tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    failed = 0
    for name in args.only.split(","):
        size = 75 if name == "inception_v3" else 224 if name.startswith(("vgg", "alexnet")) else 64
        values = numpy.random.RandomState(1).randint(0, 256, (size, size, 3)).astype(numpy.uint8)
        picture = folder / f"{size}.png"
        Image.fromarray(values).save(picture)
        x = numpy.ascontiguousarray(values.transpose(2, 0, 1)[None], numpy.float32) / numpy.float32(255)
        net = network(name)
        ways = [(int(v), True) for v in args.dynamo.split(",") if v] + [(int(v), False) for v in args.opsets.split(",") if v]
        for opset, dynamo in ways:
            path = folder / f"{name}-{'dynamo' if dynamo else 'older'}-{opset}.onnx"
            try:
                if not path.exists():
                    exported(net, torch.from_numpy(x), str(path), opset, dynamo)
                worst = differs(args.program, path, picture, x)
                verdict = "ok" if worst <= 1e-4 else "DIFFERS"
                if args.commands and verdict == "ok":
                    # An attack starts from what is named right: the picture lies in the folder of the class that the network sees, and in another one.
                    seen = json.loads(run(args.program, "predict", path, picture, "--json").stdout)["predictions"][0]["index"]
                    data = folder / f"data-{size}-{seen}"
                    for label in (seen, (seen + 1) % 10):
                        (data / str(label)).mkdir(parents=True, exist_ok=True)
                        Image.fromarray(values).save(data / str(label) / "a.png")
                    for command in (["explain", "gradient"], ["attack", "fgsm"], ["alias"]):
                        more = ["--epsilon", "2/255"] if "fgsm" in command else []
                        run(args.program, *command, path, "--data", data, "--out", folder / "out" / path.stem / command[0], *more)
                print(f"{path.name}: {verdict} {worst:.1e}", flush=True)
                failed += verdict != "ok"
            except Exception as trouble:  # noqa: BLE001: whatever it is, the others go on
                print(f"{path.name}: FAILED {str(trouble).splitlines()[0][:300]}", flush=True)
                failed += 1
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
