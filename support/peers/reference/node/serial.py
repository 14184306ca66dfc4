"""The serial line to the power board: RAPI, one command at a time. What the board says unasked comes at any moment."""

import asyncio
import os
import termios
import tty
from collections.abc import Callable

from support.peers.protocol import CR, MAX_LINE, REFUSED, Line, RapiError, read_line
from support.peers.reference.node.log import LOG

TIME_LIMIT = 1.0
"""Seconds that a reply may take."""
SETTLE = 0.2
"""Seconds after an unanswered command in which a reply is taken for its late one, and dropped."""
READ_SIZE = 4096


Fits = Callable[[Line], bool]
"""Whether a reply has the form that the answer to a question has. Others are late answers to questions of before."""


def _any(_: Line) -> bool:
    return True


class SerialError(OSError):
    """The line is gone, or the board did not answer."""


class SerialLine:
    """An open line. `on_event` gets what the board says unasked, `on_end` is called once when the line dies."""

    def __init__(self, path: str, on_event: Callable[[Line], None], on_end: Callable[[], None]) -> None:
        """SerialError: it cannot be opened. Must be made on a running loop."""
        self._on_event = on_event
        self._on_end = on_end
        self._loop = asyncio.get_running_loop()
        self._lock = asyncio.Lock()
        self._waiting: asyncio.Future[Line] | None = None
        self._fits: Fits = _any
        self._late_until = 0.0
        self._held = b""
        self._file = -1
        try:
            self._file = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
            if os.isatty(self._file):
                _make_raw(self._file)
            self._loop.add_reader(self._file, self._read)
        except (OSError, termios.error, ValueError) as error:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1
            raise SerialError(f"cannot open {path}: {error}") from error

    @property
    def is_open(self) -> bool:
        """Whether it has not died yet."""
        return self._file >= 0

    async def ask(self, line: Line, fits: Fits = _any) -> Line:
        """The board's reply: a refusal, or the first one that `fits`. SerialError: there is none in time, or the line died."""
        async with self._lock:
            settle = self._late_until - self._loop.time()
            if settle > 0:
                await asyncio.sleep(settle)
            if not self.is_open:
                raise SerialError("the line is closed")
            self._waiting, self._fits = self._loop.create_future(), fits
            try:
                self._write(line.written())
                async with asyncio.timeout(TIME_LIMIT):
                    return await self._waiting
            except TimeoutError as error:
                self._late_until = self._loop.time() + SETTLE
                raise SerialError(f"no reply to {line.text} within {TIME_LIMIT:g} s") from error
            finally:
                self._waiting = None

    def distrust(self) -> None:
        """The last reply was another command's: what else is under way is dropped before the next command."""
        self._late_until = self._loop.time() + SETTLE

    def close(self) -> None:
        """Nobody is told."""
        if self.is_open:
            self._loop.remove_reader(self._file)
            os.close(self._file)
            self._file = -1
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(SerialError("the line is closed"))

    def _end(self, reason: str) -> None:
        if self.is_open:
            LOG.debug("serial_line_ended", why=reason)
            self.close()
            self._on_end()

    def _write(self, raw: bytes) -> None:
        try:
            written = os.write(self._file, raw)
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                self._end(str(error))
            raise SerialError(f"cannot write: {error}") from error
        if written < len(raw):
            raise SerialError(f"only {written} of {len(raw)} bytes could be written")

    def _read(self) -> None:
        try:
            fresh = os.read(self._file, READ_SIZE)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(str(error))
            return
        if not fresh:
            self._end("end of file")
            return
        *complete, self._held = (self._held + fresh).split(CR)
        self._held = self._held[-MAX_LINE:]
        for raw in complete:
            self._take(raw)

    def _take(self, raw: bytes) -> None:
        # Whatever stands before the last `$` is noise, or a line that was broken off.
        start = raw.rfind(b"$")
        try:
            line = read_line(raw[start:] if start >= 0 else raw)
        except RapiError as error:
            LOG.debug("serial_noise", why=str(error))
            return
        if line.is_event:
            self._on_event(line)
        elif line.is_reply and self._waiting is not None and not self._waiting.done():
            if line.verb == REFUSED or self._fits(line):
                self._waiting.set_result(line)
            else:
                LOG.debug("serial_noise", why=line.text)


def _make_raw(file: int) -> None:
    """Bytes pass as they are, at 115200 baud where that means something."""
    tty.setraw(file, termios.TCSANOW)
    settings = termios.tcgetattr(file)
    settings[4] = settings[5] = termios.B115200
    termios.tcsetattr(file, termios.TCSANOW, settings)
