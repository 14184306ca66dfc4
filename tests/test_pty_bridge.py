"""A serial line over TCP: what passes, whose answer is whose, and how the line fails."""

import contextlib
import errno
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from support.kit import pty_bridge
from support.kit.deadline import eventually
from support.kit.errors import InfrastructureError, VoidError
from support.kit.loop import LoopThread
from support.kit.owner import sweep_folders
from support.kit.pty_bridge import NoAnswerError, PtyBridge
from support.kit.wire import WireLog

WITHIN = 5.0


@pytest.fixture(scope="module")
def loop() -> Iterator[LoopThread]:
    with LoopThread() as thread:
        yield thread


class Device:
    """Answers `?x` with `=x`, says nothing to `-x` and, while it is mute, to nothing; says what it is told to say."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self.listener.getsockname()
        self.heard: list[bytes] = []
        self.clients: list[socket.socket] = []
        self.mute = False
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # closed: that is the end
            while True:
                client, _ = self.listener.accept()
                self.clients.append(client)
                with contextlib.suppress(OSError):  # cut: the next one, please
                    self._talk(client)

    def _talk(self, client: socket.socket) -> None:
        rest = b""
        while data := client.recv(4096):
            *lines, rest = (rest + data).split(b"\r")
            for line in lines:
                self.heard.append(line)
                if not self.mute and line.startswith(b"?"):
                    self.say(b"=" + line[1:])

    def say(self, line: bytes) -> None:
        self.clients[-1].sendall(line + b"\r")

    def cut(self) -> None:
        self.clients[-1].shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for shut in (self.listener, *self.clients):
            with contextlib.suppress(OSError):
                shut.shutdown(socket.SHUT_RDWR)
        self.thread.join(WITHIN)
        assert not self.thread.is_alive()
        for shut in (self.listener, *self.clients):
            shut.close()


class Program:
    """What opens the line; reads whole lines, each with a limit."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY)
        self._rest = b""

    def say(self, line: bytes) -> None:
        os.write(self.fd, line + b"\r")

    def reads(self, within: float = WITHIN) -> bytes | None:
        """The next line; None when none came; EOFError when the line is dead."""
        end = time.monotonic() + within
        while b"\r" not in self._rest:
            if not select.select([self.fd], [], [], max(0.0, end - time.monotonic()))[0]:
                return None
            data = self._read()
            if not data:
                raise EOFError
            self._rest += data
        line, _, self._rest = self._rest.partition(b"\r")
        return line

    def _read(self) -> bytes:
        try:
            return os.read(self.fd, 4096)
        except OSError as error:
            if error.errno == errno.EIO:
                return b""
            raise

    def close(self) -> None:
        os.close(self.fd)


@pytest.fixture
def device() -> Iterator[Device]:
    one = Device()
    yield one
    one.close()


@pytest.fixture
def make(loop: LoopThread, device: Device) -> Iterator[Callable[..., PtyBridge]]:
    with contextlib.ExitStack() as stack:

        def enter(wire: WireLog | None = None, unanswered: float = 2.0) -> PtyBridge:
            is_reply = lambda line: line.startswith(b"=")  # noqa: E731
            bridge = PtyBridge(loop, device.address, "line 1", wire, is_reply=is_reply, unanswered=unanswered)
            stack.enter_context(bridge)
            bridge.wait_connected(WITHIN)
            soon(lambda: len(device.clients) == 1)
            return bridge

        yield enter


@pytest.fixture
def bridge(make: Callable[..., PtyBridge]) -> PtyBridge:
    return make()


@pytest.fixture
def program(bridge: PtyBridge) -> Iterator[Program]:
    one = Program(bridge.path)
    yield one
    one.close()


def soon(look: Callable[[], bool]) -> None:
    eventually(look, bool, WITHIN, "it comes about")


# --- what passes


def test_lines_pass_both_ways_as_they_are(bridge: PtyBridge, program: Program, device: Device) -> None:
    every_byte = bytes(byte for byte in range(256) if byte != 13)
    program.say(b"?" + every_byte)
    assert program.reads() == b"=" + every_byte
    assert device.heard == [b"?" + every_byte]
    assert (bridge.traffic.up, bridge.traffic.down, bridge.traffic.connections) == (1, 1, 1)


