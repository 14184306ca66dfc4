import asyncio
import contextlib
import errno
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import psutil
import pytest

from support.kit.deadline import eventually
from support.kit.errors import InfrastructureError
from support.kit.fault import PASS, Fault
from support.kit.loop import LoopThread
from support.kit.passage import Passage
from support.kit.proxy import Proxy
from support.kit.wire import WireLog


@pytest.fixture(scope="module")
def loop() -> Iterator[LoopThread]:
    with LoopThread() as thread:
        yield thread


class Echo:
    """A server that says back whatever it hears, and counts who comes."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self.listener.getsockname()
        self.clients: list[socket.socket] = []
        self.threads: list[threading.Thread] = []
        self._spawn(self._accept)

    def _spawn(self, work: Callable[[], None]) -> None:
        self.threads.append(threading.Thread(target=work))
        self.threads[-1].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed: that is the end
            while True:
                client, _ = self.listener.accept()
                self.clients.append(client)
                self._spawn(lambda client=client: self._serve(client))  # type: ignore[misc]

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(ConnectionError):
            while data := client.recv(65536):
                client.sendall(data)
        with contextlib.suppress(OSError):  # reset by then
            client.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.threads[0].join(10)
        for thread in self.threads[1:]:
            thread.join(10)
        assert not any(thread.is_alive() for thread in self.threads)
        for client in self.clients:
            client.close()


@pytest.fixture
def echo() -> Iterator[Echo]:
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(loop: LoopThread, echo: Echo) -> Iterator[Proxy]:
    with Proxy(loop, echo.address, seed=1) as made:
        yield made


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection((proxy.host, proxy.port), timeout=10)


def receive(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (more := client.recv(65536)):
        data += more
    return data


def ask(client: socket.socket, data: bytes) -> bytes:
    client.sendall(data)
    return receive(client, len(data))


def passages(proxy: Proxy, accept: Callable[[tuple[Passage, ...]], bool]) -> tuple[Passage, ...]:
    return eventually(lambda: proxy.connections, accept, 10, "the passages are as expected")


def all_closed(found: tuple[Passage, ...]) -> bool:
    return all(passage.closed_at is not None for passage in found)


def test_it_passes_everything_on_and_counts_it(proxy: Proxy) -> None:
    data = os.urandom(3_000_000)
    with connect(proxy) as client:
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        assert receive(client, len(data)) == data
        sender.join(10)
        [passage] = proxy.connections
        assert (passage.number, passage.fault, passage.injected) == (1, PASS, False)
        assert (passage.bytes_up, passage.bytes_down) == (len(data), len(data))
        assert passage.closed_at is None
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    [passage] = passages(proxy, all_closed)
    assert passage.closed_at is not None
    assert passage.opened_at < passage.closed_at
    assert proxy.injected() == 0


def test_connections_do_not_wait_for_each_other(proxy: Proxy) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(proxy)) for _ in range(20)]
        for number, client in reversed(list(enumerate(clients))):
            assert ask(client, b"%03d" % number) == b"%03d" % number
        assert [passage.number for passage in proxy.connections] == list(range(1, 21))


def test_it_listens_on_the_loopback_only(proxy: Proxy) -> None:
    assert proxy.host == "127.0.0.1"
    listening = [
        found.laddr.ip
        for found in psutil.Process().net_connections("tcp")
        if found.status == psutil.CONN_LISTEN and found.laddr.port == proxy.port
    ]
    assert listening == ["127.0.0.1"]


def test_a_script_gives_each_connection_its_fault(proxy: Proxy, echo: Echo) -> None:
    proxy.use(Fault(slice=1))
    proxy.script([Fault(reset_on_accept=True), Fault(cut_down_after=2), PASS])
    with pytest.raises(ConnectionResetError), connect(proxy) as client:
        client.recv(1)
    with connect(proxy) as client:
        client.sendall(b"ping")
        assert receive(client, 4) == b"pi"
    for _ in range(2):
        with connect(proxy) as client:
            assert ask(client, b"ping") == b"ping"
    found = passages(proxy, all_closed)
    assert [passage.fault for passage in found] == [
        Fault(reset_on_accept=True),
        Fault(cut_down_after=2),
        PASS,
        Fault(slice=1),
    ]
    assert [passage.injected for passage in found] == [True, True, False, True]
    assert proxy.injected() == 3
    assert len(echo.clients) == 3


def test_refusals_cannot_be_scripted(proxy: Proxy) -> None:
    with pytest.raises(ValueError, match="refusal cannot be scripted"):
        proxy.script([PASS, Fault(refuse=True)])


def test_refusing_is_a_refusal_and_the_port_stays_ours(proxy: Proxy) -> None:
    port = proxy.port
    with connect(proxy) as running:
        assert ask(running, b"a") == b"a"
        proxy.use(Fault(refuse=True))
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                connect(proxy)
        for reuse in (0, 1):
            with socket.socket() as thief:
                thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
                with pytest.raises(OSError, match="in use") as caught:
                    thief.bind((proxy.host, port))
                assert caught.value.errno == errno.EADDRINUSE
        assert ask(running, b"b") == b"b"  # who is in, is in
        proxy.use(Fault(refuse=True, latency=0.01))  # refusing goes on
        with pytest.raises(ConnectionRefusedError):
            connect(proxy)
        proxy.heal()
        assert proxy.port == port
        with connect(proxy) as client:
            assert ask(client, b"c") == b"c"
    assert [passage.number for passage in proxy.connections] == [1, 2]


def test_it_can_refuse_and_listen_many_times(proxy: Proxy) -> None:
    for _ in range(20):
        with connect(proxy) as client:  # leaves something in TIME_WAIT on the port
            assert ask(client, b"x") == b"x"
        proxy.use(Fault(refuse=True))
        with pytest.raises(ConnectionRefusedError):
            connect(proxy)
        proxy.use(PASS)


def test_the_line_of_running_connections_changes_and_heals(proxy: Proxy) -> None:
    with connect(proxy) as client:
        assert ask(client, b"a") == b"a"
        proxy.use(Fault(latency=0.15))
        began = time.monotonic()
        assert ask(client, b"b") == b"b"
        assert time.monotonic() - began >= 0.3
        assert proxy.injected() == 1
        proxy.use(Fault(black_hole=True))
        assert proxy.injected() == 0
        client.sendall(b"lost")
        passages(proxy, lambda found: found[0].injected)
        proxy.heal()
        assert ask(client, b"c") == b"c"
        assert proxy.connections[0].fault == Fault(black_hole=True)
        assert proxy.injected() == 1


def test_healing_drops_the_script(proxy: Proxy) -> None:
    proxy.use(Fault(black_hole=True))
    proxy.script([Fault(reset_on_accept=True)])
    proxy.heal()
    with connect(proxy) as client:
        assert ask(client, b"x") == b"x"
    assert proxy.injected() == 0


def test_cut_closes_all_that_run_and_counts_them(proxy: Proxy) -> None:
    with connect(proxy) as one, connect(proxy) as two:
        assert (ask(one, b"a"), ask(two, b"b")) == (b"a", b"b")
        assert proxy.cut() == 2
        assert (one.recv(1), two.recv(1)) == (b"", b"")
        assert all_closed(proxy.connections)
        assert proxy.injected() == 2
    assert proxy.cut() == 0
    with connect(proxy) as client:
        assert ask(client, b"c") == b"c"


def test_a_reader_that_stops_does_not_fill_the_proxy(loop: LoopThread) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, Proxy(loop, silent.getsockname()) as proxy:
        with connect(proxy) as client:
            client.setblocking(False)
            sent = 0
            quiet_since = time.monotonic()
            while time.monotonic() - quiet_since < 0.3:
                try:
                    sent += client.send(bytes(65536))
                    quiet_since = time.monotonic()
                except BlockingIOError:
                    time.sleep(0.01)
                assert sent < 200_000_000
            held = sent - proxy.connections[0].bytes_up
            assert held < 20_000_000
        assert sent > 0


@pytest.mark.parametrize("fault", [Fault(bandwidth=200_000), Fault(bandwidth=200_000, latency=0.1)])
def test_a_bandwidth_holds_each_way_over_tcp(proxy: Proxy, fault: Fault) -> None:
    proxy.use(fault)
    data = os.urandom(100_000)
    with connect(proxy) as client:
        began = time.monotonic()
        assert ask(client, data) == data
        taken = time.monotonic() - began
    assert 0.49 + 2 * fault.latency <= taken < 10  # both ways overlap: not twice as long at the least
    assert proxy.injected() == 1


def test_jitter_is_drawn_from_the_seed_for_each_connection_and_direction(loop: LoopThread, echo: Echo) -> None:
    with Proxy(loop, echo.address, seed=7) as proxy:
        proxy.use(Fault(jitter=0.1))
        drawn = []
        for number in (1, 2, 3, 4):
            with connect(proxy) as client:
                began = time.monotonic()
                ask(client, b"x")
                drawn.append(sum(Random(f"7 {number} {way}").uniform(0.0, 0.1) for way in ("up", "down")))
                assert time.monotonic() - began >= drawn[-1] * 0.99
    assert max(drawn) > 1.2 * min(drawn)


def test_a_server_that_is_not_there_resets_the_client(loop: LoopThread) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        address = unused.getsockname()
    with Proxy(loop, address) as proxy:
        with pytest.raises(ConnectionResetError), connect(proxy) as client:
            client.recv(1)
        assert proxy.injected() == 0


def test_a_server_may_have_a_name(loop: LoopThread, echo: Echo) -> None:
    with Proxy(loop, ("localhost", echo.address[1])) as proxy, connect(proxy) as client:
        assert ask(client, b"x") == b"x"


def test_what_passes_is_on_the_wire_log(loop: LoopThread, echo: Echo, tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")
    with Proxy(loop, echo.address, name="line 1", wire=wire) as proxy:
        proxy.use(Fault(slice=2, corrupt_down_at=4))
        with connect(proxy) as client:
            assert ask(client, b"abcd") == b"abce"
    wire.close()
    lines = [json.loads(line) for line in (tmp_path / "wire.jsonl").read_text().splitlines()]
    frames = [(line["from"], line["to"], line["text"], line["connection"], line["note"]) for line in lines if "hex" in line]
    note = "via line 1"
    up = [frame for frame in frames if frame[0] == "client"]
    assert up == [("client", "server", "ab", 1, note), ("client", "server", "cd", 1, note)]
    assert "".join(frame[2] for frame in frames if frame[0] == "server") == "abce"
    events = [line["event"] for line in lines if "event" in line]
    assert events[0] == f"listens on port {proxy.port}"
    assert events[1] == "accepted: corrupt_down_at=4, slice=2"
    assert "down: byte 4 corrupted" in events
    assert events[-1] == "closed"


def ours(port: int) -> list[str]:
    return [
        found.status
        for found in psutil.Process().net_connections("tcp")
        if port in (found.laddr.port, found.raddr.port if found.raddr else None)
    ]


def test_leaving_closes_everything(loop: LoopThread, echo: Echo) -> None:
    with contextlib.ExitStack() as stack:
        with Proxy(loop, echo.address) as proxy:
            proxy.script([PASS, PASS, Fault(black_hole=True)])
            clients = [stack.enter_context(connect(proxy)) for _ in range(3)]
            assert ask(clients[0], b"x") == b"x"
            clients[2].sendall(b"lost")
            passages(proxy, lambda found: len(found) == 3)
        assert [client.recv(1) for client in clients] == [b"", b"", b""]
        assert all_closed(proxy.connections)
        assert proxy.injected() == 1
        with pytest.raises(ConnectionRefusedError):
            connect(proxy)
    assert ours(proxy.port) == []


def test_leaving_while_refusing_gives_the_port_back(loop: LoopThread, echo: Echo) -> None:
    with Proxy(loop, echo.address) as proxy:
        proxy.use(Fault(refuse=True))
    with socket.socket() as next_one:
        next_one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        next_one.bind((proxy.host, proxy.port))


def test_what_goes_wrong_inside_is_told_on_leaving(loop: LoopThread, echo: Echo, tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")
    proxy = Proxy(loop, echo.address, wire=wire)

    def scene() -> None:
        with proxy, connect(proxy) as client:
            assert ask(client, b"x") == b"x"
            wire.close()
            with contextlib.suppress(ConnectionError):
                client.sendall(b"y")
                client.recv(1)

    with pytest.raises(InfrastructureError, match=r"proxy link: ") as caught:
        scene()
    assert caught.value.__cause__ is not None
    assert ours(proxy.port) == []


def test_it_can_be_told_something_only_while_entered(loop: LoopThread, echo: Echo) -> None:
    proxy = Proxy(loop, echo.address)
    with pytest.raises(RuntimeError, match="never entered"):
        _ = proxy.port
    with pytest.raises(RuntimeError, match="not entered"):
        proxy.use(PASS)
    assert proxy.connections == ()
    with proxy:
        pass
    with pytest.raises(RuntimeError, match="not entered"):
        proxy.cut()
    with pytest.raises(RuntimeError, match="entered before"), proxy:
        pass


def test_clients_that_are_gone_before_they_are_met_do_no_harm(proxy: Proxy) -> None:
    for _ in range(50):
        with socket.socket() as client:
            client.setblocking(False)
            client.connect_ex((proxy.host, proxy.port))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with connect(proxy) as client:
        assert ask(client, b"x") == b"x"


def test_an_accept_that_fails_is_told_and_does_not_spin(loop: LoopThread, echo: Echo) -> None:
    proxy = Proxy(loop, echo.address)

    async def accept_from_nobody() -> None:
        with socket.socket() as deaf:
            deaf.setblocking(False)
            asyncio.get_running_loop().add_reader(deaf, lambda: None)
            proxy._accept(deaf)

    with pytest.raises(InfrastructureError, match="Invalid argument"), proxy:
        loop.call(accept_from_nobody(), 5)
