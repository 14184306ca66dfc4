"""What chargers are asked and what they answer: right answers pass, wrong ones are told."""

import json

import pytest
from little_node import PEERS, Says, entry
from peers_parts import broken, littles, void

from support.peers import asking, listing
from support.peers.rest import Answer


@pytest.fixture
def alone(tmp_path):
    with littles(tmp_path) as (world, (node,)):
        yield world, node


def said(world, body, code=200, seconds=0.0):
    """The last answer is this one."""
    world.answers = [an_answer(body, code, seconds)]


def an_answer(body, code, seconds):
    return Answer("POST /x", code, body if isinstance(body, str) else json.dumps(body), "", seconds)


@pytest.mark.parametrize("body", [{"msg": "done"}, "done", '"done"'])
def test_what_is_said(alone, body):
    world, _ = alone
    said(world, body)
    asking.require_done(world)
    asking.require_at_once(world)
    with broken("a charger answers 200 'already in group'"):
        asking.require_says(world, "already in group", 200)
    with broken("a charger answers 201 'done'"):
        asking.require_says(world, "done", 201)


@pytest.mark.parametrize(
    ("body", "code"), [({"msg": "Done"}, 200), ({"msg": "done"}, 400), ({}, 200), ("", 200), ({"msg": None}, 200)]
)
def test_something_else_is_said(alone, body, code):
    world, _ = alone
    said(world, body, code)
    with broken("a charger answers 200 'done'"):
        asking.require_done(world)
    with broken("a charger that is asked to look says 'done'"):
        asking.require_at_once(world)


def test_at_once(alone):
    world, node = alone
    asking.look_around(world)
    asking.require_at_once(world)
    asking.look_often(world, 3)
    assert len(world.answers) == 3
    asking.require_at_once(world)
    assert [str(one) for one in node.asked] == ["POST /loadsharing/discover"] * 4
    world.answers.insert(1, an_answer({"msg": "done"}, 200, 1.2))
    with broken("it says so within 1 s\nseen      after 1.20 s"):
        asking.require_at_once(world)
    world.answers = []
    with void("nobody was asked"):
        asking.require_at_once(world)


def test_a_refusal_and_its_reason(alone):
    world, _ = alone
    said(world, {"msg": "Peer not found"}, 404)
    asking.require_refuses(world, 404)
    asking.require_refuses(world, 404, "Peer not found")
    with broken("a charger refuses with code 400\nseen      404"):
        asking.require_refuses(world, 400)
    with broken("says 'Host cannot be empty'\nseen      'Peer not found'"):
        asking.require_refuses(world, 404, "Host cannot be empty")


@pytest.mark.parametrize("body", [{"msg": ""}, {"msg": " "}, {"msg": 5}, {"error": "no"}, "Peer not found", '"no"', [], ""])
def test_a_refusal_of_another_shape_is_told(alone, body):
    world, _ = alone
    said(world, body, 404)
    with broken("an error is always"):
        asking.require_refuses(world, 404)
    said(world, body, 405)
    asking.require_refuses(world, 405)  # nobody was asked for: the code says it all


def test_hosts_are_added_and_removed_as_they_are_told(alone):
    world, node = alone
    asking.have_added(world, "127.0.0.77:20001")
    asking.require_members(world, 1)
    asking.change(world, 'add the host "garage.local"')
    asking.change(world, 'remove the host "GARAGE.local"')
    asking.require_done(world)
    asking.remove_host(world, "127.0.0.77%3A20001")
    asking.require_members(world, 0)
    with broken("lists 1 members within 0.1 s"):
        asking.require_members(world, 1, 0.1)
    asking.remove_host(world, "127.0.0.77:20001")
    asking.require_refuses(world, 404, "Peer not found")
    asking.remove_host(world, "")
    asking.require_refuses(world, 405)
    node.asked.pop()
    assert [one.path for one in node.asked if one.method == "DELETE"] == [
        f"{PEERS}/{host}" for host in ("GARAGE.local", "127.0.0.77%3A20001", "127.0.0.77:20001")
    ]


def test_hosts_are_added_and_removed_one_after_the_other(alone):
    world, node = alone
    asking.add_each(world, ["a.local", "b.local"])
    asking.require_says_each_time(world, "done", 200)
    listing.require_lists_each(world)
    node.entries[2]["host"] = node.entries[2]["url"] = "c.local"
    with broken("lists b.local as a member"):
        listing.require_lists_each(world)
    asking.remove_each(world, ["A.local", "b.local"])
    with broken("a charger answers 200 'done'\nseen      404"):
        asking.require_says_each_time(world, "done", 200)
    world.hosts = []
    with broken("it lists 0 members"):
        listing.require_lists_each(world)
    world.answers = []
    with void("nothing was asked"):
        asking.require_says_each_time(world, "done", 200)


