#!/usr/bin/python3
"""Writes tests/fixtures/*.safetensors: what PyTorch, in double precision, says about small networks, ops and optimisers.

    tools/make_fixtures.py [FOLDER]

tests/fixtures/README.md describes the files. Needs Debian's python3-torch; neither building nor testing convscope does.
"""

import json
import pathlib
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench" / "peers"))
import networks  # noqa: E402
import study_networks  # noqa: E402

SEED = 7
SAMPLES = 61  # numbers kept of a long gradient; a prime, so that they do not all fall on the same corner of 3×3 weights

# Relative L2 distance from the truth that single precision may show. Gradients get room: a ReLU whose input lies within rounding of 0 takes
# the other side, and a few such pixels are a thousandth of a small gradient.
TOLERANCE = {"logits": 1e-5, "running": 1e-5, "gradients": 1e-2}
# Batch norm over the batch alone divides by sqrt(var + 1e-7), and var is nearly 0 where all but one image have a dead ReLU: rounding grows 3000-fold.
ACTIVATION_TOLERANCE = {"logits": 1e-3, "running": 1e-5, "gradients": 3e-2}
# Rounding grows from norm to norm, and there are 53 of them over a handful of images.
DEEP_TOLERANCE = {"logits": 2e-4, "running": 1e-4, "gradients": 1e-2}


# ---- convscope/base/random.h in numpy ----

MASK64 = (1 << 64) - 1


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK64
    return z ^ (z >> 31)


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK64
    return value


def uniform(seed, name, count):
    """RandomStream(seed, name).uniform(0 … count − 1), in double, where each is exact."""
    key = mix((fnv1a(name) + mix((seed + 0x9E3779B97F4A7C15) & MASK64)) & MASK64)
    k0, k1 = key & 0xFFFFFFFF, key >> 32
    low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
    index = np.arange((count + 3) // 4, dtype=np.uint64)
    c0, c1 = index & low, index >> high
    c2 = c3 = np.zeros_like(index)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1, c2, c3 = (p1 >> high) ^ c1 ^ np.uint64(k0), p1 & low, (p0 >> high) ^ c3 ^ np.uint64(k1), p0 & low
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    words = np.stack([c0, c1, c2, c3], axis=1).reshape(-1)[:count]
    return (words >> np.uint64(8)).astype(np.float64) * 2.0**-24


def check_uniform():
    """Published answer of Philox 4x32-10 for counter and key 0 (Random123's kat_vectors), through the same rounds."""
    global mix
    kept, mix = mix, lambda z: 0
    try:
        words = uniform(0, "", 4) * 2**24
    finally:
        mix = kept
    assert [int(word) for word in words] == [word >> 8 for word in (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)]


# ---- numbers that C++ can make again ----


def rounded(values, shape):
    return torch.from_numpy(values.astype(np.float32).astype(np.float64).reshape(shape))


def parameter(name, shape):
    """The formulas of tests/fixtures/README.md: in double, from left to right, rounded once to float."""
    u = uniform(SEED, name, int(np.prod(shape)))
    if len(shape) >= 2 and name.endswith(".weight"):
        fan_in = int(np.prod(shape[1:]))
        return rounded((u - 0.5) * 2 * np.sqrt(6 / fan_in), shape)
    if name.endswith((".weight", ".running_var")):
        return rounded(0.5 + u, shape)
    return rounded((u - 0.5) * 0.2, shape)  # biases and running means


def fill(network):
    network.double()
    with torch.no_grad():
        for name, value in [*network.named_parameters(), *network.named_buffers()]:
            if not name.endswith("num_batches_tracked"):
                value.copy_(parameter(name, tuple(value.shape)))


# ---- the file format ----


def write(path, tensors, metadata):
    """safetensors: length of the header, JSON header, numbers; F32 throughout, names sorted."""
    header, data = {"__metadata__": dict(sorted(metadata.items()))}, []
    offset = 0
    for name in sorted(tensors):
        value = torch.as_tensor(tensors[name]).detach()
        value = value.reshape(1) if value.dim() == 0 else value
        numbers = value.numpy().astype("<f4", order="C").tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [offset, offset + len(numbers)]}
        offset += len(numbers)
        data.append(numbers)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(data))
    print(f"{path.name}: {len(tensors)} tensors, {path.stat().st_size} bytes")


