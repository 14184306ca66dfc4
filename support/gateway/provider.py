"""A provider as the gateway sees it: a real program, reached through a link that can be made to fail.

Every connection that reaches it is counted at the link; a trouble that was planted must have struck, or the scenario is void.
"""

import re
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from support.kit.deadline import eventually, steadily
from support.kit.errors import PromiseBrokenError, VoidError
from support.kit.loop import LoopThread
from support.kit.ports import lease_port
from support.kit.process import ManagedProcess
from support.kit.proxy import PASS, Fault, Proxy
from support.kit.readiness import accepts
from support.kit.wire import WireLog

HOST = "127.0.0.1"
START_LIMIT = 10.0
"""Seconds until the provider's program answers, scaled by patience."""
SETTLING = 0.5
"""Seconds within which a connection that was made shows at the link."""
QUIET = 0.1
"""Seconds for which no further connection must follow."""
RESETS = Fault(reset_on_accept=True)
_TAKES = re.compile(r"takes ([\d.]+) s")
_LATE_HANG_UP = re.compile(r"hangs up after ([\d.]+) s")


class ProviderProgram:
    """A provider's process, started at once and ended by `resources`."""

    def __init__(self, name: str, log: Path, resources: ExitStack) -> None:
        self.name = name
        self.log = log
        self.port = resources.enter_context(lease_port()).port
        self.start()
        resources.callback(self._end)

    def start(self) -> None:
        """Start it, or start it again. It is not ready yet."""
        argv = [sys.executable, "-m", "support.gateway.reference.provider", f"--host={HOST}", f"--port={self.port}"]
        self.process = ManagedProcess.start(argv, name=f"provider {self.name}", log=self.log)

    def wait_ready(self, patience: float) -> None:
        """Until it answers. ProcessDiedError or ProcessNotReadyError otherwise."""
        self.process.wait_ready(lambda: accepts(HOST, self.port), START_LIMIT * patience, "the provider to listen")

    def log_to(self, log: Path) -> None:
        """The log has been moved there, under its process, which goes on writing to it."""
        self.log = self.process.log = log

    def _end(self) -> None:
        self.process.stop(grace=0.0)  # it has nothing to tidy up


class Provider:
    """One provider and its link, which listens on `port` (0: anywhere). `name` is the gateway's name for it."""

    def __init__(
        self, loop: LoopThread, program: ProviderProgram, wire: WireLog, resources: ExitStack, link_port: int = 0
    ) -> None:
        self.name = program.name
        self.paused = False
        self._program = program
        place = (HOST, program.port)
        self.link = resources.enter_context(Proxy(loop, place, name=f"provider {self.name}", wire=wire, port=link_port))
        self._planted_at = 0

    @property
    def address(self) -> str:
        """Where the gateway finds it: the link."""
        return f"{HOST}:{self.link.port}"

    @property
    def reached(self) -> int:
        """Connections so far, failed ones too."""
        return len(self.link.connections)

    def wait_ready(self, patience: float) -> None:
        """Until the program answers. ProcessDiedError or ProcessNotReadyError otherwise."""
        self._program.wait_ready(patience)

    def plant(self, trouble: str) -> None:
        """`resets every connection`, `takes 0.4 s`, ...: from now on. ValueError for an unknown trouble."""
        self._planted_at = self.reached
        if match := _TAKES.fullmatch(trouble):
            self.link.use(Fault(latency=float(match[1]) / 2))
        elif match := _LATE_HANG_UP.fullmatch(trouble):
            self.link.use(Fault(latency=float(match[1]) / 2, cut_down_after=3))
        elif trouble in _FAULTS:
            self.link.use(_FAULTS[trouble])
        elif trouble in _DEEDS:
            _DEEDS[trouble](self)
        else:
            raise ValueError(f"no provider is known that {trouble!r}")

    def reset_next(self, times: int) -> None:
        """The next connections are reset, those after them are not."""
        self._planted_at = self.reached
        self.link.use(PASS)
        self.link.script([RESETS] * times)

    def heal(self) -> None:
        """Well again, whatever the trouble was."""
        if self.paused:
            self.paused = False
            self._program.process.resume()
        if not self._program.process.alive:
            self._program.start()
            self.wait_ready(1.0)
        self.link.heal()

    def require_reached(self, times: int, since: int = 0) -> None:
        """PromiseBrokenError unless exactly `times` connections were made after the first `since`."""
        what = f"the provider {self.name!r} is reached {times} times"
        seen = eventually(lambda: self.reached - since, lambda count: count >= times, SETTLING, what, describe=_times)
        if seen != times:
            raise PromiseBrokenError(what, _times(seen))
        steadily(lambda: self.reached - since, lambda count: count == times, QUIET, what, interval=QUIET / 4, describe=_times)

    def require_struck(self, times: int) -> None:
        """The planted trouble struck on `times` connections. VoidError for fewer, PromiseBrokenError for more."""
        seen = self._struck()
        if seen < times:
            raise VoidError(f"the provider's trouble was to strike {times} times and struck {seen} times")
        if seen > times:
            raise PromiseBrokenError(f"the provider's trouble is met {times} times", _times(seen))

    def _struck(self) -> int:
        met = self.link.connections[self._planted_at :]
        if self.paused:
            return sum(passage.bytes_down == 0 for passage in met)
        return sum(passage.injected for passage in met)

    def _pause(self) -> None:
        self._program.process.pause()
        self.paused = True

    def _stop(self) -> None:
        self._program.process.stop()
        self.link.use(Fault(refuse=True))


_FAULTS = {
    "resets every connection": RESETS,
    "resets the connection": RESETS,
    "hangs up in its answer": Fault(cut_down_after=3),
    "answers with garbage": Fault(corrupt_down_at=1),
    "answers with an error": Fault(corrupt_up_at=1),  # a question that is garbled on its way is answered so
}
_DEEDS: dict[str, Callable[[Provider], None]] = {
    "is paused": Provider._pause,
    "is stopped": Provider._stop,
}


def _times(count: int) -> str:
    return f"{count} times"
