"""What is begun at the end of a scenario and may go on beside the next one: the run does not end before it is done."""

import threading
from collections.abc import Callable

from support.kit.at_end import at_end_of_run

LIMIT = 60.0
"""Seconds that the run waits for all of it."""
_threads: list[threading.Thread] = []
_errors: list[Exception] = []
_lock = threading.Lock()


def do_later(deed: Callable[[], object]) -> None:
    """Begin it now in a thread of its own. What it raises is raised at the end of the run."""

    def do() -> None:
        try:
            deed()
        except Exception as error:  # noqa: BLE001  # raised by _finish
            _errors.append(error)

    thread = threading.Thread(target=do, name="a deed that may take its time", daemon=True)
    with _lock:
        if not _threads:
            at_end_of_run(_finish)
        _threads.append(thread)
    thread.start()


def _finish() -> None:
    """Wait until all is done; raises the first error. RuntimeError where something is not done in time."""
    with _lock:
        threads, _threads[:] = list(_threads), []
    for thread in threads:
        thread.join(LIMIT)
        if thread.is_alive():
            raise RuntimeError(f"something that was begun at the end of a scenario is not done after {LIMIT:g} s")
    errors, _errors[:] = list(_errors), []
    if errors:
        raise errors[0]
