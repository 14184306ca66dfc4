"""The suite as a member's controller: what it gives, and what is said of members that follow, help themselves, or do not."""

from dataclasses import replace
from time import monotonic

import pytest
from peers_parts import QUICK, boards, broken, impatient, void  # noqa: F401

from support.kit.deadline import eventually
from support.kit.errors import DeclinedError
from support.peers import leading
from support.peers.protocol import State

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def member(tmp_path):
    with boards(tmp_path) as (world, (node,), (little,)):
        little.plugged = little.asks = True
        little.goes(State.CHARGING)
        yield world, node, little


def given(node):
    """All that was given, as amperes, over whichever connection."""
    return [frame["loadsharing"]["target_current"] for ear in node.ears for frame in ear.heard]


def heard(node, count):
    eventually(lambda: given(node), lambda seen: len(seen) >= count, 2.0, "it is heard")
    return given(node)


def test_a_controller_and_a_stranger_have_addresses_of_their_own(member):
    world, node, _ = member
    leading.require_strange_address()
    leading.give(world, 16)
    leading.give(world, 30, leading.STRANGER)
    assert heard(node, 2) == [16, 30]
    assert [ear.source for ear in node.ears] == ["127.0.0.1", "127.0.0.2"]
    assert world.moment <= monotonic()


def test_a_second_address_that_is_missing_declines(monkeypatch):
    monkeypatch.setattr(leading, "STRANGE_ADDRESS", "192.0.2.1")
    with pytest.raises(DeclinedError, match=r"this machine has no 192.0.2.1"):
        leading.require_strange_address()


def test_in_a_group_with_a_secret_only_the_controller_signs(member):
    world, node, _ = member
    world.secret = "the secret"
    leading.give(world, 16)
    leading.give(world, 17)
    leading.give_unsigned(world, 30)
    leading.give(world, "plenty")
    heard(node, 4)
    frames = [frame["loadsharing"] for frame in node.ears[0].heard]
    assert [frame.get("sequence") for frame in frames] == [1, 2, None, None]
    assert frames[0]["signature"] != frames[1]["signature"]


def test_what_was_given_is_followed(member):
    world, node, little = member
    little.draws(16, 16, 9)
    leading.have_given(world, 16)
    assert heard(node, 2) == [16, 16]
    leading.give_in_turn(world, [9], 1.0)
    leading.require_followed(world, [9])
    with broken(r"the vehicle draws \[9, 16\]\nseen      \[9\]"):
        leading.require_followed(world, [9, 16])
    with broken("the vehicle draws 16 A"):
        leading.have_given(world, 16)
    with broken("the vehicle draws 14 A within 0.1 s"):
        leading.give_in_turn(world, [9, 14], 0.1)


def test_it_is_given_often_enough_and_looked_at_all_the_time(member):
    world, node, little = member
    little.draws(16)
    # A machine that stands still for a moment is no silence.
    world.target = replace(world.target, timings=replace(QUICK, heartbeat=3 * QUICK.heartbeat))
    leading.keep_giving(world, 16, 2 * QUICK.heartbeat)
    leading.require_drew_all_the_time(world, 16)
    assert len(given(node)) >= 4
    with broken("draws 15 A all the time"):
        leading.require_drew_all_the_time(world, 15)
    world.known["drawn"].insert(1, 6.0)
    with broken(r"draws 16 A all the time\nseen      1 of \d+ looks: \[6.0\]"):
        leading.require_drew_all_the_time(world, 16)
    world.known["drawn"] = [16.0] * 2
    with void("looked at 2 times only"):
        leading.require_drew_all_the_time(world, 16)


def test_a_controller_that_could_not_speak_in_time_says_nothing_of_the_member(member, monkeypatch):
    world, _, little = member
    little.draws(16)
    monkeypatch.setattr(leading, "SHARE", 0.5)
    with void(r"the controller itself was silent for \d"):
        leading.keep_giving(world, 16, 4 * world.heartbeat)


def test_it_holds_half_the_heartbeat_time(member):
    world, _, little = member
    little.draws(16)
    world.moment = monotonic()
    leading.require_holds_half(world, 16)
    assert monotonic() >= world.moment + world.heartbeat / 2
    world.moment = monotonic()
    little.draws(16, 16, 6)
    with broken("draws 16 A for half the heartbeat time\nseen      6.00 A"):
        leading.require_holds_half(world, 16)


def test_it_is_looked_at_once_at_least_and_too_late_says_nothing(member):
    world, _, little = member
    little.draws(6)
    world.moment = monotonic() - 0.6 * world.heartbeat
    with broken("draws 16 A for half the heartbeat time"):
        leading.require_holds_half(world, 16)
    world.moment = monotonic() - world.heartbeat
    with void("the first look came after the heartbeat time of 0.4 s"):
        leading.require_holds_half(world, 16)


@pytest.mark.parametrize("helps", [True, False])
def test_it_tells_whether_it_helps_itself(member, helps):
    world, node, _ = member
    node.says("GET /loadsharing/status", {"failsafe_active": not helps}, {"failsafe_active": helps})
    leading.require_helps_itself(world, helps, 1.0)
    for wrong in ({"failsafe_active": not helps}, {}, {"failsafe_active": str(helps)}, {"failsafe_active": None}):
        node.says("GET /loadsharing/status", wrong)
        with broken("the charger tells that (it helps itself|all is well)"):
            leading.require_helps_itself(world, helps, 0.1)


def test_a_controller_that_falls_silent_is_gone(member):
    world, node, _ = member
    leading.fall_silent(world)
    before = world.moment
    assert before > 0
    leading.give(world, 16)
    heard(node, 1)
    leading.fall_silent(world)
    assert world.voices == {}
    assert world.moment > before
    leading.give(world, 12)
    assert heard(node, 2) == [16, 12]
    assert len(node.ears) == 2
