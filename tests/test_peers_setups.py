"""What is there when a scenario begins: the words, and how it is made so."""

import os
import select

import pytest
from little_node import LittleNode, Says, entry
from peers_parts import boards, broken, impatient, littles, ok, void  # noqa: F401

from support.peers import setting_up, words
from support.peers.plan import CONTROLLER, Plan, written
from support.peers.protocol import State
from support.peers.setups import SECRET, Setup, parse_setup

pytestmark = pytest.mark.usefixtures("impatient")
MEMBER = (("loadsharing_enabled", "true"), ("loadsharing_role", "member"), ("loadsharing_controller_host", CONTROLLER),
          ("loadsharing_failsafe_safe_current", "6"))  # fmt: skip
HEAD = (("loadsharing_enabled", "true"), ("loadsharing_role", "controller"), ("loadsharing_group_max_current", "32"),
        ("loadsharing_rotation_interval", "0"))  # fmt: skip


@pytest.mark.parametrize(
    ("text", "setup"),
    [
        ("a charger", Setup((Plan(),))),
        ("a charger with its board", Setup((Plan(board=True),))),
        ("a charger with its board, whose vehicle charges", Setup((Plan(board=True),), charging=True)),
        ("a charger and a quiet host", Setup((Plan(),), quiet=True)),
        ('a charger that is also told "colour" is "green"', Setup((Plan(settings=(("colour", "green"),)),))),
        ('a charger whose "priority" was set to "3"', Setup((Plan(),), set_to=(("priority", "3"),))),
        ("2 chargers", Setup((Plan(),) * 2)),
        ("16 chargers", Setup((Plan(),) * 16)),
        ("3 chargers that know each other", Setup((Plan(),) * 3, know=True)),
        ("2 chargers that have added each other", Setup((Plan(),) * 2, mutual=True)),
        ("2 chargers without names", Setup((Plan(name=None),) * 2)),
        ('2 chargers that both want to be called "garage"', Setup((Plan(name="garage"),) * 2)),
        ("a group of 2 chargers on 32 A", Setup((Plan(True, "", HEAD), Plan(True, "", MEMBER)), group=True, budget=32)),
    ],
)
def test_words_for_what_is_there(text, setup):
    assert parse_setup(text) == setup
    assert words.TYPES["Chargers"](text) == setup


def test_a_group_and_its_rules():
    shared = parse_setup("a group of 3 chargers on 40 A, of which 0.8 may be used, who take turns every 2 s")
    assert shared.budget == 32
    assert shared.plans[0].settings[-2:] == (("loadsharing_safety_factor", "0.8"), ("loadsharing_rotation_interval", "2"))
    assert shared.plans[1] == shared.plans[2]
    stopping = parse_setup("a group of 2 chargers on 32 A that stop when one is offline")
    assert [plan.settings[-1] for plan in stopping.plans] == [("loadsharing_failsafe_mode", "disable")] * 2
    for favoured, ranks in (("first", ["1", "5"]), ("last", ["5", "1"])):
        ranked = parse_setup(f"a group of 2 chargers on 10 A, of which the {favoured} is more important")
        assert [plan.settings[-1] for plan in ranked.plans] == [("loadsharing_priority", rank) for rank in ranks]


def test_a_member_and_its_controller():
    plain = parse_setup("a member")
    assert (plain.led, plain.charging, plain.plans[0].board) == (False, False, False)
    assert ("loadsharing_controller_host", "127.0.0.1") in plain.plans[0].settings
    charging = parse_setup("a member with its board, whose vehicle charges")
    assert (charging.led, charging.charging, charging.plans[0].board, charging.secret) == (True, True, True, "")
    stopping = parse_setup("a member with its board, whose vehicle charges, and that stops when it hears nothing")
    assert stopping.plans[0].settings[-1] == ("loadsharing_failsafe_mode", "disable")
    secret = parse_setup("a member with its board, whose vehicle charges, in a group with a secret")
    assert (secret.secret, secret.plans[0].settings[-1]) == (SECRET, ("loadsharing_secret", SECRET))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a board",
        "2 chargers that hate each other",
        "a group of 2 chargers",
        "a charger with its boards",
        "a group of 2 chargers on 32 A, too",
        "3 chargers on a private network",
    ],
)
def test_words_that_nobody_knows(text):
    with pytest.raises(ValueError, match="no chargers are known as"):
        parse_setup(text)


