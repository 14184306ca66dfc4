"""Chargers as programs: how they are started, ended, killed, taken from those that were started ahead, and what is said then."""

import json
import sys
from contextlib import ExitStack
from dataclasses import replace

import pytest
from peers_parts import LITTLE, LittleBoard, broken, reference, void, world_of

from support.kit.at_end import end_everything
from support.kit.errors import DeclinedError
from support.kit.loop import the_loop
from support.kit.process import ProcessDiedError, ProcessNotReadyError
from support.peers import asking, performing, spare, starting, talking
from support.peers.plan import CONTROLLER, Plan
from support.peers.setups import Setup
from support.peers.spare import Wish, wanted_by
from support.peers.starter import Starter

LINE = (
    sys.executable, str(LITTLE), "--rapi-serial", "{pty}", "--set-config", "www_http_port={port}",
    "--set-config", "hostname={hostname}",
)  # fmt: skip


def little(*more, **changes):
    """A target whose nodes are little ones."""
    return replace(
        reference(), node_line=(*LINE, *more), node_environment={}, is_reference_node=False, start_timeout=5.0, **changes
    )


@pytest.fixture
def world(tmp_path):
    with world_of(tmp_path, little()) as made:
        yield made


def told(charger):
    """What its program was told, by its log."""
    line = next(line for line in charger.node.log.read_text().splitlines() if "{" in line)
    return json.loads(line[line.index("{") :])


def test_chargers_are_started_side_by_side_and_ready(world):
    plans = [Plan(), Plan(name="garage").with_settings(enabled=True, controller_host=CONTROLLER)]
    first, last = starting.start_chargers(world, plans)
    assert world.chargers == [first, last]
    assert (first.hostname, last.hostname) == (f"charger-1-{first.node.port}", f"garage-{first.node.port}")
    seen = told(last)
    assert seen["serial"] == str(last.line.path)
    assert (seen["hostname"], seen["www_http_port"]) == (last.hostname, str(last.node.port))
    assert (seen["loadsharing_enabled"], seen["loadsharing_controller_host"]) == ("true", first.host)
    assert told(first)["loadsharing_heartbeat_timeout"] == seen["loadsharing_heartbeat_timeout"] == "0.4"
    assert seen["here"] == str(last.node.folder) != str(first.node.folder)
    assert world.ports == {first.node.port, last.node.port}
    (third,) = starting.start_chargers(world, [Plan(name=None)])
    assert third.hostname.startswith("charger-3-")
    assert "hostname" not in told(third)
    world.audit()


def test_at_the_end_nothing_is_left(tmp_path):
    with world_of(tmp_path, little("--stays")) as world:
        (charger,) = starting.start_chargers(world, [Plan()])
        folder, line, process = charger.node.folder, charger.line.path, charger.node.process
        assert (folder.is_dir(), line.is_symlink(), process.alive) == (True, True, True)
    assert (folder.exists(), line.exists(), process.alive) == (False, False, False)


def test_a_node_that_cannot_be_without_a_name_declines(tmp_path):
    target = replace(little(), node_environment={"NAME": "{hostname}"})
    with world_of(tmp_path, target) as world, pytest.raises(DeclinedError, match="always given a name"):
        starting.start_chargers(world, [Plan(name=None)])


@pytest.mark.parametrize(
    ("word", "error", "text"),
    [(("--ends", "3"), ProcessDiedError, "refuses to start"), (("--deaf",), ProcessNotReadyError, "to answer at port")],
)
def test_a_node_that_does_not_start_is_told_with_its_log(tmp_path, word, error, text):
    limit = 0.5 if "--deaf" in word else 10.0
    with world_of(tmp_path, replace(little(*word), start_timeout=limit)) as world, pytest.raises(error, match=text):
        starting.start_chargers(world, [Plan()])


def test_a_node_that_dies_is_missed_unless_that_was_on_purpose(world):
    (charger,) = starting.start_chargers(world, [Plan()])
    world.audit()
    charger.node.process.stop()
    with pytest.raises(ProcessDiedError, match="at the end of the scenario"):
        world.audit()
    charger.node.die()
    world.audit()


def test_a_node_is_ended_and_started_again_in_its_folder(world):
    (charger,) = starting.start_chargers(world, [Plan()])
    asking.restart(world)
    asking.require_same_charger(world)
    assert not charger.node.ended_on_purpose
    charger.node.end()
    talking.require_ended(world, 1.0)
    world.audit()


