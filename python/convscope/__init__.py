"""Explain, attack and measure the network file you deploy (.onnx, .pth), natively.

    import convscope

    network = convscope.open("resnet20.onnx", normalize="cifar10")
    maps = network.explain("integrated-gradients,steps=50", pictures).maps      # [N, C, H, W]
    curve = network.attack("pgd,steps=10", "cifar10", epsilon=[1/255, 2/255], limit=500).record["curve"]

Pictures are arrays [N, C, H, W] with pixels in [0, 1], files, or samples of a data set by its name. Records are dicts with the keys that the
program writes as JSON. What a question tells besides (what was read, left out or guessed) goes to the logger "convscope". While a question is
answered Python's lock is let go; Ctrl-C ends those that are long and count their pictures (train, attack, evaluate, alias, explain by masks).
"""

from __future__ import annotations

import logging
import os
from typing import Any, Callable, NamedTuple, Optional, Sequence, Union

# Threads that wait for each other sleep after a moment (libgomp reads it when it is loaded): two programs share a machine without harm.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")

import numpy

from . import _convscope
from ._convscope import Error, Pictures, __version__

__all__ = [
    "Attack", "Error", "Explanation", "Inspection", "Network", "Pictures", "attacks", "attributions", "make", "models", "open", "set_threads",
    "threads", "train", "__version__",
]

_log = logging.getLogger("convscope")
PictureSource = Union["numpy.ndarray", Pictures, str, "os.PathLike[str]", Sequence[Union[str, "os.PathLike[str]"]]]

_PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".gif", ".npy")

attributions = _convscope.attributions
attacks = _convscope.attacks
models = _convscope.models
set_threads = _convscope.set_threads
threads = _convscope.threads


class Explanation(NamedTuple):
    """Maps [N, C, H, W] ([N, 1, H, W] of methods that do not tell channels apart), and what each is of."""

    maps: numpy.ndarray
    record: dict


class Attack(NamedTuple):
    """What was made of the images that were attacked [N, C, H, W], within the largest ε; those images; what was found."""

    pictures: numpy.ndarray
    images: Pictures
    record: dict


class Inspection(NamedTuple):
    """What was found, and the folder of its files where one was given."""

    record: dict
    folder: str


def _documented(question: str) -> Callable:
    """Adds a question's keywords to the docstring, from the one place that knows them."""

    def add(function: Callable) -> Callable:
        lines = [f"    {name}={default!r}: {text}" for name, default, text in _convscope.all_options()[question]]
        function.__doc__ = f"{function.__doc__}\n\nKeywords:\n" + "\n".join(lines)
        return function

    return add


def _file(path: Union[None, str, os.PathLike]) -> str:
    return "" if path is None else os.fspath(path)


