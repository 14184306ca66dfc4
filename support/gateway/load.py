"""A generator of load: many calls on one connection or several, every answer matched with its call, and no wire trace.

The same generator drives the gateway and the bare echo, with the same frames, so that their figures can be set side by side.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from websockets.asyncio.client import ClientConnection, connect

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


_decode = msgspec.json.Decoder(_Answer).decode


@dataclass(frozen=True)
class Load:
    """What is sent: `frame(request_id)` is a call. It goes on for `seconds`, or for `count` calls of each client.

    window: calls on the way per client. session: of the only client, where it is to be the same each time. token: for the hello, None for an echo that knows no hello. op: of the answers.
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
    connections = [await _enter(url, load) for _ in range(load.clients)]
    try:
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


async def _enter(url: str, load: Load) -> ClientConnection:
    connection = await connect(url, compression=None, max_size=None, ping_interval=None, proxy=None, max_queue=None)
    if load.token is not None:
        await connection.send(hello(load.token, load.session).text)
        async with asyncio.timeout(FIRST_LIMIT):
            answer = _decode(await connection.recv())
        if answer.op != "hello_ack" or not answer.ok:
            raise PromiseBrokenError("a client is let in", str(answer))
    return connection


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
        end = began + self._load.seconds
        for _ in range(self._load.window):
            await self._send()
        while self._waiting:
            try:
                async with asyncio.timeout(SILENCE_LIMIT) if self._answered % 256 == 0 else _no_limit:
                    data = await self._connection.recv()
            except TimeoutError as error:
                seen = f"{len(self._waiting)} of {self._sent} unanswered for {SILENCE_LIMIT:g} s"
                raise PromiseBrokenError("every call is answered", seen) from error
            self._take(data)
            if self._sent < self._load.count if self._load.count else time.monotonic() < end:
                await self._send()
        return self._answered

    async def _send(self) -> None:
        if self._load.count and self._sent >= self._load.count:
            return
        request_id = f"{self._prefix}{self._sent}"
        self._sent += 1
        self._waiting.add(request_id)
        await self._connection.send(self._load.frame(request_id))

    def _take(self, data: str | bytes) -> None:
        answer = _decode(data)
        if answer.op != self._load.op or answer.ok is False or answer.request_id not in self._waiting:
            raise PromiseBrokenError("every call is answered once, well and under its request id", str(data)[:300])
        self._waiting.remove(answer.request_id)
        self._answered += 1


class _NoLimit:
    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_: object) -> None:
        return None


_no_limit = _NoLimit()
