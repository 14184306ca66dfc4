"""A host that does nothing but listen: who connects to it, and what it is asked."""

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic

from support.kit.wire import WireLog

MOST = 100_000
"""Bytes of a request that are read."""


@dataclass(frozen=True)
class Asked:
    """A request that reached the host. `at`: on the monotonic clock."""

    at: float
    method: str
    path: str
    body: object

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.body!r}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, host: "QuietHost") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.host = host

    def process_request(self, request: object, client_address: object) -> None:
        self.host.connections += 1
        super().process_request(request, client_address)  # type: ignore[arg-type]  # what the library hands over

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002  # the library's signature
        self.host.broken_off += 1


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def _note(self) -> None:
        size = min(int(self.headers.get("Content-Length") or 0), MOST)
        raw = self.rfile.read(size).decode("utf-8", "replace")
        try:
            body: object = json.loads(raw) if raw else None
        except ValueError:
            body = raw
        self.server.host.note(Asked(monotonic(), self.command, self.path, body))

    def _says_done(self) -> None:
        self._note()
        self._answer(200, b'{"msg": "done"}')

    def _knows_nothing(self) -> None:
        self._note()
        self._answer(404, b'{"msg": "not found"}')

    do_POST = do_DELETE = _says_done  # noqa: N815  # names of the library
    do_GET = _knows_nothing  # noqa: N815

    def _answer(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """What it is asked is noted elsewhere."""


class QuietHost:
    """Listens on a port of its own until it is closed."""

    def __init__(self, wire: WireLog) -> None:
        self.connections = 0
        self.broken_off = 0
        self._asked: list[Asked] = []
        self._wire = wire
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="quiet host", daemon=True)
        self._thread.start()

    @property
    def host(self) -> str:
        """How others reach it."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def asked(self) -> list[Asked]:
        """All requests so far."""
        return list(self._asked)

    def note(self, asked: Asked) -> None:
        """From the server's threads."""
        self._asked.append(asked)
        self._wire.event("quiet host", f"is asked {asked}")

    def close(self) -> None:
        """Listen no longer."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5.0)
