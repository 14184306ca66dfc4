"""Things that are started ahead: while one scenario goes on, those that the next ones will want get ready beside it.

Every scenario has things of its own all the same, fresh and used by nobody before. Starting one may take as long as most of a
scenario; on a second core it costs nobody anything.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Generic, TypeVar

from support.kit.at_end import at_end_of_run

MOST = 3
"""More would take the time of the scenario that goes on."""
Key = TypeVar("Key")
Thing = TypeVar("Thing")


@dataclass
class _Waiting(Generic[Key, Thing]):
    key: Key
    thing: Thing
    resources: ExitStack


class Spares(Generic[Key, Thing]):
    """At most `MOST` things ahead. Keys say what a thing is like; they are compared, nothing else."""

    def __init__(self) -> None:
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
        """Have one for each of the first of `keys`; `start` must not wait. Those that nobody will want are ended.

        At the end of the run all go.
        """
        if not self._registered:
            at_end_of_run(self.drop)
            self._registered = True
        missing = list(keys[:MOST])
        unwanted = []
        for one in self._waiting:
            if one.key in missing:
                missing.remove(one.key)
            else:
                unwanted.append(one)
        self._end(unwanted)
        for key in missing:
            with ExitStack() as undo:
                thing = start(key, undo)
                self._waiting.append(_Waiting(key, thing, undo.pop_all()))

    def drop(self) -> None:
        """End those that wait."""
        self._registered = False
        self._end(list(self._waiting))

    def _end(self, ending: list[_Waiting[Key, Thing]]) -> None:
        with ExitStack() as closing:
            for one in ending:
                self._waiting.remove(one)
                closing.push(one.resources)
