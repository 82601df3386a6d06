#!/usr/bin/env python3
"""Writes tests/fixtures/onnx/: small networks of ONNX's operators as exporters combine them, and what ONNX Runtime makes of them.

    tools/make_onnx_operator_fixtures.py [FOLDER]

Needs onnx and onnxruntime (PyPI); neither building nor testing convscope does. Weights are counted, not drawn: element i of a weight is
((i · 31 + k) mod 97 − 48) / 97 · scale for its number k, and pixel i of the picture is (i · 37 mod 101) / 101, so that runs give the same bytes. expected.json
has for each file the picture's extents (as convscope takes it, [C, H, W]), the factor of the pixels, and the logits of ONNX Runtime.
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Net:
    """Nodes one behind the other; `x` is the input, the last node's output the network's."""

    def __init__(self, shape, opset=18, kind=TensorProto.FLOAT, batch=None):
        self.nodes, self.constants, self.count, self.opset = [], [], 0, opset
        self.shape, self.kind, self.batch, self.functions, self.outputs = list(shape), kind, batch, [], None

    def const(self, *shape, scale=1.0, kind=np.float32):
        self.count += 1
        size = int(np.prod(shape))
        values = ((np.arange(size) * 31 + self.count) % 97 - 48) / 97 * scale
        return self.value(values.reshape(shape).astype(kind))

    def value(self, values, name=None):
        name = name or f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def ints(self, *values):
        return self.value(np.array(values, np.int64))

    def add(self, op, *inputs, outputs=1, domain=None, **attributes):
        names = [f"v{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(op, list(inputs), names, f"{op.lower()}{len(self.nodes)}", domain=domain, **attributes))
        return names[0] if outputs == 1 else names

    def head(self, x, channels, classes=4, keep=True):
        """Global mean and a matrix."""
        mean = self.add("GlobalAveragePool", x)
        flat = self.add("Flatten", mean, axis=1)
        return self.add("Gemm", flat, self.const(classes, channels, scale=2), self.const(classes, scale=.3), transB=1)

    def flat_head(self, x, features, classes=4):
        return self.add("Gemm", self.add("Flatten", x, axis=1), self.const(classes, features, scale=.5), self.const(classes, scale=.3), transB=1)

    def model(self, output):
        outputs = self.outputs or [(output, ["N", None])]
        graph = helper.make_graph(self.nodes, "net", [helper.make_tensor_value_info("x", self.kind, [self.batch or "N"] + self.shape)],
                                  [helper.make_tensor_value_info(n, TensorProto.FLOAT, d) for n, d in outputs], self.constants)
        sets = [helper.make_opsetid("", self.opset)] + ([helper.make_opsetid("local", 1)] if self.functions else [])
        return helper.make_model(graph, opset_imports=sets, ir_version=min(10, 8 if self.opset < 19 else 10), functions=self.functions)


CASES = {}


def case(image, factor=1.0, channels_last=False):
    def keep(build):
        CASES[build.__name__] = (build, list(image), factor, channels_last)
        return build
    return keep


def conv(n, x, k, c, r=3, s=None, group=1, **attributes):
    attributes.setdefault("pads", [r // 2, (s or r) // 2] * 2)
    return n.add("Conv", x, n.const(k, c // group, r, s or r), n.const(k, scale=.2), group=group, **attributes)


@case([4, 6, 7])
def channel_shuffle():
    n = Net([4, 6, 7])
    x = conv(n, "x", 6, 4)
    x = n.add("Reshape", x, n.ints(0, 2, 3, 6, 7))
    x = n.add("Transpose", x, perm=[0, 2, 1, 3, 4])
    x = n.add("Reshape", x, n.ints(0, 6, 6, 7))
    return n.model(n.head(conv(n, x, 5, 6), 5))


@case([3, 6, 6])
def transform_input():
    n = Net([3, 6, 6])
    parts = []
    for i in range(3):
        one = n.add("Gather", "x", n.value(np.array(i, np.int64)), axis=1)
        one = n.add("Unsqueeze", one, n.ints(1))
        parts.append(n.add("Add", n.add("Mul", one, n.value(np.float32(.5 + i))), n.value(np.float32(.1 * i))))
    return n.model(n.head(conv(n, n.add("Concat", *parts, axis=1), 5, 3), 5))


@case([3, 8, 8])
def convnext_block():
    n = Net([3, 8, 8])
    x = conv(n, "x", 6, 3, 4, pads=[0, 0, 0, 0], strides=[4, 4])
    y = conv(n, x, 6, 6, 7, group=6)
    y = n.add("Transpose", y, perm=[0, 2, 3, 1])
    y = n.add("LayerNormalization", y, n.const(6), n.const(6), axis=-1, epsilon=1e-6)
    y = n.add("Add", n.const(12), n.add("MatMul", y, n.const(6, 12)))
    half = n.add("Div", y, n.value(np.float32(2 ** .5)))
    gate = n.add("Add", n.add("Erf", half), n.value(np.float32(1)))
    y = n.add("Mul", n.add("Mul", y, gate), n.value(np.float32(.5)))
    y = n.add("Add", n.add("MatMul", y, n.const(12, 6)), n.const(6))
    y = n.add("Transpose", y, perm=[0, 3, 1, 2])
    x = n.add("Add", n.add("Mul", n.const(6, 1, 1), y), x)
    x = n.add("ReduceMean", x, n.ints(-1, -2), keepdims=0)
    x = n.add("LayerNormalization", x, n.const(6), n.const(6), axis=1)
    return n.model(n.add("Gemm", x, n.const(4, 6), n.const(4), transB=1))


@case([3, 6, 6])
def gelu_of_version_20():
    n = Net([3, 6, 6], opset=20)
    x = n.add("Gelu", conv(n, "x", 5, 3))
    return n.model(n.head(n.add("Gelu", conv(n, x, 5, 5), approximate="tanh"), 5))


@case([3, 6, 6])
def layer_norm_by_hand():
    n = Net([3, 6, 6], opset=13)
    x = n.add("Transpose", conv(n, "x", 5, 3), perm=[0, 2, 3, 1])
    centred = n.add("Sub", x, n.add("ReduceMean", x, axes=[-1], keepdims=1))
    variance = n.add("ReduceMean", n.add("Pow", centred, n.value(np.float32(2))), axes=[-1], keepdims=1)
    y = n.add("Div", centred, n.add("Sqrt", n.add("Add", variance, n.value(np.float32(1e-5)))))
    y = n.add("Add", n.add("Mul", y, n.const(5)), n.const(5))
    return n.model(n.head(n.add("Transpose", y, perm=[0, 3, 1, 2]), 5))


@case([3, 6, 6])
def group_norm_by_instances():
    n = Net([3, 6, 6])
    x = conv(n, "x", 6, 3)
    y = n.add("Reshape", x, n.ints(0, 2, -1))
    y = n.add("InstanceNormalization", y, n.value(np.ones(2, np.float32)), n.value(np.zeros(2, np.float32)))
    y = n.add("Reshape", y, n.add("Shape", x))
    y = n.add("Add", n.add("Mul", y, n.const(6, 1, 1)), n.const(6, 1, 1))
    return n.model(n.head(n.add("Relu", y), 6))


@case([3, 6, 6])
def group_norm_of_version_21():
    n = Net([3, 6, 6], opset=21)
    y = n.add("GroupNormalization", conv(n, "x", 6, 3), n.const(6), n.const(6), num_groups=3)
    return n.model(n.head(n.add("Relu", y), 6))


@case([3, 6, 6])
def instance_norm():
    n = Net([3, 6, 6], opset=12)
    y = n.add("InstanceNormalization", conv(n, "x", 6, 3), n.const(6), n.const(6), epsilon=1e-3)
    return n.model(n.head(n.add("Relu", y), 6))


def resized(opset=13, sizes=None, scales=None, version_ten=False, **attributes):
    n = Net([2, 5, 6], opset=opset)
    empty = n.value(np.zeros(0, np.float32))
    if version_ten:
        x = n.add("Resize", "x", n.value(np.array(scales, np.float32)), **attributes)
    elif sizes:
        x = n.add("Resize", "x", empty, empty, n.ints(*sizes), **attributes)
    else:
        x = n.add("Resize", "x", empty, n.value(np.array(scales, np.float32)), **attributes)
    x = conv(n, x, 4, 2, 3, pads=[0, 0, 0, 0])
    return n.model(n.head(x, 4))


@case([2, 5, 6])
def resize_linear():
    return resized(sizes=[1, 2, 9, 8], mode="linear", coordinate_transformation_mode="pytorch_half_pixel")


@case([2, 5, 6])
def resize_linear_aligned():
    return resized(sizes=[1, 2, 9, 8], mode="linear", coordinate_transformation_mode="align_corners")


@case([2, 5, 6])
def resize_nearest_floor():
    return resized(scales=[1, 1, 2, 2], mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")


@case([2, 5, 6])
def resize_nearest_usual():
    return resized(scales=[1, 1, 1.6, .8], mode="nearest")


@case([2, 5, 6])
def resize_cubic():
    return resized(scales=[1, 1, 2, 1.5], mode="cubic", cubic_coeff_a=-.75, coordinate_transformation_mode="half_pixel")


@case([2, 5, 6])
def resize_of_version_10():
    return resized(opset=10, scales=[1, 1, 2, 2], version_ten=True, mode="nearest")


@case([2, 5, 6])
def upsample_of_version_9():
    n = Net([2, 5, 6], opset=9)
    x = n.add("Upsample", "x", n.value(np.array([1, 1, 2, 3], np.float32)), mode="linear")
    return n.model(n.head(conv(n, x, 4, 2), 4))


def padded(mode, pads, opset=13):
    n = Net([2, 5, 6], opset=opset)
    x = n.add("Pad", "x", n.ints(*pads), mode=mode)
    rows, columns = 5 + pads[2] + pads[6], 6 + pads[3] + pads[7]
    return n.model(n.flat_head(x, 2 * rows * columns))


@case([2, 5, 6])
def pad_reflect():
    return padded("reflect", [0, 0, 1, 2, 0, 0, 3, 4])


@case([2, 5, 6])
def pad_edge():
    return padded("edge", [0, 0, 1, 2, 0, 0, 3, 0])


@case([2, 5, 6])
def pad_wrap():
    return padded("wrap", [0, 0, 1, 2, 0, 0, 3, 4], opset=19)


@case([2, 5, 6])
def pad_away():
    return padded("constant", [0, 0, -1, 2, 0, 0, 1, -2])


@case([2, 11, 12])
def oblong_convolutions():
    n = Net([2, 11, 12])
    x = conv(n, "x", 4, 2, 3, 5, strides=[2, 1], pads=[1, 0, 2, 3])
    x = n.add("Relu", conv(n, x, 4, 4, 3, 3, dilations=[1, 2], pads=[1, 2, 1, 2]))
    x = conv(n, x, 4, 4, 1, 7, pads=[0, 3, 0, 3], strides=[3, 2])
    return n.model(n.head(x, 4))


@case([2, 11, 12])
def oblong_pools():
    n = Net([2, 11, 12])
    x = n.add("MaxPool", "x", kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 1])
    x = n.add("AveragePool", x, kernel_shape=[2, 3], strides=[1, 2], pads=[1, 1, 0, 1], count_include_pad=0)
    x = n.add("MaxPool", x, kernel_shape=[1, 3], strides=[1, 1])
    return n.model(n.head(conv(n, x, 4, 2), 4))


@case([6, 5, 5])
def split_and_expand():
    n = Net([6, 5, 5])
    a, b, c, d = n.add("Split", conv(n, "x", 7, 6), axis=1, num_outputs=4, outputs=4)
    x = n.add("Concat", a, n.add("Mul", b, c), n.add("Expand", d, n.ints(1, 2, 1, 1)), axis=1)
    top, bottom = n.add("Split", x, n.ints(2, 3), axis=2, outputs=2)
    y = n.add("Add", n.head(top, 6), n.head(bottom, 6))
    return n.model(y)


@case([3, 6, 6])
def slices_that_turn():
    n = Net([3, 6, 6])
    x = n.add("Slice", "x", n.ints(-1), n.ints(-100), n.ints(1), n.ints(-1))  # BGR
    x = n.add("Slice", x, n.ints(5, 0), n.ints(-100, 6), n.ints(2, 3), n.ints(-1, 2))
    return n.model(n.flat_head(x, 3 * 6 * 3))


@case([3, 8, 8])
def space_to_depth():
    n = Net([3, 8, 8])
    return n.model(n.head(conv(n, n.add("SpaceToDepth", "x", blocksize=2), 5, 12), 5))


@case([3, 6, 6])
def constants_of_constants():
    n = Net([3, 6, 6])
    mask = n.add("Greater", n.const(5, 3, 1, 1), n.value(np.float32(0)))
    weight = n.add("Where", mask, n.const(5, 3, 1, 1), n.add("Neg", n.const(5, 3, 1, 1)))
    # Standardised weights, as timm's StdConv exports them.
    mean = n.add("ReduceMean", weight, n.ints(1, 2, 3), keepdims=1)
    centred = n.add("Sub", weight, mean)
    scale = n.add("Sqrt", n.add("Add", n.add("ReduceMean", n.add("Mul", centred, centred), n.ints(1, 2, 3), keepdims=1), n.value(np.float32(1e-3))))
    weight = n.add("Tile", n.add("Div", centred, scale), n.ints(1, 1, 3, 3))
    x = n.add("Conv", "x", weight, n.const(5), pads=[1, 1, 1, 1])
    return n.model(n.head(x, 5))


@case([3, 6, 6])
def activations():
    n = Net([3, 6, 6], opset=18)
    x = n.add("Mish", conv(n, "x", 5, 3))
    x = n.add("Softplus", conv(n, x, 5, 5))
    x = n.add("Log", n.add("Add", n.add("Exp", n.add("Neg", x)), n.value(np.float32(.5))))
    x = n.add("Div", n.value(np.float32(1)), n.add("Add", n.add("Abs", x), n.value(np.float32(.7))))
    return n.model(n.head(n.add("HardSwish", conv(n, x, 5, 5)), 5))


@case([3, 6, 6])
def broadcasts():
    n = Net([3, 6, 6])
    x = conv(n, "x", 4, 3)
    rows = n.add("ReduceMean", x, n.ints(3), keepdims=1)
    length = n.add("ReduceL2", x, n.ints(1), keepdims=1)
    y = n.add("Div", n.add("Sub", x, rows), n.add("Add", length, n.value(np.float32(.1))))
    top = n.add("ReduceMax", y, n.ints(2, 3), keepdims=1) if n.opset >= 18 else None
    return n.model(n.head(n.add("Mul", y, top), 4))


@case([3, 6, 6], channels_last=True)
def squeeze_and_excitation_channels_last():
    n = Net([6, 6, 3])
    x = n.add("Shape", "x")  # whatever reads the input first
    n.add("Gather", x, n.value(np.array(0, np.int64)))
    x = n.add("Add", n.add("Mul", "x", n.value(np.float32(2))), n.value(np.array([.1, .2, .3], np.float32)))
    x = conv(n, n.add("Transpose", x, perm=[0, 3, 1, 2]), 4, 3)
    x = n.add("Transpose", x, perm=[0, 2, 3, 1])
    mean = n.add("ReduceMean", x, n.ints(1, 2), keepdims=1)
    gate = n.add("Sigmoid", n.add("Transpose", conv(n, n.add("Transpose", mean, perm=[0, 3, 1, 2]), 4, 4, 1), perm=[0, 2, 3, 1]))
    x = n.add("ReduceMean", n.add("Mul", x, gate), n.ints(1, 2), keepdims=0)
    return n.model(n.add("MatMul", x, n.const(4, 4)))


@case([3, 6, 6], channels_last=True)
def squeeze_and_excitation_of_keras():
    n = Net([6, 6, 3])
    x = conv(n, n.add("Transpose", "x", perm=[0, 3, 1, 2]), 4, 3)
    x = n.add("Transpose", x, perm=[0, 2, 3, 1])
    gate = n.add("Reshape", n.add("ReduceMean", x, n.ints(1, 2), keepdims=0), n.ints(-1, 1, 1, 4))
    gate = n.add("Transpose", conv(n, n.add("Transpose", gate, perm=[0, 3, 1, 2]), 4, 4, 1), perm=[0, 2, 3, 1])
    x = n.add("ReduceMean", n.add("Mul", x, n.add("Sigmoid", gate)), n.ints(1, 2), keepdims=0)
    return n.model(n.add("MatMul", x, n.const(4, 4)))


@case([3, 6, 6], factor=255.0, channels_last=True)
def levels_channels_last():
    n = Net([6, 6, 3], kind=TensorProto.UINT8, opset=13)
    x = n.add("Div", n.add("Cast", "x", to=TensorProto.FLOAT), n.value(np.float32(255)))
    return n.model(n.head(conv(n, n.add("Transpose", x, perm=[0, 3, 1, 2]), 4, 3), 4))


@case([3, 6, 6])
def quantised_by_pairs():
    n = Net([3, 6, 6], opset=13)
    scale, zero = n.value(np.float32(.02)), n.value(np.uint8(10))
    weights = ((np.arange(4 * 3 * 9) * 31) % 255 - 127).astype(np.int8).reshape(4, 3, 3, 3)
    weight = n.add("DequantizeLinear", n.value(weights), n.value(np.array([.002, .003, .004, .005], np.float32)),
                   n.value(np.zeros(4, np.int8)), axis=0)
    x = n.add("DequantizeLinear", n.add("QuantizeLinear", "x", scale, zero), scale, zero)
    return n.model(n.head(n.add("Conv", x, weight, pads=[1, 1, 1, 1]), 4))


@case([3, 6, 6])
def function_with_attribute():
    n = Net([3, 6, 6])
    alpha = onnx.AttributeProto(name="alpha", type=onnx.AttributeProto.FLOAT, ref_attr_name="slope")
    leaky = helper.make_node("LeakyRelu", ["a"], ["b"])
    leaky.attribute.append(alpha)
    inner = helper.make_function("local", "Leaky", ["a"], ["b"], [leaky], [helper.make_opsetid("", 18)],
                                 attribute_protos=[helper.make_attribute("slope", .3)])
    outer = helper.make_function("local", "Twice", ["a", "w"], ["c"],
                                 [helper.make_node("Leaky", ["a"], ["b"], domain="local", slope=.1),
                                  helper.make_node("Conv", ["b", "w"], ["d"], pads=[1, 1, 1, 1]), helper.make_node("Leaky", ["d"], ["c"], domain="local")],
                                 [helper.make_opsetid("", 18), helper.make_opsetid("local", 1)])
    n.functions = [inner, outer]
    x = n.add("Twice", conv(n, "x", 4, 3), n.const(4, 4, 3, 3), domain="local")
    x = n.add("Twice", x, n.const(4, 4, 3, 3), domain="local")
    return n.model(n.head(x, 4))


@case([3, 6, 6])
def halves():
    n = Net([3, 6, 6], opset=17)
    x = n.add("Cast", "x", to=TensorProto.FLOAT16)
    x = n.add("Conv", x, n.const(4, 3, 3, 3, kind=np.float16), n.const(4, kind=np.float16), pads=[1, 1, 1, 1])
    return n.model(n.head(n.add("Cast", n.add("Relu", x), to=TensorProto.FLOAT), 4))


def with_kind(array, name, kind, values):
    return helper.make_tensor(name, kind, array.shape, values)


@case([3, 6, 6])
def doubles_and_bfloats():
    n = Net([3, 6, 6], opset=17)
    x = conv(n, "x", 4, 3)
    bias = n.const(4, 1, 1)
    bits = [int(v.view(np.uint32)) >> 16 for v in np.array([.5, -1.25, 2, .75], np.float32)]
    n.constants.append(with_kind(np.zeros((4, 1, 1)), "bf", TensorProto.BFLOAT16, bits))
    n.constants.append(numpy_helper.from_array(np.array([.1, .2, .3, .4]).reshape(4, 1, 1), "d"))
    x = n.add("Mul", n.add("Add", x, bias), n.add("Cast", "bf", to=TensorProto.FLOAT))
    return n.model(n.head(n.add("Add", x, n.add("Cast", "d", to=TensorProto.FLOAT)), 4))


@case([3, 6, 6])
def strides_of_one_image():
    n = Net([3, 6, 6], batch=1)
    x = n.add("ReduceMean", conv(n, "x", 6, 3), n.ints(-1, -2), keepdims=1)
    x = n.add("Gather", n.add("Reshape", x, n.ints(-1)), n.value(np.arange(6).reshape(1, 6, 1, 1)), axis=0)
    x = n.add("Gather", n.add("Reshape", x, n.ints(-1)), n.value(np.array([[5, 0, 3, 3]])), axis=0)
    return n.model(n.add("Gemm", x, n.const(4, 4), n.const(4), transB=1))


def picture(image):
    size = int(np.prod(image))
    return ((np.arange(size) * 37 % 101) / np.float32(101)).astype(np.float32).reshape(1, *image)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    expected = {}
    for name, (build, image, factor, last) in CASES.items():
        model = build()
        x = picture(image)
        if factor == 255.0:
            x = np.round(x * 255)  # whole levels
        fed = x.transpose(0, 2, 3, 1) if last else x
        if factor == 255.0:
            fed = fed.astype(np.uint8)
        data = model.SerializeToString(deterministic=True)
        logits = onnxruntime.InferenceSession(data).run(None, {"x": np.ascontiguousarray(fed)})[0].ravel()
        assert np.isfinite(logits).all() and np.ptp(logits) > 1e-3, (name, logits)
        (folder / f"{name}.onnx").write_bytes(data)
        expected[name] = {"image": image, "levels": factor == 255.0, "logits": [float(v) for v in logits]}
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(row)}" for name, row in expected.items())
    (folder / "expected.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "fixtures" / "onnx")
