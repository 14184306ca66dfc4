"""The program of a slice's liars: `python -m support.<slice>.liars NAME <arguments of the reference>`, or `--list`."""

import sys
from collections.abc import Mapping, Sequence
from typing import Protocol

BAD_ARGUMENTS = 2


class LyingProgram(Protocol):
    """The reference's program with one lie in it."""

    def main(self, argv: Sequence[str]) -> int:
        """Run with these arguments; the exit code."""


class Liar(Protocol):
    """What breaks the promise that the sentence `breaks` tells."""

    @property
    def name(self) -> str: ...

    @property
    def breaks(self) -> str: ...

    def program(self) -> LyingProgram: ...


def run_liar(liars: Mapping[str, Liar], argv: Sequence[str]) -> int:
    """Run the liar named first with the rest of `argv`; the exit code."""
    if argv and argv[0] == "--list":
        print("\n".join(f"{liar.name}: {liar.breaks}" for liar in liars.values()))
        return 0
    if not argv or argv[0] not in liars:
        print(f"liars: name one of {', '.join(liars)}", file=sys.stderr)
        return BAD_ARGUMENTS
    return liars[argv[0]].program().main(argv[1:])
