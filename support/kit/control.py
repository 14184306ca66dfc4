"""Programs of a profile's `control`, by which a system that runs already is started, stopped or restarted.

What they leave behind is the system under test: unlike a `ManagedProcess` they are never ended with all that they started.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from support.kit.errors import InfrastructureError

LIMIT = 60.0
"""Seconds that one may take."""
TAIL = 2000


class ControlError(InfrastructureError):
    """A program of the profile's `control` did not do what it is for."""


class ControlProgram:
    """Started when it is made, in a session of its own; what it prints is appended to `log`. `way`: start, stop or restart.

    ControlError where the profile has no such program, or it cannot be started.
    """

    def __init__(self, way: str, argv: Sequence[str] | None, log: Path) -> None:
        if not argv:
            raise ControlError(f"the profile's control has no {way}")
        self.way = way
        self._log = log
        try:
            with log.open("ab", buffering=0) as out:
                self._process = subprocess.Popen(
                    argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, close_fds=True
                )
        except (OSError, ValueError) as error:
            raise ControlError(f"control.{way} cannot start {argv[0]!r}: {error}") from error

    def end(self, within: float = LIMIT) -> None:
        """Wait until it has ended. ControlError, with the end of its log, when it ends badly or has to be ended."""
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.wait()
            raise ControlError(f"control.{self.way} still ran after {within:g} s and was ended; {self._said()}") from error
        if code != 0:
            raise ControlError(f"control.{self.way} ended with exit code {code}; {self._said()}")

    def _said(self) -> str:
        text = self._log.read_text(encoding="utf-8", errors="replace")[-TAIL:].strip()
        return f"last lines of {self._log}:\n{text}" if text else f"nothing in {self._log}"
