"""A generator of load: many calls on one connection or several, every answer matched with its call, and no wire trace.

The same generator drives the gateway and the bare echo, with the same frames, so that their figures can be set side by side.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from support.gateway.openings import hello
from support.kit.errors import PromiseBrokenError

FIRST_LIMIT = 5.0
"""Seconds for being let in."""
SILENCE_LIMIT = 10.0
"""Seconds without a single answer after which a load is given up."""


class _Answer(msgspec.Struct):
    op: str = ""
    request_id: str = ""
    ok: bool | None = None


_PROMISED = "every call is answered once, well and under its request id"
_decode = msgspec.json.Decoder(_Answer).decode


@dataclass(frozen=True)
class Load:
    """What is sent: `frame(request_id)` is a call. It goes on for `seconds`, or for `count` calls of each client.

    window: calls on the way per client. session: of the only client, where it is to be the same each time. token: for the
    hello, None for an echo that knows no hello. op: of the answers. silence: seconds without a single answer after
    which it is given up.
    """

    frame: Callable[[str], str]
    op: str
    token: str | None
    window: int = 1
    clients: int = 1
    seconds: float = 0.0
    count: int = 0
    prefix: str = "l"
    session: str | None = None
    silence: float = SILENCE_LIMIT


@dataclass(frozen=True)
class Answered:
    """What came of it. `calls` were answered well, each once and to its own request id, in `seconds`."""

    calls: int
    seconds: float

    @property
    def rate(self) -> float:
        """Answered calls a second."""
        return self.calls / self.seconds if self.seconds else 0.0


async def run_load(url: str, load: Load) -> Answered:
    """PromiseBrokenError for an answer that is missing, wrong, doubled or not ok."""
    connections: list[ClientConnection] = []
    try:
        for _ in range(load.clients):
            connections.append(await _connect(url))
            if load.token is not None:
                await _say_hello(connections[-1], load.token, load.session)
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_Stream(connection, load, f"{load.prefix}{number}-").run(began))
                for number, connection in enumerate(connections)
            ]
        return Answered(sum(task.result() for task in tasks), time.monotonic() - began)
    except ExceptionGroup as group:
        raise group.exceptions[0] from group
    finally:
        for connection in connections:
            await connection.close()


async def _connect(url: str) -> ClientConnection:
    try:
        return await connect(url, compression=None, max_size=None, ping_interval=None, proxy=None, max_queue=None)
    except (OSError, InvalidHandshake) as error:
        raise PromiseBrokenError("the gateway takes the connection", f"{type(error).__name__}: {error}") from error


async def _say_hello(connection: ClientConnection, token: str, session: str | None) -> None:
    try:
        async with asyncio.timeout(FIRST_LIMIT):
            await connection.send(hello(token, session).text)
            answer = _decode(await connection.recv())
    except (TimeoutError, ConnectionClosed, msgspec.MsgspecError) as error:
        raise PromiseBrokenError("a client is let in", f"{type(error).__name__}: {error}") from error
    if answer.op != "hello_ack" or not answer.ok:
        raise PromiseBrokenError("a client is let in", str(answer))


class _Stream:
    """One connection, with at most `window` calls on the way."""

    def __init__(self, connection: ClientConnection, load: Load, prefix: str) -> None:
        self._connection = connection
        self._load = load
        self._prefix = prefix
        self._waiting: set[str] = set()
        self._sent = 0
        self._answered = 0

    async def run(self, began: float) -> int:
        """The number of calls that were answered."""
        try:
            async with asyncio.timeout(self._load.silence) as silence:
                await self._keep_asking(began + self._load.seconds, silence)
        except TimeoutError as error:
            raise self._unanswered(f"for {self._load.silence:g} s") from error
        except ConnectionClosed as error:
            raise self._unanswered(f"when the connection ended: {error}") from error
        return self._answered

    async def _keep_asking(self, end: float, silence: asyncio.Timeout) -> None:
        for _ in range(self._load.window):
            await self._send()
        heard = time.monotonic()
        while self._waiting:
            self._take(await self._connection.recv())
            now = time.monotonic()
            if now - heard > self._load.silence / 10:  # not with each answer: that would slow the generator down
                heard = now
                silence.reschedule(asyncio.get_running_loop().time() + self._load.silence)
            if self._sent < self._load.count if self._load.count else now < end:
                await self._send()

    async def _send(self) -> None:
        if self._load.count and self._sent >= self._load.count:
            return
        request_id = f"{self._prefix}{self._sent}"
        self._sent += 1
        self._waiting.add(request_id)
        await self._connection.send(self._load.frame(request_id))

    def _take(self, data: str | bytes) -> None:
        try:
            answer = _decode(data)
        except msgspec.MsgspecError as error:
            raise PromiseBrokenError(_PROMISED, f"{str(data)[:300]} ({error})") from error
        well = answer.ok if self._load.token is not None else answer.ok is not False
        if answer.op != self._load.op or not well or answer.request_id not in self._waiting or isinstance(data, bytes):
            raise PromiseBrokenError(_PROMISED, str(data)[:300])
        self._waiting.remove(answer.request_id)
        self._answered += 1

    def _unanswered(self, how: str) -> PromiseBrokenError:
        return PromiseBrokenError("every call is answered", f"{len(self._waiting)} of {self._sent} unanswered {how}")
