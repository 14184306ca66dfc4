import math
import re
import threading
import time

import pytest
from alarms import AlarmError, alarm

from support.kit.deadline import Deadline, Latch, eventually, steadily
from support.kit.errors import DeadlineExceededError, PromiseBrokenError


class Clock:
    """Goes only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_deadline_counts_down_and_never_below_zero() -> None:
    clock = Clock()
    deadline = Deadline(2.0, clock)
    assert (deadline.seconds, deadline.elapsed, deadline.remaining, deadline.expired) == (
        2.0,
        0.0,
        2.0,
        False,
    )
    clock.now += 1.5
    assert (deadline.elapsed, deadline.remaining, deadline.expired) == (1.5, 0.5, False)
    clock.now += 0.5
    assert (deadline.elapsed, deadline.remaining, deadline.expired) == (2.0, 0.0, True)
    clock.now += 7
    assert (deadline.elapsed, deadline.remaining, deadline.expired) == (9.0, 0.0, True)


def test_a_deadline_without_a_clock_takes_the_monotonic_one() -> None:
    before = time.monotonic()
    deadline = Deadline(3600)
    time.sleep(0.02)
    elapsed = deadline.elapsed
    assert 0.02 <= elapsed <= time.monotonic() - before
    assert not deadline.expired


@pytest.mark.parametrize("seconds", [-0.001, -math.inf, math.nan])
def test_a_span_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(seconds))):
        Deadline(seconds)


def test_of_keeps_a_running_deadline_and_starts_a_number() -> None:
    running = Deadline(5, Clock())
    assert Deadline.of(running) is running
    assert Deadline.of(2.5).seconds == 2.5


def test_require_gives_what_is_left_or_names_what_was_promised() -> None:
    clock = Clock()
    deadline = Deadline(2.0, clock)
    clock.now += 0.5
    assert deadline.require("the hub answers") == 1.5
    clock.now += 1.75
    with pytest.raises(DeadlineExceededError) as caught:
        deadline.require("the hub answers")
    assert str(caught.value) == "the hub answers: no time left, the limit of 2 s was over at +2.25 s"


def test_eventually_looks_first() -> None:
    looks: list[int] = []
    assert eventually(lambda: looks.append(1) or "on", lambda seen: seen == "on", 0.0, "on") == "on"
    assert len(looks) == 1


def test_eventually_returns_the_first_value_that_is_accepted() -> None:
    values = iter([1, 2, 3, 4])
    assert eventually(lambda: next(values), lambda seen: seen >= 3, 30.0, "three") == 3


def test_eventually_tells_the_last_value_the_looks_and_when() -> None:
    clock = Clock()
    values = iter(range(100))

    def look() -> int:
        clock.now += 0.66
        return next(values)

    with pytest.raises(PromiseBrokenError) as caught:
        eventually(look, lambda _: False, Deadline(2.0, clock), "on within 2 s", interval=0, describe=hex)
    # Looks begin at 0, 0.66, 1.32 and 1.98 s, and the last one when the time is up.
    assert caught.value.seen == "0x4 after 5 looks, last at +2.64 s"
    assert caught.value.promised == "on within 2 s"


def test_eventually_looks_once_when_there_is_no_time() -> None:
    clock = Clock()
    gone = Deadline(1.0, clock)
    clock.now += 3
    with pytest.raises(PromiseBrokenError) as caught:
        eventually(lambda: None, bool, gone, "on")
    assert caught.value.seen == "None after 1 look, last at +3.00 s"


def test_eventually_looks_a_last_time_when_the_time_is_up() -> None:
    began = time.monotonic()
    # An interval beyond the limit: without the last look the change would not be seen.
    seen = eventually(lambda: time.monotonic() - began, lambda past: past >= 0.1, 0.1, "0.1 s", interval=60)
    assert seen >= 0.1


def test_eventually_looks_in_intervals() -> None:
    looks: list[float] = []
    with pytest.raises(PromiseBrokenError):
        eventually(lambda: looks.append(time.monotonic()), bool, 0.3, "never", interval=0.1)
    assert 2 <= len(looks) <= 5
    assert looks[-1] - looks[0] >= 0.3


def test_eventually_retries_only_named_exceptions() -> None:
    looks = 0

    def look() -> int:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise ConnectionRefusedError("nobody there")
        if looks == 3:
            raise KeyError("port")
        return looks

    with pytest.raises(KeyError):
        eventually(look, lambda _: True, 30.0, "connected", retry_on=(ConnectionError,))
    assert looks == 3
    assert eventually(look, lambda _: True, 30.0, "connected", retry_on=(ConnectionError,)) == 4


def test_eventually_tells_the_last_exception() -> None:
    def look() -> int:
        raise ConnectionRefusedError("nobody there")

    with pytest.raises(PromiseBrokenError) as caught:
        eventually(look, lambda _: True, 0.05, "connected", retry_on=(ConnectionError,))
    assert re.fullmatch(r"ConnectionRefusedError: nobody there after \d+ looks, last at \+\d+\.\d\d s", caught.value.seen)
    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


def test_eventually_tells_a_value_that_came_after_an_exception() -> None:
    clock = Clock()
    looks = 0

    def look() -> str:
        nonlocal looks
        looks += 1
        clock.now += 0.6
        if looks == 1:
            raise ConnectionRefusedError("nobody there")
        return "off"

    with pytest.raises(PromiseBrokenError) as caught:
        eventually(look, lambda _: False, Deadline(1.0, clock), "on", retry_on=(OSError,), interval=0)
    assert caught.value.seen == "'off' after 3 looks, last at +1.20 s"
    assert caught.value.__cause__ is None


def test_eventually_lets_out_what_the_acceptance_raises() -> None:
    def accept(_: int) -> bool:
        raise ConnectionError("of the acceptance, not of the look")

    with pytest.raises(ConnectionError):
        eventually(lambda: 1, accept, 30.0, "on", retry_on=(ConnectionError,))


def test_eventually_is_left_at_once_by_an_alarm() -> None:
    began = time.monotonic()
    with pytest.raises(AlarmError), alarm(0.05):
        eventually(lambda: 1, lambda _: False, 60.0, "on", retry_on=(Exception,), interval=60)
    assert time.monotonic() - began < 30


def test_eventually_does_not_retry_an_alarm_within_the_look() -> None:
    looks: list[int] = []
    with pytest.raises(AlarmError), alarm(0.05):
        eventually(lambda: looks.append(1) or time.sleep(60), bool, 120, "on", retry_on=(Exception,))
    assert len(looks) == 1


def test_steadily_looks_twice_at_least_and_returns_the_last_value() -> None:
    values = iter([1, 2, 3])
    assert steadily(lambda: next(values), lambda _: True, 0.0, "counts") == 2


def test_steadily_looks_throughout() -> None:
    looks: list[float] = []

    def look() -> float:
        looks.append(time.monotonic())
        return looks[-1]

    last = steadily(look, lambda _: True, 0.2, "goes on", interval=0.05)
    assert last == looks[-1]
    assert looks[-1] - looks[0] >= 0.2
    assert len(looks) <= 6


def test_steadily_tells_the_first_value_that_breaks_the_promise() -> None:
    clock = Clock()
    values = iter(["on", "on", "off", "on"])

    def look() -> str:
        clock.now += 0.5
        return next(values)

    with pytest.raises(PromiseBrokenError) as caught:
        steadily(look, lambda seen: seen == "on", Deadline(60, clock), "on for 60 s", interval=0, describe=str)
    assert (caught.value.promised, caught.value.seen) == ("on for 60 s", "off at look 3, +1.00 s into 60 s")
    assert next(values) == "on"


def test_steadily_lets_exceptions_out() -> None:
    def look() -> int:
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        steadily(look, lambda _: True, 30.0, "on")


def test_steadily_is_left_at_once_by_an_alarm() -> None:
    began = time.monotonic()
    with pytest.raises(AlarmError), alarm(0.05):
        steadily(lambda: 1, lambda _: True, 60.0, "on", interval=60)
    assert time.monotonic() - began < 30


def test_a_latch_lets_all_pass_once_it_is_open() -> None:
    latch = Latch()
    passed: list[bool] = []
    threads = [threading.Thread(target=lambda: passed.append(latch.wait(math.inf))) for _ in range(5)]
    for thread in threads:
        thread.start()
    assert not latch.wait(0.02)
    assert not latch.is_open
    assert passed == []
    latch.open()
    for thread in threads:
        thread.join(30)
    assert passed == [True] * 5
    assert latch.is_open
    assert latch.wait(0)


def test_a_latch_is_left_at_once_by_an_alarm_and_still_works() -> None:
    latch = Latch()
    began = time.monotonic()
    with pytest.raises(AlarmError), alarm(0.05):
        latch.wait(60)
    assert time.monotonic() - began < 30
    latch.open()
    assert latch.wait(0)