# ---- networks ----


def strided(tensor):
    """Elements i·size // k for k = min(SAMPLES, size), row by row."""
    flat = tensor.detach().reshape(-1)
    kept = min(SAMPLES, len(flat))
    return flat[[i * len(flat) // kept for i in range(kept)]]


def answers(network, batch, dtype=torch.float64):
    """What one evaluation, one input gradient and one training step give."""
    fill(network)
    network.to(dtype)
    shape = (batch, network.channels_in, network.side, network.side)
    x = rounded(uniform(SEED, "images", int(np.prod(shape))), shape).to(dtype)
    out = {}

    network.eval()
    pixels = x.clone().requires_grad_()
    logits = network(pixels)
    labels = (3 * torch.arange(batch) + 1) % logits.shape[1]
    slope = torch.autograd.grad(logits.gather(1, labels[:, None]).sum(), pixels)[0]
    out["logits_eval"] = logits
    out["input_grad"], out["input_grad_norm"] = strided(slope), slope.double().norm()

    network.train().zero_grad(set_to_none=True)
    logits = network(x)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    out["logits_train"], out["loss_train"] = logits, loss
    for name, value in network.named_parameters():
        out[f"grad/{name}"], out[f"grad_norm/{name}"] = strided(value.grad), value.grad.double().norm()
    norms = [name for name, module in network.named_modules() if hasattr(module, "running_mean")]
    for name in norms[:1] + norms[-1:]:
        norm = network.get_submodule(name)
        out[f"running_mean/{name}"], out[f"running_var/{name}"] = strided(norm.running_mean), strided(norm.running_var)
    return out


# Batch 4 is enough to tell mean from sum and image from image, and small enough for plain loops. Batch norm over the batch alone wants
# more: with 2 images every number becomes ±1 and every gradient 0, with 4 too many variances are nearly 0 to compare in single precision.
NETWORKS = [
    ("deep", "deep", {}, 4, TOLERANCE),
    ("medium", "medium", {}, 4, TOLERANCE),
    ("scratch", "scratch", {"norm": "activation"}, 12, ACTIVATION_TOLERANCE),
    ("scratch-channel", "scratch", {"norm": "channel"}, 4, TOLERANCE),
    ("resnet20", "resnet20", {"shortcut": "identity"}, 4, TOLERANCE),
    ("resnet20-projection", "resnet20", {"shortcut": "projection"}, 4, TOLERANCE),
    ("resnet18-cifar", "resnet18", {"stem": "cifar", "width": 64}, 4, TOLERANCE),
]


# Alexnet on 67×67 has all three pools. Sizes and widths are small where plain loops would take long; the depths are the published ones.
STUDY_NETWORKS = [
    ("alexnet", "alexnet", {}, {}),
    ("alexnet-three-pools", "alexnet", {}, {"side": 67, "channels_in": 3}),
    ("fully-connected-tiny-shallow", "fully-connected", {"size": "tiny", "hidden": 1}, {}),
    ("fully-connected-small-2hidden", "fully-connected", {"size": "small", "hidden": 2}, {}),
    ("oscillation-resnet8-tiny-const", "oscillation-resnet", {"depth": 8, "size": "tiny", "widths": "const"}, {}),
    ("oscillation-resnet20-tiny-incr", "oscillation-resnet", {"depth": 20, "size": "tiny", "widths": "incr"}, {}),
    ("resnet50", "resnet50", {"width": 4}, {"side": 64}),
    ("lenet", "lenet", {"width": 8}, {}),
    ("lenet-avg-tanh", "lenet", {"width": 8, "first_filter_size": 5, "filter_size": 1, "pool_type": "avg", "act": "tanh"}, {}),
    ("cifarnet-elu", "cifarnet", {"width": 8, "first_filter_size": 7, "filter_size": 5, "act": "elu"}, {}),
]


def check_tolerance(name, truth, single, tolerance):
    """PyTorch's own single precision must stay well inside."""
    for key, value in truth.items():
        kind = "logits" if key.startswith(("logits", "loss")) else "running" if key.startswith("running") else "gradients"
        off = ((single[key].double() - value).norm() / value.norm().clamp_min(1e-12)).item()
        assert off < tolerance[kind] / 3, f"{name}/{key}: single precision is off by {off:.1e}, the tolerance is {tolerance[kind]}"


def make_networks(folder):
    tensors, cases = {}, []
    for name, model, options, batch, tolerance in NETWORKS:
        without_dropout = {"dropout": False} if model == "scratch" else {}
        network = networks.build(model, classes=10, **options, **without_dropout)
        truth, single = answers(network, batch), answers(network, batch, torch.float32)
        check_tolerance(name, truth, single, tolerance)
        tensors.update({f"{name}/{key}": value for key, value in truth.items()})
        cases.append({"name": name, "model": model, "options": options, "input": [batch, network.channels_in, network.side, network.side],
                      "classes": 10, "tolerance": tolerance})
    write(folder / "networks.safetensors", tensors, {"cases": json.dumps(cases)})


def make_study_networks(folder):
    """As above, but of the parameters' gradients only the first and the last, which all others have to pass through or to meet."""
    tensors, cases = {}, []
    for name, model, options, made_for in STUDY_NETWORKS:
        network = study_networks.build(model, 10, **options, **made_for)
        parameters = [parameter for parameter, _ in network.named_parameters()]
        kept = {f"{of}/{parameter}" for of in ("grad", "grad_norm") for parameter in (parameters[0], parameters[-1])}
        truth = {key: value for key, value in answers(network, 4).items() if not key.startswith("grad") or key in kept}
        tolerance = DEEP_TOLERANCE if model == "resnet50" else TOLERANCE
        check_tolerance(name, truth, answers(network, 4, torch.float32), tolerance)
        tensors.update({f"{name}/{key}": value for key, value in truth.items()})
        without_dropout = {"dropout": 0} if model in ("alexnet", "lenet", "cifarnet") else {}
        cases.append({"name": name, "model": model, "options": {**options, **without_dropout},
                      "input": [4, network.channels_in, network.side, network.side], "classes": 10, "tolerance": tolerance})
    write(folder / "networks-of-studies.safetensors", tensors, {"cases": json.dumps(cases)})


# ---- ops ----


class Cases:
    """Collects cases; numbers come from streams named after them."""

    def __init__(self):
        self.tensors, self.list = {}, []

    def numbers(self, name, shape, scale=1.0, offset=0.0):
        return rounded((uniform(SEED, name, int(np.prod(shape))) - 0.5) * 2 * scale + offset, shape)

    def add(self, name, options, inputs, function, constant=()):
        """`inputs`: name → tensor; `function` takes them in order and returns output name → tensor, the first one with a gradient."""
        leaves = {key: value.clone().requires_grad_(key not in constant) for key, value in inputs.items()}
        outputs = function(*leaves.values())
        first = next(iter(outputs))
        upstream = self.numbers(f"{name}/upstream/{first}", tuple(outputs[first].shape))
        slopes = [key for key in inputs if key not in constant]
        gradients = torch.autograd.grad(outputs[first], [leaves[key] for key in slopes], upstream)
        for key, value in inputs.items():
            self.tensors[f"{name}/in/{key}"] = value
        for key, value in outputs.items():
            self.tensors[f"{name}/out/{key}"] = value
        self.tensors[f"{name}/upstream/{first}"] = upstream
        for key, value in zip(slopes, gradients):
            self.tensors[f"{name}/grad/{key}"] = value
        self.list.append({"op": name.split("/")[0], "name": name, "options": options, "inputs": list(inputs),
                          "outputs": list(outputs), "upstream": [first], "gradients": slopes})

    def conv2d(self, case, x, filters, kernel, stride=1, pad=0, dilation=1, groups=1, bias=False):
        name = f"conv2d/{case}"
        inputs = {"x": self.numbers(f"{name}/in/x", x)}
        inputs["weight"] = self.numbers(f"{name}/in/weight", (filters, x[1] // groups, kernel, kernel), 0.5)
        if bias:
            inputs["bias"] = self.numbers(f"{name}/in/bias", (filters,))
        self.add(name, {"stride": stride, "pad": pad, "dilation": dilation, "groups": groups}, inputs,
                 lambda x, weight, bias=None: {"y": F.conv2d(x, weight, bias, stride, pad, dilation, groups)})

    def linear(self, case, images, channels, filters, bias=True):
        name = f"linear/{case}"
        inputs = {"x": self.numbers(f"{name}/in/x", (images, channels)),
                  "weight": self.numbers(f"{name}/in/weight", (filters, channels), 0.5)}
        if bias:
            inputs["bias"] = self.numbers(f"{name}/in/bias", (filters,))
        self.add(name, {}, inputs, lambda x, weight, bias=None: {"y": F.linear(x, weight, bias)})

    def batch_norm(self, case, x, eps=1e-5, momentum=0.1, offset=0.0):
        name = f"batch_norm/{case}"
        inputs = {"x": self.numbers(f"{name}/in/x", x, offset=offset)}
        for key, middle in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
            inputs[key] = self.numbers(f"{name}/in/{key}", (x[1],), 0.5, middle)

        def normalise(x, weight, bias, mean, variance):
            mean, variance = mean.clone(), variance.clone()
            y = F.batch_norm(x, mean, variance, weight, bias, True, momentum, eps)
            return {"y": y, "running_mean": mean, "running_var": variance}

        self.add(name, {"eps": eps, "momentum": momentum}, inputs, normalise, constant=("running_mean", "running_var"))

    def activation_batch_norm(self, case, x, offset=0.0):
        """The layer of the network `scratch`; behind a ReLU, as there."""
        name = f"activation_batch_norm/{case}"
        inputs = {"x": F.relu(self.numbers(f"{name}/in/x", x, offset=offset)),
                  "weight": self.numbers(f"{name}/in/weight", (1,), 0.5, 1.0), "bias": self.numbers(f"{name}/in/bias", (1,), 0.5)}
        for key, middle in (("running_mean", 0.0), ("running_var", 1.0)):
            inputs[key] = self.numbers(f"{name}/in/{key}", x[1:], 0.5, middle)

        def normalise(x, weight, bias, mean, variance):
            layer = networks.ActivationBatchNorm(x.shape[1], 1).train()
            layer.running_mean, layer.running_var = mean[None].clone(), variance[None].clone()
            del layer.weight, layer.bias
            layer.weight, layer.bias = weight, bias
            y = layer(x)
            return {"y": y, "running_mean": layer.running_mean[0], "running_var": layer.running_var[0]}

        options = {"eps": networks.ActivationBatchNorm.eps, "momentum": networks.ActivationBatchNorm.momentum}
        self.add(name, options, inputs, normalise, constant=("running_mean", "running_var"))

    def max_pool(self, case, x, kernel, stride, pad=0, ceil=False):
        name = f"max_pool/{case}"
        self.add(name, {"kernel": kernel, "stride": stride, "pad": pad, "ceil": ceil}, {"x": self.numbers(f"{name}/in/x", x)},
                 lambda x: {"y": F.max_pool2d(x, kernel, stride, pad, ceil_mode=ceil)})

    def avg_pool(self, case, x, kernel, stride, pad=0, ceil=False, count_include_pad=True):
        name = f"avg_pool/{case}"
        options = {"kernel": kernel, "stride": stride, "pad": pad, "ceil": ceil, "count_include_pad": count_include_pad}
        self.add(name, options, {"x": self.numbers(f"{name}/in/x", x)},
                 lambda x: {"y": F.avg_pool2d(x, kernel, stride, pad, ceil, count_include_pad)})

    def cross_entropy(self, case, images, classes, reduction="mean", smoothing=0.0, scale=4.0):
        name = f"cross_entropy/{case}"
        logits = self.numbers(f"{name}/in/logits", (images, classes), scale)
        labels = torch.tensor([(3 * n + 1) % classes for n in range(images)], dtype=torch.float64)
        self.add(name, {"reduction": reduction, "smoothing": smoothing}, {"logits": logits, "labels": labels},
                 lambda logits, labels: {"loss": F.cross_entropy(logits, labels.long(), reduction=reduction,
                                                                 label_smoothing=smoothing).reshape(1)},
                 constant=("labels",))

    def simple(self, case, options, x, function):
        self.add(case, options, {"x": x}, lambda x: {"y": function(x)})


def make_ops(folder):
    cases = Cases()
    numbers = cases.numbers

    cases.conv2d("plain", (2, 5, 7, 9), 6, 3)
    cases.conv2d("pad1", (2, 5, 7, 9), 6, 3, pad=1)
    cases.conv2d("pad1-bias", (2, 5, 7, 9), 6, 3, pad=1, bias=True)
    cases.conv2d("pad2-of-3x3", (2, 4, 5, 6), 3, 3, pad=2)
    cases.conv2d("stride2", (2, 5, 9, 7), 6, 3, stride=2, pad=1)
    cases.conv2d("stride2-even", (2, 4, 8, 6), 6, 3, stride=2, pad=1)
    cases.conv2d("stride2-bias", (2, 4, 8, 7), 6, 3, stride=2, pad=1, bias=True)
    cases.conv2d("stride3-leftover", (2, 4, 11, 9), 5, 3, stride=3)
    cases.conv2d("stride3-pad2", (1, 4, 10, 8), 5, 5, stride=3, pad=2)
    cases.conv2d("kernel2-stride2", (2, 4, 7, 8), 5, 2, stride=2)
    cases.conv2d("kernel5", (2, 3, 9, 7), 4, 5, pad=2, bias=True)
    cases.conv2d("stem-7x7", (1, 3, 15, 13), 16, 7, stride=2, pad=3)
    cases.conv2d("stem-3x3-of-3-channels", (2, 3, 8, 8), 16, 3, pad=1)
    cases.conv2d("grey-bias", (2, 1, 9, 9), 16, 3, pad=1, bias=True)
    cases.conv2d("large-kernel-stride4", (1, 1, 28, 28), 4, 11, stride=4, bias=True)
    cases.conv2d("1x1", (2, 7, 5, 4), 9, 1)
    cases.conv2d("1x1-bias", (2, 8, 5, 4), 16, 1, bias=True)
    cases.conv2d("1x1-stride2", (2, 8, 7, 5), 16, 1, stride=2)
    cases.conv2d("1x1-stride3", (1, 4, 7, 8), 6, 1, stride=3)
    cases.conv2d("1x1-pad1", (1, 4, 3, 5), 6, 1, pad=1, bias=True)
    cases.conv2d("1x1-groups", (2, 6, 5, 3), 12, 1, groups=3)
    cases.conv2d("dilation2", (2, 4, 9, 8), 5, 3, pad=2, dilation=2)
    cases.conv2d("dilation2-stride2", (2, 4, 9, 8), 5, 3, stride=2, pad=1, dilation=2, bias=True)
    cases.conv2d("groups2", (2, 6, 7, 5), 8, 3, pad=1, groups=2)
    cases.conv2d("groups2-stride2-bias", (2, 6, 7, 5), 8, 3, stride=2, pad=1, groups=2, bias=True)
    cases.conv2d("depthwise", (2, 7, 6, 9), 7, 3, pad=1, groups=7)
    cases.conv2d("depthwise-stride2-bias", (2, 16, 7, 7), 16, 3, stride=2, pad=1, groups=16, bias=True)
    cases.conv2d("depthwise-two-each", (1, 5, 6, 6), 10, 3, pad=1, groups=5)
    cases.conv2d("batch1", (1, 6, 5, 5), 7, 3, pad=1)
    cases.conv2d("one-pixel", (3, 8, 1, 1), 8, 3, pad=1)
    cases.conv2d("whole-plane", (2, 4, 3, 3), 5, 3)
    cases.conv2d("16-to-32-stride2", (2, 16, 9, 7), 32, 3, stride=2, pad=1)
    cases.conv2d("16-to-16", (1, 16, 8, 8), 16, 3, pad=1)
    cases.conv2d("width-44", (1, 11, 5, 5), 44, 3, pad=1)
    cases.conv2d("one-row", (2, 4, 1, 9), 5, 3, pad=1)

    cases.linear("bias", 3, 7, 5)
    cases.linear("plain", 3, 7, 5, bias=False)
    cases.linear("batch1", 1, 64, 10)
    cases.linear("one-output", 5, 33, 1)
    cases.linear("wide", 4, 50, 17)

    cases.batch_norm("plain", (3, 5, 7, 4))
    cases.batch_norm("16-channels", (2, 16, 5, 5))
    cases.batch_norm("one-pixel", (8, 5, 1, 1))
    cases.batch_norm("batch1", (1, 3, 5, 7))
    cases.batch_norm("far-from-zero", (3, 4, 5, 6), offset=10.0)
    cases.batch_norm("eps1e-3-momentum.01", (2, 6, 3, 5), eps=1e-3, momentum=0.01)

    cases.max_pool("2x2", (2, 3, 6, 8), 2, 2)
    cases.max_pool("2x2-odd", (2, 3, 7, 9), 2, 2)
    cases.max_pool("2x2-odd-ceil", (2, 3, 7, 9), 2, 2, ceil=True)
    cases.max_pool("3x3-stride2", (2, 3, 7, 9), 3, 2)
    cases.max_pool("3x3-stride2-pad1", (2, 16, 7, 8), 3, 2, 1)
    cases.max_pool("3x3-stride2-ceil", (2, 3, 8, 6), 3, 2, ceil=True)
    cases.max_pool("3x3-stride2-pad1-ceil", (2, 3, 8, 6), 3, 2, 1, True)
    cases.max_pool("3x3-stride1", (1, 4, 5, 6), 3, 1)
    cases.max_pool("2x2-stride3-ceil", (1, 4, 8, 9), 2, 3, ceil=True)
    cases.simple("max_pool/ties", {"kernel": 3, "stride": 2, "pad": 1, "ceil": False},
                 torch.tensor([0.0, 1, 1, 0, 1, 1, -1, -1, -1, -1, 2, 2, 2, 2, 2, -3, 0, 0, -3, 0, 0, 0, -3, -3, -3],
                              dtype=torch.float64).reshape(1, 1, 5, 5), lambda x: F.max_pool2d(x, 3, 2, 1))

    cases.avg_pool("2x2", (2, 3, 6, 8), 2, 2)
    cases.avg_pool("2x2-odd", (2, 3, 7, 9), 2, 2)
    cases.avg_pool("3x3-stride2-pad1", (2, 3, 7, 8), 3, 2, 1)
    cases.avg_pool("3x3-stride2-pad1-without", (2, 3, 7, 8), 3, 2, 1, count_include_pad=False)
    cases.avg_pool("3x3-stride2-ceil", (2, 3, 8, 6), 3, 2, ceil=True)
    cases.avg_pool("3x3-stride2-ceil-without", (2, 3, 8, 6), 3, 2, ceil=True, count_include_pad=False)
    cases.avg_pool("3x3-stride2-pad1-ceil", (2, 3, 8, 6), 3, 2, 1, True)
    cases.avg_pool("3x3-stride2-pad1-ceil-without", (2, 3, 8, 6), 3, 2, 1, True, False)
    cases.avg_pool("3x3-stride1-pad1", (1, 4, 5, 6), 3, 1, 1)
    cases.avg_pool("8x8", (2, 5, 8, 8), 8, 8)

    for case, shape in (("7x5", (2, 6, 7, 5)), ("one-pixel", (3, 4, 1, 1)), ("16-channels", (1, 16, 4, 4))):
        name = f"global_avg_pool/{case}"
        cases.simple(name, {}, numbers(f"{name}/in/x", shape), lambda x: F.adaptive_avg_pool2d(x, 1))

    for case, shape, scale, offset in (("plain", (3, 7), 3.0, 0.0), ("large", (2, 5), 3.0, 1000.0), ("peaked", (2, 10), 60.0, 0.0),
                                       ("two", (5, 2), 3.0, 0.0)):
        name = f"softmax/{case}"
        cases.simple(name, {}, numbers(f"{name}/in/x", shape, scale, offset), lambda x: F.softmax(x, 1))

    for reduction in ("mean", "sum"):
        cases.cross_entropy(reduction, 5, 10, reduction)
        cases.cross_entropy(f"{reduction}-smoothing", 5, 10, reduction, 0.1)
    cases.cross_entropy("batch1", 1, 7)
    cases.cross_entropy("two-classes", 6, 2)
    cases.cross_entropy("peaked", 4, 10, scale=60.0)

    cases.simple("relu/plain", {}, numbers("relu/plain/in/x", (2, 5, 3, 7)), F.relu)
    cases.simple("relu/zeros", {}, torch.tensor([[0.0, -0.0, 1, -1, 1e-30, -1e-30]], dtype=torch.float64), F.relu)

    functions = [("relu6", {}, F.relu6), ("leaky_relu", {"slope": 0.01}, F.leaky_relu), ("elu", {"alpha": 1.0}, F.elu), ("selu", {}, F.selu),
                 ("tanh", {}, torch.tanh), ("sigmoid", {}, torch.sigmoid)]
    corners = torch.tensor([[0.0, -0.0, 6, 1e-30, -1e-30, 8, -8, 1, -1, 30, -30]], dtype=torch.float64)
    for op, options, function in functions:
        cases.simple(f"{op}/plain", options, numbers(f"{op}/plain/in/x", (2, 5, 3, 7), 8.0), function)
        cases.simple(f"{op}/corners", options, corners, function)
    cases.simple("leaky_relu/steep", {"slope": 0.3}, numbers("leaky_relu/steep/in/x", (3, 7)), lambda x: F.leaky_relu(x, 0.3))
    cases.simple("elu/alpha", {"alpha": 0.7}, numbers("elu/alpha/in/x", (3, 7), 3.0), lambda x: F.elu(x, 0.7))
    for case, shape, slopes in (("one", (2, 5, 3, 7), 1), ("channels", (2, 5, 3, 7), 5), ("rows", (4, 6), 6)):
        name = f"prelu/{case}"
        cases.add(name, {}, {"x": numbers(f"{name}/in/x", shape), "slope": numbers(f"{name}/in/slope", (slopes,), 0.5)},
                  lambda x, slope: {"y": F.prelu(x, slope)})

    for case, shapes in (("images", ((2, 3, 4, 5), (2, 1, 4, 5), (2, 16, 4, 5))), ("rows", ((3, 4), (3, 7)))):
        name = f"concat/{case}"
        cases.add(name, {"inputs": len(shapes)}, {f"x{i}": numbers(f"{name}/in/x{i}", shape) for i, shape in enumerate(shapes)},
                  lambda *x: {"y": torch.cat(x, 1)})
    for case, (top, bottom, left, right), value in (("zeros", (1, 2, 3, 0), 0.0), ("value", (0, 1, 2, 2), -0.5)):
        name = f"pad/{case}"
        options = {"top": top, "bottom": bottom, "left": left, "right": right, "value": value}
        cases.simple(name, options, numbers(f"{name}/in/x", (2, 3, 4, 5)), lambda x: F.pad(x, (left, right, top, bottom), value=value))
    cases.simple("crop/window", {"top": 1, "left": 2, "rows": 3, "columns": 2}, numbers("crop/window/in/x", (2, 3, 5, 6)),
                 lambda x: x[:, :, 1:4, 2:4])

    for case, shape, rate in (("even", (2, 3, 6, 8), 2), ("odd", (2, 3, 7, 5), 2), ("rate3", (1, 4, 8, 7), 3), ("rate1", (1, 2, 3, 4), 1)):
        name = f"subsample/{case}"
        cases.simple(name, {"rate": rate}, numbers(f"{name}/in/x", shape), lambda x: x[:, :, ::rate, ::rate])

    for case, shape, before, after in (("both", (2, 4, 3, 5), 2, 2), ("uneven", (2, 3, 3, 5), 1, 2), ("behind", (1, 16, 2, 3), 0, 16)):
        name = f"zero_pad_channels/{case}"
        cases.simple(name, {"before": before, "after": after}, numbers(f"{name}/in/x", shape),
                     lambda x: F.pad(x, (0, 0, 0, 0, before, after)))

    ops = list(cases.list)
    cases.activation_batch_norm("plain", (5, 3, 4, 2))
    cases.activation_batch_norm("dead", (5, 3, 4, 2), offset=-0.9)
    layers = cases.list[len(ops):]
    write(folder / "ops.safetensors", cases.tensors, {"cases": json.dumps(ops), "layer_cases": json.dumps(layers)})


# ---- optimisers and schedules ----


class RootInside(torch.optim.Optimizer):
    """RMSprop with eps inside the root, as the from-scratch study has it; PyTorch has no such option."""

    def __init__(self, parameters, **options):
        super().__init__(parameters, options)

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                square = self.state[p].setdefault("square", torch.zeros_like(p))
                square.mul_(group["rho"]).addcmul_(p.grad, p.grad, value=1 - group["rho"])
                p.sub_(group["lr"] * p.grad / (square + group["eps"]).sqrt())


def make_optimisers(folder):
    tensors, cases = {}, []
    for name, kind, make, options in [
        ("sgd", "sgd", torch.optim.SGD, {"lr": 0.1}),
        ("sgd-momentum", "sgd", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4}),
        ("sgd-nesterov", "sgd", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4, "nesterov": True}),
        ("adam", "adam", torch.optim.Adam, {"lr": 1e-3, "betas": [0.9, 0.999], "eps": 1e-8}),
        ("adamw", "adamw", torch.optim.AdamW, {"lr": 0.1, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 0.1}),
        ("rmsprop", "rmsprop", torch.optim.RMSprop, {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8}),
        ("rmsprop-momentum", "rmsprop", torch.optim.RMSprop, {"lr": 1e-2, "alpha": 0.9, "eps": 1e-3, "momentum": 0.9, "weight_decay": 1e-2}),
        ("rmsprop-inside", "rmsprop", RootInside, {"lr": 1e-2, "rho": 0.95, "eps": 1e-2, "eps_inside_root": True}),
        ("adam-l2", "adam", torch.optim.Adam, {"lr": 1e-3, "betas": [0.9, 0.999], "eps": 1e-8, "weight_decay": 1e-2}),
    ]:
        parameter = rounded((uniform(SEED, f"{name}/param0", 10) - 0.5) * 2, (10,)).requires_grad_()
        optimiser = make([parameter], **options)
        tensors[f"{name}/param0"] = parameter.detach().clone()
        for step in range(1, 6):
            parameter.grad = rounded((uniform(SEED, f"{name}/grad{step}", 10) - 0.5) * 2, (10,))
            tensors[f"{name}/grad{step}"] = parameter.grad.clone()
            optimiser.step()
            tensors[f"{name}/param{step}"] = parameter.detach().clone()
        cases.append({"name": name, "optimiser": kind, "options": options, "steps": 5})

    # Two parameters whose gradients are clipped together, by size and then by norm.
    parameters = [torch.zeros(7, dtype=torch.float64, requires_grad=True), torch.zeros(5, dtype=torch.float64, requires_grad=True)]
    for i, parameter in enumerate(parameters):
        parameter.grad = rounded((uniform(SEED, f"clip/grad{i}", parameter.numel()) - 0.5) * 4, (parameter.numel(),))
        tensors[f"clip/grad{i}"] = parameter.grad.clone()
    torch.nn.utils.clip_grad_value_(parameters, 1.5)
    torch.nn.utils.clip_grad_norm_(parameters, 0.75)
    for i, parameter in enumerate(parameters):
        tensors[f"clip/clipped{i}"] = parameter.grad.clone()

    steps = 20
    schedules = []
    rates = torch.optim.lr_scheduler
    for name, make, options in [
        ("one-cycle", rates.OneCycleLR, {"max_lr": 0.1, "total_steps": steps, "pct_start": 0.3, "div_factor": 25.0, "final_div_factor": 1e4}),
        ("cosine", rates.CosineAnnealingLR, {"T_max": steps, "eta_min": 0.0}),
        ("multi-step", rates.MultiStepLR, {"milestones": [5, 12], "gamma": 0.1}),
        ("inverse-time", rates.LambdaLR, {"lr_lambda": lambda t: 1 / (1 + 0.05 * t)}),
    ]:
        optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
        schedule = make(optimiser, **options)
        used, momenta = [], []
        for step in range(steps):
            used.append(optimiser.param_groups[0]["lr"])
            momenta.append(optimiser.param_groups[0]["momentum"])
            optimiser.step()
            if step + 1 < steps:
                schedule.step()
        tensors[f"{name}/rates"] = torch.tensor(used, dtype=torch.float64)
        if name == "one-cycle":
            tensors[f"{name}/momenta"] = torch.tensor(momenta, dtype=torch.float64)
        written = {key: value for key, value in options.items() if not callable(value)}
        schedules.append({"name": name, "options": {"lr": 0.1, **written}, "steps": steps})
    write(folder / "optimisers.safetensors", tensors, {"cases": json.dumps(cases), "schedules": json.dumps(schedules)})


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "fixtures"
    folder.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    check_uniform()
    make_ops(folder)
    make_optimisers(folder)
    make_networks(folder)
    make_study_networks(folder)


if __name__ == "__main__":
    main()
