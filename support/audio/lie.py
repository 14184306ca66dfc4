"""How a lie is laid over the reference: one class or function of it is replaced, wherever it is used, by one that lies.

The reference is made of classes and functions that modules take from each other by name, or keep in tables and as attributes of
classes, so nothing in it has to be prepared for this, and nothing in it knows.
"""

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import TypeVar

REFERENCE = "support.audio.reference"
PROGRAM = f"{REFERENCE}.cli"


@dataclass(frozen=True)
class Liar:
    """`part` stands in the place of `honest`, and breaks the promise told by the sentence `breaks`."""

    name: str
    breaks: str
    honest: object
    part: object

    def program(self) -> "Program":
        """The reference's program with the part that lies."""
        return Program(self)


class Program:
    """A program of the reference that lies once it runs. It cannot be made honest again: it has a process of its own."""

    def __init__(self, liar: Liar) -> None:
        self.liar = liar

    def main(self, argv: Sequence[str]) -> int:
        """Run with these arguments; the exit code."""
        cli = importlib.import_module(PROGRAM)
        for place in list(places(self.liar.honest)):
            place(self.liar.part)
        code: int = cli.main(argv)
        return code


Place = Callable[[object], None]


def places(part: object) -> Iterator[Place]:
    """Where the reference, as far as it is loaded, keeps `part`: functions that put something else there.

    In modules, in classes (as an attribute or as the default of an argument) and in tables of either. What is loaded later
    takes it from the module that made it, and so is covered.
    """
    for full_name, module in list(sys.modules.items()):
        if full_name == REFERENCE or full_name.startswith(f"{REFERENCE}."):
            for name, held in list(vars(module).items()):
                yield from _in(module, name, held, part)
                if inspect.isclass(held) and held.__module__ == full_name:
                    for attribute, kept in list(vars(held).items()):
                        yield from _in(held, attribute, kept, part)


def _in(holder: object, name: str, held: object, part: object) -> Iterator[Place]:
    if held is part:
        yield lambda other: setattr(holder, name, other)
    elif isinstance(held, staticmethod) and held.__func__ is part:
        yield lambda other: setattr(holder, name, staticmethod(other))  # type: ignore[arg-type]
    elif isinstance(held, dict):
        for key in [key for key, value in held.items() if value is part]:
            yield lambda other, key=key: held.__setitem__(key, other)  # type: ignore[misc]
    elif isinstance(held, tuple) and any(value is part for value in held):
        if not hasattr(held, "_fields"):
            yield lambda other: setattr(holder, name, tuple(other if value is part else value for value in held))
    elif isinstance(held, list):
        for index in [index for index, value in enumerate(held) if value is part]:
            yield lambda other, index=index: held.__setitem__(index, other)  # type: ignore[misc]


LIARS: dict[str, Liar] = {}
Part = TypeVar("Part", bound=Callable[..., object])


def lies(breaks: str, over: object = None) -> Callable[[Part], Part]:
    """Enter a liar under its own name, `LooksAway` as `looks_away`. A function says `over` what it is laid; a class is laid
    over the class of the reference that it is made from."""

    def enter(part: Part) -> Part:
        assert isinstance(part, type | FunctionType), "a liar is a class or a function"
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", part.__name__).lower()
        assert name not in LIARS, f"two liars are called {name}"
        LIARS[name] = Liar(name, breaks, over or _made_from(part), part)
        return part

    return enter


def _made_from(part: object) -> object:
    assert inspect.isclass(part), "a function says what it is laid over"
    return next(base for base in part.__mro__ if base.__module__.startswith(f"{REFERENCE}."))