def test_values_as_they_are_written():
    assert [written(value) for value in (True, 32.0, 0.8, 3, "x")] == ["true", "32", "0.8", "3", "x"]
    assert words.parse_currents("20 A, then 9 A, then 14.5 A") == [20, 9, 14.5]
    assert words.parse_counts("4, 1 and 2") == [4, 1, 2]


# --- making it so


def test_chargers_that_know_each_other(tmp_path):
    with littles(tmp_path, 2) as (world, (first, last)):
        setting_up.make_known(world)
        assert {str(one) for one in first.asked} >= {"POST /loadsharing/discover"}
        last.lists([])
        with broken("the charger charger-aa02 lists all the others as online"):
            setting_up.make_known(world)
        last.lists([{**entry("aa01", first.port), "online": False}])
        with broken("the charger charger-aa02 lists all the others as online"):
            setting_up.make_known(world)


def test_chargers_that_have_added_each_other(tmp_path):
    with littles(tmp_path, 2) as (world, (first, last)):
        for node in (first, last):
            node.entries = node.entries[:1]
        setting_up.make_mutual(world)
        assert [one["host"] for one in last.entries[1:]] == [f"127.0.0.1:{first.port}"]
    with littles(tmp_path, 2) as (world, (first, last)):
        last.says("POST /loadsharing/peers", Says({"msg": "no"}, 403))
        with broken("charger-aa02 adds 127.0.0.1:.*\nseen      403"):
            setting_up.make_mutual(world)


def test_a_vehicle_that_charges_and_one_that_does_not(tmp_path):
    with boards(tmp_path) as (world, _, (little,)):
        setting_up.charge(world)
        assert little.state is State.CHARGING
        little.is_in(State.CONNECTED)
        with broken("the board is charging\nseen      connected"):
            setting_up.charge(world)


# --- the line


@pytest.fixture
def line(tmp_path):
    with boards(tmp_path) as made:
        yield made[0]


def test_a_line_that_nobody_uses_cannot_fail(line):
    with void("had not been opened by the node"):
        setting_up.break_line(line, "cut")
    with void("the node said nothing for 0.2 s"):
        setting_up.break_line(line, "swallows everything")


def test_a_line_that_is_cut_and_comes_back(line):
    end = os.open(line.it.line.path, os.O_RDWR | os.O_NOCTTY)
    setting_up.break_line(line, "cut")
    assert line.it.line.is_cut
    os.close(end)
    setting_up.mend_line(line, "cut")
    assert not line.it.line.is_cut


def test_a_line_that_swallows_everything_and_is_well_again(line):
    line.it.line.wait_connected(5.0)  # before that there is nobody who could answer
    end = os.open(line.it.line.path, os.O_RDWR | os.O_NOCTTY)
    os.write(end, b"$GS^30\r")
    assert select.select([end], [], [], 5.0)[0]
    os.read(end, 1)
    line.it.line.silence()
    os.write(end, b"$GE^26\r")
    setting_up.break_line(line, "swallows everything")
    assert line.it.line.traffic.swallowed_up == 1
    setting_up.mend_line(line, "swallows everything")
    os.write(end, b"$GE^26\r")
    assert line.board.tell("$GE") == ok(32, "0000")
    os.close(end)


def test_somebody_who_lists_nobody_is_not_known(tmp_path):
    with LittleNode("aa01") as twin, littles(tmp_path, 2) as (world, (_, last)):
        last.entries[0]["id"] = twin.id
        with broken("no two chargers have the same id"):
            setting_up.make_known(world)
