"""Time limits and interruptions for everything that runs on the main thread: steps, hooks and clean-ups.

A timer signal ends what takes too long. It raises an exception in the main thread that no `except Exception` of a
driver can swallow. Should even that not bring the main thread back, a thread in the background ends the process.
"""

import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from enum import Enum, auto
from types import FrameType
from typing import TypeVar

from support.kit.errors import InfrastructureError
from support.run.errors import LimitExceededError, QuitError

T = TypeVar("T")
What = str | Callable[[], str]
"""Names a step, hook or clean-up; a function where finding the name out takes time that is only spent when needed."""

DEFAULT_LIMIT = 60.0
_LOOKS_EVERY = 0.2
_LEAST_GRACE, _MOST_GRACE = 1.0, 5.0
_MOST_LIMITS_IN_CLEAN_UP = 3


class _Mode(Enum):
    IDLE = auto()  # behave's own code: nothing is raised into it
    OPEN = auto()  # a step or hook: may be ended at any time
    CLEANUP = auto()  # ended by its limit only, and goes on with the next clean-up


class _Interruption(BaseException):
    def __init__(self, error: InfrastructureError) -> None:
        super().__init__(error)
        self.error = error


class Watch:
    """limit: seconds, for what has none of its own.

    on_limit is called in the main thread, on top of the stack that hangs, with the name of what hangs. on_stuck is
    called in another thread when that did not help within a grace time, and does not return.
    """

    def __init__(self, on_limit: Callable[[str], None], on_stuck: Callable[[str], None], limit: float = DEFAULT_LIMIT) -> None:
        self.limit = limit
        self._on_limit = on_limit
        self._on_stuck = on_stuck
        self._mode = _Mode.IDLE
        self._what: What = "the start"
        self._limit = limit
        self._limits_met = 0
        self._due: float | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, name="watchdog", daemon=True)

    def start(self) -> None:
        signal.signal(signal.SIGALRM, self._alarm)
        self._thread.start()

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._stopped.set()

    def run(self, what: What, function: Callable[[], T], *, limit: float | None = None) -> T:
        """Call a step or a hook. LimitExceededError when it is ended, or the error that `interrupt` was given.

        QuitError when it tries to leave the program. Called within itself (a step of a step) it only calls.
        """
        if self._mode is not _Mode.IDLE:
            return function()
        try:
            try:
                self._arm(what, limit or self.limit)
                self._mode = _Mode.OPEN
                return function()
            finally:
                self._mode = _Mode.IDLE
        except _Interruption as stop:
            raise stop.error.with_traceback(stop.__traceback__) from None
        except Exception:
            raise
        except BaseException as leaving:
            raise QuitError(f"{self.what} tried to leave the program: {leaving!r}") from leaving
        finally:
            self._disarm()

    def clean_up(self, what: What, function: Callable[[], T], *, limit: float | None = None) -> T:
        """Call a clean-up: no signal of the user ends it; its limit raises an ordinary LimitExceededError in it."""
        if self._mode is not _Mode.IDLE:
            return function()
        try:
            self._limits_met = 0
            self._arm(what, limit or self.limit)
            self._mode = _Mode.CLEANUP
            return function()
        except Exception:
            raise
        except BaseException as leaving:
            raise QuitError(f"{self.what} tried to leave the program: {leaving!r}") from leaving
        finally:
            self._mode = _Mode.IDLE
            self._disarm()

    def interrupt(self, error: InfrastructureError) -> None:
        """From a signal handler: end the running step or hook with `error`. Nothing happens to anything else."""
        if self._mode is _Mode.OPEN:
            self._mode = _Mode.IDLE  # first, so that a second signal cannot raise into the handling of this one
            raise _Interruption(error)

    @property
    def what(self) -> str:
        """What runs, or ran last."""
        return self._what if isinstance(self._what, str) else self._what()

    def _arm(self, what: What, limit: float) -> None:
        self._what = what
        self._limit = limit
        self._due = time.monotonic() + limit + min(_MOST_GRACE, max(_LEAST_GRACE, limit / 4))
        signal.setitimer(signal.ITIMER_REAL, limit)

    def _disarm(self) -> None:
        self._due = None
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _alarm(self, _number: int, _frame: FrameType | None) -> None:
        if self._mode is _Mode.IDLE:
            return
        error = LimitExceededError(f"{self.what} took longer than the limit of {self._limit:g} s and was ended")
        if self._mode is _Mode.OPEN:
            self._mode = _Mode.IDLE
            self._on_limit(self.what)
            raise _Interruption(error)
        self._limits_met += 1
        if self._limits_met < _MOST_LIMITS_IN_CLEAN_UP:  # it may go on with other things, each of which may hang as well
            self._arm(self._what, self._limit)
        self._on_limit(self.what)
        raise error

    def _look(self) -> None:
        while not self._stopped.wait(_LOOKS_EVERY):
            due = self._due
            if due is not None and time.monotonic() > due:
                self._on_stuck(self.what)


def all_stacks() -> str:
    """What every thread is doing right now."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    parts = []
    for ident, frame in sys._current_frames().items():
        parts.append(f"thread {names.get(ident, 'unknown')} ({ident})\n{''.join(traceback.format_stack(frame))}")
    return "\n".join(parts)
