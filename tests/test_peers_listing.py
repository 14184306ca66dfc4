"""Whom chargers list: each check lets right lists pass and tells of wrong ones."""

import pytest
from little_node import LittleNode, entry
from peers_parts import broken, charger_of, impatient, littles, void, world_of  # noqa: F401

from support.kit.readiness import accepts
from support.peers import listing
from support.peers.lookout import Advertisement
from support.peers.quiet_host import QuietHost
from support.peers.rest import Rest

pytestmark = pytest.mark.usefixtures("impatient")


@pytest.fixture
def alone(tmp_path):
    with littles(tmp_path) as (world, (node,)):
        yield world, node


@pytest.fixture
def two(tmp_path):
    with littles(tmp_path, 2) as (world, nodes):
        yield world, nodes


@pytest.fixture
def nobody():
    """An entry of somebody who is not there, and of no run."""
    return entry("ff01", 9)


# --- itself


def test_a_charger_alone(alone, nobody):
    world, node = alone
    listing.require_only_itself(world)
    listing.require_own_entry(world)
    listing.require_complete_entries(world)
    listing.require_members_and_nobody_else(world, 0)
    for wrong in ([nobody], [{**nobody, "joined": True}]):
        node.lists(wrong)
        with broken("lists itself and nobody else\nseen .*ff01"):
            listing.require_only_itself(world)
    for wrong in ([], [nobody]):
        node.says("GET /loadsharing/peers", wrong)
        with broken("lists itself and nobody else"):
            listing.require_only_itself(world)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"online": False}, "first entry is the charger itself, online"),
        ({"isLocal": False}, "first entry is the charger itself"),
        ({"id": ""}, "has its id and its host"),
        ({"host": ""}, "has its id and its host"),
        ({"url": "http://127.0.0.1:1"}, "leads to its port"),
        ({"version": 7}, "version of an entry is of the kind str"),
    ],
)
def test_an_own_entry_that_is_wrong_is_told(alone, change, told):
    world, node = alone
    node.entries[0] |= change
    with broken(told):
        listing.require_own_entry(world)


def test_an_own_entry_that_is_not_the_first_or_missing_is_told(alone, nobody):
    world, node = alone
    for wrong in ([nobody, *node.entries], []):
        node.says("GET /loadsharing/peers", wrong)
        with broken("the first entry is the charger itself, online"):
            listing.require_own_entry(world)


def test_any_entry_that_lacks_something_is_told(alone, nobody):
    world, node = alone
    del nobody["joined"]
    node.lists([nobody])
    with broken("no joined in"):
        listing.require_complete_entries(world)
    with broken("no joined in"):
        listing.require_own_entry(world)


def test_itself_once(two, nobody):
    world, (first, _) = two
    listing.require_itself_once(world)
    own, other = first.entries
    for wrong, told in (
        ([other, own], "lists itself once, first and as local"),
        ([own, other, {**own, "isLocal": False}], "lists itself once, first and as local"),
        ([own, {**other, "isLocal": True}], "has one local entry"),
        ([own, other, other], "lists nobody twice"),
        ([{**own, "isLocal": False}, other], "lists itself once, first and as local"),
    ):
        first.says("GET /loadsharing/peers", wrong)
        with broken(told):
            listing.require_itself_once(world)


# --- others


def test_all_others(two, nobody):
    world, (first, last) = two
    others = first.entries[1:]
    first.lists([], others)
    assert 0.0 < listing.require_all_others(world, world.chargers, 2.0) < 2.0
    for wrong in ([], [{**others[0], "online": False}], [*others, nobody], [{**others[0], "id": "ff"}]):
        last.lists(wrong)
        listing.require_all_others(world, world.chargers[:1], 0.1)
        with broken("the charger charger-aa02 lists all 1 others as online, and nobody else, within 0.1 s"):
            listing.require_all_others(world, world.chargers, 0.1)


