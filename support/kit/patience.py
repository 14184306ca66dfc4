"""A system that never answers is not asked for ever: a run against it would take an hour and tell nothing new.

Each silence is a broken promise of its own scenario. After `MOST` in a row the later scenarios end at once with an error that
says so; a single wait that comes to another end, well or not, starts the count again.
"""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from support.kit.errors import InfrastructureError, PromiseBrokenError

MOST = 5


class GivenUpError(InfrastructureError):
    """The system was mute too often to be asked again."""


class Patience:
    """Counts silences in a row, for each target by itself.

    `told` says what happened, with a place `{}` for how often: "the hub hung in the last {} commands". `silence` is the
    exception that a wait in vain ends with.
    """

    def __init__(self, told: str, silence: type[Exception] = PromiseBrokenError) -> None:
        self._told = told
        self._silence = silence
        self._in_a_row: Counter[Hashable] = Counter()

    def require_left(self, target: Hashable) -> None:
        """GivenUpError where the last `MOST` waits were all in vain."""
        if self._in_a_row[target] >= MOST:
            raise GivenUpError(f"{self._told.format(MOST)} and is not asked again in this run")

    @contextmanager
    def counted(self, target: Hashable) -> Iterator[None]:
        """A wait that may be in vain: a silence counts, any other end of it starts the count again.

        What is no Exception (the watchdog's alarm, say) says nothing about the target and changes nothing.
        """
        try:
            yield
        except self._silence:
            self._in_a_row[target] += 1
            raise
        except Exception:
            self._in_a_row[target] = 0
            raise
        self._in_a_row[target] = 0
