"""Which scenarios find a liar: a line of a slice's table `caught_by`.

`first` are the quickest to fail; they are run each time. `also` fail, too, when the whole slice meets the liar; `maybe` fail
by chance, because the liar lies by chance or lets a planted fault pass by.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Caught:
    """Scenario ids (of an outline: without the row). `all` is None for a liar that fails nearly everything, slowly."""

    first: frozenset[str]
    all: frozenset[str] | None
    maybe: frozenset[str]


def caught_by(prefix: str) -> Callable[..., Caught]:
    """A maker of lines from numbers: `by = caught_by("TGL"); by("11 12", also="29")`."""

    def ids(numbers: str) -> frozenset[str]:
        return frozenset(f"{prefix}-{number}" for number in numbers.split())

    def line(first: str, also: str | None = "", maybe: str = "") -> Caught:
        return Caught(ids(first), None if also is None else ids(f"{first} {also}"), ids(maybe))

    return line
