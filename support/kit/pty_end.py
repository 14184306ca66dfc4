"""The suite's end of a pseudo terminal, under a path that stays the same when the terminal behind it is made anew."""

import os
import pty
import select
import shutil
import tempfile
import tty
from pathlib import Path

from support.kit.owner import private_folder

CHUNK = 4096
PURPOSE = "pty"


class PtyEnd:
    """Made closed; open() makes the terminal. `path` is what a program opens: a link to the terminal, in a folder of its own.

    The terminal is raw: no echo, no line editing, bytes as they are. A program should open it with O_NOCTTY: as its
    controlling terminal it would end the program by SIGHUP when the line dies.
    """

    def __init__(self) -> None:
        self._folder = private_folder(Path(tempfile.gettempdir()), PURPOSE)
        self.path = self._folder / "line"
        self.master = -1
        """Non-blocking descriptor, -1 while it is closed."""
        self._slave = -1

    @property
    def is_open(self) -> bool:
        return self.master != -1

    def open(self) -> None:
        """A new terminal under the same path."""
        self.master, self._slave = pty.openpty()
        os.set_blocking(self.master, False)
        tty.setraw(self._slave)
        # The slave stays open here, too: without any, the master would report an error for as long as no program has come.
        self.path.symlink_to(os.ttyname(self._slave))

    def close(self) -> bool:
        """The line dies: who has it open reads its end, and cannot write; who opens it finds nothing.

        Returns whether somebody had it open. The link goes first, as the number of the terminal is given away again.
        """
        if not self.is_open:
            return False
        self.path.unlink(missing_ok=True)
        os.close(self._slave)
        look = select.poll()
        look.register(self.master, 0)  # a hang-up is always reported
        in_use = not any(seen & select.POLLHUP for _, seen in look.poll(0))
        os.close(self.master)
        self.master = self._slave = -1
        return in_use

    def remove(self) -> None:
        """Close it, and leave nothing of it behind."""
        self.close()
        shutil.rmtree(self._folder)

    def read(self) -> bytes:
        """What the program has written since; b"" when it is nothing."""
        try:
            return os.read(self.master, CHUNK)
        except BlockingIOError:
            return b""

    def write(self, data: bytes) -> int:
        """How many of the bytes the terminal took: who does not read leaves no room, and a serial line does not wait."""
        try:
            return os.write(self.master, data)
        except BlockingIOError:
            return 0
