"""Metrics and health over HTTP, on the gateway's own loop: what is read there is never in the middle of a change."""

import asyncio
import json
from collections.abc import Callable
from http import HTTPStatus

LONGEST_HEAD = 16 * 1024
"""Bytes of a request's head at most."""
TIME_LIMIT = 5.0
"""Seconds that a client may take to ask, and to read the answer."""

Health = Callable[[], tuple[HTTPStatus, dict[str, object]]]


class Endpoint:
    """Answers GET and HEAD for `/metrics` and `/health`; one request per connection."""

    def __init__(self, metrics: Callable[[], bytes], health: Health) -> None:
        self.metrics = metrics
        self.health = health
        self._server: asyncio.Server | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def open(self, host: str, port: int) -> int:
        """Listen (0: the system chooses); the port that answers. OSError if it cannot be had."""
        self._server = await asyncio.start_server(self._accept, host, port, limit=LONGEST_HEAD)
        return int(self._server.sockets[0].getsockname()[1])

    def close(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of ours: asyncio (3.11) complains about its own when they are cancelled at the end of the program.
        task = asyncio.get_running_loop().create_task(self._answer(reader, writer))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(TIME_LIMIT):
                writer.write(self.respond(await reader.readuntil(b"\r\n\r\n")))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # Whoever asks so is gone, too slow, or no HTTP client.
            writer.transport.abort()

    def respond(self, head: bytes) -> bytes:
        """The whole response to a request with this head."""
        method, _, rest = head.decode("latin-1").partition(" ")
        path = rest.partition(" ")[0].partition("?")[0]
        status, kind, body = self.page(method, path)
        lines = [
            f"HTTP/1.1 {status.value} {status.phrase}",
            f"Content-Type: {kind}",
            f"Content-Length: {len(body)}",
            "Connection: close",
            *(["Allow: GET, HEAD"] if status is HTTPStatus.METHOD_NOT_ALLOWED else []),
        ]
        sent = b"" if method == "HEAD" else body
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + sent

    def page(self, method: str, path: str) -> tuple[HTTPStatus, str, bytes]:
        """Status, content type and body."""
        plain = "text/plain; charset=utf-8"
        if method not in ("GET", "HEAD"):
            return HTTPStatus.METHOD_NOT_ALLOWED, plain, b"GET and HEAD only\n"
        if path == "/metrics":
            from prometheus_client import CONTENT_TYPE_LATEST  # with all that it loads: when somebody asks

            return HTTPStatus.OK, CONTENT_TYPE_LATEST, self.metrics()
        if path == "/health":
            status, told = self.health()
            return status, "application/json", json.dumps(told).encode() + b"\n"
        return HTTPStatus.NOT_FOUND, plain, b"try /metrics or /health\n"