def test_each_refusal_has_its_own_reason(alone):
    world, _ = alone
    world.answers = [an_answer({"msg": reason}, 400, 0.0) for reason in ("Invalid JSON", "Host cannot be empty")]
    asking.require_refuses_each_time(world, 400, ["Invalid JSON", "Host cannot be empty"])
    with broken("says 'Invalid JSON'\nseen      'Host cannot be empty'"):
        asking.require_refuses_each_time(world, 400, ["Invalid JSON", "Invalid JSON"])
    with broken("a charger refuses with code 404"):
        asking.require_refuses_each_time(world, 404, ["Invalid JSON", "Host cannot be empty"])
    with pytest.raises(ValueError, match="zip"):
        asking.require_refuses_each_time(world, 400, ["Invalid JSON"])


def test_a_host_that_is_not_added_is_told(alone):
    world, node = alone
    asking.have_added_many(world, 7)
    asking.require_members(world, 7)
    node.says(f"POST {PEERS}", Says({"msg": "the group is full"}, 409))
    with broken("a charger answers 200 'done'\nseen      409"):
        asking.have_added(world, "127.0.0.99")


def test_another_charger_is_added_by_its_host(tmp_path):
    with littles(tmp_path, 2) as (world, (first, last)):
        asking.add_charger(world, -1, reciprocal=True)
        body = b'{"host": "127.0.0.1:%d", "reciprocal": true}' % last.port
        assert (first.asked[-1].path, first.asked[-1].body) == (PEERS, body)


@pytest.mark.parametrize(
    ("what", "body"),
    [("a host in words that are no data", b'{"host": 127.0.0.77'), ("nothing", b"{}"), ("an empty host", b'{"host": ""}'),
     ("a host of blanks", b'{"host": "   "}'), ('the host "garage"', b'{"host": "garage", "reciprocal": false}')],
)  # fmt: skip
def test_odd_requests(alone, what, body):
    world, node = alone
    asking.ask_oddly(world, [what])
    assert (len(world.answers), node.asked[-1].body) == (1, body)


def test_a_charger_is_asked_to_add_itself(alone):
    world, node = alone
    asking.ask_oddly(world, ["itself"])
    assert b'"127.0.0.1:%d"' % node.port in node.asked[-1].body


def test_a_charger_that_still_answers(alone):
    world, node = alone
    asking.require_answers(world, 1.0)
    node.says("GET /config", Says({}, 503))
    with broken("a charger tells its settings\nseen      503"):
        asking.require_answers(world, 1.0)
    for slow in (Says({}, seconds=0.3), Says({"a": 1}, trickles=0.3)):
        node.says("GET /config", slow)
        with broken("answers GET /config within 0.1 s"):
            asking.require_answers(world, 0.1)


def test_the_same_charger(alone):
    world, node = alone
    world.known["entry"] = world.it.own_entry()
    asking.require_same_charger(world)
    for wrong in ({"id": "ff"}, {"name": "other"}):
        right = dict(node.entries[0])
        node.entries[0] |= wrong
        with broken("it is still name-aa01 with the id aa01"):
            asking.require_same_charger(world)
        node.entries[0] = right
    node.entries[0]["id"] = ""
    world.known["entry"] = world.it.own_entry()
    with broken("it is still"):
        asking.require_same_charger(world)


def test_before_or_after_a_change(alone):
    world, _ = alone
    sure, unsure = {"a", "b"}, {"c"}
    world.comings_back = [(sure, unsure, {"a", "b"}), (sure, unsure, {"a", "b", "c"})]
    asking.require_before_or_after(world, 2)
    with void("it lost its power 2 times"):
        asking.require_before_or_after(world, 3)
    for wrong in ({"a"}, {"a", "b", "d"}, set(), {"a", "c"}):
        world.comings_back[1] = (sure, unsure, wrong)
        with broken(r"the group is \['a', 'b'\], with or without \['c'\]"):
            asking.require_before_or_after(world, 2)


def test_what_was_kept_is_spoilt(alone):
    world, node = alone
    folder = world.it.node.folder
    (folder / "deep").mkdir()
    (folder / "deep" / "peers.json").write_text('["127.0.0.77"]' * 4)
    (folder / "id").write_text("aa01")
    asking.spoil(world, "127.0.0.77")
    assert (folder / "deep" / "peers.json").read_bytes().endswith(b"\x00\xff{{")
    assert (folder / "id").read_text() == "aa01"
    with void("no file in .* knows 127.0.0.99"):
        asking.spoil(world, "127.0.0.99")
    assert node.entries == [entry("aa01", node.port, local=True)]
