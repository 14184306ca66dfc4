"""Entries of lists of peers: read liberally, judged strictly, and told from those of other runs."""

import pytest
from little_node import LittleNode, entry
from peers_parts import broken, charger_of

from support.kit.ports import FIRST
from support.peers.entries import KEYS, is_host, is_somebody_elses, members, others, read, require_complete, shown


def test_an_entry_is_read():
    own = read(entry("aa01", 80, local=True))
    assert (own.id, own.host, own.local, own.online, own.joined) == ("aa01", "127.0.0.1:80", True, True, False)
    assert str(own) == "name-aa01 (127.0.0.1:80, id aa01): local, online"
    assert str(read({"host": None, "online": "yes"})) == " (, id -): offline"


def test_a_whole_entry_is_complete_also_one_that_nobody_has_reached_yet():
    require_complete(entry("aa01", 80, local=True))
    require_complete({**entry("", 80), "id": None, "version": None, "ip": None, "name": None, "more": 1})


@pytest.mark.parametrize("key", KEYS)
def test_what_an_entry_lacks_is_told(key):
    whole = entry("aa01", 80)
    with broken(f"no {key} in"):
        require_complete({name: value for name, value in whole.items() if name != key})


@pytest.mark.parametrize(
    ("key", "wrong", "kind"),
    [
        ("id", 5, "str"),
        ("online", 1, "bool"),
        ("joined", "true", "bool"),
        ("isLocal", None, "bool"),
        ("url", None, "str"),
        ("host", [], "str"),
    ],
)
def test_what_is_of_another_kind_is_told(key, wrong, kind):
    with broken(f"{key} of an entry is of the kind {kind}"):
        require_complete({**entry("aa01", 80), key: wrong})


def test_a_charger_knows_its_own_id():
    with broken("id of an entry is of the kind str"):
        require_complete({**entry("aa01", 80, local=True), "id": None})


def test_members_and_others():
    entries = [read(entry("aa01", 1, local=True, joined=True)), read(entry("aa02", 2, joined=True)), read(entry("aa03", 3))]
    assert [one.id for one in members(entries)] == ["aa02"]
    assert [one.id for one in others(entries)] == ["aa02", "aa03"]
    assert shown([]) == "nobody"
    assert shown(entries[1:]).count(";") == 1


@pytest.mark.parametrize(
    ("host", "of"), [("GARAGE.local", True), ("garage.local.", True), ("127.0.0.7:20001", True), ("127.0.0.7", True),
                     ("garage", True), ("127.0.0.7:20002", False), ("127.0.0.77", False), ("", False)],
)  # fmt: skip
def test_a_host_is_known_in_several_ways(host, of):
    entry_of = read({"host": "Garage.Local", "name": "Garage", "url": "http://127.0.0.7:20001/", "ip": "127.0.0.7"})
    assert is_host(entry_of, host) is of


def test_who_is_of_another_run():
    with LittleNode() as stranger:
        there = entry("ff01", stranger.port)
        assert is_somebody_elses(read(there), set())
        assert not is_somebody_elses(read(there), {stranger.port})
        assert not is_somebody_elses(read({**there, "joined": True}), set())
        assert not is_somebody_elses(read({**there, "isLocal": True}), set())
    assert not is_somebody_elses(read(there), set())  # nobody is there: who lists it has made it up
    assert is_somebody_elses(read(entry("ff01", FIRST)), set())
    assert not is_somebody_elses(read({**there, "url": "http://127.0.0.1:99999"}), set())


def test_a_charger_lists_nobody_of_another_run_and_is_listed_once():
    with LittleNode() as stranger, LittleNode("aa01") as node:
        charger = charger_of(node)
        node.lists([entry("ff01", stranger.port)])
        assert [one.id for one in charger.entries()] == ["aa01"]
        assert charger.own_entry().id == charger.learn_id() == "aa01"
        assert (charger.members(), charger.others()) == ([], [])
        node.says("GET /loadsharing/peers", [node.entries[0], node.entries[0]])
        with broken("lists itself once\nseen      2 local entries of 2"):
            charger.own_entry()
        node.says("GET /loadsharing/peers", [])
        with broken("lists itself once\nseen      0 local entries of 0"):
            charger.own_entry()


def test_a_charger_without_an_id_is_told():
    with LittleNode("") as node, broken("tells its id"):
        charger_of(node).learn_id()


def test_a_number_of_a_chargers_status():
    with LittleNode() as node:
        charger = charger_of(node)
        node.status |= {"vehicle": True, "amp": 5}
        assert (charger.number("vehicle"), charger.number("amp")) == (1.0, 5.0)
        for wrong in ("5", None):
            node.status["amp"] = wrong
            with broken(f"tells amp as a number\nseen      {wrong!r}"):
                charger.number("amp")
