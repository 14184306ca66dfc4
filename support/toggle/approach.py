"""Attempts that never become a connection: a port that refuses, and a port that nobody can reach.

Refusing is a bound port on which nobody listens: the kernel answers with RST. Unreachable is a listening port whose queue is
full: the kernel drops the SYN, so the caller hears nothing until its own time limit. Both need no privileges. The attempts
are seen from outside: in the sockets of the hub's processes (SYN-SENT), and in the kernel's count of refused attempts.
"""

import asyncio
import socket
from collections.abc import Callable, Collection

from support.kit import sockets

LOOK_INTERVAL = 0.004
"""Seconds between two looks at the kernel's tables."""
FILL_PATIENCE = 0.1
"""Seconds after which a connection to a full queue counts as dropped."""
BLIND_REFUSAL_TIME = 1.0
"""Seconds per refused attempt where the kernel tells nothing (not Linux)."""


class Approach:
    """The way to a bulb's listening socket, which must be bound and not yet listening. Lives on the loop thread."""

    def __init__(self, listener: socket.socket) -> None:
        self.closed = True
        self.fillers: set[int] = set()
        self.witnessed = 0
        self._listener = listener
        self._filling: list[socket.socket] = []
        self._port: int = listener.getsockname()[1]
        self._pids: Callable[[], Collection[int]] = tuple
        self._refused_before: int | None = None

    async def swallow(self) -> None:
        """Fill the listener's queue until the kernel drops what comes."""
        self._listener.listen(0)
        loop = asyncio.get_running_loop()
        while True:
            filler = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            filler.setblocking(False)
            try:
                await asyncio.wait_for(loop.sock_connect(filler, self._listener.getsockname()), FILL_PATIENCE)
            except TimeoutError:
                filler.close()
                return
            self.fillers.add(filler.getsockname()[1])
            self._filling.append(filler)

    def begin(self, pids: Callable[[], Collection[int]]) -> None:
        """From now on, count the failed attempts of the processes `pids`."""
        self._pids = pids
        self._refused_before = sockets.refused_attempts()

    async def failed(self, times: int | None, *, refused: bool) -> None:
        """Return when `times` attempts have failed; None watches until cancelled."""
        await (self._refusals(times) if refused else self._dropped(times))

    async def _dropped(self, times: int | None) -> None:
        seen: set[int] = set()
        while True:
            current = sockets.connecting(self._pids(), self._port)
            seen |= current
            self.witnessed = len(seen)
            if times is not None and len(seen - current) >= times:
                return
            await asyncio.sleep(LOOK_INTERVAL)

    async def _refusals(self, times: int | None) -> None:
        if self._refused_before is None:
            if times is not None:
                await asyncio.sleep(times * BLIND_REFUSAL_TIME)
                return
            await asyncio.Event().wait()
            return
        while True:
            self.look()
            if times is not None and self.witnessed >= times:
                return
            await asyncio.sleep(LOOK_INTERVAL)

    def look(self) -> None:
        """Bring the count of refused attempts up to date. It may be too high where other programs are refused, too."""
        now = sockets.refused_attempts()
        if self._refused_before is not None and now is not None and not self.fillers:
            self.witnessed = now - self._refused_before

    def release(self) -> None:
        """Let go of the queue: whoever comes next is let in as soon as the listener listens."""
        self.closed = False
        for filler in self._filling:
            filler.close()
        self._filling.clear()
