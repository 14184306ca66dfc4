"""The judge of waits: what it lets pass and what it calls broken."""

import random

import pytest

from support.kit.errors import PromiseBrokenError
from support.toggle.agreement import Agreement
from support.toggle.behaviour import ANSWERS
from support.toggle.bulb import Visit
from support.toggle.waits import Wait, require_agreed, require_spread, waits_between

AGREED = {1: 0.1, 2: 0.2, 3: 0.4}
JITTER = 0.1


def waits(grow, chance, rounds=4):
    return [Wait(number, grow(number) + chance()) for _ in range(rounds) for number in AGREED]


def agreed(number):
    return AGREED[number]


def test_agreed_waits_with_chance_pass():
    source = random.Random(1)
    for rounds in (1, 3, 4, 8) * 500:
        require_agreed(waits(agreed, lambda: source.uniform(0, JITTER), rounds), AGREED, JITTER)


@pytest.mark.parametrize(
    ("name", "grow"),
    [
        ("none at all", lambda _: 0.0),
        ("constant", lambda _: 0.1),
        ("linear", lambda number: 0.1 * number),
        ("one step late", lambda number: 0.1 * 2 ** max(0, number - 2)),
        ("one step early", lambda number: 0.1 * 2**number),
        ("three times the agreed", lambda number: 0.3 * 2 ** (number - 1)),
    ],
)
def test_other_waits_are_found(name, grow):
    source = random.Random(2)
    found = 0
    for _ in range(50):
        try:
            require_agreed(waits(grow, lambda: source.uniform(0, JITTER)), AGREED, JITTER)
        except PromiseBrokenError:
            found += 1
    assert found == 50, f"{name} was found {found} times in 50"


def test_chance_beyond_the_agreed_range_is_found():
    source = random.Random(3)
    found = 0
    for _ in range(50):
        try:
            require_agreed(waits(agreed, lambda: source.uniform(0, 5 * JITTER), rounds=8), AGREED, JITTER)
        except PromiseBrokenError:
            found += 1
    assert found == 50


def test_one_late_wait_on_a_busy_machine_is_no_fault_of_the_hub():
    measured = waits(agreed, lambda: 0.05)
    measured[4] = Wait(measured[4].after, measured[4].seconds + 2.0)
    require_agreed(measured, AGREED, JITTER)


def test_a_wait_too_few_is_found():
    with pytest.raises(PromiseBrokenError, match="after attempts 1, 2, 3"):
        require_agreed([Wait(1, 0.15), Wait(2, 0.25)], AGREED, JITTER)


def test_waits_without_chance_are_found_although_the_machine_adds_to_two_of_them():
    measured = waits(agreed, lambda: 0.001)
    measured[0], measured[7] = Wait(1, 0.35), Wait(2, 0.9)
    with pytest.raises(PromiseBrokenError, match="spread over at least"):
        require_spread(measured, AGREED, 0.15 * JITTER)


def test_chance_is_spread_wide_enough_in_all_but_the_rarest_runs():
    source = random.Random(4)
    for _ in range(2000):
        require_spread(waits(agreed, lambda: source.uniform(0, JITTER)), AGREED, 0.15 * JITTER)


def test_a_wait_runs_from_the_hang_up_to_the_next_connection():
    visits = [Visit(number, ANSWERS, opened_at=float(number), hung_up_at=number + 0.25) for number in (1, 2, 3)]
    assert waits_between(visits) == [Wait(1, 0.75), Wait(2, 0.75)]


def test_a_connection_that_the_bulb_never_ended_has_no_wait():
    with pytest.raises(ValueError, match="connection 1"):
        waits_between([Visit(1, ANSWERS, 0.0), Visit(2, ANSWERS, 1.0)])


def test_the_agreement_doubles_up_to_its_cap():
    assert [Agreement(base=0.25, cap=1.5).wait(number) for number in (1, 2, 3, 4, 5)] == [0.25, 0.5, 1.0, 1.5, 1.5]
    assert Agreement(base=0.25, cap=None).wait(6) == 8.0
    assert Agreement(base=0.25).waits(4) == pytest.approx(1.75)
    assert Agreement(1.0, 1.5, 0.25, None, 0.1).longest(2) == pytest.approx(5.35)
