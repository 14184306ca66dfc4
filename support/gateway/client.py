"""A client of the gateway: one WebSocket connection on the suite's loop, its calls, and everything it was told.

Liberal in reading: a frame that answers nobody is recorded; an answer that does not say whom it is for is taken as the answer
to the oldest open call. Who judges looks at the frames.
"""

import asyncio
import time
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.protocol import State

from support.gateway.frames import PROGRESS, Call, Frame, read_frame
from support.kit.closing import Closing, abort, closing_of
from support.kit.errors import PromiseBrokenError
from support.kit.loop import LoopThread
from support.kit.wire import WireLog

OPENING_LIMIT = 10.0
"""Seconds for the connection and its upgrade."""
LIMIT = 10.0
"""Seconds for what the client does by itself: handing a frame over, closing."""
LEAVING = 0.5
"""Seconds that the gateway has to answer a goodbye at the end of a scenario."""
GOODBYE_LIMIT = 2.0
"""Seconds that the gateway has to answer a goodbye."""
SHOWN = 4096
"""Bytes of a frame that the wire trace shows."""


class Client:
    """`source`: the address to come from. `interrupted`: bytes of a frame in whose middle the connection ended, 0 for none."""

    def __init__(self, loop: LoopThread, name: str, wire: WireLog, number: int, source: str | None = None) -> None:
        self.name = name
        self.number = number
        self.calls: list[Call] = []
        self.frames: list[Frame] = []
        self.strays: list[Frame] = []
        self.strange: list[Frame] = []
        self.session: str | None = None
        self.connecting_at = 0.0
        self.connected_at = 0.0
        self.closing: Closing | None = None
        self.interrupted = 0
        self._loop = loop
        self._wire = wire
        self._source = source
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    # From the suite's main thread

    def open(self, url: str) -> None:
        """Connect. PromiseBrokenError where nobody upgrades the connection in time."""
        self._loop.call(self.open_here(url), OPENING_LIMIT + 1)

    def send(self, calls: Sequence[Call]) -> None:
        """Send the requests one after the other without waiting for answers."""
        self._loop.call(self._send_all(calls), LIMIT)

    def say_goodbye(self) -> None:
        """Close properly, and return when the connection has ended."""
        self._loop.call(self._say_goodbye(), LIMIT)

    def break_off(self, *, reset: bool) -> None:
        """End the connection without a closing frame: by an orderly end of the stream, or by a reset."""
        self._loop.call(self._break_off(reset), LIMIT)

    def show_life(self) -> None:
        """A ping of the WebSocket itself (RFC 6455 section 5.5.2); nobody waits for its pong."""
        self._loop.call(self._show_life(), LIMIT)

    def keep_session(self) -> None:
        """Remember the session under which the client was let in, if it was."""
        answer = self.calls[0].answer if self.calls else None
        given = answer.fields.get("session_id") if answer is not None and answer.op == "hello_ack" and answer.ok else None
        self.session = given if isinstance(given, str) and given else None

    # On the loop's thread

    async def leave(self) -> None:
        """The scenario is over: say goodbye if the gateway takes it at once, else break off."""
        if self._socket is None or self.closing is not None:
            return
        try:
            async with asyncio.timeout(LEAVING):
                await self._say_goodbye()
        except TimeoutError:
            await self._break_off(reset=False)

    async def open_here(self, url: str) -> None:
        """As open()."""
        local = (self._source, 0) if self._source else None
        self.connecting_at = time.monotonic()
        try:
            self._socket = await connect(
                url, compression=None, max_size=None, ping_interval=None, proxy=None, open_timeout=OPENING_LIMIT,
                close_timeout=GOODBYE_LIMIT, local_addr=local, max_queue=None,
            )  # fmt: skip
        except (OSError, InvalidHandshake) as error:
            raise PromiseBrokenError("the gateway takes the connection", f"{type(error).__name__}: {error}") from error
        self.connected_at = time.monotonic()
        self._wire.event(self.name, f"connected to {urlsplit(url).netloc}", connection=self.number)
        self._reader = asyncio.get_running_loop().create_task(self._read(self._socket))

    async def ask(self, call: Call) -> None:
        """Send the request and wait until it came to its end."""
        await self.hand_over(call)
        await call.ended()

    async def hand_over(self, call: Call) -> None:
        """Send the request; its answer comes when it comes."""
        assert self._socket is not None, "only a client that was opened asks"
        call.client = self.name
        self.calls.append(call)
        data = call.text.encode("utf-8", "surrogatepass")
        self._wire.frame(self.name, "gateway", data[:SHOWN], connection=self.number, note=_cut(data))
        call.sent_at = time.monotonic()
        was_open = self._socket.state is State.OPEN
        try:
            await self._socket.send(call.text)
        except ConnectionClosed:
            self.interrupted = len(data) if was_open else 0
            await self._over.wait()
        if self.closing is not None:
            call.end(None)

    async def _send_all(self, calls: Iterable[Call]) -> None:
        for call in calls:
            await self.hand_over(call)

    async def _read(self, connection: ClientConnection) -> None:
        try:
            async for data in connection:
                now = time.monotonic()
                raw = data.encode() if isinstance(data, str) else data
                self._wire.frame("gateway", self.name, raw[:SHOWN], connection=self.number, note=_cut(raw))
                self._take(read_frame(data, now))
        except ConnectionClosed as error:
            self._wire.event(self.name, f"ended: {error}", connection=self.number)
        finally:
            self.closing = closing_of(connection)
            self._wire.event(self.name, str(self.closing), connection=self.number)
            self._over.set()
            for call in self.calls:
                call.end(None)

    def _take(self, frame: Frame) -> None:
        self.frames.append(frame)
        call = self._meant(frame)
        if call is None:
            (self.strays if frame.could_be_an_answer else self.strange).append(frame)
        elif frame.op == PROGRESS:
            call.progress.append(frame)
        else:
            call.end(frame)

    def _meant(self, frame: Frame) -> Call | None:
        """The open call that the frame answers."""
        waiting = [call for call in self.calls if not call.over]
        if not frame.could_be_an_answer:
            return None
        if frame.request_id is not None:
            return next((call for call in waiting if call.request_id == frame.request_id), None)
        return next((call for call in waiting if call.request_id is None), next(iter(waiting), None))

    async def _show_life(self) -> None:
        assert self._socket is not None, "only a client that was opened shows life"
        try:
            await self._socket.ping()
        except ConnectionClosed:
            await self._over.wait()

    async def _say_goodbye(self) -> None:
        if self._socket is not None:
            await self._socket.close()
            await self._over.wait()

    async def _break_off(self, reset: bool) -> None:
        if self._socket is None or self.closing is not None:
            return
        abort(self._socket, reset=reset)
        await self._over.wait()


def _cut(data: bytes) -> str:
    return "" if len(data) <= SHOWN else f"the first {SHOWN:,} of {len(data):,} bytes"
