"""One relay between a client and a server on real TCP."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from support.kit.fault import PASS, Fault
from support.kit.lane import IN_FLIGHT
from support.kit.passage import Record
from support.kit.relay import Relay
from support.kit.wire import WireLog


@dataclass
class Stage:
    relay: Relay
    client: socket.socket
    listener: socket.socket
    running: "asyncio.Task[None]"

    async def server(self) -> socket.socket:
        async with asyncio.timeout(10):
            server, _ = await asyncio.get_running_loop().sock_accept(self.listener)
        server.setblocking(False)
        return server

    async def say(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.client, data)

    async def over(self) -> None:
        await asyncio.wait_for(asyncio.shield(self.running), 10)


async def hear(sock: socket.socket) -> bytes:
    async with asyncio.timeout(10):
        return await asyncio.get_running_loop().sock_recv(sock, 65536)


async def nothing_heard(sock: socket.socket) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.15):
            await asyncio.get_running_loop().sock_recv(sock, 1)


async def say_on_and_on(stage: Stage) -> None:
    for _ in range(200):
        await stage.say(b"still there?")
        await asyncio.sleep(0.01)


async def hear_on_and_on(sock: socket.socket) -> None:
    while await hear(sock):
        pass


RESET = struct.pack("ii", 1, 0)
"""The linger option that makes a reset of a close."""


def on_stage(fault: Fault, scene: Callable[[Stage], Awaitable[None]], wire: WireLog | None = None) -> None:
    async def play() -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_server(("127.0.0.1", 0)) as front:
            listener.setblocking(False)
            client = socket.create_connection(front.getsockname())
            near, _ = front.accept()
            client.setblocking(False)
            near.setblocking(False)
            relay = Relay(Record(1, fault, "link", wire), near, listener.getsockname(), seed=1)
            running = asyncio.create_task(relay.run())
            with client:
                try:
                    await scene(Stage(relay, client, listener, running))
                finally:
                    running.cancel()
                    await asyncio.wait([running])
            assert not relay.is_open

    asyncio.run(play())


def test_a_question_and_its_answer_pass() -> None:
    async def scene(stage: Stage) -> None:
        await stage.say(b"ping")
        with await stage.server() as server:
            assert await hear(server) == b"ping"
            server.sendall(b"pong")
            server.shutdown(socket.SHUT_WR)
            assert await hear(stage.client) == b"pong"
            assert await hear(stage.client) == b""
            stage.client.shutdown(socket.SHUT_WR)
            assert await hear(server) == b""
            await stage.over()
        passage = stage.relay.record.passage()
        assert (passage.bytes_up, passage.bytes_down, passage.injected) == (4, 4, False)
        assert passage.closed_at is not None

    on_stage(PASS, scene)


@pytest.mark.parametrize("fault", [Fault(reset_on_accept=True), Fault(reset_up_after=3)])
def test_a_reset_is_a_reset(fault: Fault) -> None:
    async def scene(stage: Stage) -> None:
        with contextlib.suppress(ConnectionError):
            await stage.say(b"hello")
        with pytest.raises(ConnectionResetError):
            await hear(stage.client)
        await stage.over()
        assert stage.relay.record.passage().injected

    on_stage(fault, scene)


def test_a_reset_reaches_the_server_after_its_bytes() -> None:
    async def scene(stage: Stage) -> None:
        await stage.say(b"hello")
        with await stage.server() as server:
            assert await hear(server) == b"hel"
            with pytest.raises(ConnectionResetError):
                await hear(server)

    on_stage(Fault(reset_up_after=3), scene)


def test_a_reset_on_accept_never_reaches_the_server() -> None:
    async def scene(stage: Stage) -> None:
        await stage.over()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.15):
                await asyncio.get_running_loop().sock_accept(stage.listener)

    on_stage(Fault(reset_on_accept=True), scene)


def test_a_cut_is_an_end_on_both_sides_and_no_reset() -> None:
    async def scene(stage: Stage) -> None:
        with await stage.server() as server:
            await stage.say(b"hello")
            assert await hear(server) == b"hel"
            assert await hear(server) == b""
            assert await hear(stage.client) == b""
        await stage.over()
        assert stage.relay.record.passage().bytes_up == 3

    on_stage(Fault(cut_up_after=3), scene)


def test_what_lies_unread_at_a_cut_makes_no_reset_of_it() -> None:
    async def scene(stage: Stage) -> None:
        with await stage.server():
            await stage.say(bytes(IN_FLIGHT + 100_000))  # the relay stops reading before the last of it
            stage.running.cancel()
            assert await hear(stage.client) == b""

    on_stage(Fault(latency=60.0), scene)


def test_a_clients_reset_is_handed_on() -> None:
    async def scene(stage: Stage) -> None:
        await stage.say(b"hello")
        with await stage.server() as server:
            assert await hear(server) == b"hello"
            stage.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            stage.client.close()
            with pytest.raises(ConnectionResetError):
                await hear(server)
        await stage.over()
        assert not stage.relay.record.passage().injected

    on_stage(PASS, scene)


def test_a_servers_reset_is_handed_on_after_its_last_words() -> None:
    async def scene(stage: Stage) -> None:
        await stage.say(b"hello")
        server = await stage.server()
        assert await hear(server) == b"hello"
        server.sendall(b"no, and")
        await asyncio.sleep(0.05)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        server.close()
        assert await hear(stage.client) == b"no, and"
        with pytest.raises(ConnectionResetError):
            await hear(stage.client)
        await stage.over()

    on_stage(Fault(latency=0.1), scene)


def test_a_server_that_is_found_gone_while_sending_resets_the_client() -> None:
    async def scene(stage: Stage) -> None:
        server = await stage.server()
        server.sendall(b"bye")
        server.close()
        assert await hear(stage.client) == b"bye"
        assert await hear(stage.client) == b""
        with pytest.raises(ConnectionError):
            await say_on_and_on(stage)  # the first is answered with a reset, a later one finds out
        await stage.over()

    on_stage(PASS, scene)


def test_a_server_that_goes_while_both_wait_for_their_turn() -> None:
    async def scene(stage: Stage) -> None:
        server = await stage.server()
        await stage.say(b"one")
        await asyncio.sleep(0.05)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        server.close()
        with pytest.raises(ConnectionResetError):
            await say_on_and_on(stage)
        await stage.over()

    on_stage(Fault(latency=0.2), scene)


def test_a_reset_that_was_noticed_while_sending_is_no_end() -> None:
    async def scene(stage: Stage) -> None:
        server = await stage.server()
        with contextlib.suppress(TimeoutError):  # so much that the relay has stopped reading: it cannot see the reset
            while True:
                async with asyncio.timeout(0.3):
                    await asyncio.get_running_loop().sock_sendall(server, bytes(65536))
        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        server.close()
        for _ in range(3):
            await stage.say(b"anybody?")
            await asyncio.sleep(0.02)
        with pytest.raises(ConnectionResetError):
            await hear_on_and_on(stage.client)
        await stage.over()

    on_stage(PASS, scene)


def test_without_a_server_the_client_is_reset() -> None:
    async def scene(stage: Stage) -> None:
        await stage.over()
        with pytest.raises(ConnectionResetError):
            await hear(stage.client)
        assert not stage.relay.record.passage().injected

    async def play_without() -> None:
        with socket.create_server(("127.0.0.1", 0)) as front, socket.create_server(("127.0.0.1", 0)) as unused:
            address = unused.getsockname()
            unused.close()
            client = socket.create_connection(front.getsockname())
            near, _ = front.accept()
            client.setblocking(False)
            near.setblocking(False)
            relay = Relay(Record(1, PASS, "link", None), near, address, seed=None)
            with client:
                await scene(Stage(relay, client, unused, asyncio.create_task(relay.run())))
            assert not relay.is_open

    asyncio.run(play_without())


def test_a_black_hole_takes_everything_and_holds_on() -> None:
    async def scene(stage: Stage) -> None:
        await stage.say(b"hello")
        await nothing_heard(stage.client)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(stage.server(), 0.05)
        stage.relay.record.plant(PASS)
        await stage.say(b"hello again")
        await nothing_heard(stage.client)
        assert stage.relay.is_open
        passage = stage.relay.record.passage()
        assert (passage.bytes_up, passage.injected) == (0, True)
        stage.client.close()
        await stage.over()

    on_stage(Fault(black_hole=True), scene)


def test_a_client_that_leaves_a_black_hole_by_a_reset_is_gone_too() -> None:
    async def scene(stage: Stage) -> None:
        await stage.say(b"hello")
        stage.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        stage.client.close()
        await stage.over()

    on_stage(Fault(black_hole=True), scene)


def test_the_sockets_are_closed_even_if_the_record_cannot_be_kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    wire = WireLog(tmp_path_factory.mktemp("wire") / "wire.jsonl")

    async def scene(stage: Stage) -> None:
        with await stage.server() as server:
            wire.close()
            await stage.say(b"hello")
            with pytest.raises((ExceptionGroup, ValueError)) as caught:
                await stage.over()
            assert "closed" in repr(caught.value)
            assert not stage.relay.is_open
            assert await hear(server) == b"hello"

    on_stage(PASS, scene, wire)
