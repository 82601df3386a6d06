"""Made by tools/make_python_stubs.py; not written by hand."""

import os
from typing import Any, Callable, NamedTuple, Optional, Sequence, Union

import numpy

PictureSource = Union[numpy.ndarray, Pictures, str, os.PathLike[str], Sequence[Union[str, os.PathLike[str]]]]
__version__: str

class Error(RuntimeError): ...

class Pictures:
    """Some pictures in an order, and all that is known of them."""
    def __len__(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def numbers(self) -> list[int]: ...
    @property
    def labels(self) -> list[int]: ...
    @property
    def classes(self) -> list[str]: ...
    @property
    def files(self) -> list[str]: ...
    def first(self, count: int) -> Pictures: ...
    def pixels(self) -> numpy.ndarray: ...

def attributions() -> list[str]: ...
def attacks() -> list[str]: ...
def models() -> list[str]: ...
def set_threads(count: int) -> None: ...
def threads() -> int: ...

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

class Network:
    """A network held still, whatever file it came from. See `open` and `make`."""

    @property
    def name(self) -> str:
        """What it calls itself."""
        ...

    @property
    def file(self) -> str:
        """That it was read from; empty where it has none."""
        ...

    @property
    def sha256(self) -> str:
        """Of that file."""
        ...

    @property
    def classes(self) -> list[str]:
        """Names, in the order of the logits."""
        ...

    @property
    def image(self) -> tuple[int, int, int]:
        """(C, H, W) of its pictures."""
        ...

    def tensors(self) -> dict[str, numpy.ndarray]:
        """Copies of its parameters by name."""
        ...

    def untrained(self, seed: int = 1) -> Network:
        """The same network with the weights that a training with this seed begins with."""
        ...

    def pictures(self, source: PictureSource, labels: Optional[Sequence[int]] = None, usual: int = 8, any_classes: bool = False, *, split:
            str = ..., images: str = ..., seed: int = ..., precision: str = ..., engine: str = ..., data_root: str = ..., force: bool =
            ...) -> Pictures:
        """Pictures for this network: an array [N, C, H, W] with pixels in [0, 1], of classes `labels` where they are known; files; or
        samples of a data set by name ("cifar10", "photos/"), the first `usual` ones (0: all) where `images` does not say which."""
        ...

    def describe(self, batch: int = 1, *, seed: int = ..., precision: str = ..., engine: str = ..., data_root: str = ..., force: bool =
            ...) -> dict:
        """Layers with shapes, parameters and multiply-adds, and what programs of that batch take of memory."""
        ...

    def logits(self, pictures: PictureSource, *, split: str = ..., images: str = ..., seed: int = ..., precision: str = ..., engine: str =
            ..., data_root: str = ..., force: bool = ...) -> numpy.ndarray:
        """[N, Y]."""
        ...

    def activations(self, pictures: PictureSource, node: str, *, split: str = ..., images: str = ..., seed: int = ..., precision: str = ...,
            engine: str = ..., data_root: str = ..., force: bool = ...) -> numpy.ndarray:
        """What a node gives, [N, …]; `describe` lists the nodes."""
        ...

    def predict(self, pictures: PictureSource, *, split: str = ..., images: str = ..., seed: int = ..., precision: str = ..., engine: str =
            ..., data_root: str = ..., force: bool = ...) -> list[dict]:
        """For each picture the likeliest class, its confidence, and the top 5."""
        ...

    def evaluate(self, pictures: PictureSource, labels: Optional[Sequence[int]] = None, folder: Union[None, str, os.PathLike] = None, *,
            split: str = ..., images: str = ..., batch: int = ..., views: str = ..., save_logits: bool = ..., save_features: str = ...,
            seed: int = ..., precision: str = ..., engine: str = ..., data_root: str = ..., force: bool = ...) -> dict:
        """Accuracy with its interval, loss and confusions, every picture counted once; without `images` all of a data set."""
        ...

    def corruptions(self, pictures: PictureSource, labels: Optional[Sequence[int]] = None, folder: Union[None, str, os.PathLike] = None, *,
            split: str = ..., images: str = ..., corruptions: str = ..., severities: str = ..., cifar_c: str = ..., seed: int = ...,
            precision: str = ..., engine: str = ..., data_root: str = ..., force: bool = ...) -> dict:
        """Accuracy on corrupted pictures beside the clean ones: corruptions="all" or "fog+jpeg_compression"."""
        ...

    def explain(self, method: str, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, *, split: str = ..., images: str =
            ..., target: str = ..., of: str = ..., colour_scale: str = ..., tolerance: str = ..., node: str = ..., batch: int = ..., check:
            bool = ..., check_steps: int = ..., check_draws: int = ..., boxes: str = ..., seed: int = ..., precision: str = ..., engine: str
            = ..., data_root: str = ..., force: bool = ...) -> Explanation:
        """Which pixels a number of the network depends on, by a method of `attributions()` with its options: "occlusion,window=6"."""
        ...

    def attack(self, method: str, pictures: PictureSource, labels: Optional[Sequence[int]] = None, folder: Union[None, str, os.PathLike] =
            None, *, split: str = ..., images: str = ..., epsilon: Union[float, Sequence[float]] = ..., target: str = ..., source: str =
            ..., limit: int = ..., draw: bool = ..., confidence: Optional[float] = ..., min_confidence: float = ..., independent: bool =
            ..., show: int = ..., gain: float = ..., captions: str = ..., batch: int = ..., verdict: bool = ..., twin: str = ..., arrays:
            bool = ..., seed: int = ..., precision: str = ..., engine: str = ..., data_root: str = ..., force: bool = ...) -> Attack:
        """How many pictures are still right when each may change by ε, by a method of `attacks()` with its options: "pgd,steps=10"."""
        ...

    def alias(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, *, split: str = ..., images: str = ...,
            threshold: str = ..., passing_db: float = ..., accounting: str = ..., save: str = ..., save_signals: bool = ..., save_features:
            bool = ..., maps: int = ..., map_channels: str = ..., batch: int = ..., seed: int = ..., precision: str = ..., engine: str =
            ..., data_root: str = ..., force: bool = ...) -> dict:
        """What happens to each frequency wherever the network drops samples."""
        ...

    def inspect_weights(self, folder: Union[None, str, os.PathLike] = None, *, node: str = ..., channel: str = ..., position: str = ...,
            count: int = ..., clusters: int = ..., restarts: int = ..., iterations: int = ..., standardise: bool = ..., perplexity: float =
            ..., near: str = ..., objective: str = ..., steps: int = ..., rate: float = ..., draws: int = ..., parametrisation: str = ...,
            decay: float = ..., one_position: bool = ..., own_colours: bool = ..., no_transforms: bool = ..., minimise: bool = ...,
            redirected: int = ..., crops: int = ..., power: float = ..., diversity: float = ..., concepts: str = ..., target: str = ...,
            sets: int = ..., rank: int = ..., crop: int = ..., batch: int = ..., seed: int = ..., precision: str = ..., engine: str = ...,
            data_root: str = ..., force: bool = ...) -> Inspection:
        """Filters as pictures."""
        ...

    def inspect_activations(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, *, split: str = ..., images: str =
            ..., node: str = ..., channel: str = ..., position: str = ..., count: int = ..., clusters: int = ..., restarts: int = ...,
            iterations: int = ..., standardise: bool = ..., perplexity: float = ..., near: str = ..., objective: str = ..., steps: int =
            ..., rate: float = ..., draws: int = ..., parametrisation: str = ..., decay: float = ..., one_position: bool = ..., own_colours:
            bool = ..., no_transforms: bool = ..., minimise: bool = ..., redirected: int = ..., crops: int = ..., power: float = ...,
            diversity: float = ..., concepts: str = ..., target: str = ..., sets: int = ..., rank: int = ..., crop: int = ..., batch: int =
            ..., seed: int = ..., precision: str = ..., engine: str = ..., data_root: str = ..., force: bool = ...) -> Inspection:
        """Each picture's map of every channel of a node."""
        ...

    def inspect_neurons(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, *, split: str = ..., images: str = ...,
            node: str = ..., channel: str = ..., position: str = ..., count: int = ..., clusters: int = ..., restarts: int = ...,
            iterations: int = ..., standardise: bool = ..., perplexity: float = ..., near: str = ..., objective: str = ..., steps: int =
            ..., rate: float = ..., draws: int = ..., parametrisation: str = ..., decay: float = ..., one_position: bool = ..., own_colours:
            bool = ..., no_transforms: bool = ..., minimise: bool = ..., redirected: int = ..., crops: int = ..., power: float = ...,
            diversity: float = ..., concepts: str = ..., target: str = ..., sets: int = ..., rank: int = ..., crop: int = ..., batch: int =
            ..., seed: int = ..., precision: str = ..., engine: str = ..., data_root: str = ..., force: bool = ...) -> Inspection:
        """The pictures that drive a channel most."""
        ...

    def inspect_features(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, *, split: str = ..., images: str =
            ..., node: str = ..., channel: str = ..., position: str = ..., count: int = ..., clusters: int = ..., restarts: int = ...,
            iterations: int = ..., standardise: bool = ..., perplexity: float = ..., near: str = ..., objective: str = ..., steps: int =
            ..., rate: float = ..., draws: int = ..., parametrisation: str = ..., decay: float = ..., one_position: bool = ..., own_colours:
            bool = ..., no_transforms: bool = ..., minimise: bool = ..., redirected: int = ..., crops: int = ..., power: float = ...,
            diversity: float = ..., concepts: str = ..., target: str = ..., sets: int = ..., rank: int = ..., crop: int = ..., batch: int =
            ..., seed: int = ..., precision: str = ..., engine: str = ..., data_root: str = ..., force: bool = ...) -> Inspection:
        """Pictures that are made to drive a channel, beside those of the data that do."""
        ...

    def inspect_clusters(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None, *, split: str = ..., images: str =
            ..., node: str = ..., channel: str = ..., position: str = ..., count: int = ..., clusters: int = ..., restarts: int = ...,
            iterations: int = ..., standardise: bool = ..., perplexity: float = ..., near: str = ..., objective: str = ..., steps: int =
            ..., rate: float = ..., draws: int = ..., parametrisation: str = ..., decay: float = ..., one_position: bool = ..., own_colours:
            bool = ..., no_transforms: bool = ..., minimise: bool = ..., redirected: int = ..., crops: int = ..., power: float = ...,
            diversity: float = ..., concepts: str = ..., target: str = ..., sets: int = ..., rank: int = ..., crop: int = ..., batch: int =
            ..., seed: int = ..., precision: str = ..., engine: str = ..., data_root: str = ..., force: bool = ...) -> Inspection:
        """Which pictures a node finds alike, by k-means of its answers."""
        ...

    def inspect_concepts(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None) -> Inspection:
        """Whether folders of pictures (`concepts`) are directions in a node along which classes grow."""
        ...

    def inspect_craft(self, pictures: PictureSource, folder: Union[None, str, os.PathLike] = None) -> Inspection:
        """Concepts that the network sees in the pictures of a class, how much they matter and where they are."""
        ...

def open(file: Union[str, os.PathLike], *, model: str = ..., image: str = ..., classes: int = ..., normalize: str = ..., scale255: bool =
        ..., class_names: str = ..., output: str = ...) -> Network:
    """A run folder (its last network), a .safetensors checkpoint, an .onnx network, or with `model` a state dict (.pth, .safetensors)
    from elsewhere. Nothing in the file is run."""
    ...

def make(model: str, seed: int = 1, *, image: str = ..., classes: int = ...) -> Network:
    """A model of `models()` with the weights that a training with this seed begins with: "resnet20,shortcut=projection"."""
    ...

def train(run: Union[str, os.PathLike], on_epoch: Optional[Callable[[dict], Optional[bool]]] = None, resume: bool = False, *, model: str =
        ..., data: str = ..., test_data: str = ..., preset: str = ..., epochs: int = ..., batch: int = ..., optimiser: str = ..., lr: float
        = ..., schedule: str = ..., decay_on: str = ..., clip_value: float = ..., clip_norm: float = ..., ema: float = ..., loss: str = ...,
        adversarial: str = ..., robust_images: int = ..., robust_attack: str = ..., normalize: str = ..., augment: str = ..., shuffle: bool
        = ..., drop_last: bool = ..., limit: int = ..., validation: float = ..., patience: int = ..., stop_at: float = ..., meters: str =
        ..., meter_batch: int = ..., from_: str = ..., rates: str = ..., seed: int = ..., precision: str = ..., engine: str = ..., shards:
        int = ..., sync_bn: bool = ..., save_every: int = ..., watch: str = ..., watch_images: str = ..., watch_target: str = ..., watch_of:
        str = ..., watch_every: int = ..., watch_fps: int = ..., tensorboard: str = ..., data_root: str = ...) -> dict:
    """Trains in the folder `run`, as `convscope train` does, and returns its summary; `open(run)` is the network. `on_epoch` gets an
    epoch's metrics; True from it, or Ctrl-C, ends the training where `resume` goes on. `from_` is the option `from`, a word of
    Python's."""
    ...
