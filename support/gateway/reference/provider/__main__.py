"""`python -m support.gateway.reference.provider`: `{"key": "k"}` on a line is answered with `{"value": "value of k"}`.

One request per connection. A line that is none is answered with `{"error": "..."}`.
"""

import argparse
import asyncio
import json
import signal
import sys
from typing import NoReturn

from support.gateway.reference import __version__

LONGEST_KEY = 256
"""Characters."""
LONGEST_LINE = 64 * 1024
"""Bytes of a request's line at most: room for a key of which each character is escaped."""
TOO_LONG = b"too long"
"""Stands in for a line that is. It is no request."""
IDLE_LIMIT = 30.0
"""Seconds that a client may take to ask, and to read the answer."""
BACKLOG = 1024
NO_PORT = 3


class RequestError(ValueError):
    """A line is no request. The text is for the client."""


def read_key(line: bytes) -> str:
    """The key that a line asks for. RequestError."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RequestError("the line is not JSON") from error
    key = asked.get("key") if isinstance(asked, dict) else None
    if not isinstance(key, str) or not 1 <= len(key) <= LONGEST_KEY:
        raise RequestError(f"key is not a text of 1 to {LONGEST_KEY} characters")
    return key


def value_of(key: str) -> str:
    """The value for a key."""
    return f"value of {key}"


def respond(line: bytes) -> bytes:
    """The line that answers a line."""
    try:
        answer = {"value": value_of(read_key(line))}
    except RequestError as error:
        answer = {"error": str(error)}
    return json.dumps(answer).encode() + b"\n"


async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer one line and close. Whoever sends none in time, or goes away, is dropped."""
    try:
        async with asyncio.timeout(IDLE_LIMIT):
            line, more = await read_line(reader)
            if line:
                writer.write(respond(line))
                await writer.drain()
            if more:
                # Closing on what was not read would be a reset, which may overtake the answer.
                writer.write_eof()
                while await reader.read(LONGEST_LINE):
                    continue
            writer.close()
            await writer.wait_closed()
    except OSError:
        writer.transport.abort()


async def read_line(reader: asyncio.StreamReader) -> tuple[bytes, bool]:
    """The line, or as much as there is of it; and whether there may be more than is read of it."""
    try:
        return await reader.readuntil(b"\n"), False
    except asyncio.IncompleteReadError as error:
        return error.partial, False
    except asyncio.LimitOverrunError:
        return TOO_LONG, True


async def run(host: str, port: int) -> None:
    """Serve until a stop signal comes. OSError if the port cannot be had."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    serving: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of ours: asyncio (3.11) complains about its own when they are cancelled at the end of the program.
        task = asyncio.get_running_loop().create_task(serve_one(reader, writer))
        serving.add(task)
        task.add_done_callback(serving.discard)

    server = await asyncio.start_server(accept, host, port, limit=LONGEST_LINE, backlog=BACKLOG)
    taken = server.sockets[0].getsockname()[1]
    print(json.dumps({"ready": True, "port": taken, "version": __version__}), flush=True)
    await stop.wait()
    server.close()


class OneLineParser(argparse.ArgumentParser):
    """Complains in one line."""

    def error(self, message: str) -> NoReturn:
        """What argparse calls for a mistake."""
        self.exit(2, f"{self.prog}: {' '.join(message.split())}\n")


def port_number(text: str) -> int:
    """A port from 0 to 65535."""
    if text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65_535:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text[:20]!a} is not a port from 0 to 65535")


def main() -> int:
    """Run the program; the exit code. SystemExit after --help, --version and a mistake."""
    parser = OneLineParser(prog="tool-provider", description="Answers keys with values, over TCP.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"tool-provider {__version__}")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=port_number, default=0, help="0 (default): the system chooses")
    options = parser.parse_args()
    try:
        asyncio.run(run(options.host, options.port))
    except OSError as error:
        print(f"tool-provider: cannot listen on {options.host}:{options.port}: {error.strerror}", file=sys.stderr)
        return NO_PORT
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
