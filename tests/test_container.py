"""Programs in containers: what they may not do, their ports and logs, and how they are stopped. Needs a Docker engine."""

import contextlib
import json
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from container_parts import ECHO, WITHIN, Yard, containers_of, swept, yard

from support.kit.container import HOST, Container, ContainerDiedError, ContainerError, ContainerNotReadyError
from support.kit.engine import EngineError
from support.kit.errors import VoidError

__all__ = ["swept", "yard"]

STATES = """
import signal, sys, time
def end(number, frame):
    print("asked to end")
    sys.exit(7)
signal.signal(signal.SIGTERM, end)
print("runs")
time.sleep(60)
"""


def asks(container: Container, data: bytes = b"x", within: float = WITHIN) -> bytes:
    with socket.create_connection((HOST, container.port(8000)), timeout=within) as client:
        client.sendall(data)
        return client.recv(4096)


def answers(container: Container) -> bool:
    with contextlib.suppress(OSError):
        return asks(container, within=1.0) == b"x"
    return False


def echo(yard: Yard, **wishes: object) -> Container:
    container = yard.python(ECHO, ports=[8000], **wishes)
    container.wait_ready(lambda: answers(container), WITHIN, "it answers")
    return container


def running(yard: Yard) -> Container:
    container = yard.python(STATES)
    container.wait_ready(lambda: "runs" in container.logged(), WITHIN, "it runs")
    return container


# --- what it may not do


def test_it_has_no_rights(yard: Yard) -> None:
    said = yard.says("""
        import json, os
        status = dict(line.split(":\\t", 1) for line in open("/proc/self/status").read().splitlines() if ":\\t" in line)
        def why_not(path):
            try:
                open(path, "w").close()
            except OSError as error:
                return error.strerror
        print(json.dumps({
            "user": [os.getuid(), os.getgid()],
            "rights": [status[key].strip() for key in ("CapPrm", "CapEff", "CapBnd", "NoNewPrivs")],
            "root": why_not("/file"), "var": why_not("/var/file"), "tmp": why_not("/tmp/file"), "dev": os.path.exists("/dev/mem"),
            "interfaces": os.listdir("/sys/class/net"),
        }))
        """)
    assert json.loads(said) == {
        "user": [65534, 65534],
        "rights": ["0000000000000000"] * 3 + ["1"],
        "root": "Read-only file system",
        "var": "Read-only file system",
        "tmp": None,
        "dev": False,
        "interfaces": ["lo"],
    }


def test_memory_that_it_must_not_have_ends_it(yard: Yard) -> None:
    container = yard.python("held = [bytearray(1 << 20) for _ in range(500)]; print('too much')", memory="48m")
    assert container.wait(WITHIN) == 137
    assert "too much" not in container.logged()
    with pytest.raises(ContainerDiedError, match="ended with exit code 137, out of memory since noon"):
        container.require_alive("noon")


def test_it_starts_so_many_processes_and_no_more(yard: Yard) -> None:
    said = yard.says(
        """
        import os, time
        for count in range(100):
            try:
                if os.fork() == 0:
                    time.sleep(30)
            except OSError as error:
                print(count, error.strerror)
                break
        """,
        pids=10,
    )
    assert said == "9 Resource temporarily unavailable\n"


def test_what_a_test_wishes_it_gets(yard: Yard) -> None:
    said = yard.says(
        "import os; open('/state/file', 'w').close(); print(os.environ['COLOUR'], os.getuid())",
        env={"COLOUR": "green"},
        tmpfs=["/state"],
        user="1234:1234",
    )
    assert said == "green 1234\n"


# --- ports


def test_its_port_is_published_for_this_machine_only(yard: Yard) -> None:
    container = echo(yard)
    assert asks(container, b"hello") == b"hello"
    published = yard.engine.api.inspect_container(container.id)["NetworkSettings"]["Ports"]["8000/tcp"]
    assert published == [{"HostIp": "127.0.0.1", "HostPort": str(container.port(8000))}]
    with pytest.raises(KeyError):
        container.port(8001)


def test_several_at_once_have_ports_of_their_own(yard: Yard) -> None:
    one, two = echo(yard, name="one"), echo(yard, name="two")
    assert one.port(8000) != two.port(8000)
    assert (asks(one), asks(two)) == (b"x", b"x")
    assert one.ip != two.ip


def test_a_start_takes_less_than_two_seconds_and_more_on_a_busy_machine(yard: Yard) -> None:
    taken = []
    for number in range(3):
        began = time.monotonic()
        echo(yard, name=f"it-{number}")
        taken.append(time.monotonic() - began)
    assert min(taken) < 5


# --- log


def test_all_that_it_says_is_in_the_log_once_and_goes_on_after_a_new_start(yard: Yard) -> None:
    # The two streams arrive in pieces that need not end where a line ends, so each has signs of its own.
    container = yard.python("""
        import sys
        for number in range(1000):
            sys.stdout.write(f"{number} ")
            sys.stderr.write("".join(chr(ord("a") + int(digit)) for digit in str(number)) + "\\n")
        """)
    numbers = list(map(str, range(1000)))
    words = ["".join(chr(ord("a") + int(digit)) for digit in number) for number in numbers]

    def said(text: str) -> tuple[list[str], list[str]]:
        return "".join(re.findall(r"[\d ]", text)).split(), "".join(re.findall(r"[a-j\n]", text)).split()

    assert container.wait(WITHIN) == 0
    first = container.logged()
    assert said(first) == (numbers, words)
    container.start()
    assert container.wait(WITHIN) == 0
    assert said(container.logged()) == (numbers, words)
    assert len(container.log.read_text()) == 2 * len(first)
    assert container.log_tail(1) == container.log.read_text().splitlines()[-1]


