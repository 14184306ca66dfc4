"""Every frame with time, direction, actors and bytes, in a file, written as it happens."""

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

PREVIEW = 200
"""Bytes that the readable preview of a frame shows; `hex` has all of them."""


def identity(data: bytes) -> bytes:
    """Redaction that redacts nothing."""
    return data


class WireLog:
    """JSON lines in `path`, for any number of threads. Everything written goes through `redact` first.

    A frame:   {"ts", "elapsed_s", "from", "to", "connection", "size", "hex", "text", "note"}
    An event:  {"ts", "elapsed_s", "at", "event", "connection"}

    `ts` is UTC, ISO 8601 with microseconds; `elapsed_s` monotonic seconds since the log was opened. `size` is the
    number of bytes on the wire; `hex` and `text` show the redacted bytes, of which there may be more or fewer.
    """

    def __init__(self, path: Path, redact: Callable[[bytes], bytes] = identity) -> None:
        self.path = path
        self._redact = redact
        self._lock = threading.Lock()
        self._began = time.monotonic()
        # One line is one write, and out at once: a run that is killed keeps what was seen so far.
        self._file: TextIO = path.open("a", encoding="utf-8", buffering=1)

    def frame(
        self, source: str, destination: str, data: bytes, *, connection: int, note: str = "", size: int | None = None
    ) -> None:
        """Bytes that went from one actor to another. ValueError once the log is closed.

        `size`: how many there were on the wire, where `data` is only what is worth showing.
        """
        shown = self._redact(data)
        self._write(
            {
                "from": self._clean(source),
                "to": self._clean(destination),
                "connection": connection,
                "size": len(data) if size is None else size,
                "hex": shown.hex(),
                "text": _preview(shown),
                "note": self._clean(note),
            }
        )

    def event(self, source: str, what: str, *, connection: int | None = None) -> None:
        """Something that happened at an actor and is no frame. ValueError once the log is closed."""
        self._write({"at": self._clean(source), "event": self._clean(what), "connection": connection})

    def close(self) -> None:
        """May be called again."""
        with self._lock:
            self._file.close()

    def _clean(self, text: str) -> str:
        return self._redact(text.encode("utf-8", "backslashreplace")).decode("utf-8", "replace")

    def _write(self, record: dict[str, object]) -> None:
        with self._lock:  # the time is taken inside: lines stand in the order of their times
            times = {
                "ts": datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
                "elapsed_s": round(time.monotonic() - self._began, 6),
            }
            self._file.write(json.dumps(times | record, ensure_ascii=False) + "\n")


def _preview(data: bytes) -> str:
    text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data[:PREVIEW])
    return text if len(data) <= PREVIEW else text + "..."