@pytest.mark.parametrize("start", ["raise SystemExit(3)", "import time; time.sleep(60)"])
def test_a_node_that_does_not_come_back_has_broken_its_promise(world, start):
    (charger,) = starting.start_chargers(world, [Plan()])
    charger.node._argv = [sys.executable, "-c", start]
    charger.node._target = replace(world.target, start_timeout=0.3)
    with broken("a charger that is started again in its folder answers"):
        charger.node.start_again()


def test_a_node_that_does_not_end_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("support.peers.node.END_LIMIT", 0.3)
    with world_of(tmp_path, little("--stays")) as world:
        (charger,) = starting.start_chargers(world, [Plan()])
        with broken("told to end has ended within 0.3 s"):
            charger.node.end()
        with broken("the charger has ended within 0.1 s"):
            talking.require_ended(world, 0.1)
        charger.node.die()
        with broken("ends well\nseen      exit code -9"):
            talking.require_ended(world, 0.1)


@pytest.mark.parametrize(("code", "well"), [(0, True), (143, True), (1, False)])
def test_how_a_node_ends(tmp_path, code, well):
    line = (sys.executable, "-c", f"import os, runpy, signal, sys; sys.argv = {['x', *LINE[2:]]!r}; "
            f"signal.signal = (lambda real: lambda number, what: real(number, lambda *_: os._exit({code})))(signal.signal); "
            f"runpy.run_path({str(LITTLE)!r}, run_name='__main__')")  # fmt: skip
    with world_of(tmp_path, replace(little(), node_line=line)) as world:
        (charger,) = starting.start_chargers(world, [Plan()])
        charger.node.end()
        if well:
            talking.require_ended(world, 1.0)
            return
        with broken(f"ends well\nseen      exit code {code}"):
            talking.require_ended(world, 1.0)


def test_power_is_lost_while_the_group_changes(world):
    starting.start_chargers(world, [Plan()])
    with broken("the charger lists 127.0.0.77 as a member|lists 1 members"):
        asking.lose_power(world, "127.0.0.77")
        asking.require_members(world, 1)  # a little node forgets
    asking.have_added(world, "127.0.0.77")
    asking.lose_power_often(world, 2)
    with broken("the group is .*127.0.0.77"):
        asking.require_before_or_after(world, 2)
    with void("no file in"):
        asking.spoil_and_restart(world, "127.0.0.77")


def test_a_charger_that_dies_is_known_by_its_id(world):
    starting.start_chargers(world, [Plan()] * 2)
    talking.die(world, -1)
    last = world.chargers[-1]
    assert (bool(last.id), last.node.process.alive) == (True, False)


def test_one_more_and_one_with_its_board(world):
    starting.start_chargers(world, [Plan()])
    talking.one_more(world)
    assert len(world.chargers) == 2
    assert [each.board for each in world.chargers] == [None, None]


def test_how_long_it_took(tmp_path):
    with world_of(tmp_path) as world:
        world.started_in = 2.0
        performing.require_ready_within(world, 2.5)
        assert world.evidence.warnings == []
        performing.require_ready_within(world, 1.5)
        assert len(world.evidence.warnings) == 1
    with world_of(tmp_path, timing_strict=True) as world, broken("ready within 1.5 s\nseen      2.00 s"):
        world.started_in = 2.0
        performing.require_ready_within(world, 1.5)


# --- boards


def test_a_board_alone(tmp_path):
    with world_of(tmp_path) as world:
        board = starting.start_board(world)
        assert board is world.board is world.alone
        assert board.capacity() > 0
        (program,) = world.programs
        world.audit()
        program.process.stop()
        with pytest.raises(ProcessDiedError, match="at the end of the scenario"):
            world.audit()


def test_a_node_that_tells_another_state_than_its_board_does_not_know_it(tmp_path, monkeypatch):
    monkeypatch.setattr(starting, "KNOWN_LIMIT", 0.3)
    with world_of(tmp_path, little()) as world:
        (charger,) = starting.start_chargers(world, [Plan(board=True)])  # both tell 1
        charger.station.vehicle_comes()
        with broken(f"the charger {charger.hostname} tells the state of its board"):
            starting.await_known_board(world, charger)


# --- ahead


