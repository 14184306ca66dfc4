"""One client of a proxy, from being accepted to being closed."""

import asyncio
import contextlib
import socket
import struct
from random import Random

from support.kit.lane import CHUNK, Lane, OverError
from support.kit.passage import Record

CONNECT_LIMIT = 5.0
"""Seconds for reaching the server."""

EMPTY_READS = 64
"""Chunks that are read away before a close: enough for what a kernel holds, and an end with a sender in full flow."""


class Relay:
    """Serves one client as the record's fault says. `address` is the server's, IPv4."""

    def __init__(self, record: Record, client: socket.socket, address: tuple[str, int], seed: int | None) -> None:
        self.record = record
        self._client = client
        self._address = address
        self._seed = seed
        self._sockets = [client]

    @property
    def is_open(self) -> bool:
        return any(sock.fileno() != -1 for sock in self._sockets)

    async def run(self) -> None:
        """Until both sides have ended, the fault ends it, or it is cancelled; then all its sockets are closed."""
        try:
            if self.record.now.reset_on_accept:
                self.record.took("reset_on_accept")
                self.record.resets = True
            elif self.record.now.black_hole:
                self.record.took("black_hole")
                await self._hold()
            elif (server := await self._reach()) is not None:
                await self._carry(server)
        except* OverError:
            self.record.event("ended by the proxy")
        finally:
            self._close()

    async def _hold(self) -> None:
        """Accepted into a black hole: the server never hears of this client, not even when that is healed."""
        loop = asyncio.get_running_loop()
        with contextlib.suppress(ConnectionError):  # the client goes by a reset: gone is gone
            while data := await loop.sock_recv(self._client, CHUNK):
                self.record.event(f"up: swallowed {len(data)} bytes")

    async def _reach(self) -> socket.socket | None:
        server = socket.socket()
        self._sockets.append(server)
        server.setblocking(False)
        try:
            async with asyncio.timeout(CONNECT_LIMIT):
                await asyncio.get_running_loop().sock_connect(server, self._address)
        except OSError as error:  # a time-out is one too
            self.record.event(f"no server: {type(error).__name__}")
            self.record.resets = True
            return None
        return server

    async def _carry(self, server: socket.socket) -> None:
        for sock in self._sockets:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        up = Lane(self.record, "up", self._client, server, self._dice("up"))
        down = Lane(self.record, "down", server, self._client, self._dice("down"))
        async with asyncio.TaskGroup() as group:
            group.create_task(up.run(down))
            group.create_task(down.run(up))

    def _dice(self, direction: str) -> Random:
        """Own dice for each lane: what is drawn does not depend on who comes first."""
        return Random() if self._seed is None else Random(f"{self._seed} {self.record.number} {direction}")

    def _close(self) -> None:
        with contextlib.ExitStack() as closing:
            for sock in self._sockets:
                closing.callback(sock.close)
            self.record.closed()  # first: whoever sees the end finds it on the record
            for sock in self._sockets:
                if self.record.resets:
                    # Lingering for 0 s is how a close becomes a RST.
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                else:
                    _empty(sock)


def _empty(sock: socket.socket) -> None:
    """Take what lies unread, or the kernel would make a reset of the close."""
    with contextlib.suppress(OSError):  # nothing left, or nobody left: it is closed either way
        for _ in range(EMPTY_READS):
            if not sock.recv(CHUNK):
                return
