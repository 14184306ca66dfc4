"""A system that is mute every time is given up on, and only then."""

import pytest
from alarms import AlarmError

from support.kit.errors import InfrastructureError, PromiseBrokenError
from support.kit.patience import MOST, GivenUpError, Patience


class HangsError(PromiseBrokenError):
    """One kind of broken promise."""


@pytest.fixture
def patience():
    return Patience("the lamp was dark {} times", silence=HangsError)


def wait(patience, target="lamp", error=None):
    if error is None:
        with patience.counted(target):
            return
    with pytest.raises(type(error)), patience.counted(target):
        raise error


def test_who_is_silent_every_time_is_not_asked_again(patience):
    for _ in range(MOST):
        patience.require_left("lamp")
        wait(patience, error=HangsError("a word", "none"))
    with pytest.raises(GivenUpError, match=f"^the lamp was dark {MOST} times and is not asked again in this run$"):
        patience.require_left("lamp")


def test_giving_up_is_no_broken_promise():
    assert issubclass(GivenUpError, InfrastructureError)


def test_each_target_is_counted_by_itself(patience):
    for _ in range(MOST):
        wait(patience, error=HangsError("a word", "none"))
    patience.require_left("another lamp")


@pytest.mark.parametrize("other", [None, PromiseBrokenError("a promise", "another"), InfrastructureError("no machine")])
def test_any_other_end_starts_the_count_again(patience, other):
    for _ in range(MOST - 1):
        wait(patience, error=HangsError("a word", "none"))
    wait(patience, error=other)
    for _ in range(MOST - 1):
        wait(patience, error=HangsError("a word", "none"))
    patience.require_left("lamp")


def test_the_watchdogs_alarm_says_nothing_about_the_target(patience):
    for _ in range(MOST - 1):
        wait(patience, error=HangsError("a word", "none"))
    wait(patience, error=AlarmError())
    patience.require_left("lamp")
    wait(patience, error=HangsError("a word", "none"))
    with pytest.raises(GivenUpError):
        patience.require_left("lamp")


def test_a_silence_is_any_broken_promise_unless_told_otherwise():
    patience = Patience("the lamp was dark {} times")
    for _ in range(MOST):
        wait(patience, error=PromiseBrokenError("a word", "none"))
    with pytest.raises(GivenUpError):
        patience.require_left("lamp")
