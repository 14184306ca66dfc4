"""A system that never answers is not asked for ever: a run against it would take an hour and tell nothing new.

Each silence is a broken promise of its own scenario. After `MOST` in a row the later scenarios end at once with an error that
says so; a single one that is broken by an answer starts the count again.
"""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from support.kit.errors import InfrastructureError, PromiseBrokenError

MOST = 5


class GivenUpError(InfrastructureError):
    """The system was mute too often to be asked again."""


class Patience:
    """Counts silences in a row, for each target by itself. `who` is the system, `what` it fails to do."""

    def __init__(self, who: str, what: str) -> None:
        self._who = who
        self._what = what
        self._in_a_row: Counter[Hashable] = Counter()

    def require_left(self, target: Hashable) -> None:
        """GivenUpError where the last `MOST` waits were all in vain."""
        if self._in_a_row[target] >= MOST:
            raise GivenUpError(f"{self._who} did not {self._what} {MOST} times in a row and is not asked again in this run")

    @contextmanager
    def counted(self, target: Hashable) -> Iterator[None]:
        """A wait that may be in vain: PromiseBrokenError out of it is a silence, anything else starts the count again."""
        try:
            yield
        except PromiseBrokenError:
            self._in_a_row[target] += 1
            raise
        self._in_a_row[target] = 0
