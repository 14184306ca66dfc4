"""How a controller shares out: the contract's worked examples, its invariants, and what vehicles do with what they are given."""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.peers.protocol import Reason, State
from support.peers.reference.node.allocation import Member, allocate, budget_of
from support.peers.reference.node.order import in_order
from support.peers.reference.node.ramp import Ramps
from support.peers.reference.node.settings import FailsafeMode, LoadSharing

EXACT = 1e-9


def group(amps, **others):
    return LoadSharing(group_max_current=float(amps), **others)


def member(name, state=State.CHARGING, **others):
    """A station whose vehicle draws all that it is offered, if not told otherwise."""
    awake = state in (State.CONNECTED, State.CHARGING)
    base = Member(name, True, int(state), awake, False, 6.0, 32.0, 16.0, 16.0 if state is State.CHARGING else 0.0, 0)
    return replace(base, **others)


def starved(name, **others):
    return member(name, State.ASLEEP, **{"vehicle": True, "starved": True, **others})


def offline(name, **others):
    return member(name, online=False, **others)


def plan(members, settings, order=()):
    return [(one.id, one.target_current, one.reason.value) for one in allocate(members, settings, order)]


class TestTheContractsExamples:
    """With their numbers."""

    def test_two_charge_on_32_amperes(self):
        assert plan([member("a"), member("b")], group(32)) == [("a", 16, "equal_share"), ("b", 16, "equal_share")]

    def test_one_of_three_is_offline(self):
        members = [member("a"), member("b", State.NO_VEHICLE), offline("c")]
        assert plan(members, group(32)) == [("a", 26, "equal_share"), ("b", 0, "idle"), ("c", 0, "offline")]

    def test_10_amperes_for_two_and_after_one_rotation_the_other_way_round(self):
        members = [member("a"), starved("b")]
        settings = group(10, rotation_interval=1800.0)
        plans = [plan(members, settings, in_order(members, 1800.0, seconds)) for seconds in (0, 1799, 1800, 3600)]
        favoured = [("a", 6, "min_subset"), ("b", 0, "insufficient")]
        assert plans == [favoured, favoured, [("a", 0, "insufficient"), ("b", 6, "min_subset")], favoured]

    def test_one_is_connected_and_one_charges_with_32_amperes(self):
        members = [member("a", State.CONNECTED), member("b", pilot=32.0, amp=32.0)]
        assert plan(members, group(32)) == [("a", 6, "connected_min"), ("b", 32, "equal_share")]


class TestBudget:
    """What there is to share out."""

    def test_a_part_of_the_circuit_is_kept_free(self):
        assert plan([member("a"), member("b")], group(40, safety_factor=0.8)) == [
            ("a", 16, "equal_share"),
            ("b", 16, "equal_share"),
        ]

    def test_each_that_is_not_heard_is_reserved_for(self):
        members = [member("a"), offline("b"), offline("c")]
        assert budget_of(members, group(32, failsafe_peer_assumed_current=10.0)) == 12
        assert plan(members, group(32, failsafe_peer_assumed_current=10.0))[0] == ("a", 12, "equal_share")

    def test_there_is_never_less_than_nothing(self):
        members = [member("a"), offline("b"), offline("c")]
        assert budget_of(members, group(10)) == 0
        assert plan(members, group(10))[0] == ("a", 0, "insufficient")

    def test_rather_nobody_than_too_much(self):
        settings = group(32, failsafe_mode=FailsafeMode.DISABLE)
        members = [member("a"), member("b", State.CONNECTED), starved("c"), member("d", State.NO_VEHICLE)]
        assert budget_of(members, settings) == 32
        assert plan([*members, offline("e")], settings) == [
            ("a", 0, "insufficient"), ("b", 0, "insufficient"), ("c", 0, "insufficient"), ("d", 0, "idle"), ("e", 0, "offline"),
        ]  # fmt: skip

    def test_in_the_other_mode_those_who_are_heard_go_on(self):
        assert plan([member("a"), offline("b")], group(32))[0] == ("a", 26, "equal_share")


