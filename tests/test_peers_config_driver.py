"""Rules of a group: setting and reading them, and what is said of both."""

import pytest
from little_node import Says
from peers_parts import broken, littles, void

from support.peers import config


@pytest.fixture
def alone(tmp_path):
    with littles(tmp_path) as (world, (node,)):
        node.config |= {"loadsharing_group_max_current": 32, "loadsharing_priority": 0}
        yield world, node


@pytest.mark.parametrize(
    ("text", "value"),
    [("32", 32), ("0.8", 0.8), ("-1", -1), ("true", True), ("false", False), ("hope", "hope"), ("", ""), ("1.0", 1)],
)
def test_what_is_meant(text, value):
    assert config.meant(text) == value
    assert type(config.meant(text)) is type(value)


@pytest.mark.parametrize(
    ("told", "wanted", "same"),
    [
        (32, "32", True),
        (32.0, "32", True),
        ("32", "32", True),
        ("32.0", "32", True),
        (0.8, "0.8", True),
        (True, "true", True),
        ("true", "true", True),
        ("king", "king", True),
        (31, "32", False),
        ("32 A", "32", False),
        (None, "32", False),
        ("", "0", False),
        (False, "true", False),
    ],
)
def test_a_value_is_the_one_that_was_asked_for(told, wanted, same):
    assert config.same(told, wanted) is same


def test_rules_are_set_and_read(alone):
    world, node = alone
    config.try_in_turn(world, [("group_max_current", "40"), ("priority", "3")])
    assert node.asked[-1].body == b'{"loadsharing_priority": 3}'
    config.require_each_changed(world)
    config.require_as_set(world)
    config.require_again_nothing(world)
    with broken("the charger's group_max_current is 32\nseen      40"):
        config.require_rule(world, "group_max_current", "32")
    with broken("the charger's group_max_current stays 32\nseen      40"):
        config.require_all_kept(world)
    node.config["loadsharing_priority"] = 5
    with broken("the charger's priority is 3\nseen      5"):
        config.require_as_set(world)
    with broken("already says 'no change'"):
        config.require_again_nothing(world)
    node.says("POST /config", {"msg": "done", "config_version": 8}, {"msg": "done", "config_version": 8})
    config.try_in_turn(world, [("group_max_current", "41"), ("priority", "4")])
    with broken("a config_version of its own\nseen      8 after"):
        config.require_each_changed(world)
    node.says("POST /config", {"msg": "done", "config_version": 9}, {"msg": "no change"})
    config.try_in_turn(world, [("group_max_current", "41"), ("priority", "4")])
    with broken("a charger takes {'priority': '4'} and says 'done'"):
        config.require_each_changed(world)


def test_no_rules_are_no_attempt(alone):
    with void("there are no rules to set"):
        config.try_in_turn(alone[0], [])


def test_a_change_that_is_said_again_and_again_is_told(alone):
    world, node = alone
    config.try_in_turn(world, [("group_max_current", "32")])
    node.says("POST /config", {"msg": "done"})
    with broken("a charger that has {'group_max_current': '32'} already says 'no change'"):
        config.require_again_nothing(world)


def test_rules_that_are_refused(alone):
    world, node = alone
    node.says("POST /config", Says({"msg": "too much"}, 400))
    config.try_rules(world, {"group_max_current": "4000", "priority": "1"})
    assert node.asked[-1].body == b'{"loadsharing_group_max_current": 4000, "loadsharing_priority": 1}'
    config.require_refused_with_reason(world, 400)
    config.try_in_turn(world, [("group_max_current", "4000")])
    config.require_each_refused(world, 400)
    config.require_all_kept(world)
    with broken("code 409"):
        config.require_each_refused(world, 409)
    with broken("a charger takes .* and says 'done'"):
        config.require_each_changed(world)
    with broken("code 409"):
        config.require_refused_with_reason(world, 409)


@pytest.mark.parametrize(
    "said", [Says({"msg": "no change"}), Says({}, 400), Says({"msg": " "}, 400), Says("no", 400), Says({"msg": "no"}, 500)]
)
def test_a_refusal_without_code_or_reason_is_told(alone, said):
    world, node = alone
    node.says("POST /config", said)
    config.try_rules(world, {"group_max_current": "4000"})
    with broken("a charger refuses with code 400 and a reason"):
        config.require_refused_with_reason(world, 400)


def test_a_rule_that_is_missing_is_told(alone):
    world, _ = alone
    with broken("tells its loadsharing_role\nseen      only hostname, loadsharing_group_max_current"):
        config.rule(world, "role")
