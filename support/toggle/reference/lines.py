"""Lines in and out of the program on threads of their own, so that neither a silent writer nor a slow reader stops it."""

import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Mapping

READ_SIZE = 65_536


class LineWriter:
    """Writes JSON lines to standard output, in order.

    `on_end` is called once, from another thread: after `finish` when all is written, or when nobody reads any more.
    """

    def __init__(self, on_end: Callable[[], None]) -> None:
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._on_end = on_end
        # Without a standard output its number may belong to a connection by now.
        self._fd = None if sys.stdout is None else sys.stdout.fileno()
        threading.Thread(target=self._work, name="stdout", daemon=True).start()

    def put(self, line: Mapping[str, object]) -> None:
        """Write `line` soon."""
        self._lines.put(json.dumps(line).encode() + b"\n")

    def finish(self) -> None:
        """No line follows."""
        self._lines.put(None)

    def _work(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                while line and self._fd is not None:
                    line = line[os.write(self._fd, line) :]
            except OSError:
                break
        self._on_end()


def read_lines(on_line: Callable[[bytes], None], on_end: Callable[[], None]) -> None:
    """Hand each line of standard input to `on_line` (which may block), then call `on_end`; both from another thread."""
    fd = None if sys.stdin is None else sys.stdin.fileno()

    def work() -> None:
        # Not sys.stdin: a thread that waits inside it would hold its lock when the program ends.
        left = b""
        while piece := _read(fd):
            *lines, left = (left + piece).split(b"\n")
            for line in lines:
                on_line(line)
        if left:
            on_line(left)
        on_end()

    threading.Thread(target=work, name="stdin", daemon=True).start()


def _read(fd: int | None) -> bytes:
    """The next bytes; none where the input has ended, or was lost, which is the same to whoever waits for commands."""
    if fd is None:
        return b""
    try:
        return os.read(fd, READ_SIZE)
    except OSError:
        return b""
