#!/usr/bin/python3
"""Writes tests/fixtures/foreign/: small files as torch.save writes them, and what must come out of them.

    tools/make_foreign_fixtures.py [FOLDER]

The older stream (.th) names storages by their addresses, so those files differ from run to run; all others are the same bytes every time.
tests/fixtures/foreign/README.md describes the files. Needs Debian's python3-torch; neither building nor testing convscope does.
"""

import argparse
import collections
import datetime
import io
import json
import pathlib
import struct
import sys
import zipfile

import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent


def ramp(*shape):
    """1/8, 2/8, …: exact in every kind of number."""
    count = torch.Size(shape).numel()
    return (torch.arange(count, dtype=torch.float32) + 1).reshape(shape) / 8


def network():
    """Convolution, batch norm and a dense layer, with numbers that are easy to recognise."""
    layers = collections.OrderedDict(conv1=torch.nn.Conv2d(1, 2, 2), bn1=torch.nn.BatchNorm2d(2), linear=torch.nn.Linear(2, 3))
    net = torch.nn.Sequential(layers)
    with torch.no_grad():
        for index, parameter in enumerate(net.parameters()):
            parameter.copy_(ramp(*parameter.shape) - index)
    return net


def training(net):
    """What a program that trains saves beside the network: numbers, lists in lists, an optimiser that has taken a step."""
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    sum(p.sum() for p in net.parameters()).backward()
    optimiser.step()
    wrapped = collections.OrderedDict(("module." + name, tensor) for name, tensor in net.state_dict().items())
    return {"epoch": 7, "best": 0.5, "history": [[1, [2.5, None]], (True, "x")], "big": 2**70, "state_dict": wrapped,
            "optimizer": optimiser.state_dict()}


def kinds():
    """Every kind of number, views of every sort."""
    table = ramp(4, 6)
    return collections.OrderedDict(
        double=ramp(2, 3).double(), half=ramp(2, 3).half(), bfloat16=ramp(2, 3).bfloat16(), long=torch.tensor([-3, 5]),
        int=torch.tensor([-3, 5], dtype=torch.int32), short=torch.tensor([-3, 5], dtype=torch.int16),
        char=torch.tensor([-3, 5], dtype=torch.int8), byte=torch.tensor([3, 250], dtype=torch.uint8),
        bool=torch.tensor([True, False]), scalar=torch.tensor(2.5), empty=torch.zeros(0, 3), transposed=table.t(),
        slice=table[1:3, ::2], row=table[2], expanded=torch.tensor([1.5, 2.5]).unsqueeze(1).expand(2, 3),
        parameter=torch.nn.Parameter(ramp(2)))


def saved(what, zipped, protocol=2):
    stream = io.BytesIO()
    torch.save(what, stream, _use_new_zipfile_serialization=zipped, pickle_protocol=protocol)
    return stream.getvalue()


def slim(archive):
    """The same zip without the padding that lets PyTorch map it: a tenth of the bytes to damage in a test."""
    small = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(small, "w") as new:
        for entry in old.infolist():
            new.writestr(zipfile.ZipInfo(entry.filename), old.read(entry.filename))
    return small.getvalue()


def with_entry(archive, name, content):
    small = io.BytesIO(archive)
    with zipfile.ZipFile(small, "a") as new:
        new.writestr(zipfile.ZipInfo(name), content)
    return small.getvalue()


class Configuration(dict):
    """A dict of somebody's own class, with attributes, as EasyDict is."""

    def __init__(self, **values):
        super().__init__(values)
        self.__dict__ = self


def beside(net):
    """A checkpoint whose weights stand beside objects that nobody needs to read them."""
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.1, total_steps=9)
    metrics = collections.defaultdict(list)
    metrics["loss"] += [0.5, 0.25]
    arguments = argparse.Namespace(out=pathlib.PurePosixPath("runs/a"), begun=datetime.datetime(2026, 1, 2), torch=torch.__version__)
    inside = Configuration(model="small", lr=0.1, parts=[Configuration(width=8)])
    return {"pytorch-lightning_version": "2.5.0", "args": arguments, "config": inside, "metrics": metrics, "scheduler": scheduler,
            "step": scheduler.step, "seen": frozenset((1, 2)),
            "state_dict": collections.OrderedDict(("model." + name, tensor) for name, tensor in net.state_dict().items())}


def wrapped(net):
    """The state dict of Sequential(normalize, net) under an average of weights."""
    state = collections.OrderedDict(n_averaged=torch.tensor(3))
    state["module.0.mean"], state["module.0.std"] = torch.tensor([0.5]).reshape(1, 1, 1, 1), torch.tensor([0.25]).reshape(1, 1, 1, 1)
    state.update(("module.1." + name, tensor) for name, tensor in net.state_dict().items())
    return state


class Runs:
    """Unpickled by Python, it would run a command."""

    def __reduce__(self):
        import os

        return os.system, ("touch /tmp/convscope-was-here",)


def safetensors(tensors):
    header, data = {}, b""
    for name, tensor in tensors.items():
        bits = tensor.contiguous().numpy().tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(bits)]}
        data += bits
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def main(folder):
    torch.manual_seed(1)
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    net = network()
    for name, what in (("plain", net.state_dict()), ("kinds", kinds()), ("training", training(network()))):
        files[name + ".pt"] = slim(saved(what, True))
        files[name + ".th"] = saved(what, False)
        for ending in (".pt", ".th"):
            torch.load(io.BytesIO(files[name + ending]))  # PyTorch itself takes it
    files["as-written.pt"] = saved(net.state_dict(), True)
    for protocol in (3, 4, 5):
        files[f"protocol{protocol}.pt"] = slim(saved({"net": net.state_dict(), "acc": 91.5}, True, protocol))
    files["big-endian.pt"] = with_entry(files["plain.pt"], "archive/byteorder", "big")
    files["module.pt"] = slim(saved(torch.nn.Sequential(torch.nn.ReLU()), True))
    files["runs.pt"] = slim(saved({"weight": ramp(2), "x": Runs()}, True))
    files["runs.th"] = saved({"x": Runs()}, False)
    files["beside.ckpt"] = slim(saved(beside(net), True))
    files["wrapped.pth"] = slim(saved(wrapped(net), True))
    files["plain.safetensors"] = safetensors(
        {name: tensor for name, tensor in net.state_dict().items() if tensor.dtype == torch.float32})

    for name, content in files.items():
        (folder / name).write_bytes(content)
    values = {name: {"shape": list(tensor.shape), "values": tensor.detach().float().flatten().tolist()} for name, tensor in kinds().items()}
    values = {"kinds": values}
    for which in ("plain", "training"):
        state = torch.load(io.BytesIO(files[which + ".pt"]))
        state = state.get("state_dict", state)
        values[which] = {name: {"shape": list(t.shape), "values": t.float().flatten().tolist()} for name, t in state.items()}
    (folder / "values.json").write_text(json.dumps(values, indent=1) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "fixtures" / "foreign")
