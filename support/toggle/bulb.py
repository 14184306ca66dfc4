"""The bulb that the suite plays: a real TCP server on the kit's loop thread that acts out a `Script`.

Contract: a bulb reads exactly one frame from a connection, validates it, answers `ACK` and closes. What it is told to do
instead stands in the script. Everything that it sees is kept as a `Visit` per connection and written to the wire trace.
"""

import asyncio
import socket
import struct
import time
from collections.abc import Callable, Collection, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field

from support.kit.errors import VoidError
from support.kit.loop import LoopThread
from support.kit.wire import WireLog
from support.toggle.approach import Approach
from support.toggle.behaviour import Act, Behaviour, Script
from support.toggle.protocol import Frame, FrameReader, MalformedFrameError

HOST = "127.0.0.1"
BACKLOG = 128
BYTE_GAP = 0.01
"""Seconds between two bytes of an answer that comes byte by byte."""
DRAIN_LIMIT = 2.0
"""Seconds for the hub to close its side after the bulb has hung up."""
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER with time zero: closing sends RST instead of FIN."""


@dataclass
class Visit:
    """One connection as the bulb saw it. Times are seconds on the monotonic clock, None where it has not happened."""

    number: int
    behaviour: Behaviour
    opened_at: float
    received: bytearray = field(default_factory=bytearray)
    frame: Frame | None = None
    malformed: MalformedFrameError | None = None
    surplus: bytes = b""
    frame_at: float | None = None
    answered_at: float | None = None
    hung_up_at: float | None = None


class Bulb:
    """A bulb on 127.0.0.1 with a port of its own. `close()` ends it and everything it holds.

    `patience`: the seconds after which the hub gives up a connection attempt.
    """

    def __init__(
        self, loop: LoopThread, name: str, script: Script, wire: WireLog, *, lit: bool = False, patience: float = 1.0
    ) -> None:
        self.name = name
        self.script = script
        self.lit = lit
        self.told: list[bool] = []
        self.visits: list[Visit] = []
        self._loop = loop
        self._patience = patience
        self._wire = wire
        self._tasks: set[asyncio.Task[None]] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._watching: asyncio.Task[None] | None = None
        self._connections: list[socket.socket] = []
        self._held: list[socket.socket] = []
        self._probes: dict[int, asyncio.Event] = {}
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.setblocking(False)
        self._listener.bind((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.approach = Approach(self._listener)
        loop.call(self._open(), 2.0)

    @property
    def frames(self) -> list[Frame]:
        """The well-formed frames, in the order of their connections."""
        return [visit.frame for visit in self.visits if visit.frame is not None]

    @property
    def refused(self) -> list[MalformedFrameError]:
        """Why frames were refused, in the order of their connections."""
        return [visit.malformed for visit in self.visits if visit.malformed is not None]

    @property
    def asked(self) -> int:
        """How many connection attempts are known: accepted ones and, for a bulb that cannot be reached, witnessed ones."""
        return len(self.visits) + self.approach.witnessed

    def watch(self, pids: Callable[[], Collection[int]]) -> None:
        """Watch the processes `pids` for attempts that never become a connection; listen again after the scripted number.

        A new command starts the watch, and its count, anew; a bulb that listens again needs none.
        """
        if not self.approach.closed:
            return
        self._loop.call(self._start_watch(pids), 2.0)

    def settle(self) -> None:
        """Wait until everything that the hub has sent so far is on record (bounded; a hub that keeps a connection is left)."""
        self._loop.call(self._settle(), DRAIN_LIMIT + 3.0)

    def close(self) -> None:
        """End every connection, the listener and all tasks. Raises what a task raised unexpectedly."""
        self._loop.call(self._close(), 5.0)

    # --- on the loop thread from here on

    async def _open(self) -> None:
        first = self.script.for_attempt(1)
        if first.reachable:
            self.approach.release()
            self._listen()
        elif first.act is Act.UNREACHABLE:
            await self.approach.swallow()

    def _listen(self) -> None:
        self._listener.listen(BACKLOG)
        self._start(self._accept())

    def _start(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        return task

    async def _start_watch(self, pids: Callable[[], Collection[int]]) -> None:
        if self._watching is not None:
            self._watching.cancel()
        self.approach.begin(pids)
        self._watching = self._start(self._watch())

    async def _watch(self) -> None:
        refuses = self.script.for_attempt(1).act is Act.REFUSE
        await self.approach.failed(self.script.times or None, refused=refuses, limit=self._patience)
        self._wire.event(self.name, f"listens again after {self.script.times} failed attempts")
        self.approach.release()
        self._listen()

    async def _accept(self) -> None:
        # Not by loop.sock_accept(): where it is cancelled, a connection that it has just accepted is nobody's any more.
        loop = asyncio.get_running_loop()
        there = asyncio.Event()
        loop.add_reader(self._listener, there.set)
        try:
            while True:
                await there.wait()
                there.clear()
                with suppress(BlockingIOError, ConnectionAbortedError):
                    self._meet(*self._listener.accept())
        finally:
            loop.remove_reader(self._listener)

    def _meet(self, connection: socket.socket, address: tuple[str, int]) -> None:
        connection.setblocking(False)
        self._connections.append(connection)
        peer_port = address[1]
        if peer_port in self.approach.fillers:
            connection.close()
        elif peer_port in self._probes:
            connection.close()
            self._probes.pop(peer_port).set()
        else:
            self._admit(connection)

    def _admit(self, connection: socket.socket) -> None:
        number = len(self.visits) + 1
        skipped = 0 if self.script.first.reachable else self.script.times
        visit = Visit(number, self.script.for_attempt(number + skipped), time.monotonic())
        self.visits.append(visit)
        self._wire.event(self.name, f"connection accepted; the bulb {visit.behaviour.act.value}", connection=number)
        self._serving.add(self._start(self._serve(connection, visit)))

    async def _serve(self, connection: socket.socket, visit: Visit) -> None:
        try:
            if visit.behaviour.act is not Act.HANG_UP_BEFORE:
                await self._converse(connection, visit)
        except OSError as error:  # reset, or gone before the answer: the hub may end a connection as it likes
            self._wire.event(self.name, f"connection lost: {error}", connection=visit.number)
        finally:
            visit.hung_up_at = visit.hung_up_at or time.monotonic()
            if connection not in self._held:
                connection.close()

    async def _converse(self, connection: socket.socket, visit: Visit) -> None:
        await self._read_frame(connection, visit)
        if visit.frame is None:
            return
        act = visit.behaviour.act
        if act is Act.SILENT:
            await self._read_surplus(connection, visit)
            # A hub may close only its sending side and go on waiting: the bulb keeps its own side open and stays silent.
            self._held.append(connection)
        elif act is Act.RESET:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        elif act is Act.ANSWER:
            await self._answer(connection, visit, visit.frame)

    async def _read_frame(self, connection: socket.socket, visit: Visit) -> None:
        loop = asyncio.get_running_loop()
        reader = FrameReader()
        try:
            while visit.frame is None:
                data = await loop.sock_recv(connection, 1 if visit.behaviour.reads_bytewise else 65_536)
                self._note(visit, data)
                visit.frame = reader.feed(data) if data else reader.eof()
        except MalformedFrameError as error:
            visit.malformed = error
            self._wire.event(self.name, f"frame refused: {error}", connection=visit.number)
        else:
            visit.frame_at = time.monotonic()
            visit.surplus += reader.rest

    def _note(self, visit: Visit, data: bytes) -> None:
        visit.received += data
        if data:
            self._wire.frame("hub", self.name, data, connection=visit.number)
        else:
            self._wire.event(self.name, "the hub has closed its side", connection=visit.number)

    async def _answer(self, connection: socket.socket, visit: Visit, frame: Frame) -> None:
        loop = asyncio.get_running_loop()
        behaviour = visit.behaviour
        await asyncio.sleep(behaviour.delay)
        if behaviour.acknowledges:
            self.lit = frame.message.state
            self.told.append(frame.message.state)
        visit.answered_at = time.monotonic()
        for start in range(len(behaviour.reply)) if behaviour.bytewise else (0,):
            piece = behaviour.reply[start : start + 1] if behaviour.bytewise else behaviour.reply
            await loop.sock_sendall(connection, piece)
            self._wire.frame(self.name, "hub", piece, connection=visit.number)
            await asyncio.sleep(BYTE_GAP if behaviour.bytewise else 0)
        connection.shutdown(socket.SHUT_WR)
        visit.hung_up_at = time.monotonic()
        with suppress(TimeoutError):  # a hub that keeps its side open breaks no promise
            await asyncio.wait_for(self._read_surplus(connection, visit), DRAIN_LIMIT)

    async def _read_surplus(self, connection: socket.socket, visit: Visit) -> None:
        loop = asyncio.get_running_loop()
        while data := await loop.sock_recv(connection, 65_536):
            self._note(visit, data)
            visit.surplus += data
        self._note(visit, b"")

    async def _settle(self) -> None:
        if self.approach.closed:
            self.approach.look()
            return
        # Connections are accepted in the order of their arrival: once the bulb has accepted a connection of its own, it
        # has accepted everything that came before.
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setblocking(False)
            probe.bind((HOST, 0))
            accepted = self._probes.setdefault(probe.getsockname()[1], asyncio.Event())
            await loop.sock_connect(probe, (HOST, self.port))
            await asyncio.wait_for(accepted.wait(), 2.0)
        if self._serving:
            await asyncio.wait(self._serving, timeout=DRAIN_LIMIT)

    async def _close(self) -> None:
        for task in self._tasks:
            task.cancel()
        ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        for connection in self._connections:  # also one whose task was cancelled before it began
            connection.close()
        self.approach.release()
        self._listener.close()
        for end in ends:
            if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
                raise end


def require_reached(bulb: Bulb) -> None:
    """Raise VoidError where a bulb that was to fail at first met no such attempt: the planted fault did not take place."""
    planted = 0 if bulb.script.first.reachable else bulb.script.times
    if bulb.approach.witnessed < planted:
        raise VoidError(f"{bulb.name} was to be missed {planted} times and was missed {bulb.approach.witnessed} times")
