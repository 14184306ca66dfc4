import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.kit import sockets as module
from support.kit.deadline import eventually
from support.kit.process import ManagedProcess
from support.kit.sockets import asking, connecting, refused_attempts

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only Linux drops what a full queue cannot take")
LONG = 30.0


@contextmanager
def black_hole() -> Iterator[int]:
    """A port that answers no attempt: its queue takes one connection, and that one is there."""
    with socket.socket() as server, socket.socket() as filler:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        filler.connect(server.getsockname())
        yield server.getsockname()[1]


@contextmanager
def attempt(port: int) -> Iterator[int]:
    """An attempt of this process to connect; its local port."""
    with socket.socket() as client:
        client.setblocking(False)
        client.connect_ex(("127.0.0.1", port))
        yield client.getsockname()[1]


@linux_only
def test_attempts_into_a_black_hole_are_seen_as_long_as_they_last() -> None:
    with black_hole() as port:
        assert connecting([os.getpid()], port) == frozenset()
        with attempt(port) as first, attempt(port) as second:
            assert connecting([os.getpid()], port) == frozenset({first, second})
        assert connecting([os.getpid()], port) == frozenset()


@linux_only
def test_only_attempts_towards_the_port_count() -> None:
    with black_hole() as port, black_hole() as other, attempt(port) as mine, attempt(other) as elsewhere:
        assert connecting([os.getpid()], port) == frozenset({mine})
        assert connecting([os.getpid()], other) == frozenset({elsewhere})
        assert connecting([os.getpid()], mine) == frozenset()


@linux_only
def test_only_the_attempts_of_the_processes_count(tmp_path: Path) -> None:
    code = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])))"
    with black_hole() as port, attempt(port) as mine:
        argv = [sys.executable, "-I", "-S", "-c", code, str(port)]
        with ManagedProcess.start(argv, name="client", log=tmp_path / "client.log") as client:
            theirs = eventually(lambda: connecting([client.pid], port), bool, LONG, "the client tries")
            assert len(theirs) == 1
            assert mine not in theirs
            assert connecting({client.pid, os.getpid()}, port) == theirs | {mine}
            assert connecting([], port) == frozenset()
            # As if the link were cut: nothing but the process's own sockets tells of the attempt.
            os.kill(client.pid, signal.SIGKILL)
            client.wait(LONG)
            assert connecting([client.pid], port) == frozenset()
            assert connecting([client.pid, os.getpid()], port) == frozenset({mine})


@linux_only
def test_attempts_of_the_whole_machine_are_seen_by_their_port() -> None:
    with black_hole() as port, black_hole() as other:
        assert asking(port) == frozenset()
        with attempt(port) as first, attempt(other), attempt(port) as second:
            assert asking(port) == frozenset({first, second})
        assert asking(port) == frozenset()


def test_where_there_is_no_table_nothing_is_said(tmp_path: Path) -> None:
    assert module._asking(tmp_path / "tcp", 1) is None


def test_connections_and_listeners_are_no_attempts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)), server.accept()[0]:
            assert connecting([os.getpid()], port) == frozenset()


@linux_only
def test_a_refused_attempt_is_counted() -> None:
    before = refused_attempts()
    assert before is not None
    with socket.socket() as bound, socket.socket() as client:
        bound.bind(("127.0.0.1", 0))  # and does not listen
        with pytest.raises(ConnectionRefusedError):
            client.connect(bound.getsockname())
    after = refused_attempts()
    assert after is not None
    assert after > before


def test_the_count_is_found_by_its_name(tmp_path: Path) -> None:
    snmp = tmp_path / "snmp"
    snmp.write_text(
        "Ip: Forwarding DefaultTTL\nIp: 1 64\n"
        "Tcp: RtoMin MaxConn ActiveOpens AttemptFails InSegs\nTcp: 200 -1 19 3 3828\n"
        "Udp: InDatagrams\nUdp: 7\n"
    )
    assert module._attempt_fails(snmp) == 3


def test_there_is_no_count_where_the_system_keeps_none(tmp_path: Path) -> None:
    assert module._attempt_fails(tmp_path / "none") is None
