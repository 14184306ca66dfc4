"""Talking to a board over its serial line: over the line of a charger, or alone, where no node is in front of it."""

import socket
from time import monotonic
from typing import Protocol

from support.kit.deadline import Deadline
from support.kit.errors import PromiseBrokenError
from support.kit.wire import WireLog
from support.peers.protocol import Line, RapiError, read_line

ANSWER_LIMIT = 2.0
"""Seconds for the answer to a line."""
CR = b"\r"


class SerialTalk(Protocol):
    """A serial line. Lines are bytes without their CR."""

    def ask(self, line: bytes, within: float) -> bytes:
        """The answer to `line`."""

    def events(self) -> list[tuple[float, bytes]]:
        """What the board has said by itself, with the time."""


def is_reply(line: bytes) -> bool:
    """Whether a line of the board answers a command; all others are events."""
    return line.startswith((b"$OK", b"$NK"))


class Straight:
    """A connection of the suite's own to a board's line, where nobody else uses it."""

    def __init__(self, place: tuple[str, int], wire: WireLog, within: float = 5.0) -> None:
        self._wire = wire
        try:
            self._socket = socket.create_connection(place, timeout=within)
        except OSError as error:
            raise PromiseBrokenError("the board's serial line can be connected to", f"{type(error).__name__}: {error}") from error
        self._rest = b""
        self._replies: list[bytes] = []
        self._events: list[tuple[float, bytes]] = []

    def ask(self, line: bytes, within: float = ANSWER_LIMIT) -> bytes:
        """PromiseBrokenError where no answer comes in time, a line before had two, or the line is closed."""
        self._read(0.001)
        if self._replies:
            raise PromiseBrokenError("the board answers every line once", f"{self._replies} besides the answer before")
        self._wire.frame("suite", "board", line + CR, connection=1)
        deadline = Deadline(within)
        try:
            self._socket.settimeout(within)
            self._socket.sendall(line + CR)
            while not self._replies and not deadline.expired:
                self._read(deadline.remaining)
        except OSError as error:
            raise PromiseBrokenError(f"the board answers {line!r}", f"{type(error).__name__}: {error}") from error
        if not self._replies:
            raise PromiseBrokenError(f"the board answers {line!r} within {within:g} s", "nothing")
        return self._replies.pop(0)

    def events(self) -> list[tuple[float, bytes]]:
        """All so far."""
        self._read(0.001)
        return list(self._events)

    def close(self) -> None:
        """End the connection."""
        self._socket.close()

    def _read(self, seconds: float) -> None:
        self._socket.settimeout(max(seconds, 0.001))
        try:
            data = self._socket.recv(4096)
        except TimeoutError:
            return
        if not data:
            raise PromiseBrokenError("the board keeps its serial line open", "it has closed it")
        *lines, self._rest = (self._rest + data).split(CR)
        for raw in lines:
            line = raw.strip(b"\n")
            self._wire.frame("board", "suite", line + CR, connection=1)
            if is_reply(line):
                self._replies.append(line)
            elif line:
                self._events.append((monotonic(), line))


def told_itself(raw: bytes) -> Line:
    """The line that a board has said by itself. PromiseBrokenError: it is none, or has a wrong check; it may have none."""
    try:
        return read_line(raw)
    except RapiError as error:
        raise PromiseBrokenError("what the board says by itself is a line", str(error)) from error


def told(raw: bytes, asked: str) -> Line:
    """The line that a board has answered. PromiseBrokenError: it is none, or without its right check."""
    try:
        line = read_line(raw)
    except RapiError as error:
        raise PromiseBrokenError(f"the answer to {asked!r} is a line with its check", str(error)) from error
    if line.written() != raw + CR:
        raise PromiseBrokenError(f"the answer to {asked!r} is {line.written()!r}, with its check", repr(raw))
    return line
