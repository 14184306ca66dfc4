"""One direction of a connection through a proxy: read ahead a little, hold back until due, deliver."""

import asyncio
import socket
from random import Random

from support.kit.passage import Direction, Record

CHUNK = 64 * 1024
"""Bytes per read."""

IN_FLIGHT = 2 * 1024 * 1024
"""Bytes that a lane holds before it stops reading: a slow reader slows the sender, as without a proxy."""

CHUNK_COST = 512
"""What a chunk in flight costs beside its bytes; keeps the bound for a stream of single bytes."""

PACE = 0.02
"""Seconds' worth of bytes per write on a link with a bandwidth."""

CATCH_UP = 0.25
"""Seconds by which a link with a bandwidth may make up for a machine that was late."""

_Item = tuple[float, frozenset[str], bytes | None]
"""When it is due, what delays it, and the bytes: b"" for the end, None for a reset."""


class OverError(Exception):
    """The connection ends here and now, in both directions. Never leaves the proxy."""


class Lane:
    """Carries bytes from `source` to `sink`, both non-blocking, as the record's fault says at that moment."""

    def __init__(self, record: Record, direction: Direction, source: socket.socket, sink: socket.socket, dice: Random) -> None:
        self._record = record
        self._direction: Direction = direction
        self._source, self._sink = source, sink
        self._dice = dice
        self._queue: asyncio.Queue[_Item] = asyncio.Queue()
        self._room = asyncio.Event()
        self._room.set()
        self._held = 0
        self._taken = 0
        self._free_at = 0.0
        self._reader: asyncio.Task[None] | None = None
        self._source_is_gone = False

    async def run(self, back: "Lane") -> None:
        """Until the source ended and the sink was told; `back` is the lane of the other direction.

        OverError when the whole connection is to end.
        """
        async with asyncio.TaskGroup() as group:
            self._reader = group.create_task(self._read())
            group.create_task(self._write(back))

    async def _read(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._room.wait()
            try:
                data: bytes | None = await loop.sock_recv(self._source, CHUNK)
            except OSError as error:
                self._record.event(f"{self._direction}: {error.strerror}")
                data = None
            if data == b"" and self._source_is_gone:
                data = None  # the reset was reported to the lane that sends to it, and only once
            self._hold(data, loop.time())
            if not data:
                return

    def _hold(self, data: bytes | None, now: float) -> None:
        """Each chunk gets its own time: it is the chunk that is late, the stream stays as fast as it was."""
        fault = self._record.now
        jitter = self._dice.uniform(0.0, fault.jitter)
        due = now + fault.latency + jitter  # an earlier chunk may be due later: the queue keeps the order
        delays = {name for name, seconds in (("latency", fault.latency), ("jitter", jitter)) if seconds > 0}
        self._queue.put_nowait((due, frozenset(delays), data))
        self._held += len(data or b"") + CHUNK_COST
        if self._held >= IN_FLIGHT:
            self._room.clear()

    async def _write(self, back: "Lane") -> None:
        loop = asyncio.get_running_loop()
        self._stop_at_limit()
        while True:
            due, delays, data = await self._queue.get()
            if (wait := due - loop.time()) > 0:
                await asyncio.sleep(wait)
            if data is None:
                self._record.resets = True
                raise OverError
            try:
                if not data:
                    await self._end()
                    return
                await self._deliver(data, due, delays)
            except OSError as error:
                # What the sink sent before it went is still on its way: the other lane delivers it, then resets.
                self._record.event(f"{self._direction}: {error.strerror}")
                back._source_is_gone = True
                assert self._reader is not None
                self._reader.cancel()
                return
            self._held -= len(data) + CHUNK_COST
            if self._held < IN_FLIGHT:
                self._room.set()

    async def _end(self) -> None:
        if self._record.now.black_hole:
            if self._direction == "up":
                raise OverError  # a black hole lasts until its client goes
            await self._record.hole_over.wait()
        self._sink.shutdown(socket.SHUT_WR)

    async def _deliver(self, data: bytes, due: float, delays: frozenset[str]) -> None:
        data = self._corrupted(data)
        while data:
            fault = self._record.now
            if fault.black_hole:
                self._record.took("black_hole")
                self._record.event(f"{self._direction}: swallowed {len(data)} bytes")
                return
            size = min(len(data), self._left_to_limit() or len(data), fault.slice or len(data))
            if fault.bandwidth is not None:
                size = min(size, max(1, int(fault.bandwidth * PACE)))
                await self._pace(size / fault.bandwidth, due)
            await asyncio.get_running_loop().sock_sendall(self._sink, data[:size])
            self._record.forwarded(self._direction, data[:size])
            for part in delays:
                self._record.took(part)
            if fault.slice is not None and size < len(data):
                self._record.took("slice")
            data = data[size:]
            self._stop_at_limit()
            await asyncio.sleep(0)  # a chunk in many slices must not keep the loop from everybody else

    async def _pace(self, seconds: float, due: float) -> None:
        """Wait until a link that is busy for `seconds` with these bytes has sent the last of them."""
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, due, now - CATCH_UP) + seconds
        if (wait := self._free_at - now) > 0:
            self._record.took("bandwidth")
            await asyncio.sleep(wait)

    def _corrupted(self, data: bytes) -> bytes:
        up = self._direction == "up"
        fault = self._record.now
        target = fault.corrupt_up_at if up else fault.corrupt_down_at
        before, self._taken = self._taken, self._taken + len(data)
        if target is None or not before < target <= self._taken:
            return data
        flipped = bytearray(data)
        flipped[target - before - 1] ^= 1
        self._record.took("corrupt_up_at" if up else "corrupt_down_at")
        self._record.event(f"{self._direction}: byte {target} corrupted")
        return bytes(flipped)

    def _limits(self) -> dict[str, int]:
        fault = self._record.now
        up = {"cut_up_after": fault.cut_up_after, "reset_up_after": fault.reset_up_after}
        limits = up if self._direction == "up" else {"cut_down_after": fault.cut_down_after}
        return {name: limit for name, limit in limits.items() if limit is not None}

    def _left_to_limit(self) -> int | None:
        limits = self._limits()
        return min(limits.values()) - self._record.count(self._direction) if limits else None

    def _stop_at_limit(self) -> None:
        for name, limit in self._limits().items():
            if self._record.count(self._direction) >= limit:
                self._record.took(name)
                self._record.resets = name == "reset_up_after"
                raise OverError
