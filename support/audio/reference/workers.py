"""Threads that do the work which would hold up the event loop: sound is processed there, and long messages are read.

Threads are daemons: a recording that takes minutes does not keep the program from ending.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

Result = TypeVar("Result")
Job = Callable[[], None]

LONGEST_WAIT, SHORT_WAIT = 0.05, 0.0005
"""Seconds that others are given way at a time, and between two looks."""


class Outcome(Generic[Result]):
    """What came of some work: its result, or the exception that ended it."""

    __slots__ = ("error", "value")

    def __init__(self, value: Result | None = None, error: BaseException | None = None) -> None:
        self.value = value
        self.error = error

    def result(self) -> Result:
        """The result. Raises what the work has raised."""
        if self.error is not None:
            raise self.error
        return self.value  # type: ignore[return-value]


class Workers:
    """`count` threads that take work first in, first out. Belongs to the loop that runs when work is handed in."""

    def __init__(self, count: int, name: str) -> None:
        self._lock = threading.Lock()
        self._under_way = 0
        self._queue: SimpleQueue[Job] = SimpleQueue()
        for number in range(count):
            threading.Thread(target=self._work, name=f"{name}-{number + 1}", daemon=True).start()

    def submit(self, work: Callable[[], Result], done: Callable[[Outcome[Result]], object]) -> None:
        """Have `work` done; `done` is called with what came of it, on the loop that runs now."""
        loop = asyncio.get_running_loop()

        def job() -> None:
            outcome = outcome_of(work)
            try:
                loop.call_soon_threadsafe(done, outcome)
            except RuntimeError:
                # The loop is closed: the program ends, and nobody waits for this any more.
                return

        self._queue.put(job)

    async def run(self, work: Callable[[], Result]) -> Result:
        """What `work` returns, or raises."""
        future: asyncio.Future[Outcome[Result]] = asyncio.get_running_loop().create_future()

        def done(outcome: Outcome[Result]) -> None:
            if not future.done():
                future.set_result(outcome)

        self.submit(work, done)
        return (await future).result()

    def give_way(self) -> None:
        """Wait while these threads have something to do, but not for long: for a thread of another group, between two steps.

        Threads that work at the same time take the interpreter's lock from each other, which the shorter work feels most.
        """
        end = time.monotonic() + LONGEST_WAIT
        while (self._under_way or not self._queue.empty()) and time.monotonic() < end:
            time.sleep(SHORT_WAIT)

    def _work(self) -> None:
        while True:
            job = self._queue.get()
            with self._lock:
                self._under_way += 1
            job()
            with self._lock:
                self._under_way -= 1


def outcome_of(work: Callable[[], Result]) -> Outcome[Result]:
    """Do `work` now."""
    try:
        return Outcome(work())
    except BaseException as error:  # noqa: BLE001 - it is raised again where the result is asked for
        return Outcome(error=error)
