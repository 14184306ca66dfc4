"""The reference gateway's circuit breaker: a state machine with a clock that stands still unless told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.gateway.protocol import Breaker as State
from support.gateway.reference.breaker import Breaker, BreakerLimits, Ticket


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Subject:
    """A breaker with its clock and the transitions it told of."""

    def __init__(self, **limits: float) -> None:
        self.clock = Clock()
        self.changes: list[tuple[State, State]] = []
        self.breaker = Breaker(BreakerLimits(**limits), self.clock, lambda before, after: self.changes.append((before, after)))

    def ticket(self) -> Ticket:
        admitted = self.breaker.admit()
        assert isinstance(admitted, Ticket), f"refused for {admitted} s"
        return admitted

    def refused(self) -> float:
        wait = self.breaker.admit()
        assert isinstance(wait, float), "admitted"
        assert 0 < wait <= self.breaker.limits.recovery
        return wait

    def fail(self, times: int = 1) -> None:
        for _ in range(times):
            self.ticket().failure()

    def open(self) -> None:
        self.fail(self.breaker.limits.failures)
        assert self.breaker.state is State.OPEN

    def recover(self) -> None:
        self.clock.now += self.breaker.limits.recovery

    def half_open(self) -> Ticket:
        self.open()
        self.recover()
        return self.ticket()


def test_the_agreed_failures_in_a_row_open_it_and_not_one_less():
    it = Subject()
    it.fail(4)
    assert it.breaker.state is State.CLOSED
    it.fail()
    assert it.breaker.state is State.OPEN
    assert it.changes == [(State.CLOSED, State.OPEN)]


def test_a_success_resets_the_count():
    it = Subject()
    it.fail(4)
    it.ticket().success()
    it.fail(4)
    assert it.breaker.state is State.CLOSED
    it.fail()
    assert it.breaker.state is State.OPEN


def test_an_abandoned_call_neither_counts_nor_resets():
    it = Subject()
    it.fail(4)
    it.ticket().abandon()
    it.fail()
    assert it.breaker.state is State.OPEN


def test_open_refuses_until_the_recovery_time_is_over_to_the_moment():
    it = Subject()
    it.open()
    assert it.refused() == 60.0
    it.clock.now += 59.5
    assert it.refused() == pytest.approx(0.5)
    it.clock.now += 0.4999999
    assert it.refused() > 0
    it.clock.now += 0.0000002
    it.ticket()
    assert it.breaker.state is State.HALF_OPEN


def test_it_becomes_half_open_by_a_call_not_by_time():
    it = Subject()
    it.open()
    it.clock.now += 1000
    assert it.breaker.state is State.OPEN
    assert it.breaker.retry_after() == 0


def test_half_open_admits_the_agreed_probes_at_a_time():
    it = Subject(successes=10)
    first = it.half_open()
    others = [it.ticket(), it.ticket()]
    it.refused()
    first.success()
    it.ticket()
    it.refused()
    others[0].abandon()
    it.ticket()
    it.refused()


def test_the_agreed_successes_close_it_and_not_one_less():
    it = Subject()
    it.half_open().success()
    assert it.breaker.state is State.HALF_OPEN
    it.ticket().success()
    assert it.breaker.state is State.CLOSED
    assert it.breaker.failures == 0
    it.fail(4)
    assert it.breaker.state is State.CLOSED
    assert it.changes == [(State.CLOSED, State.OPEN), (State.OPEN, State.HALF_OPEN), (State.HALF_OPEN, State.CLOSED)]


def test_a_failed_probe_opens_it_again_with_a_fresh_timer():
    it = Subject()
    probe = it.half_open()
    it.clock.now += 7
    probe.failure()
    assert it.breaker.state is State.OPEN
    assert it.refused() == 60.0
    it.recover()
    it.ticket()
    assert it.breaker.state is State.HALF_OPEN


def test_successes_before_a_reopening_do_not_count_after_it():
    it = Subject()
    it.half_open().success()
    it.ticket().failure()
    it.recover()
    it.ticket().success()
    assert it.breaker.state is State.HALF_OPEN


@pytest.mark.parametrize("end", ["success", "failure", "abandon"])
def test_a_result_from_before_the_opening_disturbs_nothing(end):
    it = Subject()
    late = [it.ticket() for _ in range(3)]
    it.open()
    getattr(late[0], end)()
    assert it.breaker.state is State.OPEN
    assert it.refused() == 60.0
    it.recover()
    probe = it.ticket()
    getattr(late[1], end)()
    assert it.breaker.state is State.HALF_OPEN
    assert it.breaker.probing == 1
    probe.success()
    it.ticket().success()
    getattr(late[2], end)()
    assert it.breaker.state is State.CLOSED
    assert it.breaker.failures == 0


def test_a_probe_of_an_earlier_half_open_period_disturbs_nothing():
    it = Subject(probes=2)
    early, failing = it.half_open(), it.ticket()
    failing.failure()
    it.recover()
    probe = it.ticket()
    early.success()
    assert (it.breaker.successes, it.breaker.probing) == (0, 1)
    probe.success()
    assert it.breaker.successes == 1


def test_only_the_first_result_of_a_call_counts():
    it = Subject(failures=2)
    ticket = it.ticket()
    ticket.failure()
    ticket.failure()
    ticket.abandon()
    assert it.breaker.state is State.CLOSED
    assert it.breaker.failures == 1


def test_failures_of_calls_that_were_all_under_way_open_it_once():
    it = Subject()
    for ticket in [it.ticket() for _ in range(20)]:
        ticket.failure()
    assert it.changes == [(State.CLOSED, State.OPEN)]


@given(st.lists(st.sampled_from(["admit", "success", "failure", "abandon", "wait"]), max_size=80), st.data())
def test_whatever_happens_the_figures_hold(moves, data):
    it = Subject(failures=3, recovery=10.0, successes=2, probes=2)
    tickets: list[Ticket] = []
    for move in moves:
        if move == "wait":
            it.clock.now += data.draw(st.sampled_from([1.0, 5.0, 10.0]))
        elif move == "admit":
            admitted = it.breaker.admit()
            if isinstance(admitted, Ticket):
                tickets.append(admitted)
            else:
                assert 0 < admitted <= 10.0
        elif tickets:
            getattr(tickets.pop(data.draw(st.integers(0, len(tickets) - 1))), move)()
        breaker = it.breaker
        under_way = sum(ticket.period == breaker._period for ticket in tickets)
        if breaker.state is State.HALF_OPEN:
            assert breaker.probing == under_way <= 2
            assert breaker.successes < 2
        elif breaker.state is State.CLOSED:
            assert breaker.failures < 3
        else:
            assert under_way == 0
    assert all(before is not after for before, after in it.changes)
    assert all(one[1] is next_[0] for one, next_ in zip(it.changes, it.changes[1:], strict=False))