def test_the_time_is_for_all_of_them_together(two):
    world, (first, last) = two
    for node in (first, last):
        right = node.entries[1:]
        node.lists(*[[]] * 10, right)
    with broken("charger-aa02 lists all 1 others"):
        listing.require_all_others(world, world.chargers, 0.45)


def test_chargers_that_cannot_be_told_apart_have_not_found_each_other(two):
    world, (_, last) = two
    last.entries = [{**last.entries[0], "id": "aa01"}]
    with broken("no two chargers have the same id\nseen      aa01, aa01"):
        listing.require_all_others(world, world.chargers, 0.1)


def test_nobody_in_a_group(two, nobody):
    world, (_, last) = two
    listing.require_nobody_joined(world)
    last.lists([{**nobody, "joined": True}])
    with broken("nobody is a member of the group of charger-aa02"):
        listing.require_nobody_joined(world)


def test_who_has_gone(two):
    world, (first, _) = two
    gone = world.chargers[1]
    with void("charger-aa02 went before it was asked for its id"):
        listing.require_nobody_lists(world, gone, 0.1)
    gone.learn_id()
    with broken("the charger charger-aa01 does not list aa02 as online, within 0.1 s"):
        listing.require_nobody_lists(world, gone, 0.1)
    first.entries[1]["online"] = False
    listing.require_nobody_lists(world, gone, 0.1)
    first.lists([])
    listing.require_nobody_lists(world, gone, 0.1)


def test_a_member(two):
    world, (first, _) = two
    one, other = world.chargers
    with broken("lists aa02 as a member within 0.1 s"):
        listing.require_lists_member(one, other, 0.1)
    first.entries[1]["joined"] = True
    listing.require_lists_member(one, other, 0.1)
    listing.require_lists_member(one, other, 0.1, online=True)
    with broken("lists aa02 as a member that is offline within 0.1 s"):
        listing.require_lists_member(one, other, 0.1, online=False)
    first.entries[1] |= {"online": False, "id": ""}  # not heard yet, and known by its place
    listing.require_lists_member(one, other, 0.1, online=False)
    with broken("lists aa02 as a member that is online"):
        listing.require_lists_member(one, other, 0.1, online=True)


def test_a_stranger_without_an_id_is_not_who_was_added(two):
    world, (first, _) = two
    first.lists([{**entry("", 9), "joined": True}])
    with broken("lists aa02 as a member"):
        listing.require_lists_member(*world.chargers, 0.1)


def test_members_by_host_and_number(alone):
    world, node = alone
    world.it.add("garage-7.local")
    listing.require_lists_host(world, "GARAGE-7.local")
    listing.require_members_and_nobody_else(world, 1)
    for host in ("garage-8.local", "garage-7"):
        with broken(f"the charger lists {host} as a member\nseen .*garage-7.local"):
            listing.require_lists_host(world, host)
    for count in (0, 2):
        with broken(f"lists itself, {count} members and nobody else"):
            listing.require_members_and_nobody_else(world, count)
    node.entries[1]["joined"] = False
    with broken("the charger lists garage-7.local as a member"):
        listing.require_lists_host(world, "garage-7.local")
    with broken("lists itself, 1 members and nobody else"):
        listing.require_members_and_nobody_else(world, 1)


def test_names_and_ids_are_different(two):
    world, (_, last) = two
    listing.require_different(world)
    last.entries[0]["name"] = "NAME-aa01"
    with broken("no two chargers have the same name"):
        listing.require_different(world)
    for wrong in ("aa01", ""):
        last.entries[0]["id"] = wrong
        with broken("no two chargers have the same id"):
            listing.require_different(world)


# --- advertisements


def advertised(port, **texts):
    told = {"id": "aa01", "version": "1", "type": "charger", "ssl": "0", **texts}
    return Advertisement("little", port, ("127.0.0.1",), {key: value for key, value in told.items() if value is not None})


