"""One process for all scenarios that ask for no settings: a pipeline keeps its sessions apart, and starting one takes a second.

It is started for the first of them and ended with the run. A scenario that was not green, that has left it dead or with sessions
of its own, or that was broken off, gets the next one a new process.
"""

from contextlib import ExitStack
from itertools import count
from pathlib import Path

from support.audio.running import LaunchedPipeline
from support.audio.target import AudioTarget
from support.kit.at_end import at_end_of_run

_WAITING_LOG = ".shared-pipeline-{}.log"


class SharedPipeline:
    """The process that is kept between scenarios, if there is one."""

    def __init__(self) -> None:
        self._kept: tuple[AudioTarget, Path, LaunchedPipeline] | None = None
        self._resources = ExitStack()
        self._registered = False
        self._numbers = count(1)

    def borrow(self, target: AudioTarget, folder: Path, patience: float) -> LaunchedPipeline:
        """The process, for one scenario; it is gone unless it is given back. `folder`: for its log. It may not be ready yet."""
        kept, self._kept = self._kept, None
        if kept is not None and kept[:2] == (target, folder) and kept[2].running:
            return kept[2]
        self.drop()
        if not self._registered:
            at_end_of_run(self._end)
            self._registered = True
        log = folder / _WAITING_LOG.format(next(self._numbers))
        self._resources.callback(log.unlink, missing_ok=True)
        return LaunchedPipeline(target, {}, log, self._resources, patience)

    def give_back(self, target: AudioTarget, folder: Path, pipeline: LaunchedPipeline) -> None:
        """It is as good as new: the next scenario may have it."""
        self._kept = (target, folder, pipeline)

    def drop(self) -> None:
        """End the process, if one runs."""
        self._kept = None
        self._resources.close()

    def _end(self) -> None:
        self._registered = False
        self.drop()


shared = SharedPipeline()


def written_since(log: Path, begin: int) -> bytes:
    """What has been written to a log from the byte `begin` on."""
    with log.open("rb") as file:
        file.seek(begin)
        return file.read()
