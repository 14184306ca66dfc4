"""The reference power board as a process: its serial line, its HTTP side, and how it starts and ends."""

import http.client
import json
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from support.peers.protocol import read_line
from support.peers.reference.emulator import __version__

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = (sys.executable, "-m", "support.peers.reference.emulator")
VARIABLES = ("HOST", "WEB_PORT", "SERIAL_TCP_PORT", "SERIAL_MODE", "MAX_CURRENT", "LOG_LEVEL")
FREE = ("--web-port=0", "--serial-port=0")
REFUSED = b"$NK^21\r"
LIMIT = 5.0


def environment(**more: str) -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name not in VARIABLES}, **more}


class Serial:
    """A connection to the serial line."""

    def __init__(self, port: int, buffers: int = 0) -> None:
        self.socket = socket.socket()
        self.socket.settimeout(LIMIT)
        for which in (socket.SO_RCVBUF, socket.SO_SNDBUF) if buffers else ():
            self.socket.setsockopt(socket.SOL_SOCKET, which, buffers)
        self.socket.connect(("127.0.0.1", port))
        self._left = b""

    def send(self, raw: bytes) -> None:
        self.socket.sendall(raw)

    def next(self) -> bytes:
        """The next line with its CR; what there is of it where the connection has ended."""
        while b"\r" not in self._left:
            piece = self.socket.recv(65_536)
            if not piece:
                ended, self._left = self._left, b""
                return ended
            self._left += piece
        line, _, self._left = self._left.partition(b"\r")
        return line + b"\r"

    def told(self) -> str:
        """The text of the next line, whose check is right."""
        return read_line(self.next()[:-1]).text

    def ask(self, text: str) -> str:
        self.send(text.encode() + b"\r")
        return self.told()

    def quiet(self, seconds: float = 0.1) -> bool:
        return not self._left and not select.select([self.socket], [], [], seconds)[0]


class Running:
    """A board that answers."""

    def __init__(self, process: subprocess.Popen[str], log: Path, ready: dict[str, object], resources: ExitStack) -> None:
        self.process = process
        self.log = log
        self.ready = ready
        self._resources = resources

    def serial(self, buffers: int = 0) -> Serial:
        serial = Serial(self.ready["serial_port"], buffers)
        self._resources.callback(serial.socket.close)
        # The board has it once it has answered: from then on it hears events.
        assert serial.ask("$GV") == "$OK 8.2.1 5.2.1"
        return serial

    def http(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, object]:
        request = Request(f"http://127.0.0.1:{self.ready['web_port']}{path}", data=body, method=method, headers=headers)
        try:
            with urlopen(request, timeout=LIMIT) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def post(self, path: str, **fields: object) -> object:
        code, told = self.http("POST", f"/api/{path}", json.dumps(fields).encode() if fields else None)
        assert code == 200, told
        assert told["ok"] is True
        return told

    def status(self) -> dict[str, dict[str, object]]:
        code, told = self.http("GET", "/api/status")
        assert code == 200
        return told

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(LIMIT)


