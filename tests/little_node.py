"""A little node: it listens, keeps a list of hosts as a right node does, and says whatever it was told to say instead.

As a program it stands in for a node where one is started, awaited and ended: with `--says` it prints a text first, with
`--ends N` it ends at once with that code, with `--stays` it ignores TERM, with `--deaf` it answers nothing.
"""

import argparse
import base64
import hashlib
import json
import os
import signal
import socket
import struct
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

PEERS, STATUS, SHARING, CONFIG = "/loadsharing/peers", "/status", "/loadsharing/status", "/config"
WEBSOCKET = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""RFC 6455, section 1.3."""


@dataclass(frozen=True)
class Says:
    """An answer. body: JSON where it is no text. seconds: of silence before it. trickles: seconds in which its end comes."""

    body: object = None
    code: int = 200
    seconds: float = 0.0
    trickles: float = 0.0


@dataclass(frozen=True)
class Asked:
    """What reached the node."""

    method: str
    path: str
    body: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Ear:
    """A connection to `/ws`. heard: what was said over it, from the address `source`."""

    socket: socket.socket
    source: str
    heard: list[object] = field(default_factory=list)

    def say(self, message: object) -> None:
        """An object as JSON, a text as it is."""
        data = (message if isinstance(message, str) else json.dumps(message)).encode()
        head = bytes([0x81, len(data)]) if len(data) < 126 else bytes([0x81, 126]) + struct.pack(">H", len(data))
        self.socket.sendall(head + data)


def entry(identity: str, port: int, *, local: bool = False, online: bool = True, joined: bool = False) -> dict[str, object]:
    """An entry of a list of peers, with all that one has."""
    return {
        "id": identity, "name": f"name-{identity}", "host": f"127.0.0.1:{port}", "url": f"http://127.0.0.1:{port}",
        "ip": "127.0.0.1", "online": online, "joined": joined, "isLocal": local, "version": "1.0",
    }  # fmt: skip


class LittleNode:
    """Listens while it is entered. What it is asked it answers as `says` has it, and else as a right node would."""

    def __init__(self, identity: str = "aa01", port: int = 0) -> None:
        self._server = _Server(("127.0.0.1", port), self)
        self.id = identity
        self.port: int = self._server.server_address[1]
        self.entries = [entry(identity, self.port, local=True)]
        self.status: dict[str, object] = {
            "id": identity, "amp": 0.0, "voltage": 240, "pilot": 32, "state": 1, "vehicle": 0,
        }  # fmt: skip
        self.sharing: dict[str, object] = {"failsafe_active": False, "allocations": []}
        self.config: dict[str, object] = {"hostname": "little", "loadsharing_group_max_current": 0}
        self.version = 1
        self.asked: list[Asked] = []
        self.ears: list[Ear] = []
        self.greeting: list[object] = [self.status]
        self.replies: list[object] = [{"pong": 1}]
        """What is said to everything that is heard over a WebSocket."""
        self._instead: dict[str, list[Says]] = {}

    def says(self, request: str, *answers: object) -> "LittleNode":
        """The answers to e.g. `GET /status`, one after the other; the last one stays. What is no Says is a body."""
        self._instead[request] = [one if isinstance(one, Says) else Says(one) for one in answers]
        return self

    def lists(self, *lists: list[dict[str, object]]) -> "LittleNode":
        """Its own entry and these."""
        own = self.entries[0]
        return self.says(f"GET {PEERS}", *([own, *others] for others in lists))

    def __enter__(self) -> "LittleNode":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for ear in self.ears:
            ear.socket.close()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, asked: Asked) -> Says:
        self.asked.append(asked)
        instead = self._instead.get(f"{asked.method} {urlsplit(asked.path).path}")
        if instead:
            return instead.pop(0) if len(instead) > 1 else instead[0]
        return self._rightly(asked)

    def _rightly(self, asked: Asked) -> Says:
        path = urlsplit(asked.path).path
        match asked.method, path:
            case "GET", _ if path in (PEERS, STATUS, SHARING, CONFIG):
                return Says({PEERS: self.entries, STATUS: self.status, SHARING: self.sharing, CONFIG: self.config}[path])
            case "POST", "/loadsharing/discover":
                return Says({"msg": "done"})
            case "POST", "/loadsharing/peers":
                return self._add(asked.body)
            case "POST", "/config":
                return self._set(json.loads(asked.body))
            case "DELETE", _ if path.startswith(f"{PEERS}/") and path != f"{PEERS}/":
                return self._remove(unquote(path.removeprefix(f"{PEERS}/")))
        return Says({"msg": "nothing is here"}, 405 if path.startswith(PEERS) else 404)

    def _add(self, body: bytes) -> Says:
        try:
            host = json.loads(body)["host"]
        except (ValueError, KeyError):
            return Says({"msg": "Invalid JSON"}, 400)
        if any(one["host"] == host for one in self.entries):
            return Says({"msg": "already in group"})
        self.entries.append({**entry("", 9, joined=True, online=False), "host": host, "url": f"http://{host}"})
        return Says({"msg": "done"})

    def _set(self, rules: dict[str, object]) -> Says:
        news = {key: value for key, value in rules.items() if self.config.get(key) != value}
        self.config |= news
        self.version += bool(news)
        return Says({"msg": "done" if news else "no change", "config_version": self.version})

    def _remove(self, host: str) -> Says:
        left = [one for one in self.entries if one["host"].lower() != host.lower() or one["isLocal"]]
        if len(left) == len(self.entries):
            return Says({"msg": "Peer not found"}, 404)
        self.entries = left
        return Says({"msg": "done"})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, place: tuple[str, int], node: LittleNode) -> None:
        self.node = node
        super().__init__(place, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Who asks may go before it is answered."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        if self.path == "/ws":
            self._listen()
        else:
            self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        says = self.server.node.answer(Asked(self.command, self.path, body))
        time.sleep(says.seconds)
        data = (says.body if isinstance(says.body, str) else json.dumps(says.body)).encode()
        self.send_response(says.code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        for number in range(len(data)):
            if says.trickles:
                time.sleep(says.trickles / len(data))
                self.wfile.write(data[number : number + 1])
        if not says.trickles:
            self.wfile.write(data)

    do_POST = do_DELETE = _answer  # noqa: N815  # names of the library

    def _listen(self) -> None:
        key = hashlib.sha1((self.headers["Sec-WebSocket-Key"] + WEBSOCKET).encode()).digest()
        lines = ("HTTP/1.1 101 Yes", "Connection: Upgrade", "Upgrade: websocket")
        accept = f"Sec-WebSocket-Accept: {base64.b64encode(key).decode()}"
        self.wfile.write("\r\n".join((*lines, accept, "", "")).encode())
        ear = Ear(self.connection, self.client_address[0])
        self.server.node.ears.append(ear)
        for message in self.server.node.greeting:
            ear.say(message)
        while (text := self._frame()) is not None:
            ear.heard.append(json.loads(text))
            for message in self.server.node.replies:
                ear.say(message)
        self.close_connection = True

    def _frame(self) -> bytes | None:
        """A whole text frame; None at the end."""
        head = self.rfile.read(2)
        if len(head) < 2 or head[0] & 0x0F != 1:
            return None
        size = head[1] & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", self.rfile.read(2))
        mask = self.rfile.read(4)
        return bytes(byte ^ mask[number % 4] for number, byte in enumerate(self.rfile.read(size)))

    def log_message(self, *_: object) -> None:
        return


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rapi-serial")
    parser.add_argument("--set-config", action="append", default=[])
    parser.add_argument("--says", default="")
    parser.add_argument("--ends", type=int)
    parser.add_argument("--stays", action="store_true")
    parser.add_argument("--deaf", action="store_true")
    told = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.SIG_IGN if told.stays else lambda *_: os._exit(0))
    config = dict(pair.split("=", 1) for pair in told.set_config)
    print(told.says, json.dumps({"serial": told.rapi_serial, "here": os.getcwd(), **config}), flush=True)
    if told.ends is not None:
        print("refuses to start", file=sys.stderr)
        sys.exit(told.ends)
    if not told.deaf:
        LittleNode(f"id-{config.get('hostname')}", int(config["www_http_port"])).__enter__()
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
