"""SIGTERM, SIGINT and SIGHUP end a run in good order."""

import signal
from collections.abc import Callable
from types import FrameType

_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class EndingSignals:
    """Calls `on_signal` with the name of each signal that arrives, until `restore`. Ignored signals stay ignored (nohup)."""

    def __init__(self, on_signal: Callable[[str], None]) -> None:
        self._on_signal = on_signal
        self._before: dict[signal.Signals, object] = {}

    def install(self) -> None:
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._handle)

    def restore(self) -> None:
        """Back to what was: a signal that comes now ends the process at once. May be repeated."""
        for number, handler in self._before.items():
            signal.signal(number, handler if callable(handler) else signal.SIG_DFL)
        self._before.clear()

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self._on_signal(signal.Signals(number).name)
