"""A power board as the suite uses and sees it: what is right passes, what is wrong is told."""

import pytest
from little_node import Says
from peers_parts import NK, broken, lonely, ok

from support.peers.board import FAULTS
from support.peers.protocol import State


@pytest.fixture
def there(tmp_path):
    with lonely(tmp_path) as (world, little):
        yield world.board, little


def test_a_vehicle_comes_charges_wants_less_stops_and_goes(there):
    board, little = there
    board.vehicle_comes()
    board.require_state(State.CONNECTED)
    board.vehicle_asks()
    board.require_state(State.CHARGING)
    board.require_draws(32, 0.5)
    board.vehicle_draws_at_most(7)
    board.require_draws(7, 0.5)
    board.vehicle_stops()
    board.require_draws_nothing(0.5)
    board.vehicle_goes()
    board.require_state(State.NO_VEHICLE)
    assert [one.path for one in little.web.asked] == [
        f"/api/ev/{what}" for what in ("connect", "request_charge", "direct_current", "stop_charge", "disconnect")
    ]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_comes_and_goes(there, fault):
    board, _ = there
    board.break_with(fault)
    board.require_state(FAULTS[fault][1])
    board.mend()
    board.require_state(State.NO_VEHICLE)


def test_a_board_that_does_not_take_what_its_vehicle_does_is_told(there):
    board, little = there
    little.web.says("POST /api/ev/connect", Says({"msg": "no"}, 500))
    with broken("the board takes ev/connect\nseen      500"):
        board.vehicle_comes()


def test_what_a_board_tells(there):
    board, little = there
    little.is_in(State.ASLEEP, vehicle=State.CONNECTED).draws(6.5)
    station = board.station()
    assert (station.state, station.vehicle, board.amps()) == (State.ASLEEP, State.CONNECTED, 6.5)
    assert (board.capacity(), board.least(), board.most()) == (32, 6, {80, 32})
    assert board.tell("$GE") == ok(32, "0000")


@pytest.mark.parametrize("wrong", [ok("01"), ok("no", 0, "01"), ok("77", 0, "01"), ok("01", "x", "01")])
def test_a_station_that_cannot_be_read_is_told(there, wrong):
    board, little = there
    little.says("GS", wrong)
    with broken(r"\$GS is answered with state, seconds, pilot state and flags"):
        board.station()


@pytest.mark.parametrize("wrong", [ok(), ok("much")])
def test_currents_that_are_none_are_told(there, wrong):
    board, little = there
    little.says("GG", wrong).says("GE", wrong).says("GC", wrong)
    for look in (board.amps, board.capacity, board.least, board.most):
        with broken(r"\$G[GEC] is answered with numbers"):
            look()


def test_a_command_that_is_refused_or_answered_without_a_check_is_told(there):
    board, little = there
    little.says("SC", NK, b"$OK 16")
    with broken(r"the board takes '\$SC 16'\nseen      \$NK"):
        board.command("SC", "16")
    with broken(r"the answer to '\$SC 16' is .* with its check"):
        board.command("SC", "16")


def test_currents_are_awaited(there):
    board, little = there
    little.draws(0, 0, 16.4)
    board.require_draws(16, 1.0)
    little.draws(0, 0, 22)
    board.require_draws_between(20, 24, 1.0)
    little.draws(9, 0.1)
    board.require_draws_nothing(1.0)
    little.draws(15.9)
    board.require_draws_no_more(16, 0.1)


def test_other_currents_are_told(there):
    board, little = there
    little.draws(16.6)
    with broken("the vehicle draws 16 A within 0.1 s\nseen      16.60 A"):
        board.require_draws(16, 0.1)
    with broken("the vehicle draws 18 to 20 A"):
        board.require_draws_between(18, 20, 0.1)
    with broken("the vehicle draws 8 to 16 A"):
        board.require_draws_between(8, 16, 0.1)
    with broken("the vehicle draws no more than 16 A for 0.1 s"):
        board.require_draws_no_more(16, 0.1)
    little.draws(0.3)
    with broken("draws nothing within 0.1 s\nseen      0.30 A"):
        board.require_draws_nothing(0.1)
    little.draws(6, 6, 17)
    with broken("draws no more than 16 A"):
        board.require_draws_no_more(16, 0.2)


def test_another_state_is_told(there):
    board, little = there
    little.is_in(State.CONNECTED)
    with broken("the board is charging\nseen      connected"):
        board.require_state(State.CHARGING, 0.1)


def test_changes_are_told_without_repeats(there):
    board, little = there
    board.vehicle_comes()
    little.announce(b"$AB 00 8.2.1", b"$AT 02 02 32 0000")
    board.vehicle_goes()
    board.require_state(State.NO_VEHICLE)
    assert board.changes() == [State.CONNECTED, State.NO_VEHICLE]


@pytest.mark.parametrize("wrong", [b"$AT", b"$AT charging", b"$AT 77 01 32 0000"])
def test_a_change_that_cannot_be_read_is_told(there, wrong):
    board, little = there
    board.station()
    little.announce(wrong)
    board.station()
    with broken(r"a change is told as \$AT with a state in hex"):
        board.changes()
