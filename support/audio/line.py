"""A speaker's line: one WebSocket of a session on the suite's loop, and everything that came over it.

Liberal in reading: frames of an unknown type are recorded and skipped, and what is awaited may come after others. Strict where an
answer is awaited: a frame that holds no JSON object, or is not text, stands in the place of one. Every wait has a limit.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from typing import TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from support.audio.frames import ChunkAnswer, Frame, read_frame
from support.audio.messages import chunk_message, cut, ping_message, update_message
from support.audio.protocol import Tell
from support.audio.receiving import Received
from support.audio.shortening import shortened
from support.audio.silence import ANSWER_LIMIT, OPENING_LIMIT, STREAM_LIMIT, SilenceError, chunk_limit, patience
from support.kit.closing import Closing, abort, closing_of
from support.kit.errors import PromiseBrokenError
from support.kit.loop import LoopThread
from support.kit.wire import WireLog

LIMIT = 10.0
"""Seconds for what a line does by itself: closing, breaking off."""
HANDING_OVER_LIMIT = 30.0
"""Seconds for the pipeline to take a frame."""
GOODBYE_LIMIT = 2.0
"""Seconds that the pipeline has to answer a goodbye."""
LEAVING = 0.5
"""Seconds that it has at the end of a scenario."""
T = TypeVar("T")


class Line:
    """One connection to a session.

    closing: how it ended; None while it lasts. status: of an upgrade that was refused. `rate`: samples per second. `key`: whose
    silences are counted. A line that is `quiet` leaves no trace of its frames: for measuring.
    """

    def __init__(
        self, loop: LoopThread, wire: WireLog, url: str, *, name: str, number: int, rate: int, key: Hashable,
        headers: Mapping[str, str] | None = None, quiet: bool = False,
    ) -> None:  # fmt: skip
        self.name = name
        self.number = number
        self.rate = rate
        self.received = Received()
        self.closing: Closing | None = None
        self.status: int | None = None
        self.connected_at = 0.0
        self._loop = loop
        self._wire = wire
        self._url = url
        self._key = key
        self._headers = dict(headers or {})
        self._quiet = quiet
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._listening = asyncio.Event()
        self._listening.set()
        self._waiting: set[asyncio.Future[None]] = set()
        self._chunks_taken = 0

    # From the suite's main thread

    @property
    def open(self) -> bool:
        """Whether it is connected."""
        return self._socket is not None and self.closing is None

    @property
    def frames(self) -> list[Frame]:
        """All that came, in order."""
        return self.received.frames

    @property
    def chunks(self) -> list[ChunkAnswer]:
        """Those that were answered with sound and figures, in order."""
        return self.received.chunks

    @property
    def leftover(self) -> list[Frame]:
        """Frames of known types that nobody has awaited and that are no part of an answered chunk."""
        return self.received.leftover

    @property
    def unanswered(self) -> int:
        """Chunks that were sent and not answered yet."""
        return len(self.received.sent)

    def connect(self) -> None:
        """Connect. PromiseBrokenError where nobody upgrades the connection in time."""
        patience.require_left(self._key)
        self._loop.call(self.connect_here(), OPENING_LIMIT + 1)

    def try_to_connect(self) -> int | None:
        """Connect if the pipeline lets us: None, else the HTTP status of its refusal. PromiseBrokenError: it says nothing."""
        patience.require_left(self._key)
        self._loop.call(self._try_to_connect(), OPENING_LIMIT + 1)
        return self.status

    def send_text(self, raw: str | bytes) -> None:
        """Send a frame as it is, a binary one where it is bytes. It may be answered with an error."""
        self._loop.call(self.send_here(raw), HANDING_OVER_LIMIT)

    def send_chunk(self, pcm: bytes, message: str | None = None) -> None:
        """Send a good chunk of PCM16 and do not wait. message: how it is written, where that matters."""
        self._loop.call(self.send_chunk_here(pcm, message), HANDING_OVER_LIMIT)

    def offer_chunk(self, pcm: bytes, within: float) -> bool:
        """Send a chunk; whether the pipeline has taken it within so many seconds. What it has not taken yet stays under way."""
        return self._loop.call(self._offer(pcm, within), within + 1)

    def await_chunk(self, within: float | None = None) -> ChunkAnswer:
        """The next answered chunk that was not awaited yet. PromiseBrokenError where none comes within so many seconds."""
        return self._awaited(self.await_chunk_here(within), within)

    def stream(
        self, pcm: bytes, chunk_samples: int | Sequence[int], window: int | None = 8, within: float = STREAM_LIMIT
    ) -> list[ChunkAnswer]:
        """Play PCM16 in chunks of so many samples, at most `window` of them unanswered (None: without waiting); the answers.

        PromiseBrokenError where one is not answered: ANSWER_LIMIT plus its length is what a chunk may take.
        """
        return self._awaited(self.stream_here(cut(pcm, chunk_samples), window, within=within), within)

    def ping(self, within: float = ANSWER_LIMIT) -> Frame:
        """Ask whether anybody is there, and wait for the answer."""
        self.send_text(ping_message())
        return self.await_frame(Tell.PONG, within=within)

    def update(self, stage: str, parameters: Mapping[str, object], within: float = ANSWER_LIMIT) -> Frame:
        """Ask for other parameters, in the pipeline's own names; its confirmation, or its error."""
        self.send_text(update_message(stage, parameters))
        return self.await_frame(Tell.CONFIG_UPDATED, Tell.ERROR, within=within)

    def await_frame(self, *types: str, within: float = ANSWER_LIMIT) -> Frame:
        """The first frame of one of these types that was not awaited yet. PromiseBrokenError where none comes."""
        return self._awaited(self.await_frame_here(*types, within=within), within)

    def await_closed(self, within: float = ANSWER_LIMIT) -> Closing:
        """How it ended. PromiseBrokenError where it is still open after `within` seconds."""
        return self._awaited(self._await_closed(within), within)

    def close(self) -> None:
        """Hang up properly, and return when the connection has ended."""
        self._loop.call(self._close(), LIMIT)

    def cut(self, *, reset: bool = False) -> None:
        """End the connection without a closing frame: by an orderly end of the stream, or by a reset."""
        self._loop.call(self._cut(reset=reset), LIMIT)

    def stop_listening(self) -> None:
        """Read nothing more, so that the network fills up, until listen_again()."""
        self._loop.call(self._listen(False), LIMIT)

    def listen_again(self) -> None:
        """Read on."""
        self._loop.call(self._listen(True), LIMIT)

    def _awaited(self, coro: Coroutine[object, object, T], within: float | None) -> T:
        """Wait for what the coroutine awaits. It has limits of its own, and tells better what it waited for."""
        with patience.counted(self._key):
            return self._loop.call(coro, (STREAM_LIMIT if within is None else within) + 1)

    # On the loop's thread

    async def connect_here(self) -> None:
        """As connect()."""
        await self._try_to_connect()
        if self.status is not None:
            raise PromiseBrokenError(f"the pipeline takes the line of {self.name}", f"it is refused with status {self.status}")

    async def send_here(self, raw: str | bytes) -> None:
        """As send_text()."""
        self.received.may_err()
        await self._hand_over(raw)

    async def send_chunk_here(self, pcm: bytes, message: str | None = None) -> None:
        """As send_chunk()."""
        message = chunk_message(pcm) if message is None else message
        self.received.will_answer_chunk(pcm, time.monotonic())
        await self._hand_over(message)

    async def await_chunk_here(self, within: float | None = None) -> ChunkAnswer:
        """As await_chunk()."""
        if within is None:
            sent = self.received.sent
            within = chunk_limit(sent[0][0] if sent else b"", self.rate)
        number = self._chunks_taken
        await self._until(
            lambda: len(self.chunks) > number, within, "every chunk is answered with its sound and its figures"
        )  # fmt: skip
        self._chunks_taken += 1
        return self.chunks[number]

    async def stream_here(
        self, chunks: Sequence[bytes], window: int | None = 8, before: Mapping[int, Sequence[str]] | None = None,
        every: float | None = None, within: float = STREAM_LIMIT,
    ) -> list[ChunkAnswer]:  # fmt: skip
        """As stream(), for chunks that are cut already.

        before: messages to send before a chunk, by its number from 0; their answers are left to whoever awaits them. every: in
        real time, one chunk in so many seconds.
        """
        answers: list[ChunkAnswer] = []
        sending = asyncio.get_running_loop().create_task(self._send_all(chunks, window, before or {}, every))
        try:
            async with asyncio.timeout(within):
                for _ in chunks:
                    answers.append(await self._next_answer(sending))
                await sending
        except TimeoutError as error:
            seen = f"{len(answers)} of {len(chunks)} after {within:g} s"
            raise PromiseBrokenError("every chunk is answered with its sound and its figures", seen) from error
        finally:
            sending.cancel()
        return answers

    async def await_frame_here(self, *types: str, within: float = ANSWER_LIMIT) -> Frame:
        """As await_frame()."""

        promised = f"the pipeline answers with {' or '.join(types)}"
        await self._until(lambda: self.received.find(*types) is not None, within, promised, errors=True)
        frame = self.received.find(*types)
        assert frame is not None, "awaited above"
        self.received.mark(frame)
        return frame

    async def leave_here(self) -> None:
        """The scenario is over: hang up if the pipeline takes it at once, else break off."""
        if not self.open:
            return
        self._listening.set()
        try:
            async with asyncio.timeout(LEAVING):
                await self._close()
        except TimeoutError:
            await self._cut(reset=False)

    # Inside

    async def _try_to_connect(self) -> None:
        try:
            self._socket = await connect(
                self._url, compression=None, max_size=None, ping_interval=None, proxy=None, open_timeout=OPENING_LIMIT,
                close_timeout=GOODBYE_LIMIT, additional_headers=self._headers,
            )  # fmt: skip
        except InvalidStatus as error:
            self.status = error.response.status_code
            self._wire.event(self.name, f"is refused with status {self.status}", connection=self.number)
            return
        except (OSError, InvalidHandshake) as error:
            raise PromiseBrokenError(f"the pipeline takes the line of {self.name}", f"{type(error).__name__}: {error}") from error
        self.connected_at = time.monotonic()
        self._wire.event(self.name, f"connected to {self._url.partition('://')[2]}", connection=self.number)
        self._reader = asyncio.get_running_loop().create_task(self._read(self._socket))

    async def _hand_over(self, raw: str | bytes) -> None:
        assert self._socket is not None, "only a line that was connected sends"
        if not self._quiet:
            self._trace(self.name, "pipeline", raw)
        try:
            await self._socket.send(raw)
        except ConnectionClosed:
            await self._over.wait()  # whoever awaits an answer is told how it ended

    async def _offer(self, pcm: bytes, within: float) -> bool:
        try:
            async with asyncio.timeout(within):
                await self.send_chunk_here(pcm)
        except TimeoutError:
            return False
        return True

    async def _read(self, connection: ClientConnection) -> None:
        try:
            while True:
                await self._listening.wait()
                data = await connection.recv()
                now = time.monotonic()
                if not self._quiet:
                    self._trace("pipeline", self.name, data)
                self.received.take(read_frame(data, now, len(self.frames) + 1))
                self._wake()
        except ConnectionClosed as error:
            self._wire.event(self.name, f"ended: {error}", connection=self.number)
        finally:
            self.closing = closing_of(connection)
            self._wire.event(self.name, str(self.closing), connection=self.number)
            self._over.set()
            self._wake()

    async def _send_all(
        self, chunks: Sequence[bytes], window: int | None, before: Mapping[int, Sequence[str]], every: float | None
    ) -> None:
        begun, answered = time.monotonic(), len(self.chunks)
        for number, chunk in enumerate(chunks):
            if every is not None:
                await asyncio.sleep(begun + number * every - time.monotonic())
            if window is not None:
                while number - (len(self.chunks) - answered) >= window and self.closing is None:
                    await self._news()
            for message in before.get(number, ()):
                await self.send_here(message)
            if self.closing is not None:
                return
            await self.send_chunk_here(chunk)

    async def _next_answer(self, sending: asyncio.Task[None]) -> ChunkAnswer:
        """The next chunk; what goes wrong with the sending is told at once."""
        waiting = asyncio.get_running_loop().create_task(self.await_chunk_here())
        try:
            if not sending.done():
                await asyncio.wait({waiting, sending}, return_when=asyncio.FIRST_COMPLETED)
                if sending.done() and sending.exception() is not None:
                    sending.result()
            return await waiting
        finally:
            waiting.cancel()

    async def _until(self, holds: Callable[[], bool], within: float, promised: str, *, errors: bool = False) -> None:
        """Until it holds. PromiseBrokenError when it cannot any more, or does not in time. errors: one is no reason to end."""
        try:
            async with asyncio.timeout(within):
                self._require_sense(promised)
                while not holds():
                    self._require_hope(promised, errors=errors)
                    await self._news()
                    self._require_sense(promised)
        except TimeoutError as error:
            raise SilenceError(promised, f"nothing of the kind within {within:g} s; {self.received}") from error

    def _require_sense(self, promised: str) -> None:
        """PromiseBrokenError where something stood in the place of an answer that is none."""
        if self.received.nonsense is not None:
            raise PromiseBrokenError(promised, self.received.nonsense)

    def _require_hope(self, promised: str, *, errors: bool) -> None:
        """PromiseBrokenError where further waiting is pointless."""
        if not errors and (error := self.received.unprovoked_error()):
            raise PromiseBrokenError(promised, f"an error that nothing has given reason for: {error}")
        if self.closing is not None:
            raise PromiseBrokenError(promised, f"{self.closing} instead; {self.received}")

    async def _await_closed(self, within: float) -> Closing:
        try:
            async with asyncio.timeout(within):
                await self._over.wait()
        except TimeoutError as error:
            seen = f"still open after {within:g} s; {self.received}"
            raise SilenceError(f"the line of {self.name} is closed", seen) from error
        assert self.closing is not None, "awaited above"
        return self.closing

    async def _close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
            await self._over.wait()

    async def _cut(self, *, reset: bool) -> None:
        if self._socket is not None and self.closing is None:
            self._listening.set()
            abort(self._socket, reset=reset)
            await self._over.wait()

    async def _listen(self, on: bool) -> None:
        if on:
            self._listening.set()
        else:
            self._listening.clear()

    async def _news(self) -> None:
        """Until something has come, or the line has ended."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)

    def _wake(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def _trace(self, source: str, destination: str, raw: str | bytes) -> None:
        data = raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")
        self._wire.frame(source, destination, shortened(data), connection=self.number, size=len(data))
