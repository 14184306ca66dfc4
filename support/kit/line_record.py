"""What passed over a bridged line, and what was lost: counted, and written into the evidence."""

import time
from collections import Counter
from dataclasses import dataclass

from support.kit.wire import WireLog

CR = b"\r"
LONGEST = 4096
"""Bytes after which a line without an end is passed on as it is."""


@dataclass(frozen=True)
class Said:
    """A line without its end. at: on the monotonic clock. passed: whether it went on to the other side."""

    at: float
    line: bytes
    passed: bool


@dataclass(frozen=True)
class Traffic:
    """Lines that passed from and to the program, and those that were lost.

    up, down                program -> device, device -> program
    swallowed_up, ..._down  while the line was silent, or dead (down)
    nobody                  program -> device, while the device could not be reached
    overrun                 device -> program, as the program did not read
    injected                pieces that the suite made up
    asked                   questions of the suite
    unanswered              questions of the program
    connections, cuts       how often the device was reached; how often a line died that somebody had open
    """

    up: int = 0
    down: int = 0
    swallowed_up: int = 0
    swallowed_down: int = 0
    nobody: int = 0
    overrun: int = 0
    injected: int = 0
    asked: int = 0
    unanswered: int = 0
    connections: int = 0
    cuts: int = 0


class LineRecord:
    """`name` is the line's, `near` and `far` what the program and the device are called."""

    def __init__(self, name: str, wire: WireLog | None, near: str, far: str) -> None:
        self.name, self.near, self.far = name, near, far
        self.said: list[Said] = []
        """By the program."""
        self.events: list[Said] = []
        """By the device, without being asked."""
        self.wire = wire
        """Where it is written, too; None for nowhere."""
        self._counts: Counter[str] = Counter()

    def traffic(self) -> Traffic:
        return Traffic(**self._counts)

    def count(self, what: str, times: int = 1) -> None:
        """`what` is a field of Traffic."""
        self._counts[what] += times

    def up(self, line: bytes, lost: str = "") -> None:
        """The program said a line; `lost` is the field of Traffic that says how it was lost."""
        self.count(lost or "up")
        self.said.append(Said(time.monotonic(), bare(line), passed=not lost))
        self.frame(self.near, self.far, line, f"lost: {lost}" if lost else "")

    def down(self, line: bytes, lost: str = "") -> None:
        """The same for a line towards the program."""
        self.count(lost or "down")
        self.frame(self.far, self.near, line, f"lost: {lost}" if lost else "")

    def event(self, line: bytes, *, passed: bool) -> None:
        self.events.append(Said(time.monotonic(), bare(line), passed))

    def frame(self, source: str, destination: str, data: bytes, note: str = "") -> None:
        if self.wire is not None:
            via = f"via {self.name}"
            number = self._counts["connections"]
            self.wire.frame(source, destination, data, connection=number, note=f"{via}, {note}" if note else via)

    def note(self, what: str) -> None:
        if self.wire is not None:
            self.wire.event(self.name, what, connection=self._counts["connections"])


def lines(data: bytes) -> tuple[list[bytes], bytes]:
    """Whole lines with their ends (CR), and what is no line yet."""
    *whole, rest = data.split(CR)
    found = [line + CR for line in whole]
    return ([*found, rest], b"") if len(rest) > LONGEST else (found, rest)


def bare(line: bytes) -> bytes:
    """Without its end, and without the LF that some put after the end of the line before."""
    return line.removesuffix(CR).lstrip(b"\n")
