"""Waiting with a limit: a deadline, looking until something holds, looking whether it keeps holding.

Every wait here ends at once when a signal handler raises: the suite's watchdog relies on that.
"""

import _thread
import math
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from support.kit.errors import DeadlineExceededError, PromiseBrokenError

T = TypeVar("T")


class Deadline:
    """A span of time that began when this object was made. Seconds, on a monotonic clock.

    ValueError for a span that is negative or not a number.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        if math.isnan(seconds) or seconds < 0:
            raise ValueError(f"a deadline needs a span of 0 s or more, not {seconds!r}")
        self.seconds = float(seconds)
        self._clock = clock
        self._began = clock()

    @classmethod
    def of(cls, value: "float | Deadline") -> "Deadline":
        """A running deadline as it is, or a new one that begins now and lasts `value` seconds."""
        return value if isinstance(value, Deadline) else cls(value)

    @property
    def elapsed(self) -> float:
        return self._clock() - self._began

    @property
    def remaining(self) -> float:
        """Seconds left, never below 0.0."""
        return max(0.0, self.seconds - self.elapsed)

    @property
    def expired(self) -> bool:
        return self.elapsed >= self.seconds

    def require(self, promised: str) -> float:
        """Seconds left, more than 0.0; DeadlineExceededError naming `promised` when there are none."""
        remaining = self.remaining
        if remaining <= 0.0:
            raise DeadlineExceededError(
                f"{promised}: no time left, the limit of {self.seconds:g} s was over at +{self.elapsed:.2f} s"
            )
        return remaining


def start_thread(thread: threading.Thread) -> None:
    """Start a thread without waiting for it, through a bare one that does.

    Thread.start() waits on a threading.Event: where an exception out of a signal handler can turn into a
    RuntimeError about locks, and be lost.
    """
    _thread.start_new_thread(thread.start, ())


class Latch:
    """Opened once, by one thread, and awaited by any number of others.

    A bare lock instead of threading.Event: an exception out of a signal handler can leave the lock inside an
    Event held for ever, and with it the thread that wants to set it.
    """

    def __init__(self) -> None:
        self._open = False
        self._lock = threading.Lock()
        self._lock.acquire()

    @property
    def is_open(self) -> bool:
        return self._open

    def open(self) -> None:
        self._open = True
        self._lock.release()

    def wait(self, within: float | Deadline) -> bool:
        """Whether the latch was opened in time."""
        seconds = min(Deadline.of(within).remaining, threading.TIMEOUT_MAX)
        if not self._open and self._lock.acquire(timeout=seconds):
            self._lock.release()  # for the next who waits
        return self._open


def eventually(
    look: Callable[[], T],
    accept: Callable[[T], bool],
    within: float | Deadline,
    promised: str,
    *,
    retry_on: tuple[type[Exception], ...] = (),
    interval: float = 0.01,
    describe: Callable[[T], str] = repr,
) -> T:
    """Look until `accept` takes what was seen, and return that.

    Looks at once, then every `interval` seconds, and a last time when the time is up. PromiseBrokenError
    then, with the last value (or the last exception out of `retry_on`), the number of looks and when the last
    one began. Any other exception of `look`, and every one of `accept`, gets out at once.
    """
    deadline = Deadline.of(within)
    looks = 0
    while True:
        last = deadline.expired
        at = deadline.elapsed
        looks += 1
        failure: Exception | None = None
        try:
            value = look()
        except retry_on as error:
            failure = error
        else:
            if accept(value):
                return value
        if last:
            shown = describe(value) if failure is None else f"{type(failure).__name__}: {failure}"
            count = "1 look" if looks == 1 else f"{looks} looks"
            raise PromiseBrokenError(promised, f"{shown} after {count}, last at +{at:.2f} s") from failure
        time.sleep(min(interval, deadline.remaining))


def steadily(
    look: Callable[[], T],
    accept: Callable[[T], bool],
    during: float | Deadline,
    promised: str,
    *,
    interval: float = 0.01,
    describe: Callable[[T], str] = repr,
) -> T:
    """Look throughout `during` (seconds) and return the last value.

    Looks at once, then every `interval` seconds, and a last time when the time is up: twice at least.
    PromiseBrokenError at the first value that is not accepted.
    """
    deadline = Deadline.of(during)
    looks = 0
    while True:
        last = deadline.expired and looks > 0
        at = deadline.elapsed
        looks += 1
        value = look()
        if not accept(value):
            raise PromiseBrokenError(promised, f"{describe(value)} at look {looks}, +{at:.2f} s into {deadline.seconds:g} s")
        if last:
            return value
        time.sleep(min(interval, deadline.remaining))
