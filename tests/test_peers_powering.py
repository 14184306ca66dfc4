"""What scenarios want of boards, and of nodes that tell of them: each check lets the right pass and tells of the wrong."""

import os

import pytest
from peers_parts import NK, boards, broken, impatient, lonely, ok  # noqa: F401  # a fixture

from support.kit.deadline import eventually
from support.peers import powering
from support.peers.protocol import Line, State

pytestmark = pytest.mark.usefixtures("impatient")
VISIT = "no vehicle -> connected -> charging -> connected -> no vehicle"


@pytest.fixture
def alone(tmp_path):
    with lonely(tmp_path) as made:
        yield made


@pytest.fixture
def behind(tmp_path):
    with boards(tmp_path) as (world, (node,), (little,)):
        yield world, node, little


# --- lines


def test_lines_are_answered_with_values(alone):
    world, little = alone
    powering.tell(world, ["$GS", "$GC", "$GE"])
    powering.require_ok_with(world, [4, 4, 2])
    with broken(r"answers '\$GE' with \$OK and 3 values"):
        powering.require_ok_with(world, [4, 4, 3])
    for wrong in (NK, b"$OK 32 0000", ok(32)):
        little.says("GE", ok(32), wrong)
        powering.tell(world, ["$GE"])
        with broken(r"the (answer to|board answers) '\$GE'"):
            powering.require_ok_with(world, [2])


def test_answers_to_the_byte(alone):
    world, _ = alone
    powering.tell(world, ["$SC 16^13", "GS^30"])
    powering.require_exactly(world, ["$OK 16^07", "$NK^21"])
    for wrong in (["$OK 16^07", "$NK"], ["$OK 16^08", "$NK^21"]):
        with broken("the board answers .* with "):
            powering.require_exactly(world, wrong)
    with pytest.raises(ValueError, match="zip"):
        powering.require_exactly(world, ["$OK 16^07"])


def test_a_board_that_has_done_something_of_it_is_told(alone):
    world, little = alone
    powering.tell(world, ["nonsense"])
    powering.require_as_it_was(world)
    little.capacity = 16
    with broken("the board stays as it was, .*32"):
        powering.require_as_it_was(world)
    little.capacity, little.state = 32, State.ASLEEP
    with broken("the board stays as it was"):
        powering.require_as_it_was(world)
    powering.require_answers_next(world)
    little.says("GS", NK)
    with broken("the board takes"):
        powering.require_answers_next(world)


def test_the_least_and_the_most(alone):
    world, little = alone
    for amps, which in ((2, "least"), (200, "most")):
        powering.allow(world, amps)
        powering.require_allows(world, which)
        with broken("it allows the"):
            powering.require_allows(world, {"least": "most", "most": "least"}[which])
    little.says("GE", ok(30, "0000"))
    with broken("it allows the most .*: 32 or 80 A\nseen      says .*32.*, allows 30 A"):
        powering.require_allows(world, "most")
    for wrong in (ok(), ok("much")):
        little.says("SC", wrong)
        powering.allow(world, 200)
        with broken("it allows the most that it can give and says so"):
            powering.require_allows(world, "most")


@pytest.mark.parametrize(("what", "state"), [("put to sleep", State.ASLEEP), ("disabled", State.DISABLED)])
def test_orders(alone, what, state):
    world, little = alone
    powering.order(world, what)
    assert little.state is state
    powering.order(world, "enabled")
    assert little.state is State.NO_VEHICLE


# --- a vehicle's visit


def test_a_whole_visit_is_told_step_by_step(alone):
    world, _ = alone
    powering.whole_visit(world)
    powering.require_goes(world, VISIT)
    powering.require_told_itself(world)
    with broken("the board goes no vehicle -> charging\nseen      no vehicle -> connected"):
        powering.require_goes(world, "no vehicle -> charging")


def test_a_board_that_says_nothing_by_itself_is_told(alone, monkeypatch):
    world, little = alone
    little.announce = lambda *_: None
    powering.whole_visit(world)
    with broken("the board tells connected -> charging -> connected -> no vehicle by itself\nseen      nothing"):
        powering.require_told_itself(world)


def test_a_change_that_is_told_without_all_of_it_is_told(alone):
    world, little = alone
    right = little.announce
    little.announce = lambda line: right(b" ".join(line.partition(b"^")[0].split()[:2]))
    powering.whole_visit(world)
    with broken(r"a change is told as \$AT with state, pilot state, amps and flags"):
        powering.require_told_itself(world)


