"""What comes next in the run: told by the runner before each scenario, for slices that start ahead what takes long."""

from collections.abc import Sequence

_givens: tuple[str, ...] = ()


def foretell(givens: Sequence[str]) -> None:
    """The next scenarios of the same slice begin with these steps, in order; without the keyword."""
    global _givens
    _givens = tuple(givens)


def foretold() -> tuple[str, ...]:
    """The first steps of the next scenarios, in order. Nothing where nobody has told."""
    return _givens