def test_an_advertisement_that_is_true(alone):
    world, node = alone
    world.found = advertised(node.port)
    listing.require_advertised(world)
    assert world.evidence.warnings == []


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"id": "ff"}, "the advertised id is aa01"),
        ({"id": None}, "the advertised id"),
        ({"version": ""}, "tells a version"),
        ({"type": None}, "tells a type"),
        ({"ssl": None}, "whether it is encrypted"),
    ],
)
def test_an_advertisement_that_is_not_true(alone, wrong, told):
    world, node = alone
    world.found = advertised(node.port, **wrong)
    with broken(told):
        listing.require_advertised(world)


def test_another_port_is_not_true_and_another_address_is_odd(alone):
    world, node = alone
    world.found = advertised(80)
    with broken(f"the advertised port is {node.port}\nseen      80"):
        listing.require_advertised(world)
    world.found = Advertisement("little", node.port, (), advertised(80).texts)
    listing.require_advertised(world)
    assert len(world.evidence.warnings) == 1


# --- the quiet host


@pytest.fixture
def quiet(alone):
    world, node = alone
    world.quiet = QuietHost(world.wire)
    world.resources.callback(world.quiet.close)
    return world, node, Rest(f"http://{world.quiet.host}", "quiet", world.wire)


def test_a_quiet_host_that_nobody_calls(quiet):
    world, _, _ = quiet
    listing.require_quiet(world, 0.1)
    with broken("the host that was added is asked to add the charger"):
        listing.require_asked_once(world)
    assert accepts(*world.quiet.host.rsplit(":", 1))
    with broken("nobody connects to a host that was never added\nseen      1"):
        listing.require_quiet(world, 0.1)


def test_a_quiet_host_that_is_asked_once(quiet):
    world, node, rest = quiet
    assert rest.get("/config").code == 404
    assert rest.post("/loadsharing/peers", {"host": f"127.0.0.1:{node.port}", "reciprocal": False}).message == "done"
    listing.require_asked_once(world)
    assert [one.method for one in world.quiet.asked] == ["GET", "POST"]
    assert str(world.quiet.asked[1]).startswith("POST /loadsharing/peers {'host'")
    rest.post("/loadsharing/peers", {"host": f"127.0.0.1:{node.port}", "reciprocal": False})
    with broken("the host that was added is asked once"):
        listing.require_asked_once(world)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"host": "127.0.0.1:{port}"}, "not to add back"),
        ({"host": "127.0.0.1:{port}", "reciprocal": True}, "not to add back"),
        (["127.0.0.1:{port}"], "not to add back"),
        ({"host": "127.0.0.1:1", "reciprocal": False}, "asked to add the charger, which is at port"),
        ({"reciprocal": False}, "asked to add the charger"),
    ],
)
def test_a_quiet_host_that_is_asked_wrongly(quiet, body, told):
    world, node, rest = quiet
    if isinstance(body, dict) and "host" in body:
        body = {**body, "host": body["host"].format(port=node.port)}
    rest.post("/loadsharing/peers", body)
    with broken(told):
        listing.require_asked_once(world)


def test_a_quiet_host_takes_what_is_no_request_and_is_gone_at_its_end(tmp_path):
    with world_of(tmp_path) as world:
        host = QuietHost(world.wire)
        assert Rest(f"http://{host.host}", "quiet", None).post("/x", b"{no json").code == 200
        assert host.asked[0].body == "{no json"
        host.close()
        assert not accepts(*host.host.rsplit(":", 1))


def test_a_charger_of_the_own_ports_is_never_a_strangers(two):
    world, (first, last) = two
    first.lists([{**entry("ff01", last.port)}])
    assert [one.id for one in world.chargers[0].others()] == ["ff01"]
    with LittleNode("bb01") as stranger:
        first.lists([entry("bb01", stranger.port)])
        assert world.chargers[0].others() == []
        assert charger_of(stranger, world).id == ""
        assert [one.id for one in world.chargers[0].others()] == ["bb01"]
