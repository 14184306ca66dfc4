"""The failsafe of a member, with a clock that stands still unless told."""

from hypothesis import given
from hypothesis import strategies as st

from support.peers.reference.node.failsafe import Failsafe


def test_it_waits_for_the_whole_heartbeat_time_after_the_start():
    failsafe = Failsafe(30, 100)
    assert failsafe.deadline == 130
    assert [failsafe.active(now) for now in (100, 115, 129.999, 130, 1000)] == [False, False, False, True, True]


def test_who_hears_something_again_and_again_needs_no_failsafe():
    failsafe = Failsafe(30, 0)
    for now in range(5, 300, 5):
        failsafe.heard(now)
        assert not failsafe.active(now + 4.999)
    assert failsafe.deadline == 295 + 30


def test_the_time_counts_from_what_was_heard_last():
    failsafe = Failsafe(30, 0)
    failsafe.heard(29)
    assert not failsafe.active(58.9)
    assert failsafe.active(59)


def test_it_is_released_by_what_is_heard_next():
    failsafe = Failsafe(30, 0)
    assert failsafe.active(90)
    failsafe.heard(90)
    assert not failsafe.active(90)
    assert failsafe.active(120)


def test_asking_changes_nothing():
    failsafe = Failsafe(30, 0)
    assert [failsafe.active(40), failsafe.active(10), failsafe.active(40)] == [True, False, True]


def test_what_is_told_late_takes_nothing_back():
    failsafe = Failsafe(30, 0)
    failsafe.heard(20)
    failsafe.heard(10)
    assert failsafe.deadline == 50


def test_another_heartbeat_time_counts_from_what_was_heard_last():
    failsafe = Failsafe(30, 0)
    failsafe.heard(10)
    failsafe.timeout = 5
    assert failsafe.deadline == 15
    assert failsafe.active(16)
    failsafe.timeout = 60
    assert not failsafe.active(16)


@given(st.floats(1, 600), st.lists(st.floats(0.001, 1000), min_size=1), st.floats(0, 2000))
def test_it_is_in_force_exactly_when_nothing_was_heard_for_the_heartbeat_time(timeout, pauses, silence):
    failsafe, now = Failsafe(timeout, 0), 0.0
    for pause in pauses:
        now += pause
        failsafe.heard(now)
        assert not failsafe.active(now)
    assert failsafe.active(now + silence) == (now + silence >= now + timeout)
