#!/usr/bin/env python3
"""Prints the type stubs of the Python module, python/convscope/__init__.pyi, from its signatures and the options that the library tells."""

import inspect
import keyword
import re
import textwrap

import convscope
from convscope import _convscope

WIDTH = 140
HEAD = '''"""Made by tools/make_python_stubs.py; not written by hand."""

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
'''
# What a question takes in Python besides its options.
CHOOSING = [("split", "test", ""), ("images", "", "")]
TYPES = {bool: "bool", int: "int", float: "float", str: "str", list: "Sequence[float]", type(None): "Any", dict: "dict"}
SAID_OTHERWISE = {"epsilon": "Union[float, Sequence[float]]", "confidence": "Optional[float]"}
QUESTIONS = {name: name.split("_")[0] for name in (
    "describe", "logits", "activations", "predict", "evaluate", "corruptions", "explain", "attack", "alias", "inspect_weights", "inspect_activations",
    "inspect_neurons", "inspect_features", "inspect_clusters")}


def text_of(function):
    return inspect.cleandoc(function.__doc__.split("\n\nKeywords:")[0])


def docstring(text, indent):
    lines = textwrap.wrap(re.sub(r"\s+", " ", text), WIDTH - len(indent) - 6)
    return indent + '"""' + ("\n" + indent).join(lines) + '"""'


def signature(function, options, indent):
    own = [p for p in inspect.signature(function).parameters.values() if p.kind != p.VAR_KEYWORD]
    names = {p.name for p in own}
    words = [str(p).replace("'", "") if p.default is p.empty or p.default is None or p.name == "self"
             else re.sub(r" = .*", f" = {p.default!r}", str(p).replace("'", "")) for p in own]
    keywords = [f"{name}{'_' if keyword.iskeyword(name) else ''}: {SAID_OTHERWISE.get(name, TYPES[type(default)])} = ..." for name, default, _ in options
                if name not in names]
    if keywords:
        words += ["*", *keywords]
    returned = str(inspect.signature(function).return_annotation).replace("'", "").replace('"', "")
    head, body = f"{indent}def {function.__name__}(", ", ".join(words)
    text = f"{head}{body}) -> {returned}:"
    if len(text) <= WIDTH:
        return text
    whole = re.sub(r"\) -> ([^()]*):$", lambda m: ")\0->\0" + m[1].replace(" ", "\0") + ":", text)  # a line ends within parentheses alone
    lines = textwrap.wrap(whole, WIDTH, subsequent_indent=indent + "        ", break_long_words=False)
    return "\n".join(lines).replace("\0", " ")


def stub(function, options, indent):
    return f"{signature(function, options, indent)}\n{docstring(text_of(function), indent + '    ')}\n{indent}    ..."


def tuples():
    for kind in (convscope.Explanation, convscope.Attack, convscope.Inspection):
        fields = "\n".join(f"    {name}: {str(t).replace(chr(39), '')}" for name, t in kind.__annotations__.items()).replace("ForwardRef(", "").replace(")", "")
        yield f'class {kind.__name__}(NamedTuple):\n    """{inspect.cleandoc(kind.__doc__)}"""\n{fields}'


def network(options):
    yield f"class Network:\n{docstring(text_of(convscope.Network), '    ')}"
    for name, member in vars(convscope.Network).items():
        if isinstance(member, property):
            returned = inspect.signature(member.fget).return_annotation
            yield f"    @property\n    def {name}(self) -> {returned}:\n{docstring(member.__doc__, '        ')}\n        ..."
        elif inspect.isfunction(member) and not name.startswith("_"):
            said = []
            if name in QUESTIONS:
                chooses = "pictures" in inspect.signature(member).parameters
                said = CHOOSING * chooses + [tuple(o) for o in options[QUESTIONS[name]]]
            elif name == "pictures":
                said = [o for o in options["pictures"] if o[0] not in ("data", "image")]
            yield stub(member, said, "    ")


def main():
    options = _convscope.all_options()
    parts = [HEAD.rstrip(), *tuples(), *network(options)]
    for name in ("open", "make", "train"):
        parts.append(stub(getattr(convscope, name), options[name], ""))
    print("\n\n".join(parts))


if __name__ == "__main__":
    main()
