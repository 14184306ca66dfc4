"""How much of a processor this program uses."""

import time

LOOK_EVERY = 0.5
"""Seconds that one figure holds."""


class Usage:
    """Processor time of the process in per cent of one processor, over the last half second or more."""

    def __init__(self) -> None:
        self._at = time.monotonic()
        self._used = time.process_time()
        self._percent = 0.0

    def percent(self) -> float:
        """The figure; two threads may ask at once, and then both have a right one."""
        now = time.monotonic()
        passed = now - self._at
        if passed >= LOOK_EVERY:
            used = time.process_time()
            self._percent = max(0.0, round(100.0 * (used - self._used) / passed, 1))
            self._at, self._used = now, used
        return self._percent