@pytest.mark.parametrize(
    ("given", "wish"),
    [("a board", ((), True)), ("a board whose vehicle charges", ((), True)), ("2 chargers", ((Plan(),) * 2, False)),
     ("a charger with its board, whose vehicle charges", ((Plan(board=True),), False)), ("16 chargers", None),
     ("3 chargers on a private network", None), ("an empty garage", None), ("the board was put to sleep", None)],
)  # fmt: skip
def test_what_a_scenario_wants_is_known_by_how_it_begins(given, wish):
    target = little()
    assert wanted_by(target, given) == (Wish(target, *wish) if wish else None)


def test_docked_chargers_are_wanted_where_there_are_containers():
    target = replace(reference(), docked_boards=True, runtime="auto")
    assert wanted_by(target, "4 chargers on a private network that have all added each other") == Wish(target, (), docked=4)
    assert [Wish(target, (Plan(),) * 3).weight, Wish(target, (), alone=True).weight, Wish(target, (), docked=4).weight] == [
        3,
        1,
        4,
    ]


@pytest.fixture
def ahead(tmp_path, monkeypatch):
    """A target of which chargers are started ahead, and a world of an earlier scenario that has started two of them."""
    target = little(ahead=True)
    monkeypatch.setattr(spare, "foretold", lambda: ["2 chargers"])
    with world_of(tmp_path, target) as earlier:
        spare.prepare_next(earlier)
        yield target, tmp_path
    end_everything()


def test_chargers_that_were_started_ahead_are_the_scenarios(ahead):
    target, folder = ahead
    with world_of(folder, target) as world:
        wish = Wish(target, (Plan(),) * 2)
        started = spare.take(world, wish, world.resources)
        assert spare.take(world, wish, world.resources) is None
        started.wait_ready(1.0)
        first, last = started.chargers
        assert world.ports == {first.node.port, last.node.port} == first.ports
        assert first.ports is world.ports
        assert {one.node.log.parent for one in started.chargers} == {world.evidence.folder}
        assert first.learn_id() != last.learn_id()
        assert "GET /loadsharing/peers" in (world.evidence.folder / "wire.jsonl").read_text()
        process = first.node.process
    assert not process.alive


def test_what_may_run_beside_the_next_scenario_is_ended_beside_it(tmp_path):
    with world_of(tmp_path, little("--stays", ahead=True)) as world:
        (charger,) = starting.start_chargers(world, [Plan()])
        folder, process = charger.node.folder, charger.node.process
    assert process.alive
    end_everything()
    assert (folder.exists(), process.alive) == (False, False)


def test_where_there_is_a_secret_the_end_is_awaited(tmp_path):
    with world_of(tmp_path, little(ahead=True)) as world:
        world.secret = "of the group"
        (charger,) = starting.start_chargers(world, [Plan()])
    assert not charger.node.process.alive
    end_everything()


def test_what_is_measured_is_started_alone(ahead):
    target, folder = ahead
    with world_of(folder, target) as world:
        starting.start_chargers(world, [Plan()] * 2, measured=True)
        assert spare.take(world, Wish(target, (Plan(),) * 2), world.resources) is not None


def test_one_that_has_died_is_not_handed_out(ahead):
    target, folder = ahead
    wish = Wish(target, (Plan(),) * 2)
    waiting = spare._spares._waiting[0].thing.started
    waiting.chargers[1].node.process.stop()
    with world_of(folder, target) as world:
        assert spare.take(world, wish, world.resources) is None
    assert not waiting.running
    assert not waiting.chargers[0].node.process.alive


def test_nobody_takes_what_others_want_or_where_nothing_is_started_ahead(ahead):
    target, folder = ahead
    with world_of(folder, target) as world:
        assert spare.take(world, Wish(target, (Plan(),)), world.resources) is None
        world.target = replace(target, ahead=False)
        assert spare.take(world, Wish(target, (Plan(),) * 2), world.resources) is None
    assert spare._spares._waiting[0].thing.started.running


def test_a_starter_makes_a_board_and_a_setup_is_plain_data(tmp_path):
    with ExitStack() as resources, LittleBoard() as board:
        starter = Starter(little(), the_loop(), None, tmp_path, 1.0, set())
        program = starter.board(resources)
        program.wait_ready(1.0)
        assert program.running
        assert program.serial != board.serial
    assert not program.running
    assert Setup((Plan(),)).each(lambda plan: plan.with_settings(priority=1)).plans[0].settings == (
        ("loadsharing_priority", "1"),
    )