def test_a_line_in_pieces_is_one_line(bridge: PtyBridge, program: Program, device: Device) -> None:
    for piece in (b"?a", b"b", b"c\r?d\r"):
        os.write(program.fd, piece)
    assert (program.reads(), program.reads()) == (b"=abc", b"=d")
    assert [said.line for said in bridge.said] == [b"?abc", b"?d"]


def test_what_the_program_says_is_known_with_its_time(bridge: PtyBridge, program: Program) -> None:
    before = time.monotonic()
    program.say(b"?one")
    assert program.reads() == b"=one"
    program.say(b"-two")
    soon(lambda: len(bridge.said) == 2)
    assert [(said.line, said.passed) for said in bridge.said] == [(b"?one", True), (b"-two", True)]
    assert before <= bridge.said[0].at <= bridge.said[1].at <= time.monotonic()


def test_what_nobody_asked_for_goes_to_the_program_and_to_the_events(bridge: PtyBridge, program: Program, device: Device) -> None:
    device.say(b"boot")
    assert program.reads() == b"boot"
    assert [(event.line, event.passed) for event in bridge.events] == [(b"boot", True)]


def test_a_line_without_an_end_is_passed_on_when_it_grows_too_long(bridge: PtyBridge, program: Program, device: Device) -> None:
    sender = threading.Thread(target=lambda: [os.write(program.fd, b"x" * 1000) for _ in range(6)])
    sender.start()
    sender.join(WITHIN)
    assert not sender.is_alive()
    soon(lambda: sum(len(said.line) for said in bridge.said) > 4096)
    program.say(b"")
    soon(lambda: sum(len(line) for line in device.heard) == 6000)


