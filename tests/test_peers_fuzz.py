"""A node that is told nonsense, 20,000 times, seeded: no 500, no crash, no lost group; what is right still works afterwards."""

import http.client
import json
import os
import pty
import random
import select
import tty

import pytest
from node_program import FAST, Node

BODIES, PATHS, LINES = 12_000, 5_000, 3_000
BATCH = 500
SEED = 20
MEMBER = "127.0.0.77:9"
LETTERS = "abcGSKO$^. :[]%/\\\"'{}0123456789\t\x00éß中?#&=+-_~,nulltrefa"
PLACES = ("/loadsharing/peers", "/config", "/loadsharing/discover", "/loadsharing/peers/x", "/status", "/loadsharing/status", "/")
KEYS = (
    "host", "reciprocal", "loadsharing_role", "loadsharing_enabled", "loadsharing_priority", "loadsharing_safety_factor",
    "loadsharing_heartbeat_timeout", "loadsharing_group_max_current", "loadsharing_failsafe_mode", "hostname", "x",
)  # fmt: skip


@pytest.fixture
def line():
    """The end of a serial line that a board would have, and the path of the node's end."""
    board, node = pty.openpty()
    tty.setraw(node)
    os.set_blocking(board, False)
    yield board, os.ttyname(node)
    os.close(board)
    os.close(node)


@pytest.fixture
def node(tmp_path, line):
    found = Node(tmp_path, *FAST, f"--rapi-serial={line[1]}")
    yield found
    found.process.kill()
    found.process.wait()
    found.process.stdout.close()


class Asker:
    """One connection after another: a node may close one on which it was told nonsense."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        for fresh in (False, True):
            try:
                self.connection.putrequest(method, path, skip_accept_encoding=True)
                self.connection.putheader("Content-Length", str(len(body)))
                self.connection.endheaders(body)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, OSError):
                self.connection.close()
                if fresh:
                    raise
        raise AssertionError("not reached")


def some_text(rng: random.Random, most: int = 30) -> str:
    return "".join(rng.choices(LETTERS, k=rng.randrange(most)))


def some_value(rng: random.Random, depth: int = 0) -> object:
    kinds = [
        lambda: some_text(rng), lambda: rng.choice([None, True, False]), lambda: rng.randint(-(10**9), 10**9),
        lambda: rng.choice([1e308, -0.0, 1e-300, 0.5, float("inf"), float("nan")]),
        lambda: f"127.0.0.{rng.randrange(300)}:{rng.randrange(100_000)}",
    ]  # fmt: skip
    if depth < 3:
        kinds += [
            lambda: [some_value(rng, depth + 1) for _ in range(rng.randrange(3))],
            lambda: {rng.choice(KEYS): some_value(rng, depth + 1) for _ in range(rng.randrange(3))},
        ]
    return rng.choice(kinds)()


def some_body(rng: random.Random) -> bytes:
    written = json.dumps(
        some_value(rng) if rng.random() < 0.2 else {key: some_value(rng) for key in rng.choices(KEYS, k=2)}
    ).encode()
    match rng.randrange(4):
        case 0:
            return written[: rng.randrange(len(written) + 1)]
        case 1:
            place = rng.randrange(len(written) + 1)
            return written[:place] + rng.randbytes(3) + written[place:]
        case 2:
            return rng.randbytes(rng.randrange(60))
        case _:
            return written


def some_path(rng: random.Random) -> str:
    """Only characters that may stand in a request line (RFC 9112): the rest is percent-encoded, or percent signs are spoilt."""
    raw = "".join(f"%{byte:02X}" if byte < 33 or byte > 126 else chr(byte) for byte in some_text(rng).encode())
    return rng.choice(PLACES).rstrip("/") + "/" + raw + rng.choice(["", "%", "%zz", "%ff%fe", "?" + raw, "//"])


def require_well(node: Node, asker: Asker, code: int, body: bytes, told: object) -> None:
    assert code < 500, (told, code, body)
    assert node.process.poll() is None, told
    if code >= 400:
        assert isinstance(json.loads(body)["msg"], str), (told, code, body)


def require_group(asker: Asker) -> None:
    """The member that was added before the nonsense is there, and the list is whole."""
    code, body = asker.ask("GET", "/loadsharing/peers")
    entries = json.loads(body)
    assert code == 200
    assert entries[0]["isLocal"] is True
    assert any(entry["joined"] and MEMBER in (entry["host"], entry["url"].removeprefix("http://")) for entry in entries), entries


def test_nonsense_over_http_and_the_serial_line_harms_nothing(node, line):
    rng = random.Random(SEED)
    asker = Asker(node.port)
    assert asker.ask("POST", "/loadsharing/peers", json.dumps({"host": MEMBER, "reciprocal": False}).encode())[0] == 200
    told = {"bodies": 0, "paths": 0, "lines": 0}
    while sum(told.values()) < BODIES + PATHS + LINES:
        for _ in range(BATCH * BODIES // (BODIES + PATHS + LINES)):
            path, body = rng.choice(PLACES[:3]), some_body(rng)
            code, answer = asker.ask("POST", path, body)
            require_well(node, asker, code, answer, (path, body))
            told["bodies"] += 1
        for _ in range(BATCH * PATHS // (BODIES + PATHS + LINES)):
            method, path = rng.choice(["GET", "POST", "DELETE", "PUT", "PATCH"]), some_path(rng)
            if MEMBER not in path:
                require_well(node, asker, *asker.ask(method, path), (method, path))
            told["paths"] += 1
        told["lines"] += say_nonsense(rng, line[0], BATCH * LINES // (BODIES + PATHS + LINES))
        require_readable(asker)
    assert told["lines"] >= LINES
    leave_role(asker)
    require_group(asker)
    log = (node.folder / "log").read_text(encoding="utf-8")
    assert "Traceback" not in log


def say_nonsense(rng: random.Random, board: int, count: int) -> int:
    """Lines as a mad board would say them; how many went out. What the node says meanwhile is thrown away."""
    said = 0
    while said < count:
        line = rng.choice(["$OK", "$NK", "$AT", "$AB", "$", "", "$GS"]) + some_text(rng)
        try:
            os.write(board, line.encode()[:200] + rng.choice([b"\r", b"\r", b"", b"\n", b"^00\r"]))
            said += 1
            os.read(board, 65_536)
        except BlockingIOError:
            select.select([], [board], [], 1.0)  # the node has said nothing, or is busy: then until it has read
    return said


def require_readable(asker: Asker) -> None:
    """It still tells whole numbers and lists."""
    for path, kind in (("/status", dict), ("/loadsharing/peers", list), ("/config", dict), ("/loadsharing/status", dict)):
        code, body = asker.ask("GET", path)
        assert code == 200
        assert isinstance(json.loads(body), kind)


def leave_role(asker: Asker) -> None:
    """A role that was taken by chance goes again."""
    asker.ask("POST", "/config", json.dumps({"loadsharing_role": ""}).encode())
    code, body = asker.ask("GET", "/loadsharing/peers")
    assert code == 200
    assert len(json.loads(body)) <= 60
