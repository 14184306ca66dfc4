"""How a lie is laid over the reference: one class or function of it is replaced, wherever it is used, by one that lies.

The reference is made of classes and functions that modules take from each other by name, so nothing in it has to be prepared
for this, and nothing in it knows.
"""

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TypeVar

REFERENCE = "support.peers.reference"
NODE, BOARD = f"{REFERENCE}.node", f"{REFERENCE}.emulator"


@dataclass(frozen=True)
class Liar:
    """`part` stands in the place of `honest`, and breaks the promise told by the sentence `breaks`."""

    name: str
    breaks: str
    honest: object
    part: object

    @property
    def package(self) -> str:
        """NODE or BOARD: what it lies as."""
        return NODE if str(getattr(self.honest, "__module__", "")).startswith(f"{NODE}.") else BOARD

    def program(self) -> "Program":
        """The reference's program with the part that lies."""
        return Program(self)


class Program:
    """A program of the reference that lies once it runs. It cannot be made honest again: it has a process of its own."""

    def __init__(self, liar: Liar) -> None:
        self.liar = liar

    def main(self, argv: Sequence[str]) -> int:
        """Run with these arguments; the exit code."""
        importlib.import_module(f"{self.liar.package}.service")
        for module, name in list(places(self.liar.honest)):
            setattr(module, name, self.liar.part)
        code: int = importlib.import_module(f"{self.liar.package}.cli").main(argv)
        return code


def places(part: object) -> Iterator[tuple[ModuleType, str]]:
    """The modules of the reference, as far as they are loaded, that know `part`, and the names by which they do."""
    for full_name, module in list(sys.modules.items()):
        if full_name.startswith(f"{REFERENCE}."):
            yield from ((module, name) for name, held in vars(module).items() if held is part)


LIARS: dict[str, Liar] = {}
Part = TypeVar("Part", bound=Callable[..., object])


def lies(breaks: str, over: object = None) -> Callable[[Part], Part]:
    """Enter a liar under its own name, `LooksAway` as `looks_away`. A function says `over` what it is laid; a class is laid
    over the class of the reference that it is made from."""

    def enter(part: Part) -> Part:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", part.__name__).lower()
        LIARS[name] = Liar(name, breaks, over or _made_from(part), part)
        return part

    return enter


def _made_from(part: object) -> object:
    assert inspect.isclass(part), "a function says what it is laid over"
    return next(base for base in part.__mro__ if base.__module__.startswith(f"{REFERENCE}."))
