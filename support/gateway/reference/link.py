"""A WebSocket connection as the gateway uses it: frames are queued at once and written together.

`websockets` writes each frame on its own and makes whoever sends wait for slow readers. Here a frame is handed over without
waiting; all frames of one turn of the loop go out in one write. Who reads too slowly is not read from until it has caught
up, and is dropped when too much waits for it all the same.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from websockets.asyncio.server import Server, ServerConnection
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

WRITE_EARLY = 1024 * 1024
"""Bytes that are queued at most before they are written in the middle of a turn."""


HIGH_WATER = 1024 * 1024
"""Bytes that wait for a client before nothing more is read from it."""
STALL_LIMIT = 30.0
"""Seconds that a client may leave so much unread."""


class Link(ServerConnection):
    """One connection. `most_queued`: bytes that wait for a slow reader at most."""

    most_queued = 64 * 1024 * 1024

    # What websockets passes on is its own business.
    def __init__(self, protocol: ServerProtocol, server: Server, **options: Any) -> None:
        super().__init__(protocol, server, **options)
        self.on_end: Callable[[], None] | None = None
        """Called once, as soon as the connection is closed or lost: before the closing handshake is over."""
        self.too_slow = False
        """Whether the connection was dropped because too much waited for the client."""
        self._queued = 0
        self._writing = False
        self._patience: asyncio.TimerHandle | None = None

    @property
    def address(self) -> str:
        """The client's address without its port."""
        peer = self.remote_address
        return str(peer[0]) if peer else "unknown"

    @property
    def is_open(self) -> bool:
        """Whether a frame can be sent."""
        return self.protocol.state is OPEN

    def post(self, frame: bytes) -> bool:
        """Queue a text frame, UTF-8; whether the connection is still there to take it."""
        if self.protocol.state is not OPEN or self.too_slow:
            return False
        self.protocol.send_text(frame)
        self._queued += len(frame)
        if self._queued > WRITE_EARLY:
            self.write_out()
        elif not self._writing:
            self._writing = True
            self.loop.call_soon(self.write_out)
        return True

    def write_out(self) -> None:
        """Write what is queued."""
        self._writing = False
        self._queued = 0
        self.send_data()
        if self.transport.get_write_buffer_size() > self.most_queued:
            self.give_up()

    def give_up(self) -> None:
        """Drop the connection: the client does not read."""
        self.too_slow = True
        self.transport.abort()

    async def caught_up(self) -> None:
        """Wait while too much waits for the client. OSError if the connection is lost."""
        if self.paused:
            await self.drain()

    # --- how websockets writes, reads and ends

    def send_data(self) -> None:
        """Write what the protocol has to say, in one piece where it is long."""
        writes = self.protocol.writes
        if len(writes) > 1 and b"" not in writes:
            self.protocol.writes = [b"".join(writes)]
        super().send_data()

    def pause_writing(self) -> None:
        """The client reads too slowly: take nothing more from it."""
        super().pause_writing()
        self.transport.pause_reading()
        self._patience = self.loop.call_later(STALL_LIMIT, self.give_up)

    def resume_writing(self) -> None:
        """The client has caught up."""
        super().resume_writing()
        self._stop_waiting()
        if not self.recv_messages.paused:
            self.transport.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Bytes from the client; a close frame or a violation of the protocol among them ends the connection."""
        super().data_received(data)
        if self.protocol.state is not OPEN and self.request is not None:
            self.ended()

    def connection_lost(self, exc: Exception | None) -> None:
        """The TCP connection is gone."""
        super().connection_lost(exc)
        self._stop_waiting()
        self.ended()

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()

    def ended(self) -> None:
        """Tell whoever wants to know, once."""
        on_end, self.on_end = self.on_end, None
        if on_end is not None:
            on_end()
