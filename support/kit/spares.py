"""Things that are started ahead: while one scenario goes on, those that the next ones will want get ready beside it.

Every scenario has things of its own all the same, fresh and used by nobody before. Starting one may take as long as most of a
scenario; on a second core it costs nobody anything.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import accumulate
from typing import Generic, TypeVar

from support.kit.at_end import at_end_of_run

MOST = 3
"""Things that wait, by their weight."""
AT_ONCE = 3
"""Things that are started at one time, by their weight: more would take the time of the scenario that goes on."""
Key = TypeVar("Key")
Thing = TypeVar("Thing")


@dataclass
class _Waiting(Generic[Key, Thing]):
    key: Key
    thing: Thing
    resources: ExitStack


class Spares(Generic[Key, Thing]):
    """At most `most` things ahead, where one counts as much as `weigh` says of its key, and `at_once` more at a time.

    Keys say what a thing is like; they are compared and weighed, nothing else.
    """

    def __init__(self, weigh: Callable[[Key], int] = lambda _: 1, most: int = MOST, at_once: int = AT_ONCE) -> None:
        self._weigh, self._most, self._at_once = weigh, most, at_once
        self._waiting: list[_Waiting[Key, Thing]] = []
        self._registered = False

    def take(self, key: Key, usable: Callable[[Thing], bool], resources: ExitStack) -> Thing | None:
        """The one like `key` that waits longest; `resources` end it from now on. None where there is none.

        Those that are not `usable` any more are ended and not handed out.
        """
        for one in [one for one in self._waiting if one.key == key]:
            self._waiting.remove(one)
            if usable(one.thing):
                resources.push(one.resources)
                return one.thing
            one.resources.close()
        return None

    def prepare(self, keys: Sequence[Key], start: Callable[[Key, ExitStack], Thing]) -> None:
        """Have, or get by and by, one for each of the first of `keys`; `start` must not wait. Those that nobody wants are ended.

        At the end of the run all go.
        """
        if not self._registered:
            at_end_of_run(self.drop)
            self._registered = True
        missing = self._first(keys, self._most)
        unwanted = []
        for one in self._waiting:
            if one.key in missing:
                missing.remove(one.key)
            else:
                unwanted.append(one)
        self._end(unwanted)
        for key in self._first(missing, self._at_once):
            with ExitStack() as undo:
                thing = start(key, undo)
                self._waiting.append(_Waiting(key, thing, undo.pop_all()))

    def drop(self) -> None:
        """End those that wait."""
        self._registered = False
        self._end(list(self._waiting))

    def _first(self, keys: Sequence[Key], most: int) -> list[Key]:
        """As many as do not weigh more than `most`, but one at least."""
        totals = accumulate(map(self._weigh, keys))
        return [key for place, (key, total) in enumerate(zip(keys, totals, strict=True)) if total <= most or place == 0]

    def _end(self, ending: list[_Waiting[Key, Thing]]) -> None:
        with ExitStack() as closing:
            for one in ending:
                self._waiting.remove(one)
                closing.push(one.resources)
