"""Two lanes between two real socket pairs: client <-> (near | far) <-> server."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from random import Random

import pytest

from support.kit import lane as module
from support.kit.fault import PASS, Fault
from support.kit.lane import Lane, OverError
from support.kit.passage import Record


@dataclass
class Line:
    client: socket.socket
    server: socket.socket
    record: Record
    lanes: "asyncio.Task[None]"

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.client, data)

    async def receive(self, count: int) -> bytes:
        return await read(self.server, count)


async def read(sock: socket.socket, count: int) -> bytes:
    data = b""
    async with asyncio.timeout(20):
        while len(data) < count and (more := await asyncio.get_running_loop().sock_recv(sock, 65536)):
            data += more
    return data


@contextlib.asynccontextmanager
async def line(fault: Fault, seed: int = 1) -> AsyncIterator[Line]:
    client, near = socket.socketpair()
    far, server = socket.socketpair()
    for sock in (client, near, far, server):
        sock.setblocking(False)
    record = Record(1, fault, "link", None)
    up = Lane(record, "up", near, far, Random(seed))
    down = Lane(record, "down", far, near, Random(seed))

    async def both() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(up.run(down))
            group.create_task(down.run(up))

    task = asyncio.create_task(both())
    try:
        yield Line(client, server, record, task)
    finally:
        task.cancel()
        await asyncio.wait([task])
        for sock in (client, near, far, server):
            sock.close()


def on_a_line(fault: Fault, scene: Callable[[Line], Awaitable[None]]) -> None:
    async def play() -> None:
        async with line(fault) as made:
            await scene(made)

    asyncio.run(play())


def test_each_half_ends_on_its_own() -> None:
    async def scene(line: Line) -> None:
        await line.send(b"question")
        line.client.shutdown(socket.SHUT_WR)
        assert await line.receive(100) == b"question"  # and the end
        await asyncio.get_running_loop().sock_sendall(line.server, b"answer")
        assert await read(line.client, 6) == b"answer"
        assert not line.lanes.done()
        line.server.shutdown(socket.SHUT_WR)
        assert await read(line.client, 100) == b""
        await asyncio.wait_for(line.lanes, 10)
        assert (line.record.count("up"), line.record.count("down")) == (8, 6)

    on_a_line(PASS, scene)


def test_the_other_half_may_end_first() -> None:
    async def scene(line: Line) -> None:
        line.server.shutdown(socket.SHUT_WR)
        assert await read(line.client, 1) == b""
        await line.send(b"still here")
        assert await line.receive(10) == b"still here"

    on_a_line(PASS, scene)


def test_a_reader_that_stops_stops_the_sender() -> None:
    async def scene(line: Line) -> None:
        sent = 0
        piece = bytes(65536)
        with contextlib.suppress(TimeoutError):
            while sent < 64 * module.IN_FLIGHT:
                async with asyncio.timeout(0.5):
                    await line.send(piece)
                sent += len(piece)
        assert sent < 4 * module.IN_FLIGHT
        assert await line.receive(sent) == bytes(sent)  # nothing is lost, and it goes on
        assert line.record.count("up") >= sent

    on_a_line(PASS, scene)


def test_single_bytes_cannot_fill_the_memory_either() -> None:
    async def scene(line: Line) -> None:
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < 100_000:
                async with asyncio.timeout(0.5):
                    await line.send(b"x")
                await asyncio.sleep(0)
                sent += 1
        assert sent < 50_000

    on_a_line(Fault(latency=60.0), scene)


def test_latency_delays_the_chunk_and_not_the_stream() -> None:
    async def scene(line: Line) -> None:
        began = time.monotonic()
        for count in range(10):
            await line.send(b"%d" % count)
            await asyncio.sleep(0.02)
        assert await line.receive(10) == b"0123456789"
        taken = time.monotonic() - began
        assert 0.3 + 9 * 0.02 <= taken < 10 * 0.3  # one after the other would take 10 * 0.3 s
        assert line.record.passage().injected

    on_a_line(Fault(latency=0.3), scene)


def test_latency_goes_both_ways() -> None:
    async def scene(line: Line) -> None:
        began = time.monotonic()
        await line.send(b"ping")
        await asyncio.get_running_loop().sock_sendall(line.server, await line.receive(4))
        assert await read(line.client, 4) == b"ping"
        assert time.monotonic() - began >= 0.2
        assert line.record.passage().bytes_down == 4

    on_a_line(Fault(latency=0.1), scene)


def test_the_end_is_as_late_as_the_bytes() -> None:
    async def scene(line: Line) -> None:
        began = time.monotonic()
        line.client.shutdown(socket.SHUT_WR)
        assert await line.receive(1) == b""
        assert time.monotonic() - began >= 0.2
        assert not line.record.passage().injected  # no byte was late

    on_a_line(Fault(latency=0.2), scene)


def test_jitter_differs_and_keeps_the_order() -> None:
    async def scene(line: Line) -> None:
        delays = []
        text = b""
        for count in range(8):
            began = time.monotonic()
            await line.send(b"%d" % count)
            text += await line.receive(1)
            delays.append(time.monotonic() - began)
        assert text == b"01234567"
        dice = Random(1)
        assert all(delay >= dice.uniform(0, 0.1) * 0.99 for delay in delays)
        for count in range(30):
            await line.send(b"%02d" % count)
            await asyncio.sleep(0.002)
        assert await line.receive(60) == b"".join(b"%02d" % count for count in range(30))
        assert line.record.passage().injected

    on_a_line(Fault(jitter=0.1), scene)


@pytest.mark.parametrize("rate", [50_000, 400_000])
def test_bandwidth_is_a_rate(rate: int) -> None:
    async def scene(line: Line) -> None:
        size = int(rate * 0.6)
        began = time.monotonic()
        sending = asyncio.create_task(line.send(bytes(size)))
        arrived, pieces = 0, 0
        while arrived < size:
            arrived += len(await line.receive(1))
            pieces += 1
            assert time.monotonic() - began >= 0.99 * arrived / rate  # at no time ahead of the rate
        await sending
        assert time.monotonic() - began < 6.0
        assert pieces >= 5
        assert line.record.passage().injected

    on_a_line(Fault(bandwidth=rate), scene)


def test_an_idle_link_saves_up_nothing() -> None:
    async def scene(line: Line) -> None:
        await line.send(bytes(1000))
        await line.receive(1000)
        await asyncio.sleep(0.5)
        began = time.monotonic()
        await line.send(bytes(3000))
        await line.receive(3000)
        assert time.monotonic() - began >= 0.3

    on_a_line(Fault(bandwidth=10_000), scene)


def test_a_link_that_could_not_deliver_does_not_make_up_for_it_in_a_burst() -> None:
    rate = 2_000_000

    async def scene(line: Line) -> None:
        sending = asyncio.create_task(line.send(bytes(2_400_000)))
        await asyncio.sleep(0.8)  # nobody reads: the socket's buffer is full long before
        began = time.monotonic()
        await line.receive(2_400_000)
        await sending
        assert time.monotonic() - began >= 0.65  # at the rate from the start, it would be 0.4 s

    on_a_line(Fault(bandwidth=rate), scene)


def test_a_slow_link_is_healed_in_mid_chunk() -> None:
    async def scene(line: Line) -> None:
        await line.send(bytes(30_000))  # 300 s at this rate
        await line.receive(1)
        line.record.plant(PASS)
        began = time.monotonic()
        await line.receive(29_000)
        assert time.monotonic() - began < 20

    on_a_line(Fault(bandwidth=100), scene)


def test_slices_keep_every_byte() -> None:
    async def scene(line: Line) -> None:
        await line.send(b"abc")
        assert await line.receive(3) == b"abc"
        assert not line.record.passage().injected  # nothing to slice
        await line.send(b"abcdefgh")
        assert await line.receive(8) == b"abcdefgh"
        assert line.record.passage().injected

    on_a_line(Fault(slice=3), scene)


@pytest.mark.parametrize(("limit", "arrives"), [(0, b""), (5, b"01234"), (10, b"0123456789")])
@pytest.mark.parametrize("part", ["cut_up_after", "reset_up_after"])
def test_a_limit_ends_it_after_so_many_bytes(part: str, limit: int, arrives: bytes) -> None:
    async def scene(line: Line) -> None:
        await line.send(b"0123456789")
        with pytest.raises(ExceptionGroup) as caught:
            await asyncio.wait_for(line.lanes, 10)
        assert caught.group_contains(OverError)
        assert (await line.receive(len(arrives)) if arrives else b"") == arrives
        assert (line.record.count("up"), line.record.passage().injected) == (limit, True)
        assert line.record.resets == (part == "reset_up_after")

    on_a_line(Fault(**{part: limit}), scene)  # type: ignore[arg-type]


def test_a_limit_counts_over_chunks_and_slices() -> None:
    async def scene(line: Line) -> None:
        for _ in range(4):
            await line.send(b"abcd")
            await asyncio.sleep(0.01)
        await asyncio.wait([line.lanes], timeout=10)
        assert await line.receive(10) == b"abcdabcdab"
        assert line.record.count("up") == 10

    on_a_line(Fault(cut_up_after=10, slice=3), scene)


def test_below_its_limit_a_cut_is_not_injected() -> None:
    async def scene(line: Line) -> None:
        await line.send(b"abcd")
        assert await line.receive(4) == b"abcd"
        assert not line.record.passage().injected
        assert not line.lanes.done()

    on_a_line(Fault(cut_up_after=5, latency=0.01), scene)


def test_a_limit_down_counts_only_what_the_server_says() -> None:
    async def scene(line: Line) -> None:
        await line.send(b"a long question")
        assert await line.receive(15) == b"a long question"
        await asyncio.get_running_loop().sock_sendall(line.server, b"ACK")
        assert await read(line.client, 2) == b"AC"
        await asyncio.wait([line.lanes], timeout=10)
        assert (line.record.count("down"), line.record.passage().injected) == (2, True)

    on_a_line(Fault(cut_down_after=2), scene)


@pytest.mark.parametrize(("at", "arrives"), [(1, b"`bcdef"), (3, b"abbdef"), (6, b"abcdeg")])
def test_one_bit_of_one_byte_is_flipped(at: int, arrives: bytes) -> None:
    async def scene(line: Line) -> None:
        for data in (b"ab", b"cdef", b"abcdef"):
            await line.send(data)
            await asyncio.sleep(0.01)
        assert await line.receive(12) == arrives + b"abcdef"
        assert line.record.passage().injected

    on_a_line(Fault(corrupt_up_at=at), scene)


def test_a_byte_that_never_comes_is_not_corrupted() -> None:
    async def scene(line: Line) -> None:
        await line.send(b"ab")
        assert await line.receive(2) == b"ab"
        await asyncio.get_running_loop().sock_sendall(line.server, b"abc")
        assert await read(line.client, 3) == b"abc"
        assert not line.record.passage().injected

    on_a_line(Fault(corrupt_up_at=3), scene)


def test_down_is_corrupted_down() -> None:
    async def scene(line: Line) -> None:
        await asyncio.get_running_loop().sock_sendall(line.server, b"ACK")
        assert await read(line.client, 3) == b"ABK"

    on_a_line(Fault(corrupt_down_at=2), scene)


async def nothing_comes(sock: socket.socket, during: float = 0.15) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(during):
            await asyncio.get_running_loop().sock_recv(sock, 1)


def test_a_hole_under_a_running_line_swallows_until_it_is_healed() -> None:
    async def scene(line: Line) -> None:
        await line.send(b"before")
        assert await line.receive(6) == b"before"
        line.record.plant(Fault(black_hole=True))
        assert not line.record.passage().injected
        await line.send(b"lost")
        await nothing_comes(line.server)
        assert line.record.passage().injected
        line.record.plant(PASS)
        await line.send(b"after")
        assert await line.receive(5) == b"after"
        assert (line.record.count("up"), line.record.passage().injected) == (11, True)

    on_a_line(PASS, scene)


def test_a_servers_end_waits_until_the_hole_is_healed() -> None:
    async def scene(line: Line) -> None:
        line.record.plant(Fault(black_hole=True))
        line.server.shutdown(socket.SHUT_WR)
        await nothing_comes(line.client)
        line.record.plant(PASS)
        assert await read(line.client, 1) == b""

    on_a_line(PASS, scene)


def test_a_hole_ends_with_its_client() -> None:
    async def scene(line: Line) -> None:
        line.record.plant(Fault(black_hole=True))
        line.client.shutdown(socket.SHUT_WR)
        with pytest.raises(ExceptionGroup) as caught:
            await asyncio.wait_for(line.lanes, 10)
        assert caught.group_contains(OverError)
        assert not line.record.resets

    on_a_line(PASS, scene)