class TestWhoAsks:
    """And who does not."""

    def test_a_vehicle_that_waits_at_a_sleeping_station_asks(self):
        assert plan([member("a"), starved("b")], group(32)) == [("a", 16, "equal_share"), ("b", 16, "equal_share")]

    @pytest.mark.parametrize(
        "other",
        [
            member("b", State.NO_VEHICLE), member("b", State.ASLEEP, vehicle=True), starved("b", vehicle=False),
            member("b", State.DISABLED, vehicle=True, starved=True), member("b", State.GROUND_FAULT, vehicle=True, starved=True),
            member("b", State.VENTILATION, vehicle=True), member("b", 0), member("b", 77, vehicle=True),
        ],
    )  # fmt: skip
    def test_who_does_not_ask_is_idle(self, other):
        assert plan([member("a"), other], group(32)) == [("a", 32, "equal_share"), ("b", 0, "idle")]

    def test_who_charges_has_a_vehicle(self):
        assert plan([member("a"), member("b", vehicle=False)], group(32))[1] == ("b", 16, "equal_share")

    def test_who_is_offline_asks_for_nothing_whatever_it_told_before(self):
        assert plan([offline("a"), offline("b", state=int(State.CONNECTED)), replace(starved("c"), online=False)], group(63)) == [
            ("a", 0, "offline"), ("b", 0, "offline"), ("c", 0, "offline"),
        ]  # fmt: skip

    def test_a_vehicle_that_only_waits_takes_nothing_from_the_others(self):
        members = [member("a"), member("b", State.CONNECTED, min_current=8.0), member("c", State.CONNECTED)]
        assert plan(members, group(6)) == [("a", 6, "equal_share"), ("b", 8, "connected_min"), ("c", 6, "connected_min")]


class TestShares:
    """Where the minimums fit, and where they do not."""

    def test_each_has_its_minimum_first_and_the_same_above_it(self):
        members = [member("a"), member("b", min_current=10.0)]
        assert plan(members, group(32)) == [("a", 14, "equal_share"), ("b", 18, "equal_share")]

    def test_what_one_cannot_have_goes_to_the_others(self):
        members = [member("a", max_current=10.0, pilot=10.0, amp=10.0), member("b"), member("c", max_current=20.0)]
        assert plan(members, group(48)) == [("a", 10, "equal_share"), ("b", 19, "equal_share"), ("c", 19, "equal_share")]
        assert plan(members, group(60)) == [("a", 10, "equal_share"), ("b", 30, "equal_share"), ("c", 20, "equal_share")]
        assert plan(members, group(100)) == [("a", 10, "equal_share"), ("b", 32, "equal_share"), ("c", 20, "equal_share")]

    def test_it_is_shared_to_the_hundredth(self):
        assert [amps for _, amps, _ in plan([member("a"), member("b"), member("c")], group(32))] == [10.67, 10.67, 10.66]
        assert [amps for _, amps, _ in plan([member("a"), member("b")], group(20.555))] == [10.28, 10.27]

    def test_minimums_that_just_fit(self):
        assert plan([member("a"), member("b")], group(12)) == [("a", 6, "equal_share"), ("b", 6, "equal_share")]
        assert plan([member("a"), member("b")], group(11.99)) == [("a", 6, "min_subset"), ("b", 0, "insufficient")]
        assert plan([member("a"), member("b")], group(15, safety_factor=0.8))[1] == ("b", 6, "equal_share")

    def test_a_minimum_that_takes_the_rest_to_the_last_hundredth_fits(self):
        members = [member("a"), member("b"), member("c")]
        assert [amps for _, amps, _ in plan(members, group(12), ["a", "b", "c"])] == [6, 6, 0]
        assert [amps for _, amps, _ in plan(members, group(11.99), ["a", "b", "c"])] == [6, 0, 0]

    def test_who_is_too_big_is_passed_over_and_the_next_one_served(self):
        members = [member("a"), member("b", min_current=10.0), member("c")]
        assert plan(members, group(15), ["a", "b", "c"]) == [
            ("a", 6, "min_subset"),
            ("b", 0, "insufficient"),
            ("c", 6, "min_subset"),
        ]

    def test_the_order_decides_and_who_is_not_in_it_comes_last(self):
        members = [member("a"), member("b"), member("c")]
        assert [amps for _, amps, _ in plan(members, group(7), ["c", "b", "a"])] == [0, 0, 6]
        assert [amps for _, amps, _ in plan(members, group(13), ["c"])] == [6, 0, 6]

    def test_nobody_is_there_twice(self):
        with pytest.raises(ValueError, match="twice"):
            allocate([member("a"), offline("a")], group(32), [])

    def test_a_group_of_nobody(self):
        assert allocate([], group(32), ["a"]) == []