class Network:
    """A network held still, whatever file it came from. See `open` and `make`."""

    def __init__(self, native: "_convscope.Network"):
        self._native = native

    def __repr__(self) -> str:
        channels, height, width = self.image
        return f"<convscope.Network {self.name or self.file}: {channels}x{height}x{width} -> {len(self.classes)} classes>"

    @property
    def name(self) -> str:
        """What it calls itself."""
        return self._native.name

    @property
    def file(self) -> str:
        """That it was read from; empty where it has none."""
        return self._native.file

    @property
    def sha256(self) -> str:
        """Of that file."""
        return self._native.sha256

    @property
    def classes(self) -> list[str]:
        """Names, in the order of the logits."""
        return self._native.classes

    @property
    def image(self) -> tuple[int, int, int]:
        """(C, H, W) of its pictures."""
        return self._native.image

    def tensors(self) -> dict[str, numpy.ndarray]:
        """Copies of its parameters by name."""
        return self._native.tensors()

    def untrained(self, seed: int = 1) -> "Network":
        """The same network with the weights that a training with this seed begins with."""
        return Network(_convscope.untrained(self._native, seed))

    @_documented("pictures")
    def pictures(self, source: PictureSource, labels: Optional[Sequence[int]] = None, usual: int = 8, any_classes: bool = False,
                 **options: Any) -> Pictures:
        """Pictures for this network: an array [N, C, H, W] with pixels in [0, 1], of classes `labels` where they are known; files; or samples
        of a data set by name ("cifar10", "photos/"), the first `usual` ones (0: all) where `images` does not say which."""
        if isinstance(source, Pictures):
            if labels is not None:
                raise Error("these pictures have their labels already")
            return source
        files = isinstance(source, (list, tuple)) and bool(source) and isinstance(source[0], (str, os.PathLike))
        if isinstance(source, (str, os.PathLike)) and os.fspath(source).lower().endswith(_PICTURE_ENDINGS):
            source, files = [source], True
        if labels is not None and (files or isinstance(source, (str, os.PathLike))):
            raise Error("labels are for arrays: a data set knows its own, and of files take the pixels()")
        if isinstance(source, (str, os.PathLike)):
            return _convscope.choose_pictures(self._native, usual, any_classes, _log.warning, data=os.fspath(source), **options)
        if files:
            names = [os.fspath(file) for file in source]
            if len(names) > 1 and any("," in name for name in names):
                raise Error("a file with a comma in its name can only be named alone")
            if "split" in options:
                raise Error("files have no split")
            return _convscope.choose_pictures(self._native, usual, any_classes, _log.warning, image=",".join(names), **options)
        if options:
            raise Error(f"pictures of an array take no '{next(iter(options))}'")
        array = numpy.asarray(source)
        if array.dtype == numpy.uint8:
            raise Error("pictures of 8 bits: pixels in [0, 1] were wanted, as array / 255 has them")
        return _convscope.pictures_of_array(array, [] if labels is None else [int(label) for label in labels], self.classes, "an array")

    def _chosen(self, source: PictureSource, options: dict, labels: Optional[Sequence[int]] = None, usual: int = 8,
                any_classes: bool = False) -> Pictures:
        chosen = {name: options.pop(name) for name in ("split", "images") if name in options}
        if "data_root" in options and isinstance(source, (str, os.PathLike)):
            chosen["data_root"] = options["data_root"]
        if "seed" in options and isinstance(source, (str, os.PathLike)):
            chosen["seed"] = options["seed"]
        return self.pictures(source, labels, usual=usual, any_classes=any_classes, **chosen)

    @_documented("describe")
    def describe(self, batch: int = 1, **options: Any) -> dict:
        """Layers with shapes, parameters and multiply-adds, and what programs of that batch take of memory."""
        return _convscope.describe(self._native, batch, _log.warning, **options)

    @_documented("logits")
    def logits(self, pictures: PictureSource, **options: Any) -> numpy.ndarray:
        """[N, Y]."""
        chosen = self._chosen(pictures, options, any_classes=True)
        return _convscope.logits(self._native, chosen, _log.warning, **options)

    @_documented("activations")
    def activations(self, pictures: PictureSource, node: str, **options: Any) -> numpy.ndarray:
        """What a node gives, [N, …]; `describe` lists the nodes."""
        chosen = self._chosen(pictures, options, any_classes=True)
        return _convscope.activations(self._native, chosen, node, _log.warning, **options)

    @_documented("predict")
    def predict(self, pictures: PictureSource, **options: Any) -> list[dict]:
        """For each picture the likeliest class, its confidence, and the top 5."""
        chosen = self._chosen(pictures, options, any_classes=True)
        return _convscope.predict(self._native, chosen, _log.warning, **options)["predictions"]

    @_documented("evaluate")
    def evaluate(self, pictures: PictureSource, labels: Optional[Sequence[int]] = None, folder: Union[None, str, os.PathLike] = None,
                 **options: Any) -> dict:
        """Accuracy with its interval, loss and confusions, every picture counted once; without `images` all of a data set."""
        chosen = self._chosen(pictures, options, labels, usual=0)
        return _convscope.evaluate(self._native, chosen, _file(folder), _log.warning, **options)

    @_documented("corruptions")
    def corruptions(self, pictures: PictureSource, labels: Optional[Sequence[int]] = None,
                    folder: Union[None, str, os.PathLike] = None, **options: Any) -> dict:
        """Accuracy on corrupted pictures beside the clean ones: corruptions="all" or "fog+jpeg_compression"."""
        chosen = self._chosen(pictures, options, labels, usual=0)
        return _convscope.corruptions(self._native, chosen, _file(folder), _log.warning, **options)

    @_documented("explain")
    def explain(self, method: str, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, **options: Any) -> Explanation:
        """Which pixels a number of the network depends on, by a method of `attributions()` with its options: "occlusion,window=6"."""
        chosen = self._chosen(pictures, options)
        return Explanation(*_convscope.explain(self._native, method, chosen, _file(folder), _log.warning, **options))

    @_documented("attack")
    def attack(self, method: str, pictures: PictureSource, labels: Optional[Sequence[int]] = None,
               folder: Union[None, str, os.PathLike] = None, **options: Any) -> Attack:
        """How many pictures are still right when each may change by ε, by a method of `attacks()` with its options: "pgd,steps=10"."""
        chosen = self._chosen(pictures, options, labels, usual=0)
        epsilon = options.get("epsilon")
        if epsilon is not None and not isinstance(epsilon, (list, tuple, numpy.ndarray)):
            options["epsilon"] = [epsilon]
        return Attack(*_convscope.attack(self._native, method, chosen, _file(folder), _log.warning, **options))

    @_documented("alias")
    def alias(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, **options: Any) -> dict:
        """What happens to each frequency wherever the network drops samples."""
        chosen = self._chosen(pictures, options, usual=0)
        return _convscope.alias(self._native, chosen, _file(folder), _log.warning, **options)

    @_documented("inspect")
    def inspect_weights(self, folder: Union[None, str, os.PathLike] = None, **options: Any) -> Inspection:
        """Filters as pictures."""
        return Inspection(*_convscope.inspect_weights(self._native, _file(folder), _log.warning, **options))

    @_documented("inspect")
    def inspect_activations(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, **options: Any) -> Inspection:
        """Each picture's map of every channel of a node."""
        chosen = self._chosen(pictures, options, any_classes=True)
        return Inspection(*_convscope.inspect_activations(self._native, chosen, _file(folder), _log.warning, **options))

    @_documented("inspect")
    def inspect_neurons(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, **options: Any) -> Inspection:
        """The pictures that drive a channel most."""
        chosen = self._chosen(pictures, options, usual=2000, any_classes=True)
        return Inspection(*_convscope.inspect_neurons(self._native, chosen, _file(folder), _log.warning, **options))

    @_documented("inspect")
    def inspect_features(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, **options: Any) -> Inspection:
        """Pictures that are made to drive a channel, beside those of the data that do."""
        chosen = self._chosen(pictures, options, usual=2000, any_classes=True)
        return Inspection(*_convscope.inspect_features(self._native, chosen, _file(folder), _log.warning, **options))

    @_documented("inspect")
    def inspect_clusters(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, **options: Any) -> Inspection:
        """Which pictures a node finds alike, by k-means of its answers."""
        chosen = self._chosen(pictures, options, usual=2000, any_classes=True)
        return Inspection(*_convscope.inspect_clusters(self._native, chosen, _file(folder), _log.warning, **options))

    @_documented("inspect")
    def inspect_concepts(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, **options: Any) -> Inspection:
        """Whether folders of pictures (`concepts`) are directions in a node along which classes grow."""
        chosen = self._chosen(pictures, options, usual=2000)
        return Inspection(*_convscope.inspect_concepts(self._native, chosen, _file(folder), _log.warning, **options))

    @_documented("inspect")
    def inspect_craft(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, **options: Any) -> Inspection:
        """Concepts that the network sees in the pictures of a class, how much they matter and where they are."""
        chosen = self._chosen(pictures, options, usual=2000, any_classes=True)
        return Inspection(*_convscope.inspect_craft(self._native, chosen, _file(folder), _log.warning, **options))


@_documented("open")
def open(file: Union[str, os.PathLike], **options: Any) -> Network:
    """A run folder (its last network), a .safetensors checkpoint, an .onnx network, or with `model` a state dict (.pth, .safetensors) from
    elsewhere. Nothing in the file is run."""
    return Network(_convscope.open(os.fspath(file), **options))


@_documented("make")
def make(model: str, seed: int = 1, **options: Any) -> Network:
    """A model of `models()` with the weights that a training with this seed begins with: "resnet20,shortcut=projection"."""
    return Network(_convscope.make(model, seed, **options))


@_documented("train")
def train(run: Union[str, os.PathLike], on_epoch: Optional[Callable[[dict], Optional[bool]]] = None, resume: bool = False,
          **options: Any) -> dict:
    """Trains in the folder `run`, as `convscope train` does, and returns its summary; `open(run)` is the network. `on_epoch` gets an
    epoch's metrics; True from it, or Ctrl-C, ends the training where `resume` goes on. `from_` is the option `from`, a word of Python's."""
    if "from_" in options:
        options["from"] = options.pop("from_")
    return _convscope.train(os.fspath(run), resume, on_epoch, _log.warning, **options)
