import asyncio
import gc
import inspect
import random
import threading
import time
from collections.abc import AsyncIterator, Iterator

import pytest
from alarms import AlarmError, alarm

from support.kit import loop as module
from support.kit.deadline import Deadline, eventually
from support.kit.errors import DeadlineExceededError, InfrastructureError
from support.kit.loop import LoopThread, stop_the_loop, the_loop


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    stop_the_loop()
    eventually(
        lambda: [thread.name for thread in threading.enumerate() if thread.name == "plainwire-loop"],
        lambda names: not names,
        10.0,
        "no loop's thread is left",
    )


@pytest.fixture
def loop() -> Iterator[LoopThread]:
    with LoopThread() as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CANCEL_GRACE", 0.4)


class Patient:
    """A coroutine that waits until it is cancelled, and then for `clean_up` seconds more."""

    def __init__(self, clean_up: float = 0.0) -> None:
        self.clean_up = clean_up
        self.began = threading.Event()
        self.cancelled = threading.Event()
        self.cleaned = threading.Event()

    async def wait(self) -> None:
        self.began.set()
        try:
            await asyncio.sleep(3600)
        finally:
            self.cancelled.set()
            await asyncio.sleep(self.clean_up)
            self.cleaned.set()


class Stubborn:
    """A coroutine that ignores being cancelled until release()."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self._released = threading.Event()

    async def wait(self) -> None:
        self.began.set()
        while not self._released.is_set():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                continue

    def release(self) -> None:
        self._released.set()


async def double(value: int) -> int:
    await asyncio.sleep(0)
    return 2 * value


async def the_thread() -> threading.Thread:
    return threading.current_thread()


def test_call_runs_on_the_other_thread_and_returns_the_result(loop: LoopThread) -> None:
    assert loop.call(double(21), 30.0) == 42
    thread = loop.call(the_thread(), Deadline(30.0))
    assert thread is not threading.current_thread()
    assert thread is loop.call(the_thread(), 30.0)


def test_call_lets_out_what_the_coroutine_raises(loop: LoopThread) -> None:
    async def fail() -> None:
        raise KeyError("bulb")

    with pytest.raises(KeyError, match="bulb"):
        loop.call(fail(), 30.0)


def test_the_loop_goes_on_between_calls(loop: LoopThread) -> None:
    ticks: list[int] = []

    async def tick() -> None:
        while True:
            ticks.append(1)
            await asyncio.sleep(0.001)

    future = loop.spawn(tick())
    eventually(lambda: len(ticks), lambda count: count > 20, 30.0, "the loop ticks")
    future.cancel()


def test_a_call_that_is_late_is_cancelled_and_has_cleaned_up_when_the_error_gets_out(
    loop: LoopThread,
) -> None:
    patient = Patient(clean_up=0.05)
    began = time.monotonic()
    with pytest.raises(DeadlineExceededError, match=r"Patient\.wait did not end within 0\.1 s$"):
        loop.call(patient.wait(), 0.1)
    assert time.monotonic() - began >= 0.15
    assert patient.cleaned.is_set()
    assert loop.call(double(1), 30.0) == 2


def test_a_late_call_tells_what_its_clean_up_raised(loop: LoopThread) -> None:
    async def fail_late() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            raise OSError("cannot close")

    with pytest.raises(DeadlineExceededError) as caught:
        loop.call(fail_late(), 0.05)
    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.usefixtures("impatient")
def test_a_late_call_that_ignores_its_cancellation_is_given_up(loop: LoopThread) -> None:
    stubborn = Stubborn()
    with pytest.raises(DeadlineExceededError, match=r"nor within 0\.4 s of being cancelled"):
        loop.call(stubborn.wait(), 0.05)
    stubborn.release()


def test_a_call_without_time_does_not_begin(loop: LoopThread) -> None:
    coro = double(1)
    with pytest.raises(DeadlineExceededError, match="double: no time left"):
        loop.call(coro, 0.0)
    assert inspect.getcoroutinestate(coro) == inspect.CORO_CLOSED


def test_a_call_is_left_at_once_by_an_alarm_and_its_coroutine_cancelled(loop: LoopThread) -> None:
    patient = Patient()
    began = time.monotonic()
    with pytest.raises(AlarmError), alarm(0.1):
        loop.call(patient.wait(), 60.0)
    assert time.monotonic() - began < 30
    assert patient.cleaned.wait(30)
    assert loop.call(double(4), 30.0) == 8


def test_an_alarm_during_the_clean_up_of_a_late_call_gets_out(loop: LoopThread, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CANCEL_GRACE", 60.0)
    stubborn = Stubborn()
    with pytest.raises(AlarmError), alarm(0.3):
        loop.call(stubborn.wait(), 0.01)
    stubborn.release()


def test_an_alarm_at_any_moment_of_a_call_gets_out_and_the_loop_goes_on(loop: LoopThread) -> None:
    def call_and_idle() -> None:
        loop.call(asyncio.sleep(0.0003), 30.0)
        time.sleep(1.0)  # until the alarm rings

    for _ in range(100):
        with pytest.raises(AlarmError), alarm(random.uniform(0.00005, 0.0006)):
            call_and_idle()
    assert loop.call(double(4), 30.0) == 8


def test_a_run_that_was_interrupted_before_it_was_queued_is_closed() -> None:
    coro = double(1)
    module._Run(coro).cancel()
    assert inspect.getcoroutinestate(coro) == inspect.CORO_CLOSED


def test_calls_on_the_loops_own_thread_are_refused(loop: LoopThread) -> None:
    coro = double(1)

    async def call() -> None:
        loop.call(coro, 1.0)

    async def stop() -> None:
        loop.stop()

    for refused in (call(), stop()):
        with pytest.raises(RuntimeError, match="own thread") as caught:
            loop.call(refused, 30.0)
        assert not isinstance(caught.value, InfrastructureError)
    assert inspect.getcoroutinestate(coro) == inspect.CORO_CLOSED


def test_spawn_is_allowed_on_the_loops_own_thread(loop: LoopThread) -> None:
    async def spawn() -> int:
        return await asyncio.wrap_future(loop.spawn(double(3)))

    assert loop.call(spawn(), 30.0) == 6


def test_a_loop_that_does_not_run_takes_nothing() -> None:
    loop = LoopThread()
    for use in (lambda coro: loop.call(coro, 1.0), loop.spawn):
        coro = double(1)
        with pytest.raises(InfrastructureError, match="does not run"):
            use(coro)
        assert inspect.getcoroutinestate(coro) == inspect.CORO_CLOSED


def test_spawn_gives_a_future_of_the_result_and_of_the_exception(loop: LoopThread) -> None:
    async def fail() -> None:
        raise KeyError("bulb")

    assert loop.spawn(double(5)).result(30) == 10
    assert isinstance(loop.spawn(fail()).exception(30), KeyError)


def test_a_spawned_coroutine_that_nobody_holds_runs_to_its_end(loop: LoopThread) -> None:
    done = threading.Event()
    inside: list[asyncio.Future[None]] = []

    async def wait_for_oneself() -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        inside.append(future)
        await future
        done.set()

    async def wake() -> None:
        inside.pop().set_result(None)

    loop.spawn(wait_for_oneself())
    eventually(lambda: len(inside), bool, 30.0, "it waits")
    gc.collect()
    loop.call(wake(), 30.0)
    assert done.wait(30)


def test_stop_cancels_what_still_runs_and_lets_it_clean_up() -> None:
    patient = Patient(clean_up=0.05)
    with LoopThread() as loop:
        future = loop.spawn(patient.wait())
        assert patient.began.wait(30)
    assert patient.cleaned.is_set()
    assert future.cancelled()


def test_stop_also_ends_what_a_clean_up_begins() -> None:
    patient = Patient()
    tasks: list[asyncio.Task[None]] = []

    async def begin_another() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            tasks.append(asyncio.create_task(patient.wait()))
            await asyncio.sleep(0.02)

    with LoopThread() as loop:
        loop.spawn(begin_another())
        loop.call(double(1), 30.0)
    assert tasks[0].cancelled()
    assert patient.cleaned.is_set()


@pytest.mark.usefixtures("impatient")
def test_stop_names_the_tasks_that_would_not_end() -> None:
    stubborn, patient = Stubborn(), Patient()
    loop = LoopThread()
    loop.start()
    loop.spawn(stubborn.wait())
    loop.spawn(patient.wait())
    assert stubborn.began.wait(30)
    assert patient.began.wait(30)
    with pytest.raises(InfrastructureError, match=r"still not ended: Task-\d+ Stubborn\.wait$"):
        loop.stop()
    assert patient.cleaned.is_set()
    loop.stop()
    gc.collect()


@pytest.mark.usefixtures("impatient")
def test_a_call_in_another_thread_outlives_a_loop_that_is_stopped() -> None:
    stubborn = Stubborn()
    caught: list[BaseException] = []
    loop = LoopThread()
    loop.start()

    def call() -> None:
        try:
            loop.call(stubborn.wait(), 0.6)
        except InfrastructureError as error:
            caught.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert stubborn.began.wait(30)
    with pytest.raises(InfrastructureError, match=r"Stubborn\.wait"):
        loop.stop()
    thread.join(30)
    assert [type(error) for error in caught] == [DeadlineExceededError]


def test_a_call_that_somebody_else_cancels_is_an_error_of_the_suite() -> None:
    patient = Patient()
    caught: list[BaseException] = []
    loop = LoopThread()
    loop.start()

    def call() -> None:
        try:
            loop.call(patient.wait(), 60.0)
        except InfrastructureError as error:
            caught.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    assert patient.began.wait(30)
    loop.stop()
    thread.join(30)
    assert [str(error) for error in caught] == ["Patient.wait was cancelled by somebody else than its caller"]


@pytest.mark.parametrize("as_callback", [False, True])
def test_stop_names_what_blocks_the_loop(as_callback: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CANCEL_GRACE", 0.1)
    gate, blocked = threading.Event(), threading.Event()

    def block() -> None:
        blocked.set()
        gate.wait(60)

    async def block_all() -> None:
        if as_callback:
            asyncio.get_running_loop().call_soon(block)
        else:
            block()

    loop = LoopThread()
    loop.start()
    loop.spawn(block_all())
    assert blocked.wait(30)
    name = "a callback" if as_callback else r"Task-\d+ .*block_all"
    try:
        with pytest.raises(InfrastructureError, match=rf"{name} \(blocks the loop\)"):
            loop.stop()
    finally:
        gate.set()


@pytest.mark.usefixtures("impatient")
def test_stop_names_an_asynchronous_generator_that_would_not_close() -> None:
    released = threading.Event()
    kept: list[AsyncIterator[int]] = []

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            while not released.is_set():
                await asyncio.sleep(0.01)

    async def begin() -> None:
        kept.append(numbers())
        assert await anext(kept[0]) == 1

    loop = LoopThread()
    loop.start()
    loop.call(begin(), 30.0)
    with pytest.raises(InfrastructureError, match="closing asynchronous generators"):
        loop.stop()
    released.set()


def test_stop_that_an_alarm_interrupts_can_be_repeated() -> None:
    patient = Patient(clean_up=0.5)
    loop = LoopThread()
    loop.start()
    loop.spawn(patient.wait())
    assert patient.began.wait(30)
    with pytest.raises(AlarmError), alarm(0.1):
        loop.stop()
    with pytest.raises(InfrastructureError, match="does not run"):
        loop.spawn(double(1))
    loop.start()  # ends the old one first
    assert patient.cleaned.is_set()
    assert loop.call(double(1), 30.0) == 2
    loop.stop()


def test_a_coroutine_that_ends_the_program_does_not_end_the_loop(loop: LoopThread, caplog: pytest.LogCaptureFixture) -> None:
    async def leave() -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        loop.call(leave(), 30.0)
    assert loop.call(double(1), 30.0) == 2
    assert "asked to end the program" in caplog.text


def test_starting_and_stopping_twice_changes_nothing() -> None:
    loop = LoopThread()
    loop.stop()
    loop.start()
    thread = loop.call(the_thread(), 30.0)
    loop.start()
    assert loop.call(the_thread(), 30.0) is thread
    loop.stop()
    loop.stop()
    assert not thread.is_alive()
    loop.start()
    assert loop.call(the_thread(), 30.0) is not thread
    loop.stop()


def test_there_is_one_loop_for_the_run() -> None:
    first = the_loop().call(the_thread(), 30.0)
    assert the_loop().call(the_thread(), 30.0) is first
    stop_the_loop()
    assert not first.is_alive()
    assert the_loop().call(double(2), 30.0) == 4
