"""One asyncio event loop in a background thread.

behave freezes its own loop between steps; keep-alives, readers and servers have to go on meanwhile.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from support.kit.deadline import Deadline, Latch, start_thread
from support.kit.errors import DeadlineExceededError, InfrastructureError

T = TypeVar("T")

CANCEL_GRACE = 1.0
"""Seconds that a cancelled coroutine gets for its clean-up."""


class _Run(Generic[T]):
    """One coroutine on the loop, awaited by another thread."""

    def __init__(self, coro: Coroutine[Any, Any, T]) -> None:
        self.name = getattr(coro, "__qualname__", repr(coro))
        self.ended = Latch()
        self._coro = coro
        self._task: asyncio.Task[T] | None = None

    def begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._coro)
        self._task.add_done_callback(lambda _: self.ended.open())

    def cancel(self) -> None:
        if self._task is None:
            self._coro.close()  # the caller was interrupted before begin() was queued
        else:
            self._task.cancel()

    def result(self) -> T:
        assert self._task is not None, "only an ended run has a result"
        if self._task.cancelled():
            raise InfrastructureError(f"{self.name} was cancelled by somebody else than its caller")
        return self._task.result()

    def failure(self) -> BaseException | None:
        """What an ended run raised, its cancellation apart."""
        assert self._task is not None, "only an ended run has a failure"
        return None if self._task.cancelled() else self._task.exception()


class LoopThread:
    """An event loop that runs from start() to stop(), used from other threads. It can be started again."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._gone = Latch()
        self._closing = False
        self._left: list[str] = []
        self._spawned: set[object] = set()

    def start(self) -> None:
        """Run the loop; nothing happens when it runs already."""
        if self._closing:
            self.stop()  # an earlier stop() was interrupted by a signal handler's exception
        if self._loop is not None:
            return
        self._gone, self._left = Latch(), []
        loop = asyncio.new_event_loop()
        arguments = (loop, self._gone)
        self._thread = threading.Thread(target=_live, args=arguments, name="plainwire-loop", daemon=True)
        start_thread(self._thread)
        self._loop = loop

    def call(self, coro: Coroutine[Any, Any, T], within: float | Deadline) -> T:
        """Run `coro` on the loop and return its result; what it raises gets out here.

        When the time is up it is cancelled, gets CANCEL_GRACE seconds to end, and DeadlineExceededError is
        raised. An exception in the calling thread (a signal handler's) cancels it too, and gets out at once.
        RuntimeError on the loop's own thread, InfrastructureError when the loop does not run.
        """
        deadline = Deadline.of(within)
        run = _Run(coro)
        try:
            self._refuse_own_thread("call()")
            loop = self._running()
            deadline.require(run.name)
        except BaseException:
            coro.close()
            raise
        try:
            loop.call_soon_threadsafe(run.begin)
            in_time = run.ended.wait(deadline)
        except BaseException:
            _post(loop, run.cancel)
            raise
        if in_time:
            return run.result()
        _post(loop, run.cancel)
        late = f"{run.name} did not end within {deadline.seconds:g} s"
        if not run.ended.wait(CANCEL_GRACE):
            raise DeadlineExceededError(f"{late}, nor within {CANCEL_GRACE:g} s of being cancelled")
        raise DeadlineExceededError(late) from run.failure()

    def spawn(self, coro: Coroutine[Any, Any, T]) -> Future[T]:
        """Run `coro` in the background until it ends or stop(). What it raises, its future tells."""
        try:
            loop = self._running()
        except InfrastructureError:
            coro.close()
            raise
        future = asyncio.run_coroutine_threadsafe(coro, loop)
        self._spawned.add(future)  # asyncio holds tasks weakly: one that nobody holds can vanish half-way
        # On the loop's thread: a signal handler's exception here could leave the future locked for ever.
        loop.call_soon_threadsafe(future.add_done_callback, self._spawned.discard)
        return future

    def stop(self) -> None:
        """Cancel what still runs and end the thread; nothing happens when it does not run.

        InfrastructureError names the tasks that would not end within CANCEL_GRACE seconds, and a task that
        blocks the loop (its thread is left behind then: nothing can end it).
        """
        if self._loop is None or self._thread is None:
            return
        self._refuse_own_thread("stop()")
        if not self._closing:
            self._closing = True
            _post(self._loop, _Ending(self._left).begin)
        ended = self._gone.wait(3 * CANCEL_GRACE)
        if ended:
            self._thread.join()
        else:
            running = asyncio.current_task(self._loop)
            self._left.append(f"{'a callback' if running is None else _name(running)} (blocks the loop)")
        self._loop = self._thread = None
        self._closing = False
        if self._left:
            raise InfrastructureError(f"cancelled and still not ended: {', '.join(sorted(self._left))}")

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None or self._closing:
            raise InfrastructureError("the loop does not run: not started, or stopped")
        return self._loop

    def _refuse_own_thread(self, what: str) -> None:
        if threading.current_thread() is self._thread:
            raise RuntimeError(f"{what} on the loop's own thread would wait for itself: await instead")


class _Ending:
    """The end of a loop, run on it: `left` gets the names of the tasks that would not end."""

    def __init__(self, left: list[str]) -> None:
        self._left = left
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._end())

    async def _end(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = Deadline(CANCEL_GRACE)
        asked: set[asyncio.Task[object]] = set()
        # In rounds, as clean-ups may begin new tasks. One cancellation each: a second would break a clean-up.
        while (tasks := asyncio.all_tasks() - {self._task}) and not deadline.expired:
            for task in tasks - asked:
                task.cancel()
            asked |= tasks
            await asyncio.wait(tasks, timeout=deadline.remaining, return_when=asyncio.FIRST_COMPLETED)
        self._left.extend(_name(task) for task in tasks)
        generators = loop.create_task(loop.shutdown_asyncgens(), name="closing asynchronous generators")
        await asyncio.wait({generators}, timeout=CANCEL_GRACE)
        if not generators.done():
            self._left.append(_name(generators))
        loop.stop()


def _live(loop: asyncio.AbstractEventLoop, gone: Latch) -> None:
    asyncio.set_event_loop(loop)
    try:
        while True:
            try:
                loop.run_forever()
                break
            except (SystemExit, KeyboardInterrupt) as error:
                # asyncio hands these two to the task's caller and lets them out of the loop as well. The loop
                # belongs to the other tasks too and goes on.
                loop.call_exception_handler({"message": "a task asked to end the program", "exception": error})
        loop.close()
    finally:
        gone.open()


def _post(loop: asyncio.AbstractEventLoop, action: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(action)


def _name(task: asyncio.Task[Any]) -> str:
    coro = task.get_coro()
    return f"{task.get_name()} {getattr(coro, '__qualname__', repr(coro))}"


_shared = LoopThread()


def the_loop() -> LoopThread:
    """The run's loop, started on first use, and again on the first use after stop_the_loop()."""
    _shared.start()
    return _shared


def stop_the_loop() -> None:
    """End the run's loop; as LoopThread.stop()."""
    _shared.stop()
