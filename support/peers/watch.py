"""What all boards of a group do while other things happen: looked at again and again, from a thread of its own."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic, sleep

from support.kit.deadline import Deadline
from support.kit.errors import PromiseBrokenError, VoidError
from support.peers.board import NOTHING, Board, Station

LOOKS_APART = 0.1
"""Seconds between two looks at all of them."""
LEAST = 3
"""Looks without which nothing can be said."""
LEAST_LIMIT = 10.0
"""Seconds until there are as many."""
MEASURING = 0.5
"""Amperes by which the sum of several currents may be measured wrongly."""


@dataclass(frozen=True)
class Look:
    """One look. `begun` and `ended`: on the monotonic clock. Boards in the order of the group."""

    begun: float
    ended: float
    stations: tuple[Station, ...]
    amps: tuple[float, ...]

    @property
    def total(self) -> float:
        """All together, in amperes."""
        return sum(self.amps)


class Watch:
    """Looks from the moment it is made until it is ended."""

    def __init__(self, boards: Sequence[Board]) -> None:
        self._boards = list(boards)
        self._looks: list[Look] = []
        self._over = threading.Event()
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="watch of the boards", daemon=True)
        self._thread.start()

    @property
    def looks(self) -> list[Look]:
        """All so far. Raises what kept it from looking."""
        if self._error is not None:
            raise self._error
        return list(self._looks)

    def enough(self) -> list[Look]:
        """The same, when there are enough to say that something never happened. VoidError where that takes too long."""
        deadline = Deadline(LEAST_LIMIT)
        while len(self.looks) < LEAST and self._looking and not deadline.expired:
            sleep(LOOKS_APART)
        looks = self.looks
        if len(looks) < LEAST:
            raise VoidError(f"the boards were looked at {len(looks)} times only")
        return looks

    def since(self, moment: float) -> list[Look]:
        """Looks that began after `moment`."""
        return [look for look in self.looks if look.begun >= moment]

    def end(self) -> None:
        """Look no longer."""
        self._over.set()
        self._thread.join(10.0)

    def longest(self, accept: Callable[[Look], bool], settled: float = 0.0) -> float:
        """Seconds of the longest time for which every look was accepted, reckoned short: from the end of its first to the
        beginning of its last look. Where it is not over yet it is looked on, until it is or has become longer than `settled`."""
        while True:
            looking = self._looking
            longest, over = _longest(self.enough(), accept)
            if over or longest > settled or not looking:
                return longest
            sleep(LOOKS_APART)

    def require_never_exceeded(self, budget: float, longer_than: float) -> None:
        """PromiseBrokenError where all together drew more than `budget` for longer than so many seconds."""
        over = self.longest(lambda look: look.total > budget + MEASURING, longer_than)
        if over > longer_than:
            most = max(self.looks, key=lambda look: look.total)
            raise PromiseBrokenError(
                f"all together draw more than {budget:g} A for no longer than {longer_than:g} s",
                f"more for {over:.2f} s, {most.total:.1f} A at most",
            )

    def drew(self, place: int, since: float = 0.0) -> bool:
        """Whether the vehicle of this board has drawn anything after `since`."""
        return any(look.amps[place] > NOTHING for look in self.since(since))

    @property
    def _looking(self) -> bool:
        return self._thread.is_alive() and not self._over.is_set()

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                begun = monotonic()
                stations = tuple(board.station() for board in self._boards)
                amps = tuple(board.amps() for board in self._boards)
                self._looks.append(Look(begun, monotonic(), stations, amps))
                self._over.wait(LOOKS_APART)
        except Exception as error:  # noqa: BLE001  # told to whoever asks for the looks
            self._error = error


def _longest(looks: Sequence[Look], accept: Callable[[Look], bool]) -> tuple[float, bool]:
    """The longest time, and whether the last look was not accepted."""
    longest, since = 0.0, None
    for look in looks:
        if not accept(look):
            since = None
            continue
        since = look.ended if since is None else since
        longest = max(longest, look.begun - since)
    return longest, since is None