def test_a_log_that_cannot_be_written_is_told_at_the_end(yard: Yard, tmp_path: Path) -> None:
    (tmp_path / "full.log").symlink_to("/dev/full")
    container = yard.python(STATES, name="full")
    assert container.alive
    time.sleep(0.2)  # for a while it runs on all the same
    assert container.alive
    with pytest.raises(ContainerError, match=r"the log of full is not whole: .*No space left"):
        container.remove()


# --- being ready


def test_one_that_ends_before_it_is_ready_tells_its_last_words(yard: Yard) -> None:
    container = yard.python("print('no lamp'); raise SystemExit(3)")
    with pytest.raises(
        ContainerDiedError, match=r"(?s)it \(container plainwire-.*exit code 3 before it was ready \(light\).*no lamp"
    ):
        container.wait_ready(lambda: False, WITHIN, "light")
    assert container.returncode == 3


def test_one_that_is_not_ready_in_time_tells_what_is_missing(yard: Yard) -> None:
    container = running(yard)
    with pytest.raises(ContainerNotReadyError, match=r"(?s)not ready within 0.1 s: light; its log ends:\nruns"):
        container.wait_ready(lambda: False, 0.1, "light")
    with pytest.raises(ContainerError, match=r"still runs after 0.1 s"):
        container.wait(0.1)
    container.require_alive()


# --- faults


def test_a_paused_one_does_not_answer_and_goes_on_afterwards(yard: Yard) -> None:
    container = echo(yard)
    with socket.create_connection((HOST, container.port(8000)), timeout=WITHIN) as client:
        container.pause()
        client.sendall(b"late")
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(4096)
        assert container.alive
        container.unpause()
        client.settimeout(WITHIN)
        assert client.recv(4096) == b"late"


def test_a_killed_one_is_gone_and_starts_again_on_another_port(yard: Yard) -> None:
    container = echo(yard)
    container.kill()
    assert (container.alive, container.returncode) == (False, 137)
    assert not answers(container)
    container.start()
    container.wait_ready(lambda: answers(container), WITHIN, "it answers")
    assert container.returncode is None
    assert re.fullmatch(r"(listens\n){2}", container.log.read_text())


def test_one_is_asked_to_end_and_has_its_time(yard: Yard) -> None:
    container = running(yard)
    assert container.stop() == 7
    assert container.log_tail(1) == "asked to end"
    assert container.stop() == 7


def test_one_that_does_not_end_is_ended(yard: Yard) -> None:
    container = yard.python("import signal, time; signal.signal(15, signal.SIG_IGN); print('runs'); time.sleep(60)")
    container.wait_ready(lambda: "runs" in container.logged(), WITHIN, "it runs")
    assert container.stop(1) == 137


def test_a_paused_one_can_be_stopped(yard: Yard) -> None:
    container = running(yard)
    container.pause()
    assert container.stop() == 7


def test_a_signal_reaches_the_program(yard: Yard) -> None:
    container = running(yard)
    container.kill("SIGTERM")
    assert container.wait(WITHIN) == 7


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Container.pause, "cannot pause: it is exited"),
        (Container.unpause, "cannot go on: it is exited"),
        (Container.kill, "cannot be killed: it is exited"),
    ],
)
def test_a_fault_that_cannot_strike_is_void(yard: Yard, fault: Callable[[Container], None], text: str) -> None:
    container = yard.python("print('short')")
    container.wait(WITHIN)
    with pytest.raises(VoidError, match=text):
        fault(container)


def test_what_is_so_already_is_void(yard: Yard) -> None:
    container = running(yard)
    with pytest.raises(VoidError, match="cannot go on: it is running"):
        container.unpause()
    with pytest.raises(VoidError, match="cannot be started: it is running"):
        container.start()
    container.pause()
    with pytest.raises(VoidError, match="cannot pause: it is paused"):
        container.pause()


# --- coming and going


def test_leaving_removes_it_however_it_is(yard: Yard) -> None:
    states: list[Callable[[Container], object]] = [
        lambda one: one,
        Container.pause,
        Container.kill,
        Container.stop,
        Container.remove,
    ]
    for change in states:
        with running(yard) as container:
            change(container)
        assert container.full_name not in " ".join(containers_of(yard.engine, yard.engine.run))
        assert not container.alive
        container.remove()


def test_one_that_cannot_be_started_leaves_nothing(yard: Yard, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"cannot start it from the image plainwire-none:1: .*No such image"):
        Container.run("plainwire-none:1", name="it", log=tmp_path / "log")
    with pytest.raises(EngineError, match=r"cannot start it: .*nonsense"):
        Container.run(yard.image, name="it", log=tmp_path / "log", command=["nonsense"])
    assert containers_of(yard.engine, yard.engine.run) == []


def test_one_without_a_network_has_no_address(yard: Yard) -> None:
    with pytest.raises(ContainerError, match="it has no address in the network bridge"):
        _ = running(yard).ip
