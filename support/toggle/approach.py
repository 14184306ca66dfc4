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
SYN_REPEAT = 0.9
"""Seconds, with some margin, until a kernel sends a SYN again that had no answer (RFC 6298: one second)."""
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

    async def failed(self, times: int | None, *, refused: bool, limit: float) -> None:
        """Return when `times` attempts have failed, or can no longer succeed; None watches until cancelled.

        `limit`: the seconds after which the hub gives up a connection attempt.
        """
        await (self._refusals(times) if refused else self._dropped(times, limit))

    async def _dropped(self, times: int | None, limit: float) -> None:
        # Nobody asks again for a dropped SYN before SYN_REPEAT: an attempt that ends earlier is lost as soon as it is seen.
        # Coming back at once leaves the hub's whole wait as margin on a busy machine.
        lost_at_once = limit < SYN_REPEAT
        seen: set[int] = set()
        while True:
            current = sockets.asking(self._port)
            if current is None:
                current = sockets.connecting(self._pids(), self._port)
            seen |= current
            self.witnessed = len(seen)
            if times is not None and len(seen if lost_at_once else seen - current) >= times:
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