class TestUnused:
    """What a vehicle does not draw goes to the others."""

    @pytest.mark.parametrize(
        ("pilot", "amp", "target"),
        [
            (16.0, 8.0, 9), (16.0, 7.7, 8), (16.0, 7.76, 9), (32.0, 0.0, 6), (6.0, 2.0, 6),  # it falls, but not below the minimum
            (9.0, 8.75, 9), (9.0, 8.0, 9), (9.0, 7.25, 9),  # it is kept
            (9.0, 7.24, 8), (9.5, 8.0, 9.5),
            (9.0, 8.76, 16), (9.0, 9.0, 16), (9.0, 9.2, 16), (16.0, 15.8, 16),  # it is all used
        ],
    )  # fmt: skip
    def test_a_pilot_follows_the_draw_at_a_distance(self, pilot, amp, target):
        (_, first, reason), (_, second, _) = plan([member("a", pilot=pilot, amp=amp), member("b")], group(32))
        assert (first, second, reason) == (target, 32 - target, "equal_share")

    def test_who_sleeps_is_not_taken_for_one_that_does_not_want(self):
        assert plan([member("a"), starved("b", pilot=16.0, amp=0.0)], group(32))[1] == ("b", 16, "equal_share")

    def test_where_nobody_uses_it_it_is_left(self):
        members = [member("a", amp=8.0), member("b", amp=10.0)]
        assert [amps for _, amps, _ in plan(members, group(32))] == [9, 11]


class TestOrder:
    """By priority, by id, and in turns."""

    def test_priority_comes_first_and_then_the_id(self):
        members = [member("c", priority=1), member("b", priority=1), member("d", priority=0), member("a", priority=2)]
        assert in_order(members, 0, 12345) == ["d", "b", "c", "a"]

    def test_equals_take_turns_and_others_do_not(self):
        members = [member("x", priority=-1), member("c"), member("a"), member("b"), member("y", priority=7)]
        seen = [in_order(members, 2.0, seconds) for seconds in (0, 1.99, 2, 4, 6)]
        assert seen == [[*"xabcy"], [*"xabcy"], [*"xbcay"], [*"xcaby"], [*"xabcy"]]

    def test_who_asks_or_is_heard_changes_nothing_for_the_others(self):
        members = [member("a"), member("b"), member("c")]
        others = [offline("a"), member("b"), member("c", State.NO_VEHICLE)]
        assert [in_order(members, 1, seconds) for seconds in range(9)] == [in_order(others, 1, seconds) for seconds in range(9)]

    def test_nobody_is_nobody(self):
        assert in_order([], 1800, 5e9) == []


# --- whatever the group is


AMPS = st.floats(0, 40) | st.integers(0, 40).map(float)


@st.composite
def members_of(draw, name):
    least = draw(st.sampled_from([6.0, 0.0, 8.0]) | st.floats(0, 16))
    return Member(
        id=name, online=draw(st.booleans()), state=draw(st.sampled_from([1, 2, 3, 3, 3, 4, 6, 254, 254, 255])),
        vehicle=draw(st.booleans()), starved=draw(st.booleans()), min_current=least,
        max_current=least + draw(AMPS), pilot=draw(AMPS), amp=draw(AMPS), priority=draw(st.integers(0, 2)),
    )  # fmt: skip