def test_current_that_flows_or_does_not(alone):
    world, little = alone
    powering.come_and_ask(world)
    assert world.moment > 0
    powering.require_draws_something(world, 0.2)
    with broken("draws nothing for 0.1 s"):
        powering.require_draws_nothing_for(world, 0.1)
    little.draws(0)
    powering.require_draws_nothing_for(world, 0.1)
    with broken("draws something within 0.1 s"):
        powering.require_draws_something(world, 0.1)
    little.draws(0, 0, 6)
    with broken("draws nothing for 0.3 s"):
        powering.require_draws_nothing_for(world, 0.3)


def test_a_fault_and_its_end(alone):
    world, little = alone
    powering.come_and_ask(world)
    world.board.break_with("no ground")
    powering.require_fault(world, "no ground")
    with broken("the board is ground fault\nseen      no ground"):
        powering.require_fault(world, "a ground fault")
    powering.require_well_again(world)
    little.asks = False
    with broken("the board is charging"):
        powering.require_well_again(world)


# --- what nodes tell


def test_what_a_node_tells_of_its_vehicle(behind):
    world, node, _ = behind
    tells = {
        "a vehicle that charges": (
            lambda: powering.require_tells_charging(world, 0.1),
            (1, 3),
            [(1, 2), (0, 3), (True, "3"), (None, 3)],
        ),
        "no vehicle": (lambda: powering.require_tells_none(world, 0.1), (False, 1), [(1, 1), (0, 254), (None, 1)]),
        "a vehicle that waits": (lambda: powering.require_tells_waiting(world), (True, 254), [(1, 3), (0, 254)]),
    }
    for what, (check, right, wrong) in tells.items():
        node.says("GET /status", {}, {"vehicle": right[0], "state": right[1]})
        check()
        for vehicle, state in wrong:
            node.says("GET /status", {"vehicle": vehicle, "state": state})
            with broken(f"the charger tells of {what} within .*\nseen      vehicle"):
                check()


def test_what_a_node_tells_of_the_current(behind):
    world, node, little = behind
    little.draws(16)
    node.status |= {"amp": 15.8, "pilot": 16}
    powering.require_tells_current(world, 0.5)
    powering.require_tells_pilot(world, 16, 0.1)
    for wrong in (15.4, 16_000):
        node.status |= {"amp": wrong, "pilot": wrong}
        with broken(f"tells the current within 0.5 A\nseen      {wrong} told, 16 drawn"):
            powering.require_tells_current(world, 0.5)
        with broken("tells a pilot of 16 A within 0.1 s"):
            powering.require_tells_pilot(world, 16, 0.1)


def test_a_current_that_does_not_flow_is_no_proof(behind):
    world, node, little = behind
    little.draws(0)
    node.status["amp"] = 0
    with broken("tells the current"):
        powering.require_tells_current(world, 0.5)


@pytest.fixture
def says(behind):
    """A program that has the serial line open says a line."""
    world, _, _ = behind
    end = os.open(world.it.line.path, os.O_RDWR | os.O_NOCTTY)

    def say(line):
        before = len(world.it.line.said)
        os.write(end, line + b"\r")
        eventually(lambda: len(world.it.line.said), lambda count: count > before, 2.0, "the line is heard")

    yield say
    os.close(end)


def test_a_board_that_was_told(behind, says):
    world, _, _ = behind
    says(Line("SC", ("16", "V")).written()[:-1])
    powering.require_told_board(world, "$SC 16", 0.1)
    for text in ("$SC 1", "$SC 16 X", "$FS"):
        with broken(r"is told .* within 0.1 s\nseen      \$SC 16 V\^"):
            powering.require_told_board(world, text, 0.1)


@pytest.mark.parametrize("wrong", [b"$SC 16", b"$SC 16^00", b"$SC 16^1"])
def test_a_board_that_was_told_without_a_right_check(behind, says, wrong):
    world, _, _ = behind
    says(wrong)
    with broken(r"the board is told '\$SC 16' with a right check\nseen      b'\$SC 16"):
        powering.require_told_board(world, "$SC 16", 0.1)


def test_a_board_that_a_line_never_reached_was_told_nothing(behind, says):
    world, _, _ = behind
    world.it.line.silence()
    says(b"$SC 16^13")
    with broken("within 0.1 s"):
        powering.require_told_board(world, "$SC 16", 0.1)
