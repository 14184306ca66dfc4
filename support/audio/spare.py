"""One process for all scenarios that ask for the same: a pipeline keeps its sessions apart, and starting one takes seconds.

It is started for the first of them. At most two are kept, one without settings and one with those that were asked for last; they
are ended with the run. A scenario that was not green, that has left its process dead or with sessions, or that was broken off,
gets the next one a new process.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from support.audio.agreement import TOKEN
from support.audio.running import LaunchedPipeline
from support.audio.target import AudioTarget
from support.kit.at_end import at_end_of_run

_WAITING_LOG = ".shared-pipeline-{}.log"


@dataclass(frozen=True)
class Wish:
    """What a scenario wants. settings: as asked for. folder: where the log of the process waits."""

    target: AudioTarget
    settings: Mapping[str, str]
    folder: Path

    def is_met_by(self, other: "Wish") -> bool:
        """Whether a process that was started for another wish will do. One token is as good as another."""
        return (self.target, _but_token(self.settings), self.folder) == (other.target, _but_token(other.settings), other.folder)


@dataclass
class _Kept:
    wish: Wish
    pipeline: LaunchedPipeline
    resources: ExitStack


class SharedPipelines:
    """The processes that are kept between scenarios."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []
        self._lent: list[_Kept] = []
        self._registered = False
        self._numbers = count(1)

    def borrow(self, wish: Wish, patience: float) -> LaunchedPipeline:
        """A process for one scenario, which gives it back or drops it. It may not be ready yet."""
        for kept in [kept for kept in self._kept if wish.is_met_by(kept.wish) or bool(kept.wish.settings) is bool(wish.settings)]:
            self._kept.remove(kept)
            if wish.is_met_by(kept.wish) and kept.pipeline.running:
                self._lent.append(kept)
                return kept.pipeline
            kept.resources.close()
        if not self._registered:
            at_end_of_run(self.end)
            self._registered = True
        with ExitStack() as undo:
            log = wish.folder / _WAITING_LOG.format(next(self._numbers))
            undo.callback(log.unlink, missing_ok=True)
            pipeline = LaunchedPipeline(wish.target, wish.settings, log, undo, patience)
            self._lent.append(_Kept(wish, pipeline, undo.pop_all()))
        return pipeline

    def give_back(self, pipeline: LaunchedPipeline, *, well: bool) -> None:
        """The scenario is over. If all went `well` the process is as good as new, and the next one may have it; else it ends."""
        lent = next(one for one in self._lent if one.pipeline is pipeline)
        self._lent.remove(lent)
        if well and pipeline.running:
            self._kept.append(lent)
        else:
            lent.resources.close()

    def end(self) -> None:
        """End them all; every one is ended, whatever goes wrong with another."""
        self._registered = False
        with ExitStack() as ending:
            for one in (*self._kept, *self._lent):
                ending.push(one.resources)
            self._kept, self._lent = [], []


shared = SharedPipelines()


def written_since(log: Path, begin: int) -> bytes:
    """What has been written to a log from the byte `begin` on."""
    with log.open("rb") as file:
        file.seek(begin)
        return file.read()


def _but_token(settings: Mapping[str, str]) -> dict[str, str]:
    return {name: "" if name == TOKEN else value for name, value in settings.items()}