@st.composite
def groups(draw):
    names = draw(st.lists(st.text(min_size=1, max_size=3), unique=True, max_size=8))
    return [draw(members_of(name)) for name in names]


SETTINGS = st.builds(
    LoadSharing, group_max_current=st.floats(0, 200), safety_factor=st.floats(0, 1), failsafe_mode=st.sampled_from(FailsafeMode),
    failsafe_peer_assumed_current=st.floats(0, 80),
)  # fmt: skip


@given(groups(), SETTINGS, st.floats(0, 1e10), st.randoms())
def test_the_promises_of_every_plan(members, settings, seconds, chance):
    order = in_order(members, 60, seconds)
    made = allocate(members, settings, order)
    by_id = {one.id: one for one in made}
    budget = budget_of(members, settings)
    assert [one.id for one in made] == [one.id for one in members]
    shuffled = chance.sample(members, len(members))
    assert {one.id: one for one in allocate(shuffled, settings, in_order(shuffled, 60, seconds))} == by_id
    assert 0 <= budget <= settings.group_max_current
    asking = [one for one in members if one.asks]
    given_to = [by_id[one.id].target_current for one in asking]
    assert math.fsum(given_to) <= budget + EXACT
    assert all(one.min_current <= one.appetite <= one.max_current for one in members)
    for one, allocation in ((one, by_id[one.id]) for one in members):
        amps, reason = allocation.target_current, allocation.reason
        assert math.isclose(amps * 100, round(amps * 100), abs_tol=1e-6)
        assert amps == 0 or one.min_current - EXACT <= amps <= max(one.max_current, one.min_current + 0.01) + EXACT
        assert (reason is Reason.OFFLINE) == (not one.online)
        assert (reason in (Reason.EQUAL_SHARE, Reason.MIN_SUBSET)) <= one.asks
        assert one.asks <= (reason in (Reason.EQUAL_SHARE, Reason.MIN_SUBSET, Reason.INSUFFICIENT))
        assert amps == 0 or reason in (Reason.EQUAL_SHARE, Reason.MIN_SUBSET, Reason.CONNECTED_MIN)


@given(groups(), SETTINGS, st.floats(0, 1e10))
def test_nothing_is_kept_from_who_could_use_it(members, settings, seconds):
    order = in_order(members, 60, seconds)
    by_id = {one.id: one for one in allocate(members, settings, order)}
    asking = sorted((one for one in members if one.asks), key=lambda one: order.index(one.id))
    left = budget_of(members, settings) - math.fsum(by_id[one.id].target_current for one in asking)
    above = {one.id: by_id[one.id].target_current - one.min_current for one in asking}
    for one in asking:
        allocation = by_id[one.id]
        if allocation.reason is Reason.INSUFFICIENT:
            # What it lacked had gone to those before it.
            before = math.fsum(
                by_id[key].target_current for key in order[: order.index(one.id)] if by_id[key].reason is Reason.MIN_SUBSET
            )
            assert before + one.min_current > budget_of(members, settings) - 0.02
        elif allocation.reason is Reason.EQUAL_SHARE and allocation.target_current < max(one.appetite, one.min_current) - 0.02:
            assert left < 0.011
            assert above[one.id] >= max(above.values()) - 0.03


@given(st.lists(st.integers(0, 1), min_size=2, max_size=7), st.integers(0, 1000))
def test_scarcity_starves_no_equal(priorities, start):
    members = [starved(f"m{number}", priority=priority) for number, priority in enumerate(priorities)]
    best = {one.id for one in members if one.priority == min(priorities)}
    served = set()
    for turn in range(start, start + len(best)):
        made = allocate(members, group(7), in_order(members, 60, 60.0 * turn + 1))
        served |= {one.id for one in made if one.target_current}
    assert served == best


# --- what comes of it, once stations and vehicles follow


