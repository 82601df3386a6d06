#!/usr/bin/python3
"""Writes tests/fixtures/onnx-predictions.json: what OpenCV's dnn (Debian: python3-opencv, protobuf-compiler) makes of true validation images of ImageNet.

Usage: CONVSCOPE_DATA=... tools/make_onnx_fixtures.py
Of each network and picture: the class of the largest logit, that logit, and the logits of classes 0, 250, 500 and 750.
"""
import glob
import json
import os
import re
import subprocess

import cv2
import numpy
from PIL import Image

data = os.environ["CONVSCOPE_DATA"]
here = os.path.dirname(os.path.abspath(__file__))
CAFFE, TF = ([123 / 255, 117 / 255, 104 / 255], [1 / 255] * 3), ([128 / 255] * 3, [128 / 255] * 3)
networks = {"squeezenet1.0": (227, *CAFFE), "mobilenet_v1_0.25_128": (128, *TF), "mobilenet_v2_1.0_224": (224, *TF)}
pictures = sorted(glob.glob(f"{data}/imagenette/val/*/ILSVRC2012_val_*"))

PROTO = ["-I/usr/include/onnx", "onnx.proto"]


def with_old_clips(path):
    """OpenCV 4.6 knows Clip's limits as attributes alone; here they are inputs, 0 and 6."""
    text = subprocess.run(["protoc", "--decode=onnx.ModelProto", *PROTO], stdin=open(path, "rb"), capture_output=True, check=True).stdout
    limits = b"".join(b'    attribute { name: "%s" type: FLOAT f: %d }\n' % limit for limit in ((b"min", 0), (b"max", 6)))
    clip = re.compile(rb'(  node \{\n    input: [^\n]*\n)(?:    input: [^\n]*\n){2}((?:    (?:output|name): [^\n]*\n)*    op_type: "Clip"\n)')
    text = clip.sub(lambda m: m[1] + m[2] + limits, text)
    return subprocess.run(["protoc", "--encode=onnx.ModelProto", *PROTO], input=text, capture_output=True, check=True).stdout


networks_out = {}
for name, (size, mean, std) in networks.items():
    net = cv2.dnn.readNetFromONNX(numpy.frombuffer(with_old_clips(f"{data}/weights/{name}.onnx"), numpy.uint8))
    rows = {}
    for picture in pictures:
        image = Image.open(picture).convert("RGB").resize((size, size), Image.BILINEAR)
        x = (numpy.asarray(image, numpy.float32) / 255 - numpy.float32(mean)) / numpy.float32(std)
        net.setInput(numpy.ascontiguousarray(x.transpose(2, 0, 1)[None], numpy.float32))
        logits = net.forward().ravel()
        top = int(logits.argmax())
        rows[os.path.relpath(picture, f"{data}/imagenette/val")] = [top] + [round(float(v), 4) for v in [logits[top], *logits[:1000:250]]]
    networks_out[name] = {"size": size, "mean": mean, "std": std, "pictures": rows}
with open(f"{here}/../tests/fixtures/onnx-predictions.json", "w") as out:
    out.write("{\n" + ",\n".join(f'"{n}": ' + json.dumps(v) for n, v in networks_out.items()) + "\n}\n")