@contextmanager
def board(folder: Path, *flags: str, **variables: str) -> Iterator[Running]:
    log = folder / f"log-{len(list(folder.iterdir()))}"
    with log.open("w") as stderr:
        process = subprocess.Popen(
            (*PROGRAM, *flags), cwd=ROOT, env=environment(**variables), stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    with ExitStack() as resources:
        try:
            first = process.stdout.readline()
            assert first, log.read_text()
            yield Running(process, log, json.loads(first), resources)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
    assert "request_crashed" not in log.read_text()
    assert not [line for line in log.read_text().splitlines() if "raceback" in line]


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    with board(tmp_path_factory.mktemp("board"), *FREE) as running:
        yield running


@pytest.fixture
def it(shared):
    """The shared board as it was at its start, but for what it counts."""
    shared.post("errors/clear")
    shared.post("ev/disconnect")
    shared.post("ev/soc", soc=40)
    shared.post("ev/direct_current", current=32)
    shared.post("evse/enable")
    shared.post("evse/current", current=32)
    shared.serial().ask("$SY 0 0")
    return shared


# --- starting and ending


def test_the_ready_line_is_one_and_names_both_ports(tmp_path):
    with board(tmp_path, *FREE) as running:
        assert running.ready["ready"] is True
        assert running.ready["web_port"] != running.ready["serial_port"]
        assert running.status()["evse"]["state"] == "A"
        assert running.serial().ask("$GS") == "$OK 01 0 01 0000"
        assert running.stop() == 0
        assert running.process.stdout.read() == ""
        events = [line["event"] for line in running.lines()]
        assert {"board_started", "board_stopping", "board_ended"} <= set(events)


def test_the_environment_sets_what_flags_do_and_flags_win(tmp_path):
    variables = {"WEB_PORT": "0", "SERIAL_TCP_PORT": "0", "SERIAL_MODE": "tcp", "MAX_CURRENT": "48", "LOG_LEVEL": "error"}
    with board(tmp_path, **variables) as running:
        assert running.serial().ask("$GC") == "$OK 6 48 48 48"
        assert running.lines() == []
    with board(tmp_path, "--max-current=16", "--serial-mode=tcp", **variables | {"SERIAL_MODE": "pty"}) as running:
        assert running.serial().ask("$GC") == "$OK 6 16 16 16"


def test_a_host_that_is_not_there_is_told():
    done = subprocess.run(
        (*PROGRAM, *FREE), cwd=ROOT, env=environment(HOST="192.0.2.1"), capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "192.0.2.1" in done.stderr.splitlines()[-1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_soon_also_with_clients_that_stay(tmp_path, number):
    with board(tmp_path, *FREE) as running:
        serial = running.serial()
        client = http.client.HTTPConnection("127.0.0.1", running.ready["web_port"], timeout=LIMIT)
        client.request("GET", "/api/status")
        assert client.getresponse().read()
        with socket.create_connection(("127.0.0.1", running.ready["web_port"])) as slow:
            slow.sendall(b"POST /api/ev/soc HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            begin = time.monotonic()
            assert running.stop(number) == 0
            assert time.monotonic() - begin < 3
        assert serial.next() == b""
        client.close()


def test_a_signal_while_it_starts_ends_it_well():
    for wait in (0.06, 0.12, 0.18):
        process = subprocess.Popen((*PROGRAM, *FREE), cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(wait)
        process.terminate()
        out, said = process.communicate(timeout=LIMIT)
        # Before the program is there at all the signal is the system's business.
        assert process.returncode in (0, -signal.SIGTERM)
        assert b"Traceback" not in said
        assert out.count(b"\n") <= 1


@pytest.mark.parametrize(
    ("flags", "variables"),
    [
        (("--web-port=x",), {}), (("--web-port=65536",), {}), (("--serial-port=-1",), {}), (("--serial-mode=pty",), {}),
        (("--max-current=5",), {}), (("--max-current=81",), {}), (("--host=",), {}), (("--nothing",), {}), (("more",), {}),
        (("--log-level=loud",), {}), (("--web=0",), {}), ((), {"SERIAL_MODE": "pty"}), ((), {"WEB_PORT": "80a"}),
        ((), {"SERIAL_TCP_PORT": "99999"}), ((), {"MAX_CURRENT": "many"}),
    ],
)  # fmt: skip
def test_bad_arguments_are_told_in_one_line(flags, variables):
    done = subprocess.run(
        (*PROGRAM, *flags), cwd=ROOT, env=environment(**variables), capture_output=True, text=True, timeout=LIMIT, check=False
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert all(name in done.stderr for name in variables)


@pytest.mark.parametrize("flag", ["--web-port", "--serial-port"])
def test_a_port_that_is_taken_is_told(flag):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            (*PROGRAM, *FREE, f"{flag}={port}"),
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
    assert (done.returncode, done.stdout) == (3, "")
    assert f":{port}: " in done.stderr.splitlines()[-1]


def test_its_version():
    done = subprocess.run((*PROGRAM, "--version"), cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False)
    assert (done.returncode, done.stdout) == (0, f"power-board {__version__}\n")


def test_two_at_once_do_not_know_each_other(tmp_path, it):
    with board(tmp_path, *FREE) as other:
        it.post("ev/connect")
        assert other.status()["evse"]["state"] == "A"
        assert other.serial().ask("$SC 10") == "$OK 10"
        assert it.status()["evse"]["capacity"] == 32


def test_it_writes_nothing_and_needs_no_folder_of_its_own(tmp_path):
    folder = tmp_path / "empty"
    folder.mkdir()
    process = subprocess.Popen(
        (*PROGRAM, *FREE), cwd=folder, env=environment(PYTHONPATH=str(ROOT)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert json.loads(process.stdout.readline())["ready"] is True
        assert list(folder.iterdir()) == []
    finally:
        process.kill()
        process.communicate()


# --- the serial line


def test_replies_come_before_the_events_that_they_cause(it):
    serial = it.serial()
    it.post("ev/connect")
    it.post("ev/request_charge")
    assert [serial.told(), serial.told()] == ["$AT 02 02 32 0100", "$AT 03 03 32 0140"]
    serial.send(b"$FS\r$FE\r$FR\r$GE\r")
    assert [serial.told() for _ in range(7)] == [
        "$OK", "$AT FE 02 32 0100", "$OK", "$AT 03 03 32 0140", "$OK", "$AB 00 8.2.1", "$OK 32 0001",
    ]  # fmt: skip
    assert serial.quiet()


def test_events_go_to_every_connection_and_replies_to_who_asked(it):
    one, two, three = it.serial(), it.serial(), it.serial()
    assert one.ask("$SC 10") == "$OK 10"
    it.post("ev/connect")
    assert {each.told() for each in (one, two, three)} == {"$AT 02 02 10 0100"}
    two.send(b"$FR\r")
    assert two.told() == "$OK"
    assert {each.told() for each in (one, two, three)} == {"$AB 00 8.2.1"}
    assert one.quiet()
    assert three.quiet()


def test_who_connects_later_hears_nothing_of_the_boot(it):
    it.serial().ask("$FR")
    with socket.create_connection(("127.0.0.1", it.ready["serial_port"])) as late:
        assert not select.select([late], [], [], 0.2)[0]


def test_a_line_may_come_in_pieces_and_several_at_once(it):
    serial = it.serial()
    for piece in (b"$", b"G", b"V^3", b"5"):
        serial.send(piece)
        assert serial.quiet(0.02)
    serial.send(b"\r$GE\r\r$GC\r$G")
    assert [serial.next()[:3] for _ in range(4)] == [b"$OK", b"$OK", b"$NK", b"$OK"]
    assert serial.quiet(0.02)
    assert serial.ask("P") == "$OK 250 -2560 -2560"


def test_a_refused_line_is_counted(it):
    before = it.status()["rapi"]["refused"]
    serial = it.serial()
    for line in (b"$GS^31", b"GS", b"", b"$XX", b"\xff", b"$SC x"):
        serial.send(line + b"\r")
        assert serial.next() == REFUSED
    assert serial.ask("$GV^35") == "$OK 8.2.1 5.2.1"
    assert it.status()["rapi"]["refused"] == before + 6


def test_a_line_without_end_is_refused_once_and_costs_nothing(tmp_path):
    with board(tmp_path, *FREE) as running:
        serial = running.serial()
        before = resident(running.process.pid)
        for _ in range(600):
            serial.send(b"$GS " * 10_000)
        assert resident(running.process.pid) - before < 10_000_000
        serial.send(b"\r")
        assert serial.next() == REFUSED
        assert serial.ask("$GV") == "$OK 8.2.1 5.2.1"


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_twenty_thousand_lines_at_random_have_as_many_answers(it):
    chance = random.Random(11)
    texts = ["$GS", "$GS^30", "$GS^31", "$GG", "$SC 16", "$SC 7 V", "$SC", "$XX", "$SY", "", "$", "GE", "$GU", "$FE"]
    lines = [
        chance.choice(texts).encode() if chance.random() < 0.8 else chance.randbytes(chance.randrange(40)) for _ in range(20_000)
    ]
    lines = [line.replace(b"\r", b"?") for line in lines]
    before, serial = it.status()["rapi"]["refused"], it.serial()
    refused = 0
    for start in range(0, len(lines), 1000):
        some = lines[start : start + 1000]
        serial.send(b"".join(line + b"\r" for line in some))
        for line in some:
            answer = serial.next()
            read_line(answer[:-1])
            if answer == REFUSED:
                refused += 1
            else:
                assert answer.startswith(b"$OK"), (line, answer)
                assert line[:3] in {b"$GS", b"$GG", b"$SC", b"$SY", b"$GU", b"$FE"}, (line, answer)
    assert it.status()["rapi"]["refused"] - before == refused
    assert serial.quiet()
    assert 5_000 < refused < 15_000


def test_a_client_that_does_not_read_is_answered_when_it_does_and_holds_up_nobody(it):
    greedy, other = it.serial(buffers=65_536), it.serial()
    greedy.socket.setblocking(False)
    sent = 0
    while select.select([], [greedy.socket], [], 1.0)[1]:
        sent += greedy.socket.send(b"$GV\r" * 10_000)
        assert sent < 1_500_000, "the board reads on although nobody reads its answers"
    assert other.ask("$GV") == "$OK 8.2.1 5.2.1"
    greedy.socket.setblocking(True)
    greedy.socket.settimeout(LIMIT)
    greedy.socket.shutdown(socket.SHUT_WR)
    answers = b"".join(iter(lambda: greedy.socket.recv(1_000_000), b""))
    assert answers == b"$OK 8.2.1 5.2.1^2D\r" * (sent // 4)


def test_a_connection_that_breaks_leaves_the_others_alone(it):
    staying, going = it.serial(), it.serial()
    going.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    going.send(b"$GS\r" * 1000)
    going.socket.close()
    it.post("ev/connect")
    assert staying.told() == "$AT 02 02 32 0100"
    assert it.status()["rapi"]["connections"] >= 1


# --- HTTP


def test_the_status_is_complete(it):
    it.post("ev/connect")
    it.post("ev/request_charge")
    it.post("evse/current", current=16)
    told = it.status()
    session = {name: told["evse"].pop(name) for name in ("session_wh", "session_s")}
    assert told["evse"] == {
        "state": "C", "code": 3, "capacity": 16, "amps": 16.0, "voltage": 240, "enabled": True, "asleep": False, "faults": [],
    }  # fmt: skip
    assert told["ev"] == {"connected": True, "requesting": True, "soc": 40.0, "draw_limit": 32.0}
    assert set(told["rapi"]) >= {"refused"}
    assert session["session_s"] >= 0


def test_what_is_done_over_http_is_seen_on_the_serial_line(it):
    serial = it.serial()
    told = []
    for path in ("ev/connect", "ev/request_charge", "evse/disable", "evse/enable", "ev/stop_charge", "ev/disconnect"):
        it.post(path)
        told.append(serial.told().split()[1])
    assert told == ["02", "03", "FF", "03", "02", "01"]
    it.post("ev/connect")
    it.post("ev/request_charge")
    assert it.post("evse/current", current=20)["current"] == 20
    assert it.post("evse/current", current=4)["current"] == 6
    assert it.post("evse/current", current=500)["current"] == 32
    it.post("ev/soc", soc=90)
    it.post("ev/direct_current", current=20.5)
    assert [serial.told() for _ in range(2)] == ["$AT 02 02 32 0100", "$AT 03 03 32 0140"]
    assert serial.ask("$GG") == "$OK 10250 240000"


def test_faults_come_and_go(it):
    serial = it.serial()
    it.post("errors/trigger", error="gfci")
    it.post("errors/trigger", error="over_current")
    told = it.status()["evse"]
    assert (told["state"], told["code"], told["faults"]) == ("E", 6, ["gfci", "over_current"])
    assert serial.told() == "$AT 06 01 32 0082"
    it.post("errors/clear", error="gfci")
    assert serial.told() == "$AT 0B 01 32 0002"
    it.post("errors/clear")
    assert serial.told() == "$AT 01 01 32 0000"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *(("ev/soc", body) for body in (
            b"", b"{}", b"[]", b"null", b"1", b'"soc"', b"{", b"\xff\xfe", b'{"soc":"50"}', b'{"soc":null}', b'{"soc":true}',
            b'{"soc":-1}', b'{"soc":100.1}', b'{"soc":NaN}', b'{"soc":Infinity}', b'{"soc":1e999}', b'{"soc":[50]}',
            b'{"soc":' + b"9" * 5000 + b"}", b"[" * 60_000, b'{"soc":50,"more":NaN}', b'{"soc":50} x', b"\0",
        )),
        *(("ev/direct_current", body) for body in (b"", b'{"current":-0.1}', b'{"current":1e9}', b'{"current":{}}')),
        *(("evse/current", body) for body in (b"", b'{"current":-6}', b'{"current":6.5}', b'{"current":"6"}')),
        *(("errors/trigger", body) for body in (b"", b"{}", b'{"error":"fire"}', b'{"error":6}', b'{"error":["gfci"]}')),
        *(("errors/clear", body) for body in (b"[]", b"{", b'{"error":"fire"}', b'{"error":null}', b'{"error":{}}')),
    ],
)  # fmt: skip
def test_a_bad_body_is_refused_and_changes_nothing(it, path, body):
    before = it.status()
    code, told = it.http("POST", f"/api/{path}", body)
    assert code == 400
    assert list(told) == ["msg"]
    assert told["msg"]
    assert it.status() == before


def test_an_error_is_always_a_message(it):
    for method, path, code in [
        ("GET", "/", 404), ("GET", "/api", 404), ("POST", "/api/ev/fly", 404), ("GET", "/api/ev/connect", 405),
        ("POST", "/api/status", 405), ("DELETE", "/api/status", 405), ("GET", "/api/%ff", 404),
    ]:  # fmt: skip
        seen, told = it.http(method, path)
        assert (seen, list(told)) == (code, ["msg"]), path
    assert it.http("POST", "/api/ev/soc", b'{"soc":1}' + b" " * 100_000)[0] == 413


def test_a_body_that_is_not_what_its_headers_say_is_refused(it):
    for headers in ({"Content-Encoding": "gzip"}, {"Content-Encoding": "deflate"}):
        code, told = it.http("POST", "/api/ev/soc", b'{"soc": 50}', **headers)
        assert (code, list(told)) == (400, ["msg"])
    code, _ = it.http("POST", "/api/ev/soc", b'{"soc": 50}', **{"Content-Type": "text/plain; charset=nonsense"})
    assert code == 200, "the content type is not looked at: a body is JSON"


@pytest.mark.parametrize(
    "request_text",
    [
        b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /api/ev/soc HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/ev/soc HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /api/ev/soc HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{",
        b"GET /api/status HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_http_hurts_nobody(it, request_text):
    with socket.create_connection(("127.0.0.1", it.ready["web_port"]), timeout=LIMIT) as client:
        client.sendall(request_text)
        client.shutdown(socket.SHUT_WR)
        try:
            answer = b"".join(iter(lambda: client.recv(65_536), b""))
        except ConnectionResetError:
            answer = b""
    assert b" 500 " not in answer.partition(b"\r\n")[0]
    assert it.status()["evse"]["state"] == "A"


def test_bodies_at_random_are_never_an_error_of_the_board(it):
    chance = random.Random(3)
    paths = ["ev/soc", "ev/direct_current", "evse/current", "errors/trigger", "errors/clear", "ev/connect"]
    pieces = [
        b"{",
        b"}",
        b"[",
        b"]",
        b'"soc"',
        b'"current"',
        b'"error"',
        b'"gfci"',
        b":",
        b",",
        b"1",
        b"-",
        b"e9",
        b"\xc3",
        b"null",
        b" ",
    ]
    client = http.client.HTTPConnection("127.0.0.1", it.ready["web_port"], timeout=LIMIT)
    codes = set()
    for _ in range(1500):
        body = b"".join(chance.choice(pieces) for _ in range(chance.randrange(8)))
        client.request("POST", f"/api/{chance.choice(paths)}", body)
        response = client.getresponse()
        told = json.loads(response.read())
        codes.add(response.status)
        assert "ok" in told if response.status == 200 else list(told) == ["msg"]
    client.close()
    assert codes == {200, 400}
