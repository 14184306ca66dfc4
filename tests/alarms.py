"""An alarm in the main thread, as the suite's watchdog raises it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class AlarmError(BaseException):
    """As the suite's watchdog raises: outside of Exception."""


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise AlarmError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
