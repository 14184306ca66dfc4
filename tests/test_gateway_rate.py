"""The reference gateway's rate limits, with a clock that stands still unless told."""

import pytest

from support.gateway.reference.rate import RateLimits
from support.gateway.reference.settings import Rate, Settings


class Limits(RateLimits):
    """Rate limits with a clock of their own."""

    def __init__(self, *, session: Rate | None = None, address: Rate | None = None, whole: Rate | None = None) -> None:
        self.now = 100.0
        super().__init__(Settings(rate_session=session, rate_address=address, rate_global=whole), lambda: self.now)

    def admitted(self, times: int, session: str = "s", address: str = "a") -> int:
        return sum(not self.admit(session, address) for _ in range(times))


def test_a_burst_passes_and_not_one_more():
    assert Limits(session=Rate(50, 5)).admitted(80) == 50


def test_tokens_come_back_at_the_agreed_rate():
    limits = Limits(session=Rate(50, 5))
    limits.admitted(50)
    limits.now += 1
    assert limits.admitted(20) == 5
    limits.now += 0.19
    assert limits.admitted(1) == 0
    limits.now += 0.011
    assert limits.admitted(5) == 1


def test_no_more_than_a_burst_gathers():
    limits = Limits(session=Rate(50, 5))
    limits.admitted(10)
    limits.now += 1000
    assert limits.admitted(80) == 50


def test_who_waits_as_long_as_told_is_admitted():
    limits = Limits(session=Rate(3, 0.7))
    limits.admitted(3)
    for _ in range(50):
        wait = limits.admit("s", "a")
        assert wait > 0
        limits.now += wait
        assert limits.admit("s", "a") == 0


def test_sessions_have_buckets_of_their_own_and_addresses_too():
    limits = Limits(session=Rate(3, 1), address=Rate(5, 1))
    assert limits.admitted(9, "one", "here") == 3
    assert limits.admitted(9, "two", "here") == 2
    assert limits.admitted(9, "two", "there") == 1
    assert limits.admitted(9, "three", "there") == 3


def test_a_request_takes_a_token_from_each_bucket_or_from_none():
    limits = Limits(session=Rate(10, 1), whole=Rate(4, 1))
    assert limits.admitted(9, "one") == 4
    limits.now += 3
    assert limits.admitted(9, "one") == 3, "the six refused took nothing of the session's"
    limits.now += 2
    assert limits.admitted(9, "one") == 2


def test_the_wait_is_that_of_the_bucket_that_is_empty_longest():
    limits = Limits(session=Rate(1, 10), address=Rate(1, 2))
    limits.admitted(1)
    assert limits.admit("s", "a") == pytest.approx(0.5)


def test_off_limits_nothing():
    limits = Limits()
    assert limits.off
    assert limits.admitted(10_000) == 10_000


def test_a_clock_that_goes_back_gives_no_tokens_and_takes_none():
    limits = Limits(session=Rate(2, 1))
    limits.admitted(1)
    limits.now -= 50
    assert limits.admitted(5) == 1


def test_full_buckets_are_forgotten_and_others_are_not():
    limits = Limits(session=Rate(5, 1), address=Rate(5, 1), whole=Rate(100, 10))
    limits.admitted(5, "busy", "x")
    limits.admitted(1, "calm", "y")
    limits.now += 2
    limits.sweep()
    assert [set(kind) for kind in limits._buckets] == [{"busy"}, {"x"}, set()]
    assert limits.admitted(9, "busy", "x") == 2
    limits.now += 1000
    limits.sweep()
    assert [set(kind) for kind in limits._buckets] == [set(), set(), set()]
