"""The board's serial line, over TCP: any number of connections, each answered on its own; events go to all of them."""

import asyncio
import socket
from collections import deque
from collections.abc import Iterable

from support.peers.protocol import CR, MAX_LINE, Line
from support.peers.reference.emulator.commands import Commands
from support.peers.reference.emulator.log import LOG

MOST_UNREAD = 256 * 1024
"""Bytes that a connection may leave unread when there is an event to tell; it is dropped if there are more."""
BUFFER = 64 * 1024
"""Bytes that the system keeps of a connection in each direction. A serial line keeps few: nobody is to answer old questions."""
LINES_PER_TURN = 256
"""Lines of one connection that are answered before the others have their turn."""


class SerialLine:
    """All connections to one board."""

    def __init__(self, commands: Commands) -> None:
        self.commands = commands
        self.connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen (0: the system chooses); the port that answers. OSError if it cannot be had."""
        self._server = await asyncio.get_running_loop().create_server(lambda: Connection(self), host, port)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Listen no longer, and end all connections once they have what was written to them."""
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.transport.close()

    def tell(self, events: Iterable[Line]) -> None:
        """Write `events` to every connection."""
        for event in events:
            LOG.info("board_event", line=event.text, connections=len(self.connections))
            for connection in list(self.connections):
                connection.tell(event)


class Connection(asyncio.Protocol):
    """One of them. Lines wait while the client does not read its answers, and so that others have their turn."""

    transport: asyncio.Transport

    def __init__(self, line: SerialLine) -> None:
        self._line = line
        self._begun = b""
        self._waiting: deque[bytes] = deque()
        self._unread = False
        self._turn: asyncio.Handle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It begins."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        options = transport.get_extra_info("socket")
        # Whoever goes without a word (a machine that is switched off) is noticed in the end.
        options.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            options.setsockopt(socket.SOL_SOCKET, buffer, BUFFER)
        self._line.connections.add(self)
        LOG.debug("serial_connected", connections=len(self._line.connections))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - either way it is over
        """It is over."""
        if self._turn is not None:
            self._turn.cancel()
        self._line.connections.discard(self)
        LOG.debug("serial_disconnected", connections=len(self._line.connections))

    def data_received(self, data: bytes) -> None:
        """Take the lines that are whole."""
        *lines, begun = (self._begun + data).split(CR)
        # A byte more than a line may have is enough to know that it is none.
        self._begun = begun[: MAX_LINE + 1]
        self._waiting.extend(lines)
        self._work()

    def pause_writing(self) -> None:
        """The client does not read its answers."""
        self._unread = True

    def resume_writing(self) -> None:
        """It has read some."""
        self._unread = False
        self._work()

    def tell(self, event: Line) -> None:
        """Send `event`, unless too much is unread."""
        if (unread := self.transport.get_write_buffer_size()) > MOST_UNREAD:
            LOG.warning("serial_reader_too_slow", unread=unread)
            self.transport.abort()
        elif not self.transport.is_closing():
            self.transport.write(event.written())

    def _work(self) -> None:
        """Answer what waits, some lines at a time; more is read when nothing waits."""
        for _ in range(LINES_PER_TURN):
            if self._unread or not self._waiting or self.transport.is_closing():
                break
            self.transport.write(self._line.commands.answer(self._waiting.popleft()).written())
            # After the reply: whoever put the board to sleep hears first that it was heard.
            self._line.tell(self._line.commands.board.take_events())
        if self.transport.is_closing():
            return
        if not self._waiting and not self._unread:
            self.transport.resume_reading()
            return
        self.transport.pause_reading()
        if not self._unread and self._turn is None:
            self._turn = asyncio.get_running_loop().call_soon(self._next_turn)

    def _next_turn(self) -> None:
        self._turn = None
        self._work()
