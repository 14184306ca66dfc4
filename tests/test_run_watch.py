"""The watch over steps, hooks and clean-ups, in this process."""

import signal
import time
from collections.abc import Iterator

import pytest

from support.kit.errors import InfrastructureError
from support.run.errors import LimitExceededError, QuitError
from support.run.watch import Watch, all_stacks

LONG = 30.0


class Told:
    """What a watch told. The limit is short, everything that hangs would hang for LONG."""

    def __init__(self) -> None:
        self.limits: list[str] = []
        self.stuck: list[str] = []
        self.watch = Watch(self.limits.append, self.stuck.append, limit=0.3)


@pytest.fixture
def told() -> Iterator[Told]:
    before = signal.getsignal(signal.SIGALRM)
    one = Told()
    one.watch.start()
    yield one
    one.watch.stop()
    signal.signal(signal.SIGALRM, before)


def leave(error: BaseException) -> None:
    raise error


def test_what_ends_in_time_is_left_alone(told: Told) -> None:
    assert told.watch.run("a step", lambda: 42, limit=LONG) == 42
    assert told.watch.clean_up("a clean-up", lambda: 42, limit=LONG) == 42
    with pytest.raises(KeyError):
        told.watch.run("a step", lambda: leave(KeyError()), limit=LONG)
    time.sleep(told.watch.limit * 1.5)
    assert told.limits == []


def test_what_hangs_is_ended_and_named(told: Told) -> None:
    begun = time.monotonic()
    with pytest.raises(LimitExceededError, match="a step took longer than the limit") as caught:
        told.watch.run(lambda: "a step", lambda: time.sleep(LONG))
    assert time.monotonic() - begun < LONG / 2
    assert told.limits == ["a step"]
    assert any("lambda" in entry.name for entry in caught.traceback), "the error says where it hung"


def test_a_limit_of_its_own_counts_instead(told: Told) -> None:
    assert told.watch.run("before_all", lambda: time.sleep(told.watch.limit * 1.5), limit=LONG) is None


def test_catching_exceptions_does_not_keep_a_step_alive(told: Told) -> None:
    def stubborn() -> None:
        while True:
            try:
                time.sleep(LONG)
            except Exception:  # noqa: BLE001, S112  # the mistake that the watch must survive
                continue

    with pytest.raises(LimitExceededError):
        told.watch.run("a step", stubborn)


def test_a_step_within_a_step_ends_both(told: Told) -> None:
    with pytest.raises(LimitExceededError):
        told.watch.run("outer", lambda: told.watch.run("inner", lambda: time.sleep(LONG)))
    assert told.limits == ["outer"]


def test_a_clean_up_goes_on_with_the_next_thing_after_a_limit(told: Told) -> None:
    ended = []

    def close() -> None:
        for number in (1, 2):
            try:
                time.sleep(LONG)
            except LimitExceededError:
                ended.append(number)

    told.watch.clean_up("a clean-up", close)
    assert ended == [1, 2]


def test_an_interruption_ends_a_step_but_no_clean_up(told: Told) -> None:
    error = InfrastructureError("ended by SIGTERM")
    with pytest.raises(InfrastructureError, match="ended by SIGTERM"):
        told.watch.run("a step", lambda: told.watch.interrupt(error))
    told.watch.clean_up("a clean-up", lambda: told.watch.interrupt(error))
    told.watch.interrupt(error)


@pytest.mark.parametrize("leaving", [SystemExit(0), KeyboardInterrupt(), GeneratorExit()])
def test_nothing_leaves_the_program(told: Told, leaving: BaseException) -> None:
    for call in (told.watch.run, told.watch.clean_up):
        with pytest.raises(QuitError, match="a step tried to leave the program"):
            call("a step", lambda: leave(leaving))


def test_what_cannot_be_ended_is_told_from_another_thread(told: Told) -> None:
    end = time.monotonic() + LONG

    def deaf() -> None:
        while not told.stuck and time.monotonic() < end:
            try:
                time.sleep(0.05)
            except BaseException:  # noqa: BLE001, S112  # the mistake that the watch must survive
                continue

    told.watch.run("a deaf step", deaf)
    assert told.stuck[0] == "a deaf step"


def test_the_stacks_name_threads_and_lines() -> None:
    text = all_stacks()
    assert "thread MainThread" in text
    assert "test_the_stacks_name_threads_and_lines" in text