@dataclass
class Car:
    """A vehicle that draws what it is offered in whole amperes, up to its limit, and rises by so much in a cycle."""

    limit: float
    rise: float = 100.0
    amp: float = 0.0
    pilot: float = 6.0

    def follow(self, target):
        self.pilot = float(math.floor(target + EXACT))
        self.amp = min(self.limit, self.pilot, self.amp + self.rise)


def cycles(cars, settings, count, ramps=None):
    """The targets of each cycle; a cycle is 5 s."""
    seen = []
    for number in range(count):
        members = [member(f"m{place}", pilot=car.pilot, amp=car.amp, max_current=32.0) for place, car in enumerate(cars)]
        if ramps is not None:
            members = ramps.settled(members, 5.0 * number)
        made = allocate(members, settings, in_order(members, 0, 0))
        seen.append([one.target_current for one in made])
        for car, target in zip(cars, seen[-1], strict=True):
            car.follow(target)
    return seen


@given(st.lists(st.floats(0, 40), min_size=1, max_size=8), st.floats(48, 120))
def test_targets_come_to_rest_within_a_few_cycles(limits, amps):
    seen = cycles([Car(limit) for limit in limits], group(amps), 8 * len(limits) + 12)
    settled = seen[-6:]
    assert all(abs(one - other) <= 0.5 for before, after in pairwise(settled) for one, other in zip(before, after, strict=True))


def test_a_vehicle_that_draws_less_leaves_the_rest_at_the_next_cycle_and_has_it_back_when_it_wants_it():
    cars = [Car(32, amp=16, pilot=16), Car(32, amp=16, pilot=16)]
    assert cycles(cars, group(32), 3) == [[16, 16]] * 3
    cars[1].limit = cars[1].amp = 8
    assert cycles(cars, group(32), 4) == [[23, 9]] * 4
    cars[1].limit = cars[1].amp = 8.6
    assert cycles(cars, group(32), 2) == [[23, 9]] * 2
    cars[1].limit = 32
    cars[1].amp = 9
    assert cycles(cars, group(32), 3) == [[16, 16]] * 3


def test_a_draw_that_quivers_moves_nothing():
    car = Car(8.0, amp=8.0, pilot=16.0)
    seen = []
    for quiver in (0, 0.3, -0.4, 0.5, -0.5, 0.1):
        car.limit = car.amp = 8 + quiver
        seen += cycles([car, Car(32, amp=16, pilot=16)], group(32), 1)
    assert seen == [[9, 23]] * 6


def test_a_slow_vehicle_is_given_the_time_to_rise():
    hasty = [first for first, _ in cycles([Car(32, rise=2), Car(32, rise=2)], group(32), 20)]
    assert any(after < before for before, after in pairwise(hasty)), "the vehicle of this test is too quick to show anything"
    assert cycles([Car(32, rise=2), Car(32, rise=2)], group(32), 20, Ramps(40.0)) == [[16, 16]] * 20


def test_after_the_time_what_is_unused_is_unused():
    ramps = Ramps(5.0)
    low = [member("a", pilot=16.0, amp=8.0)]
    assert [ramps.settled(low, now)[0].amp for now in (0, 4.9, 5, 100)] == [16, 16, 8, 8]
    falls = [member("a", pilot=9.0, amp=8.0)]
    assert ramps.settled(falls, 101)[0].amp == 8
    assert [ramps.settled(low, now)[0].amp for now in (102, 106.9, 107)] == [16, 16, 8]


def test_who_begins_to_charge_is_given_the_time_too_and_nobody_else_is():
    ramps = Ramps(5.0)
    sleeps, waits = starved("a", pilot=16.0, amp=0.0), member("b", State.CONNECTED)
    assert ramps.settled([sleeps, waits], 0) == [sleeps, waits]
    assert [one.amp for one in ramps.settled([member("a", amp=0.0), waits], 20)] == [16, 0]
    ramps.settled([waits], 21)
    assert ramps.settled([member("a", amp=0.0), waits], 30)[0].amp == 16, "it was away and is new"