def test_everything_is_in_the_wire_trace(make: Callable[..., PtyBridge], device: Device, tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")
    bridge = make(wire)
    program = Program(bridge.path)
    program.say(b"?a")
    assert program.reads() == b"=a"
    assert bridge.ask(b"?b", WITHIN) == b"=b"
    bridge.silence()
    program.say(b"?c")
    soon(lambda: bridge.traffic.swallowed_up == 1)
    program.close()
    found = [json.loads(line) for line in wire.path.read_text().splitlines()]
    frames = [(one["from"], one["to"], one["text"], one["note"]) for one in found if "hex" in one]
    assert frames == [
        ("program", "device", "?a.", "via line 1"),
        ("device", "program", "=a.", "via line 1"),
        ("suite", "device", "?b.", "via line 1"),
        ("device", "suite", "=b.", "via line 1"),
        ("program", "device", "?c.", "via line 1, lost: swallowed_up"),
    ]
    assert [one["event"] for one in found if "event" in one] == [
        "the line is there",
        f"connected to 127.0.0.1:{device.address[1]}",
        "silent from now on",
    ]
    assert {one["connection"] for one in found if "hex" in one} == {1}


# --- the suite's own questions


def test_an_answer_to_the_suite_is_not_shown_to_the_program(bridge: PtyBridge, program: Program) -> None:
    assert bridge.ask(b"?a", WITHIN) == b"=a"
    assert bridge.ask(b"?b\r", WITHIN) == b"=b"
    program.say(b"?mine")
    assert program.reads() == b"=mine"
    assert (bridge.traffic.asked, bridge.traffic.down) == (2, 1)


def test_both_ask_all_the_time_and_each_gets_its_own(bridge: PtyBridge, program: Program) -> None:
    def ask(count: int) -> list[bytes]:
        return [bridge.ask(b"?suite %d" % number, WITHIN) for number in range(count)]

    with ThreadPoolExecutor(2) as pool:
        suites = [pool.submit(ask, 150) for _ in range(2)]
        for number in range(150):
            program.say(b"?program %d" % number)
            assert program.reads() == b"=program %d" % number
        for suite in suites:
            assert suite.result() == [b"=suite %d" % number for number in range(150)]
    assert bridge.traffic.unanswered == 0


def test_a_program_that_does_not_wait_for_answers_keeps_the_suite_from_asking_no_longer_than_it_takes(
    bridge: PtyBridge, program: Program
) -> None:
    with ThreadPoolExecutor(1) as pool:
        asking = [pool.submit(bridge.ask, b"?suite %d" % number, WITHIN) for number in range(5)]
        for number in range(100):
            program.say(b"?%d" % number)
        assert [program.reads() for _ in range(100)] == [b"=%d" % number for number in range(100)]
        assert [one.result() for one in asking] == [b"=suite %d" % number for number in range(5)]


def test_the_suite_waits_until_the_program_has_its_answer(bridge: PtyBridge, program: Program, device: Device) -> None:
    device.mute = True
    program.say(b"?mine")
    soon(lambda: device.heard == [b"?mine"])
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(bridge.ask, b"?suite", WITHIN)
        device.mute = False
        device.say(b"=mine")
        assert program.reads() == b"=mine"
        assert asking.result() == b"=suite"
    assert device.heard == [b"?mine", b"?suite"]


def test_an_answer_that_never_comes_keeps_the_suite_for_a_limited_time(make: Callable[..., PtyBridge]) -> None:
    bridge = make(unanswered=0.2)
    program = Program(bridge.path)
    began = time.monotonic()
    program.say(b"-silly")
    soon(lambda: len(bridge.said) == 1)
    assert bridge.ask(b"?suite", WITHIN) == b"=suite"
    assert time.monotonic() - began >= 0.2
    assert bridge.traffic.unanswered == 1
    again = time.monotonic()
    assert bridge.ask(b"?next", WITHIN) == b"=next"
    assert time.monotonic() - again < pty_bridge.SETTLED, "nothing is late any more"
    program.close()


def test_late_answers_are_the_programs(make: Callable[..., PtyBridge], device: Device) -> None:
    bridge = make(unanswered=0.2)
    program = Program(bridge.path)
    device.mute = True
    program.say(b"?a")
    program.say(b"?b")
    soon(lambda: bridge.traffic.unanswered == 2)
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(bridge.ask, b"?suite", WITHIN)
        soon(lambda: device.heard == [b"?a", b"?b", b"?suite"])
        for line in (b"=a", b"=b", b"=suite"):
            device.say(line)
        assert asking.result() == b"=suite"
    assert (program.reads(), program.reads()) == (b"=a", b"=b")
    program.close()


def test_events_and_late_answers_without_a_question_reach_the_program(make: Callable[..., PtyBridge], device: Device) -> None:
    bridge = make(unanswered=0.1)
    program = Program(bridge.path)
    device.mute = True
    program.say(b"?a")
    soon(lambda: bridge.traffic.unanswered == 1)
    device.say(b"=a")
    device.say(b"boot")
    assert (program.reads(), program.reads()) == (b"=a", b"boot")
    program.close()


def test_a_device_that_does_not_answer_the_suite_gets_a_new_connection(
    bridge: PtyBridge, program: Program, device: Device
) -> None:
    device.mute = True
    with pytest.raises(NoAnswerError, match=r"device has not answered b'\?suite' within 0.2 s"):
        bridge.ask(b"?suite", 0.2)
    device.mute = False
    soon(lambda: bridge.connected and bridge.traffic.connections == 2)
    program.say(b"?mine")
    assert program.reads() == b"=mine"


def test_what_the_program_says_while_the_suite_waits_is_held_back_and_not_lost(
    bridge: PtyBridge, program: Program, device: Device
) -> None:
    device.mute = True
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(bridge.ask, b"?suite", WITHIN)
        soon(lambda: device.heard == [b"?suite"])
        program.say(b"?mine")
        assert program.reads(0.1) is None
        device.mute = False
        device.say(b"=suite")
        assert asking.result() == b"=suite"
    assert program.reads() == b"=mine"
    assert device.heard == [b"?suite", b"?mine"]


# --- the connection


def test_a_lost_connection_is_made_again(bridge: PtyBridge, program: Program, device: Device) -> None:
    device.cut()
    soon(lambda: bridge.traffic.connections == 2)
    program.say(b"?a")
    assert program.reads() == b"=a"


def test_an_answer_that_is_lost_with_the_connection_is_told_at_once(bridge: PtyBridge, device: Device) -> None:
    device.mute = True
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(bridge.ask, b"?suite", 60.0)
        soon(lambda: device.heard == [b"?suite"])
        device.cut()
        with pytest.raises(NoAnswerError, match="the connection to device was lost"):
            asking.result(WITHIN)


def test_without_a_device_the_program_talks_to_nobody_until_it_is_back(loop: LoopThread, device: Device) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        nowhere: tuple[str, int] = gone.getsockname()
    with PtyBridge(loop, nowhere, "line", is_reply=lambda line: line.startswith(b"=")) as bridge:
        program = Program(bridge.path)
        program.say(b"?a")
        soon(lambda: bridge.traffic.nobody == 1)
        assert not bridge.connected
        assert [said.passed for said in bridge.said] == [False]
        with pytest.raises(NoAnswerError, match=f"device is not reached at 127.0.0.1:{nowhere[1]} within 0.1 s"):
            bridge.wait_connected(0.1)
        with pytest.raises(NoAnswerError, match="has not answered"):
            bridge.ask(b"?suite", 0.1)
        bridge.redirect(device.address)
        assert bridge.ask(b"?suite", WITHIN) == b"=suite"
        program.say(b"?b")
        assert program.reads() == b"=b"
        program.close()
    assert device.heard == [b"?suite", b"?b"]


# --- faults of the line


def test_the_program_sees_the_end_of_a_cut_line_and_finds_it_again_where_it_was(
    bridge: PtyBridge, program: Program, device: Device
) -> None:
    assert bridge.cut()
    with pytest.raises(EOFError):
        program.reads()
    with pytest.raises(OSError, match="Input/output error"):
        program.say(b"?a")
    with pytest.raises(FileNotFoundError):
        Program(bridge.path)
    device.say(b"boot")
    assert bridge.ask(b"?suite", WITHIN) == b"=suite"
    assert bridge.is_cut
    bridge.restore()
    again = Program(bridge.path)
    again.say(b"?b")
    assert again.reads() == b"=b"
    again.close()
    assert (bridge.traffic.cuts, bridge.traffic.swallowed_down) == (1, 1)
    assert [event.passed for event in bridge.events] == [False]


def test_a_line_that_nobody_had_open_is_cut_without_effect(bridge: PtyBridge) -> None:
    assert not bridge.cut()
    assert not bridge.cut()
    bridge.restore()
    bridge.restore()
    assert bridge.traffic.cuts == 0
    assert bridge.path.exists()


def test_it_can_be_cut_and_restored_many_times(bridge: PtyBridge) -> None:
    for number in range(20):
        program = Program(bridge.path)
        program.say(b"?%d" % number)
        assert program.reads() == b"=%d" % number
        assert bridge.cut()
        bridge.restore()
        program.close()


def test_a_silent_line_swallows_both_ways_and_heals(bridge: PtyBridge, program: Program, device: Device) -> None:
    bridge.silence()
    program.say(b"?lost")
    device.say(b"boot")
    soon(lambda: (bridge.traffic.swallowed_up, bridge.traffic.swallowed_down) == (1, 1))
    assert bridge.ask(b"?suite", WITHIN) == b"=suite"
    bridge.heal()
    program.say(b"?a")
    assert program.reads() == b"=a"
    assert device.heard == [b"?suite", b"?a"]
    assert [(said.line, said.passed) for said in bridge.said] == [(b"?lost", False), (b"?a", True)]


def test_an_answer_that_comes_in_silence_is_swallowed_and_closes_its_question(
    bridge: PtyBridge, program: Program, device: Device
) -> None:
    device.mute = True
    program.say(b"?a")
    soon(lambda: device.heard == [b"?a"])
    bridge.silence()
    device.mute = False
    device.say(b"=a")
    soon(lambda: bridge.traffic.swallowed_down == 1)
    assert bridge.ask(b"?suite", WITHIN) == b"=suite"


def test_made_up_bytes_reach_the_program_and_no_device(bridge: PtyBridge, program: Program, device: Device) -> None:
    bridge.inject(b"=wrong\r")
    assert program.reads() == b"=wrong"
    assert (bridge.traffic.injected, device.heard) == (1, [])


@pytest.mark.parametrize("fault", [PtyBridge.cut, PtyBridge.silence])
def test_made_up_bytes_that_cannot_reach_the_program_are_void(bridge: PtyBridge, fault: Callable[[PtyBridge], object]) -> None:
    fault(bridge)
    with pytest.raises(VoidError, match="of 3 bytes to inject 0 got onto the line"):
        bridge.inject(b"abc")
    assert bridge.traffic.injected == 0


def test_a_program_that_does_not_read_overruns_and_stops_nobody(bridge: PtyBridge, program: Program, device: Device) -> None:
    for _ in range(100):
        device.say(b"event " + b"x" * 200)
    soon(lambda: len(bridge.events) == 100)
    assert bridge.traffic.overrun > 0
    assert bridge.traffic.overrun + bridge.traffic.down == 100
    assert bridge.ask(b"?suite", WITHIN) == b"=suite"


# --- coming and going


def test_it_can_be_told_something_only_while_entered(loop: LoopThread, device: Device) -> None:
    bridge = PtyBridge(loop, device.address, "line", is_reply=bool)
    with pytest.raises(RuntimeError, match="not entered"):
        bridge.cut()
    with bridge:
        assert bridge.path.exists()
    assert not bridge.path.parent.exists()
    with pytest.raises(RuntimeError, match="not entered"):
        bridge.ask(b"?a", 1.0)
    with pytest.raises(RuntimeError, match="entered before"), bridge:
        pass


def test_leaving_closes_everything(loop: LoopThread, device: Device) -> None:
    before = psutil.Process().num_fds()
    for fault in (None, PtyBridge.cut, PtyBridge.silence):
        with PtyBridge(loop, device.address, "line", is_reply=bool) as bridge:
            bridge.wait_connected(WITHIN)
            if fault is not None:
                fault(bridge)
        assert not bridge.connected
    soon(lambda: psutil.Process().num_fds() - len(device.clients) <= before)


def test_a_question_that_nobody_waits_for_any_more_does_not_outlive_the_bridge(loop: LoopThread, device: Device) -> None:
    device.mute = True
    with ThreadPoolExecutor(1) as pool:
        with PtyBridge(loop, device.address, "line", is_reply=bool) as bridge:
            asking = pool.submit(bridge.ask, b"?a", 60.0)
            soon(lambda: device.heard == [b"?a"])
        with pytest.raises(NoAnswerError, match="was lost"):
            asking.result(WITHIN)


def test_what_goes_wrong_inside_is_told_on_leaving(loop: LoopThread, device: Device, tmp_path: Path) -> None:
    wire = WireLog(tmp_path / "wire.jsonl")

    def scene() -> None:
        with PtyBridge(loop, device.address, "line", wire, is_reply=bool) as bridge:
            bridge.wait_connected(WITHIN)
            wire.close()
            os.close(os.open(bridge.path, os.O_RDWR | os.O_NOCTTY))
            program = Program(bridge.path)
            program.say(b"?a")
            soon(lambda: device.heard == [b"?a"])
            program.close()

    with pytest.raises(InfrastructureError, match="bridge line: ValueError"):
        scene()


def test_what_a_killed_run_has_left_is_swept_by_the_next(loop: LoopThread, device: Device) -> None:
    script = (
        "import os, signal\n"
        "from support.kit.pty_end import PtyEnd\n"
        "end = PtyEnd()\nend.open()\nprint(end.path, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, check=False, timeout=30)
    left = Path(killed.stdout.strip()).parent
    assert left.is_dir()
    assert left.parent == Path(tempfile.gettempdir())
    with PtyBridge(loop, device.address, "line", is_reply=bool) as bridge:
        assert not left.exists()
        sweep_folders(left.parent, "pty")
        assert bridge.path.exists(), "a living run's are left alone"
